"""`cli bench search`: every kind of question, as people of every reach ask it, beside the limits.

On the database of DATABASE_URL as it is, best one that `cli bench load` filled. Measured is what the page of
hits asks and makes of the answers, and the suggestions; not HTTP and the frame, which `cli bench pages` has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from complaints.app import build_services
from complaints.commands.bench.measures import counting, each, machine, milliseconds, show
from complaints.commands.parts import Parts, json_option, opened, spare_the_collector
from complaints.demo.bureau import POSTS
from complaints.dossier import search_words
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_terms import asked_terms
from complaints.dossier.work import Work
from complaints.organisation.people import actor_by_username
from complaints.organisation.roles import Role
from complaints.search.asking import understand
from complaints.search.listing import PAGE, lines
from complaints.search.queries import search as search_for

ROLES = (Role.SUPERVISOR, Role.OPERATOR, Role.INTAKE, Role.HANDLER, Role.STATION)
"""From who sees everything to who sees one venue."""
_WORDS = {
    "a word of half of all texts": "退款",
    "a character of nearly all": "不",
    "a word of every tenth text": "押金",
    "a rare word": "鱼竿",
    "two words, both often": "退款 商家",
    "three characters": "不制冷",
    "a sentence": "商家说是人为损坏，不同意退货",
    "Latin letters": "a",
    "a part of a merchant": "襄阳云",
    "initials of a merchant": "xyyh",
    "nothing like it": "龘龘",
}


@click.command(help="Measure search on this database, by kind of question and by who asks.")
@click.option("--times", default=20, show_default=True, help="How often each question is asked.")
@json_option
def search(times: int, as_json: bool) -> None:
    """Run the benchmark and print it."""
    with opened() as parts, parts.database.reading() as session:
        indexed = session.scalar(select(func.count()).select_from(SearchedText))
        rows: list[dict[str, Any]] = [
            {"what": "machine", "is": machine()},
            {"what": "texts in the index", "is": indexed},
        ]
        spare_the_collector()  # as the server does
        rows += limits(session, times)
        kinds = {**_numbers(session), **_WORDS}
        for role in ROLES:
            rows += _of_role(parts, session, role, kinds, times)
    show(rows, as_json=as_json)


def limits(session: Session, times: int) -> list[dict[str, Any]]:
    """Measure one read by primary key and the bare question to the words, on the same connection."""
    some_id = session.scalars(select(SearchedText.id).limit(1)).one()
    by_key = text("SELECT number FROM search_text WHERE id = :id")
    connection = session.connection()
    found = [
        {
            "what": "limit in the same run: one row by its key",
            **milliseconds(each(times, lambda: connection.execute(by_key, {"id": some_id}).one())),
        }
    ]
    for name in ("a word of half of all texts", "a rare word"):
        terms = asked_terms(_WORDS[name])

        def ask(asked: list[Any] = terms) -> None:
            search_words.newest(connection, asked, 200)

        found.append({"what": f"limit: the bare words, {name}", **milliseconds(each(times, ask))})
    return found


def _of_role(
    parts: Parts, session: Session, role: Role, kinds: dict[str, str], times: int
) -> Iterator[dict[str, Any]]:
    username = next(post.username for post in POSTS if post.role is role)
    actor = actor_by_username(session, username, parts.clock.today())
    if actor is None:
        raise click.ClickException(f"This is not the demonstration's database: it has no {username}.")
    work = Work(
        session, actor, build_services(parts.settings, parts.clock, parts.database).engine, parts.clock
    )
    for kind, words in kinds.items():
        asked = understand(words)
        found = search_for(work, asked)

        def page(asked: Any = asked) -> None:
            lines(work, search_for(work, asked).hits[:PAGE], asked)

        def suggested(asked: Any = asked) -> None:
            lines(work, search_for(work, asked, most=5, personal=False).hits, asked)

        page()
        with counting(parts.database.reader) as counter:
            page()
        before = time.process_time()
        taken = each(times, page)
        cpu = (time.process_time() - before) / times * 1000
        yield {
            "what": f"{role.value}: {kind}",
            "hits": f"{len(found.hits)}{'+' if found.more else ''}",
            "queries": counter.statements,
            **milliseconds(taken),
            "process CPU ms": round(cpu, 1),
            "suggestions p95 ms": milliseconds(each(times, suggested))["p95 ms"],
        }


def _numbers(session: Session) -> dict[str, str]:
    """Return a number, its last digits, a telephone and a name that are there."""
    matter = session.scalars(select(Matter).order_by(Matter.id.desc()).limit(1)).one()
    consumer = session.scalars(select(Consumer).order_by(Consumer.id.desc()).limit(1)).one()
    return {
        "a whole number": matter.number,
        "the last digits": matter.number[-7:],
        "a day": matter.number[7:15],
        "a telephone": consumer.phone,
        "a person": consumer.name,
    }
