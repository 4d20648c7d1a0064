"""Everything one matter's page shows, put together from what the dossier knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from complaints.dossier.clock_views import ClockView, clock_views, localised
from complaints.dossier.codes import KINDS
from complaints.dossier.field_values import Names
from complaints.dossier.models import MatterKind
from complaints.dossier.progress import Standing, governing, remembered_by
from complaints.dossier.sent_back import STATE, SentBack, sent_back
from complaints.dossier.timeline import GROUPS, Entry, entries
from complaints.dossier.work import Work
from complaints.dossier_page.actions import may_reveal
from complaints.dossier_page.panel import Panel, panel
from complaints.dossier_page.papers import Paper, papers
from complaints.dossier_page.pauses import PauseLine, pause_ledger
from complaints.dossier_page.queries import Family, Placed, clocks, family, people_with_units
from complaints.dossier_page.relation_rows import Relations, relations
from complaints.dossier_page.sides import Pair, Party, category_path, facts, parties, recorded
from complaints.dossier_page.stages import StageView, stages
from complaints.dossier_page.work_rows import Beside, beside
from complaints.foundation.masking import HIDDEN
from complaints.mediation import appointments
from complaints.organisation.permissions import Permission, sees_masked
from complaints.organisation.units import unit_names
from complaints.web.file_forms import FilesSection, files_section, fresh_form
from workflows.definition import Procedure
from workflows.rows import ClockRow
from workflows.runtime import event_log

FIRST_ENTRIES = 12
"""Entries of the timeline before "earlier entries"."""
BAND = 3
"""Clocks in the band; where more are running, all of those."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the page."""

    title: str
    number: str
    tags: tuple[str, ...]
    first_responder: Placed
    owner: Placed
    state_label: str
    facts: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of the timeline's filter."""

    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Arranged:
    """The session that is arranged; `over` once its day has passed and nobody has recorded it."""

    words: str
    over: bool


@dataclass(frozen=True, slots=True)
class MatterPage:
    """What the template draws."""

    kind_label: str
    head: Head
    stages: list[StageView]
    band: list[ClockView]
    earlier_clocks: list[ClockView]
    pauses: list[PauseLine]
    text: str
    text_url: str
    """Where the facts are shown in full for a reason; empty where nothing is masked or the reader may not."""
    texts_url: str
    """The same for what was typed with the steps."""
    facts: list[Pair]
    recorded: list[Pair]
    parties: list[Party]
    family: Family
    tabs: list[Tab]
    entries: list[Entry]
    more_url: str
    more: int
    papers: list[Paper]
    panel: Panel
    files: FilesSection
    relations: Relations | None
    arranged: Arranged | None
    sent_back: SentBack | None
    beside: Beside
    offered_to: str
    masked: bool


def matter_page(work: Work, here: Standing, show: str, *, whole: bool) -> MatterPage:
    """Return the page of a matter for this reader; `show` filters the timeline, `whole` shows all of it."""
    matter, procedure = here.matter, remembered_by(work, here)
    known: Mapping[str, Any] = json.loads(here.row["vars"])
    masked = is_masked(work, here)
    relatives = family(work, here)
    rows = clocks(work, here)
    events = event_log.events_of(work.connection, here.instance_id)
    all_entries = entries(work, here, events, private=not masked)
    names = Names(
        units=unit_names(work.session, [here.row["unit_path"]]), law=governing(work, here, clocks=rows)
    )
    band, earlier = _clocks(work, here, procedure, rows, relatives)
    leads = [row for row in relatives.children if row.kind == "lead"]
    people = _people(work, here)
    chosen = [one for one in all_entries if show not in GROUPS or one.group == show]
    shown = chosen if whole else chosen[:FIRST_ENTRIES]
    offered = people.get(here.row["handover_to"] or 0)
    told = [value for one in all_entries for _label, value in one.details]
    files = files_section(work, here, adds=False)
    acts = panel(work, here, band, files=len(files.rows))
    if any(one.key == "attach" for one in acts.can):
        files = replace(files, form=fresh_form(work, here))

    def said(words: str) -> str:
        """Return the words as this reader has them: without the complainant's full name where masked."""
        return matter.unnamed(words) if masked else words

    def full(what: str) -> str:
        if masked or not may_reveal(work, here):
            return ""
        return url_for("dossier_page.reveal", number=matter.number, what=what)

    return MatterPage(
        kind_label=localised(KINDS[matter.kind]),
        head=_head(work, here, procedure, rows, people, names, title=said(matter.title)),
        stages=stages(work, here, [event.to_state for event in events], known, leads),
        band=band,
        earlier_clocks=earlier,
        pauses=pause_ledger(work, procedure, rows, rows),
        text=said(matter.facts),
        text_url=full("facts") if matter.facts != matter.facts_in_full else "",
        texts_url=full("texts") if any(HIDDEN in value for value in told) else "",
        facts=facts(matter),
        recorded=[(label, said(value)) for label, value in recorded(procedure, known, names, matter)],
        parties=parties(
            matter,
            masked=masked,
            may_reveal=may_reveal(work, here),
            url=lambda what: url_for("dossier_page.reveal", number=matter.number, what=what),
        ),
        family=relatives,
        tabs=_tabs(matter.number, all_entries, show),
        entries=shown,
        more_url=_timeline_url(matter.number, show, whole=True),
        more=len(chosen) - len(shown),
        papers=papers(procedure, events),
        panel=acts,
        files=files,
        relations=relations(work, here, {one.key for one in acts.can}, relatives),
        arranged=_arranged(work, here),
        sent_back=_sent_back(work, here),
        beside=beside(work, here, {one.key for one in acts.can}),
        offered_to=offered.name if offered else "",
        masked=masked,
    )


