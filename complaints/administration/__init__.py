"""The administrators' room: what keeps the house running. Its people read no matters.

Who works here: the system administrator looks after the outbox and the workers. The room fires no action of a
procedure.
"""
