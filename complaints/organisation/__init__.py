"""The bureau's tree of units, its people, and who may do what.

Grants of roles on units, and one permission table.
"""
