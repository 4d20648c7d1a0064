"""Operators who answer 12315: one page for the whole call, from the first word to the number read out.

Starts the complaint's procedure; the operator is its first responder for good and owns it until the intake
desk dispatches it.
"""
