"""The words of the figures: what they are called, what they count, on which basis."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.supervision.figures import Basis, Ending, Scope


def basis_line(scope: Scope) -> list[str]:
    """Return period, basis and cut-off in words; no figure stands without them."""
    return [
        _("period %(first)s to %(last)s", first=scope.first.isoformat(), last=scope.last.isoformat()),
        basis_labels()[scope.basis],
        _("as of the end of %(day)s", day=scope.as_of.isoformat()),
        _("limits not yet reached are counted in none of the three"),
    ]


def basis_labels() -> dict[Basis, str]:
    """Return the three bases in words."""
    return {
        Basis.RECEIVED: _("by day of receipt"),
        Basis.ACCEPTED: _("by day of acceptance"),
        Basis.CLOSED: _("by day of closing"),
    }


def titles() -> dict[str, str]:
    """Return what the three figures are called."""
    return {"accepted": _("Accepted"), "handled": _("Handled"), "replied": _("Replied")}


def numerators() -> dict[str, str]:
    """Return what each figure counts above the line."""
    return {
        "accepted": _("decided and told in time"),
        "handled": _("ended in time"),
        "replied": _("told in time"),
    }


def ending_labels() -> dict[Ending, str]:
    """Return how a matter may stand towards a figure, in words."""
    return {
        Ending.IN_TIME: _("in time"),
        Ending.LATE: _("done late"),
        Ending.MISSING: _("not done, limit passed"),
        Ending.NOT_DUE: _("not yet due"),
        Ending.LEFT_OUT: _("withdrawn or merged before a decision"),
    }
