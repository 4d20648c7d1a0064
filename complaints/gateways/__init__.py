"""Doors to services outside: text messages and e-mail. Each has a real adapter and an embedded one, which is
the default.

A gateway is called with nothing locked and no transaction open, and it is told the message's own id, so that
the same message given twice reaches the person once.
"""
