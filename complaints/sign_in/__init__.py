"""The door: everybody comes in here, and goes on to the desk of their role.

Fires no action of any procedure.
"""
