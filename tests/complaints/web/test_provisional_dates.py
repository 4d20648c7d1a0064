"""A date counted without its year's holiday notice says so wherever it is shown: pages, files, messages.

The notice of the year is taken away, so that every limit of every matter is provisional; then everybody walks
through every page that links lead to.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from complaints.commands.working import Worker
from complaints.gateways.models import DeliveredMessage
from tests.bureau import SignIn
from tests.complaints.web.listed_matters import fill
from tests.factories import Matters
from workflows.runtime.calendar_table import revision_of
from workflows.runtime.tables import calendar_revision, deadline

EVERYBODY = ("operator", "intake", "handler", "head", "station", "cashier", "payout_approver", "supervisor")
MARKS = ("暂定", "年放假安排尚未公布")
TYPED = date(2026, 11, 27)
"""By when somebody has to show who it was: a day that a person wrote, whatever falls due on it."""
WITHIN = 40
"""Letters after a day in which its mark stands, those of tags not counted."""
CHINESE = re.compile(r"\d{4}年\d+月\d+日")
LINK = re.compile(r'href="(/[^"#]*)"')
NO_PAGE = re.compile(r"/static|/files/|/language|/sign|/password|export=|/reveal/")
ONE_OF_EACH = re.compile(r"[0-9A-Z-]*[0-9][0-9A-Za-z-]*")
"""What tells two pages of one kind apart in an address."""


@pytest.fixture
def world(standing_as: SignIn, standing_matters: Matters) -> SignIn:
    """Matters of every kind in many states; made with the module's first test."""
    if "暖气" not in standing_as("handler").get("/mediation?tab=unit").text:
        without_this_years_notice(standing_matters)
        fill(standing_matters)
    return standing_as


def without_this_years_notice(matters: Matters) -> None:
    with matters.city.database.writing() as session:
        connection = session.connection()
        row = connection.execute(select(calendar_revision)).one()
        earlier = {year: digest for year, digest in json.loads(row.years) if year < 2026}
        connection.execute(
            update(calendar_revision).values(
                years=json.dumps(list(earlier.items())),
                revision=revision_of(earlier, row.statutory, row.rolls_weekends),
            )
        )


def due_days(matters: Matters) -> set[str]:
    """Return the days on which something falls due, without those that also stand for something else."""
    today = matters.city.clock.today()
    with matters.city.database.reading() as session:
        rows = session.execute(select(deadline.c.alert_due, deadline.c.legal_due, deadline.c.nominal)).all()
        assert session.scalars(select(deadline.c.provisional)).all().count(False) == 0
    found = {day for row in rows for day in row if day > today + timedelta(days=1)} - {TYPED}
    assert len(found) > 5
    return {day.isoformat() for day in found}


def words(page: str) -> str:
    """Return what a reader sees of a page, in one line."""
    body = re.sub(r"<(script|style|template).*?</\1>", "", page[page.index("<body") :], flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def bare(text: str, days: set[str]) -> Iterator[str]:
    """Yield every due day, long or short, that stands without its mark."""
    for found in re.finditer(r"(\d{4}-)?(\d\d-\d\d)(?= ?\(周)|\d{4}-\d\d-\d\d|\d{4}年\d+月\d+日", text):
        if any(_is(found[0], day) for day in days):
            after = text[found.end() : found.end() + WITHIN]
            if not any(mark in after for mark in MARKS):
                yield text[max(found.start() - 40, 0) : found.end() + WITHIN]


def _is(written: str, iso: str) -> bool:
    day = date.fromisoformat(iso)
    return written in (iso, iso[5:], f"{day.year}年{day.month}月{day.day}日")


def walk(client: FlaskClient, most: int) -> Iterator[tuple[str, str]]:
    """Yield every page that this person's links lead to, one of each kind."""
    ways = ["/"]
    seen: set[str] = set()
    while ways and len(seen) < most:
        way = ways.pop(0)
        kind = ONE_OF_EACH.sub("N", way)
        if kind in seen or NO_PAGE.search(way):
            continue
        seen.add(kind)
        answer = client.get(way, follow_redirects=True)
        if answer.status_code != 200 or not str(answer.mimetype).startswith("text/html"):
            continue
        yield way, answer.text
        ways += [html.unescape(link) for link in LINK.findall(answer.text)]


@pytest.mark.parametrize(
    ("people", "most", "least"),
    [
        (("handler", "station"), 12, (4, 1)),
        pytest.param(EVERYBODY, 130, (12, 5), marks=pytest.mark.slow),
    ],
    ids=["first_pages", "every_page"],
)
def test_pages_and_files_mark_every_provisional_day(
    world: SignIn, standing_matters: Matters, people: tuple[str, ...], most: int, least: tuple[int, int]
) -> None:
    days = due_days(standing_matters)
    wrong: list[str] = []
    pages: set[str] = set()
    files: set[str] = set()
    for who in people:
        client = world(who)
        for way, page in walk(client, most):
            text = words(page)
            wrong += [f"{who} {way}: …{one}…" for one in bare(text, days)]
            if any(day in text for day in days):
                pages.add(ONE_OF_EACH.sub("N", way))
            for link in {html.unescape(one) for one in re.findall(r'href="([^"]*export=csv[^"]*)"', page)}:
                unmarked, marked = rows_of(client, link, days)
                wrong += [f"{who} {link}: {row}" for row in unmarked]
                files |= {link} if marked else set()
    assert not wrong, "\n".join(wrong)
    assert len(pages) >= least[0], pages
    assert len(files) >= least[1], files


def rows_of(client: FlaskClient, link: str, days: set[str]) -> tuple[list[str], int]:
    """Return the rows of a file that name a due day without its mark, and the number of those with it."""
    table = csv.reader(io.StringIO(client.get(link).data.decode("utf-8-sig")))
    named = [row for row in table if days & {value[:10] for value in row}]
    unmarked = [str(row) for row in named if "暂定" not in row]
    return unmarked, len(named) - len(unmarked)


def test_messages_mark_the_days_they_name(world: SignIn, standing_matters: Matters) -> None:
    Worker(world.services, lambda _line: None).drain()
    days = due_days(standing_matters)
    with standing_matters.city.database.reading() as session:
        texts = [one.text for one in session.scalars(select(DeliveredMessage))]
    named = [
        text
        for text in texts
        if any(_is(one[0], day) for day in days for one in re.finditer(r"\d{4}年\d+月\d+日", text))
    ]
    assert len(named) > 3
    assert [one for text in named for one in bare(text, days)] == []
