"""Everybody looks here (流程): how matters are handled, by which version and instrument, what was proved,
what a move to another version would do.

This room reads and changes nothing, and counts only what the reader may see.
"""
