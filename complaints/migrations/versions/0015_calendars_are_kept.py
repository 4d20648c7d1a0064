"""Holiday notices are kept in every state they were loaded in, so that a limit can be proven years later.

The years that are loaded become notices named by the digest of their days, and together the first revision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_YEAR = sa.table(
    "wf_calendar_year",
    *(sa.column(name) for name in ("year", "title", "number", "digest", "loaded_at_us")),
)
_DAY = sa.table(
    "wf_calendar_day",
    sa.column("year", sa.Integer),
    sa.column("day", sa.Date),
    sa.column("worked", sa.Boolean),
    sa.column("statutory", sa.Boolean),
    sa.column("name", sa.String),
)


def upgrade() -> None:
    notices = op.create_table(
        "wf_calendar_notice",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("loaded_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_wf_calendar_notice")),
    )
    revisions = op.create_table(
        "wf_calendar_revision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("years", sa.Text(), nullable=False),
        sa.Column("statutory", sa.Text(), nullable=False),
        sa.Column("made_at_us", sa.BigInteger(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("pass_began_us", sa.BigInteger(), nullable=True),
        sa.Column("passed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("counted_at_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wf_calendar_revision")),
    )
    op.create_index("ix_wf_calendar_revision_revision", "wf_calendar_revision", ["revision"], unique=False)
    _keep(op.get_bind(), notices, revisions)
    op.drop_table("wf_calendar_day")
    op.drop_table("wf_calendar_year")


def _keep(connection: sa.Connection, notices: sa.Table, revisions: sa.Table) -> None:
    """Write the years that are loaded as notices and as the first revision, under the name clocks know."""
    years = connection.execute(sa.select(_YEAR).order_by(_YEAR.c.year)).mappings().all()
    if not years:
        return
    days = connection.execute(sa.select(_DAY).order_by(_DAY.c.year, _DAY.c.day)).mappings().all()
    rows = [
        {
            "digest": one["digest"],
            "year": one["year"],
            "title": one["title"],
            "number": one["number"],
            "days": _text(_named(one["year"], (day for day in days if day["year"] == one["year"]))),
            "loaded_at_us": one["loaded_at_us"],
        }
        for one in years
    ]
    connection.execute(sa.insert(notices), rows)
    digests = _text([[one["year"], one["digest"]] for one in years])
    made = max(one["loaded_at_us"] for one in years)
    connection.execute(
        sa.insert(revisions),
        {
            "number": 1,
            "revision": hashlib.sha256(digests.encode()).hexdigest()[:16],
            "years": digests,
            "statutory": "",
            "made_at_us": made,
            "passes": 0,
            "pass_began_us": None,
            "passed_id": 0,
            "moved": 0,
            "counted_at_us": made,
        },
    )


def _named(year: int, days: Iterable[Any]) -> list[Any]:
    found = list(days)
    off = [
        [one["day"].isoformat(), one["name"], bool(one["statutory"])] for one in found if not one["worked"]
    ]
    work = [[one["day"].isoformat(), one["name"]] for one in found if one["worked"]]
    return [year, off, work]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def downgrade() -> None:
    op.create_table(
        "wf_calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_wf_calendar_year")),
    )
    op.create_table(
        "wf_calendar_day",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["wf_calendar_year.year"], name=op.f("fk_wf_calendar_day_year_wf_calendar_year")
        ),
        sa.PrimaryKeyConstraint("year", "day", name=op.f("pk_wf_calendar_day")),
    )
    _give_back(op.get_bind())
    op.drop_index("ix_wf_calendar_revision_revision", table_name="wf_calendar_revision")
    op.drop_table("wf_calendar_revision")
    op.drop_table("wf_calendar_notice")


def _give_back(connection: sa.Connection) -> None:
    """Write the days of the present revision's notices as they were kept before."""
    newest = "SELECT years FROM wf_calendar_revision ORDER BY number DESC LIMIT 1"
    years = connection.execute(sa.text(newest)).scalar()
    digests = [digest for _year, digest in json.loads(years or "[]")]
    for row in connection.execute(sa.text("SELECT * FROM wf_calendar_notice ORDER BY year")).mappings():
        if row["digest"] not in digests:
            continue
        connection.execute(sa.insert(_YEAR), {one.name: row[one.name] for one in _YEAR.columns})
        year, off, work = json.loads(row["days"])
        kept = [(day, False, statutory, name) for day, name, statutory in off]
        kept += [(day, True, False, name) for day, name in work]
        connection.execute(
            sa.insert(_DAY),
            [
                {"year": year, "day": date.fromisoformat(day), "worked": w, "statutory": s, "name": name}
                for day, w, s, name in kept
            ],
        )
