"""The workflow engine and the procedures it runs.

It knows definitions, guards, clocks and events, and nothing of Flask or of complaints. What stands directly
in this package is pure: values in, values out. `workflows.runtime` is the durable floor on SQLAlchemy, the
only code that writes a state.
"""
