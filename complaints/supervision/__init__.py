"""Supervisors work here (督察): the three 100 % figures with the matters behind each, and every limit missed,
by name.

This room reads and never changes an outcome. It looks across all desks, so it stands above them.
"""
