"""Versions of a procedure: which one governs, what differs between two, and what a move makes of a matter."""
