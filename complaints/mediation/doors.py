"""Which steps have a form of their own on the desk of the handler or of the station, and where it is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for

FORMS: Mapping[tuple[str, str], str] = {
    ("complaint", "arrange_session"): "mediation.arrange",
    ("complaint", "change_session"): "mediation.change",
    ("complaint", "hold_session"): "mediation.session",
    ("complaint", "agree"): "mediation.agreement",
    ("station_dispute", "settle"): "station.settle",
    ("station_dispute", "pass_up"): "station.pass_up",
    ("station_dispute", "withdraw"): "station.withdraw",
}
"""Endpoints by procedure and action. Each asks better than the matter's general form, and files the same."""


def own_form(procedure: str, action: str, number: str) -> str:
    """Return where the action's own form is for the matter of that number; empty where it has none."""
    endpoint = FORMS.get((procedure, action))
    return url_for(endpoint, number=number) if endpoint else ""
