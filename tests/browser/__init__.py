"""A real browser at the real server: who sits at it, what is held against every page it shows."""
