"""`cli bench load N`: a database as it is after years, in minutes.

The matters of the demonstration, each walked by the real actions, are copied with their whole logs, moved by
whole weeks over three years, and told anew with texts, persons and merchants that are made up. Every chain of
hashes is the copy's own: `cli log verify` checks them like any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import click
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.orm import Session

from complaints.commands.bench.texts import Teller
from complaints.commands.demonstration import is_empty, load_demonstration
from complaints.commands.parts import Parts, json_option, opened, tell
from complaints.demo.bureau import POSTS
from complaints.dossier import search_index
from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant, NumberSeries
from complaints.dossier.numbering import format_number
from complaints.dossier.registered import told_of
from complaints.dossier.search_filling import name_hash
from complaints.dossier.search_index import MATTER
from complaints.dossier.search_reach import reach_of_matter
from complaints.dossier.search_terms import SearchText, initials
from complaints.dossier.similarity import write_signatures
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.errors import Conflict
from complaints.organisation.models import Person
from workflows.runtime import copying
from workflows.runtime.copying import Copy, Template
from workflows.runtime.tables import instance

BATCH = 250
WEEKS = 150
"""How far back the copies of matters without a running limit lie at most; others are of today's weeks."""
OPEN_SHARE = 0.03
MERCHANTS, PHONES = 3_000, 60_000
_MATTER, _CONSUMER = cast("Table", Matter.__table__), cast("Table", Consumer.__table__)
_MERCHANT, _SERIES = cast("Table", Merchant.__table__), cast("Table", NumberSeries.__table__)


@click.command(
    help="Fill the demonstration's database with N made-up matters, for load tests. Never a real one."
)
@click.argument("matters", type=click.IntRange(1, 5_000_000))
@click.option("--seed", default=12315, show_default=True, help="The same seed makes the same texts.")
@json_option
def load(matters: int, seed: int, as_json: bool) -> None:
    """Load the matters into the database of DATABASE_URL."""
    with opened() as parts:
        need_demonstration(parts)
        began = time.monotonic()
        loaded = Loader(parts, Teller(seed)).load(matters, lambda done: _progress(done, matters))
        tell({"matters": loaded, "seconds": round(time.monotonic() - began)}, as_json=as_json)


def need_demonstration(parts: Parts) -> None:
    """Hold that the database is empty or the demonstration's; into an empty one the demonstration is loaded.

    Raises Conflict where anybody has an account who is not of the demonstration: that is a place where people
    work.
    """
    if is_empty(parts):
        load_demonstration(parts)
        return
    posts = {post.username for post in POSTS}
    with parts.database.reading() as session:
        others = session.scalars(
            select(Person.username).where(Person.username.not_in(posts)).limit(1)
        ).first()
    if others is not None:
        raise Conflict(
            "Accounts that are not of the demonstration exist here: made-up matters go only into an empty "
            "database or the demonstration's."
        )


@dataclass(slots=True)
class _Pattern:
    """A matter that is copied, with its instance."""

    matter: dict[str, Any]
    instance: Template


