"""The matter itself: what was said, by whom, against whom; its number, who may see it, and how it moves.

Every desk and every page works on this floor. It calls the workflow engine; nothing above it writes a state.
"""
