"""The durable floor of the engine, on SQLAlchemy: the only code that writes a workflow state.

One step is one transaction: state, event, clocks, timers, assignment, messages and idempotency key are
committed together or not at all. See `engine` for the order in which they are written, and why.
"""