@dataclass(slots=True)
class Loader:
    """Writes copies, many in one transaction."""

    parts: Parts
    teller: Teller
    _merchants: list[dict[str, Any]] = field(default_factory=list)
    _phones: list[str] = field(default_factory=list)
    _series: dict[tuple[str, date], int] = field(default_factory=dict)

    def load(self, how_many: int, progress: Callable[[int], None]) -> int:
        """Write so many copies and return their number."""
        with self.parts.database.writing() as session:
            ended, running = patterns(session)
            self._merchants = self._found_merchants(session)
            self._series = {
                (one.region_code, one.day): one.last for one in session.scalars(select(NumberSeries))
            }
        self._phones = [self.teller.phone() for _ in range(min(PHONES, how_many))]
        done = 0
        while done < how_many:
            is_open = bool(running) and self.teller.share() < OPEN_SHARE
            some = running if is_open else ended
            pattern = some[self.teller.one_of(len(some))]
            count = min(BATCH, how_many - done)
            with self.parts.database.writing() as session:
                self._write(session, pattern, count, 0 if is_open else WEEKS)
            done += count
            progress(done)
        with self.parts.database.writing() as session:
            self._keep_series(session.connection())
        self.parts.database.refresh_statistics()
        return done

    def _write(self, session: Session, pattern: _Pattern, count: int, weeks: int) -> None:
        connection = session.connection()
        first = {table: _next_id(connection, table) for table in (_MATTER, _CONSUMER)}
        back = [self.teller.weeks(weeks) if weeks else 0 for _ in range(count)]
        consumers = [self._consumer(first[_CONSUMER] + place) for place in range(count)]
        connection.execute(insert(_CONSUMER), consumers)
        matters, texts = [], []
        held = pattern.instance.row
        people = (pattern.matter["registered_by"], held["first_responder_id"], held["handover_to"])
        reach = reach_of_matter(pattern.matter["kind"], held["unit_path"], people)
        for place, (gone, consumer) in enumerate(zip(back, consumers, strict=True)):
            merchant = self._merchants[self.teller.chosen(len(self._merchants))]
            row = self._matter(pattern.matter, first[_MATTER] + place, gone)
            row |= {"consumer_id": consumer["id"], "merchant_id": merchant["id"]}
            matters.append(row)
            texts.append(
                SearchText(
                    MATTER,
                    row["id"],
                    row["number"],
                    row["title"],
                    merchant["name"],
                    row["facts"],
                    row["received_on"],
                    merchant["uscc"],
                    reach,
                )
            )
        connection.execute(insert(_MATTER), matters)
        copying.copy(
            connection,
            pattern.instance,
            [Copy(row["id"], gone, told_of(row)) for row, gone in zip(matters, back, strict=True)],
        )
        search_index.write(session, texts)
        if pattern.matter["kind"] == MatterKind.COMPLAINT.value:
            write_signatures(session, [(row["id"], row["facts"]) for row in matters])
        _move_sequences(connection)

    def _matter(self, pattern: dict[str, Any], id_: int, weeks: int) -> dict[str, Any]:
        told, earlier = self.teller.told(), timedelta(weeks=weeks)
        day = pattern["received_on"] - earlier
        region = pattern["number"][:6]
        counted = pattern["registered_on"] - earlier
        sequence = self._series.get((region, counted), 0) + 1
        self._series[region, counted] = sequence
        row = {name: value for name, value in pattern.items() if name != "registered_on"}
        return row | {
            "id": id_,
            "number": format_number(region, counted, sequence),
            "title": told.title,
            "facts": told.facts,
            "received_on": day,
            "received_at": pattern["received_at"] - earlier,
            "registered_at": pattern["registered_at"] - earlier,
            "happened_on": pattern["happened_on"] and pattern["happened_on"] - earlier,
        }

    def _consumer(self, id_: int) -> dict[str, Any]:
        name, phone = self.teller.person(), self._phones[self.teller.one_of(len(self._phones))]
        return {
            "id": id_,
            "name": name,
            "name_hash": name_hash(name),
            "phone": phone,
            "phone_hash": keyed_hash(phone),
            "gender": "",
            "address": "樊城区汉江街道",
            "id_type": "",
            "id_number": "",
            "id_hash": "",
            "email": "",
            "reply_channel": "phone",
        }

    def _found_merchants(self, session: Session) -> list[dict[str, Any]]:
        first = _next_id(session.connection(), _MERCHANT)
        names = [self.teller.merchant() for _ in range(MERCHANTS)]
        rows = [
            {
                "id": first + place,
                "name": name,
                "initials": initials(name),
                "uscc": "",
                "address": "樊城区汉江路",
                "unit_path": "",
            }
            for place, name in enumerate(names)
        ]
        session.execute(insert(_MERCHANT), rows)
        return rows

    def _keep_series(self, connection: Connection) -> None:
        connection.execute(_SERIES.delete())
        rows = [
            {"region_code": region, "day": day, "last": last} for (region, day), last in self._series.items()
        ]
        connection.execute(insert(_SERIES), rows)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def patterns(session: Session) -> tuple[list[_Pattern], list[_Pattern]]:
    """Return the demonstration's matters that can be copied: those without a running limit, and the others.

    Without those that have a lead or a payout: these stand in tables of their own.
    """
    family = select(instance.c.parent_id).where(instance.c.parent_id.is_not(None))
    rows = session.execute(
        select(instance.c.id, instance.c.next_clock, Matter.__table__)
        .join(Matter, (instance.c.subject_id == Matter.id) & (instance.c.subject_type == MATTER))
        .where(
            Matter.kind.in_([MatterKind.COMPLAINT.value, MatterKind.STATION_DISPUTE.value]),
            instance.c.parent_id.is_(None),
            instance.c.id.not_in(family),
        )
        .order_by(instance.c.id)
    ).mappings()
    found: dict[bool, list[_Pattern]] = {True: [], False: []}
    for row in list(rows):
        matter = {column.name: row[column] for column in _MATTER.columns}
        day = matter["number"].split("-")[1]
        matter["registered_on"] = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        connection = session.connection()
        pattern = _Pattern(matter, copying.read_template(connection, row[instance.c.id]))
        found[row[instance.c.next_clock] is None].append(pattern)
    if not found[True]:
        raise Conflict("The demonstration has no matter to copy that is done: load it anew.")
    return found[True], found[False]


def _next_id(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _move_sequences(connection: Connection) -> None:
    """Tell PostgreSQL's counters of the ids that were given."""
    if connection.dialect.name != "postgresql":
        return
    for name in ("matter", "consumer", "merchant"):
        connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))  # noqa: S608


def _progress(done: int, whole: int) -> None:
    if done % 10_000 < BATCH:
        click.echo(f"{done} of {whole}", err=True)
