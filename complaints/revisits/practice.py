"""How call-backs are done here: practices of the office, not rules of law."""

from __future__ import annotations

ATTEMPTS = 3
"""Attempts on different days after which a person counts as not reached."""

HANDLING = ("accept", "refuse", "begin_mediation", "agree", "terminate", "finish_redo")
"""Who did one of these handled the complaint, and calls nobody back about it."""