def _arranged(work: Work, here: Standing) -> Arranged | None:
    found = appointments.arranged(here.row["vars"])
    return Arranged(found.words, found.on < work.today) if found else None


def _sent_back(work: Work, here: Standing) -> SentBack | None:
    if here.row["procedure"] != MatterKind.LEAD.value or here.state != STATE:
        return None
    return sent_back(work, {here.instance_id: here.row["unit_path"]}).get(here.instance_id)


def is_masked(work: Work, here: Standing) -> bool:
    """Tell whether this reader sees personal values masked, without a way to the full ones."""
    return sees_masked(work.actor, Permission.MATTER_READ, here.row["unit_path"])


def instrument(work: Work, rows: Sequence[ClockRow]) -> str:
    """Return the name of the instrument by which the matter's first clock was counted."""
    named = rows[0].rule_set if rows else ""
    found = next((one for one in work.time_rules.rules.all if one.id == named), None)
    return localised(found.instrument) if found else ""


def _head(
    work: Work,
    here: Standing,
    procedure: Procedure,
    rows: Sequence[ClockRow],
    people: Mapping[int, Placed],
    names: Names,
    *,
    title: str,
) -> Head:
    matter, row = here.matter, here.row
    governed = instrument(work, rows)
    tags = [localised(KINDS[matter.kind]), category_path(work, matter)]
    tags.append(_("Governed by: %(instrument)s", instrument=governed) if governed else "")
    owner = people.get(row["owner_id"], Placed("", ""))
    return Head(
        title=title,
        number=matter.number,
        tags=tuple(tag for tag in tags if tag),
        first_responder=people.get(row["first_responder_id"], Placed("", "")),
        owner=Placed(owner.name, names.units.get(row["unit_path"], owner.unit)),
        state_label=localised(procedure.states[here.state].label),
    )


def _people(work: Work, here: Standing) -> dict[int, Placed]:
    ids = (here.row["owner_id"], here.row["first_responder_id"], here.row["handover_to"])
    return people_with_units(work.session, [one for one in ids if one])


def _clocks(
    work: Work, here: Standing, procedure: Procedure, rows: Sequence[ClockRow], relatives: Family
) -> tuple[list[ClockView], list[ClockView]]:
    """Return the band: what runs here, what runs in its children, then what was met; and the rest."""
    number = here.matter.number
    own = [
        replace(view, proof_url=url_for("dossier_page.proof", number=number, clock=view.key))
        for view in clock_views(rows, procedure, work.time_rules, work.today)
    ]
    open_keys = {f"{row.clock}-{row.opened_seq}" for row in rows if row.open}
    running = [view for view in own if view.key in open_keys]
    running += [
        replace(
            row.clock,
            key=f"{row.clock.key}-{row.id}",
            number=row.number,
            url=url_for("dossier_page.matter", number=row.number),
            proof_url=url_for("dossier_page.proof", number=row.number, clock=row.clock.key),
        )
        for row in relatives.children
        if row.clock is not None
    ]
    over = [view for view in own if view.key not in open_keys]
    free = max(BAND - len(running), 0)
    return over[:free][::-1] + running, over[free:]


def _tabs(number: str, found: Sequence[Entry], show: str) -> list[Tab]:
    words = {
        "handling": _("Handling"),
        "limits": _("Time limits"),
        "telling": _("Telling"),
        "owner": _("Who handles it"),
        "notes": _("Notes"),
    }
    tabs = [Tab(_("All"), _timeline_url(number, ""), show not in GROUPS, len(found))]
    for group in GROUPS:
        count = sum(1 for one in found if one.group == group)
        if count:
            tabs.append(Tab(words[group], _timeline_url(number, group), show == group, count))
    return tabs


def _timeline_url(number: str, show: str, *, whole: bool = False) -> str:
    return url_for(
        "dossier_page.matter",
        number=number,
        show=show or None,
        whole=1 if whole else None,
        _anchor="timeline",
    )
