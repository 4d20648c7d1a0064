"""What can be done now, and what cannot, as the right column of a matter's page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext as _

from complaints.dossier.action_views import ActionView, action_views
from complaints.dossier.clock_views import ClockView, due_text
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.mediation.doors import own_form
from complaints.web.submissions import fresh_key

ICONS: Mapping[str, str] = {
    "dispatch": "move",
    "take_back": "back",
    "return_to_intake": "back",
    "send_back": "back",
    "accept": "tick",
    "approve": "tick",
    "confirm": "tick",
    "agree": "doc",
    "settle": "doc",
    "refuse": "cross",
    "terminate": "cross",
    "withdraw": "cross",
    "arrange_session": "clock",
    "change_session": "clock",
    "hold_session": "talk",
    "begin_mediation": "talk",
    "record_consent": "talk",
    "start_appraisal": "pause",
    "finish_appraisal": "play",
    "tell_decision": "mail",
    "tell_result": "mail",
    "apply_payout": "coin",
    "open_lead": "flag",
    "revisit": "phone",
    "revisit_unsatisfied": "phone",
    "record_attempt": "phone",
    "offer_handover": "move",
    "accept_handover": "in",
    "decline_handover": "out",
    "add_note": "plus",
    "supplement": "doc",
    "merge": "down",
    "unmerge": "back",
    "link": "plus",
    "unlink": "cross",
    "add_from_call": "phone",
    "read_additions": "tick",
    "pass_up": "up",
    "settled": "coin",
    "recover": "coin",
    "attach": "photo",
    "withdraw_file": "cross",
    "ask_work": "plus",
    "finish_work": "tick",
    "call_off_work": "cross",
    "name_co_handler": "plus",
    "remove_co_handler": "cross",
    "read_reports": "tick",
    "withdraw_proposal": "back",
    "withdraw_finding": "back",
}
"""A drawing for each action that has one; the words say what it does."""

MAIN = (
    "accept_handover",
    "unmerge",
    "rule_on_return",
    "dispatch",
    "accept",
    "tell_decision",
    "tell_result",
    "close",
    "begin_mediation",
    "record_consent",
    "hold_session",
    "finish_appraisal",
    "decide_challenge",
    "revisit",
    "finish_redo",
    "file",
    "not_file",
    "propose_filing",
    "conclude",
    "begin_check",
    "confirm",
    "approve",
    "settled",
    "link_case",
    "settle",
)
"""What most people come for, in the order in which it is then the first button."""

KEYS: Mapping[str, str] = {
    "accept": "A",
    "refuse": "R",
    "dispatch": "D",
    "tell_decision": "G",
    "tell_result": "F",
    "close": "W",
    "arrange_session": "Y",
    "hold_session": "T",
    "agree": "X",
    "terminate": "Z",
    "revisit": "V",
    "open_lead": "L",
    "offer_handover": "H",
    "add_note": "B",
    "supplement": "E",
    "attach": "P",
}
"""One letter for the acts of every day; no two of them can stand on one page under the same letter."""

LAST = (
    "withdraw_proposal",
    "withdraw_finding",
    "apply_payout",
    "open_lead",
    "ask_work",
    "call_off_work",
    "name_co_handler",
    "remove_co_handler",
    "offer_handover",
    "supplement",
    "add_from_call",
    "link",
    "unlink",
    "attach",
    "withdraw_file",
    "add_note",
)
"""Actions that lead nowhere by themselves stand below the others."""

IDLE = frozenset(
    {"nothing_added", "no_links", "no_handover", "no_work", "no_co_handler", "no_reports", "one_rule_set"}
)
"""Reasons that only say that there is nothing to do it to."""


@dataclass(frozen=True, slots=True)
class Button:
    """One act that can be done now."""

    key: str
    label: str
    url: str
    method: str
    icon: str
    primary: bool
    shortcut: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """Both lists of the right column; `others` are steps of roles that this person does not hold."""

    can: list[Button]
    cannot: list[ActionView]
    others: list[ActionView]
    note: tuple[str, str] | None


def panel(work: Work, here: Standing, clocks: Sequence[ClockView], *, files: int = 0) -> Panel:
    """Return the panel; each act that asks nothing carries its own key and the version it was made from.

    `files` is how many the matter has: where there is none, none can be withdrawn.
    """
    views = [one for one in action_views(work, here) if files or one.key != "withdraw_file"]
    allowed = [one for one in views if one.allowed]
    first = next((name for name in MAIN if any(one.key == name for one in allowed)), "")
    allowed.sort(key=lambda one: (one.key != first, one.key in LAST))
    refused = [one for one in views if not one.allowed and not _is_idle(one)]
    foreign = [one for one in refused if any(why.code == "role_missing" for why in one.reasons)]
    can = [_button(here, one, primary=one.key == first) for one in allowed]
    return Panel(
        can,
        [one for one in refused if one not in foreign],
        foreign,
        _note(clocks),
    )


def _is_idle(one: ActionView) -> bool:
    """Tell whether there is nothing that the act could be done to: nobody needs to read that."""
    return any(why.code in IDLE for why in one.reasons)


def _button(here: Standing, one: ActionView, *, primary: bool) -> Button:
    number = here.matter.number
    url = own_form(here.row["procedure"], one.key, number)
    url = url or url_for("dossier_page.do", number=number, action=one.key)
    hidden = {"idempotency_key": fresh_key(), "form_version": here.form_version}
    return Button(
        key=one.key,
        label=one.label,
        url=url,
        method="get" if one.asks else "post",
        icon=ICONS.get(one.key, "right"),
        primary=primary,
        shortcut=KEYS.get(one.key, ""),
        hidden={} if one.asks else hidden,
    )


def _note(clocks: Sequence[ClockView]) -> tuple[str, str] | None:
    """Return a word of warning about the first limit that is near or past."""
    for one in clocks:
        if one.shape == "late" and one.days_left < 0 and not one.number:
            day = due_text(one.legal_due, provisional=one.provisional)
            return "late", _("%(clock)s: the limit of %(day)s has passed.", clock=one.name, day=day)
        if one.shape == "soon" and not one.number:
            day = due_text(one.alert_due, provisional=one.provisional)
            return "soon", _("%(clock)s: to be done by %(day)s.", clock=one.name, day=day)
    return None
