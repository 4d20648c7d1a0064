"""Hits as a page shows them: masked like every list, the words marked. A page of any length costs the same
number of queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import case, select

from complaints.dossier.models import Matter
from complaints.dossier.record_models import HistoricalRecord, record_title
from complaints.dossier.search_index import MATTER, RECORD, subject_of
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_scope import seen_among
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, listed
from complaints.foundation.masking import mask_name
from complaints.organisation.units import unit_names
from complaints.search.asking import Asked
from complaints.search.highlighting import marked, snippet
from complaints.search.queries import Hit, Why

PAGE = 20
"""Hits of a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One hit. Title, merchant, number and snippet are HTML with the words marked; the person is masked."""

    kind: str
    """Kind of the matter, or `record`."""
    kind_label: str
    number: str
    number_marked: Markup
    title: Markup
    merchant: Markup
    snippet: Markup
    person: str
    state: str
    unit: str
    received_on: date
    record_id: int | None
    why: Why


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a list knows of a matter or record."""

    kind: str
    kind_label: str
    person: str
    state: str
    unit: str
    received_on: date
    title: str = ""
    """Where it is another than the searched one: the beginning of a record's text."""


def lines(work: Work, hits: Sequence[Hit], asked: Asked) -> list[Line]:
    """Return the hits as lines, in their order; what the person no longer sees is left out."""
    texts = {
        row.id: row
        for row in work.session.scalars(
            select(SearchedText).where(SearchedText.id.in_([hit.id for hit in hits]))
        )
    }
    subjects = {one: subject_of(one) for one in seen_among(work, [hit.id for hit in hits])}
    known = {
        MATTER: _matters(work, [one for kind, one in subjects.values() if kind == MATTER]),
        RECORD: _records(work, [one for kind, one in subjects.values() if kind == RECORD]),
    }
    found = []
    for hit in hits:
        if hit.id not in subjects:
            continue
        kind, subject = subjects[hit.id]
        standing, text = known[kind].get(subject), texts.get(hit.id)
        if standing is not None and text is not None:
            found.append(_line(hit, standing, text, asked, subject if kind == RECORD else None))
    return found


def _line(hit: Hit, standing: _Standing, text: SearchedText, asked: Asked, record_id: int | None) -> Line:
    by_number = hit.why in (Why.NUMBER, Why.NUMBER_PART)
    return Line(
        kind=standing.kind,
        kind_label=standing.kind_label,
        number=text.number,
        number_marked=marked(text.number, (*asked.numbers, *asked.words) if by_number else ()),
        title=marked(standing.title or text.title, asked.words),
        merchant=marked(text.merchant, asked.words),
        snippet=snippet(text.text, asked.words),
        person=standing.person,
        state=standing.state,
        unit=standing.unit,
        received_on=standing.received_on,
        record_id=record_id,
        why=hit.why,
    )


def _matters(work: Work, ids: Sequence[int]) -> dict[int, _Standing]:
    if not ids:
        return {}
    # the person sees them: asked as "visible" once more, the database would begin with all that is visible
    return {row.id: _of_matter(row) for row in listed(work, Matter.id.in_(ids), limit=len(ids))}


def _of_matter(row: MatterRow) -> _Standing:
    return _Standing(row.kind, row.kind_label, row.consumer, row.state_label, row.unit, row.received_on)


def _records(work: Work, ids: Sequence[int]) -> dict[int, _Standing]:
    if not ids:
        return {}
    untitled = HistoricalRecord.subject_in_full == ""
    rows = work.session.execute(
        select(
            HistoricalRecord.id,
            HistoricalRecord.person,
            HistoricalRecord.unit_path,
            HistoricalRecord.received_on,
            HistoricalRecord.replied_on,
            case((untitled, HistoricalRecord.text_in_full), else_="").label("text"),
        ).where(HistoricalRecord.id.in_(ids))
    ).all()
    units = unit_names(work.session, [row.unit_path for row in rows])
    return {
        row.id: _Standing(
            RECORD,
            _("Historical record"),
            mask_name(row.person),
            _("answered on %(day)s", day=row.replied_on) if row.replied_on else "",
            units.get(row.unit_path, ""),
            row.received_on,
            record_title("", row.text, row.person),
        )
        for row in rows
    }
