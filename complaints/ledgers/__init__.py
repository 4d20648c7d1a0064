"""Ledgers of earlier years (历史台账): read, checked row by row, and kept as historical records.

The intake desk and heads bring files for their units. Nothing is guessed: what cannot be read is refused with
its row, and two contents of one number wait for a person.
"""
