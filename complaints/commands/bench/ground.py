"""A database of its own for a benchmark: the demonstration bureau, and matters made by the real actions."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.engine import make_url

from complaints.app import GUARDS, INVARIANTS
from complaints.commands.parts import Parts
from complaints.commands.setting_up import prepare
from complaints.demo.bureau import POSTS, employ, found_bureau
from complaints.demo.city import SINCE
from complaints.demo.stage import Stage
from complaints.demo.stories import MERCHANTS, NOTICE, merchant
from complaints.dossier.registration import ConsumerGiven, MatterGiven
from complaints.foundation.database import Database
from complaints.hotline.actions import register_complaint

PASSWORD = "Bench-" + secrets.token_hex(8)
"""One password for all accounts of a benchmark's own database, never printed."""
BATCH = 100
DAYS = 100
"""Over how many days back the matters are spread."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The benchmark's database and a stage on it that lives at the present moment."""

    parts: Parts
    stage: Stage


@contextmanager
def ground(parts: Parts, database_url: str | None = None) -> Iterator[Ground]:
    """Prepare a database of its own: a SQLite file that is deleted again, or the empty PostgreSQL database
    given.

    Raises click.UsageError where the given database is not empty.
    """
    with tempfile.TemporaryDirectory(prefix="fangxin-bench-") as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(url)
        _need_empty(database, url)
        own = Parts(parts.settings, database, parts.clock)
        try:
            prepare(own)
            with database.writing() as session:
                units = found_bureau(session, SINCE)
                hashed = own.passwords.hash(PASSWORD)
                hashes = {post.username: hashed for post in POSTS}
                employ(session, units, hashes, SINCE, own.clock.now())
            yield Ground(own, Stage(database, GUARDS, INVARIANTS, own.clock.now()))
        finally:
            database.dispose()


def crowd(place: Ground, how_many: int) -> list[str]:
    """Register complaints, many in one transaction, and return their numbers. Texts are of real length."""
    numbers: list[str] = []
    sellers = list(MERCHANTS)
    with click.progressbar(length=how_many, label="matters") as bar:
        while len(numbers) < how_many:
            # as in life the matters of the place came over many days, not all this morning
            place.stage.now = place.parts.clock.now() - timedelta(days=len(numbers) // BATCH % DAYS)
            with place.stage.work_of("linjing") as work:
                for _ in range(min(BATCH, how_many - len(numbers))):
                    n = len(numbers)
                    matter = register_complaint(
                        work,
                        MatterGiven(
                            f"第 {n} 件：商品质量问题，要求退换",
                            "买了不到一个月就出现故障，多次联系商家没有结果，要求退货退款并赔偿损失。" * 4,
                            amount_fen=10_000 + n,
                            category_code="G05",
                            problem_code="P01",
                            demands=("refund",),
                            evidence=("invoice",),
                            notice_version=NOTICE,
                        ),
                        ConsumerGiven(f"测试{n % 700}", f"199{n % 90_000_000:08d}", address="樊城区汉江街道"),
                        merchant(work.session, sellers[n % len(sellers)]),
                        secrets.token_hex(16),
                    )
                    numbers.append(matter.number)
            bar.update(min(BATCH, how_many))
    place.stage.now = place.parts.clock.now()
    return numbers


def _need_empty(database: Database, url: str) -> None:
    if make_url(url).get_backend_name() == "sqlite":
        return
    with database.reading() as session:
        tables = session.execute(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        ).scalar_one()
    if tables:
        raise click.UsageError("The database given is not empty: a benchmark takes a database of its own.")
