"""Units, people, grants and sign-ins. Nothing here is deleted: it ends on a day or at an instant."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from complaints.foundation.database import Base
from complaints.foundation.instants import Instant

PATH = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Type of a unit's path.

Byte order on both databases, so that one plain index answers "this unit and all below".
"""


class UnitKind(enum.StrEnum):
    """What a unit is."""

    CITY_BUREAU = "city_bureau"
    COUNTY_BUREAU = "county_bureau"
    OFFICE = "office"
    """A branch office (市场监管所) or a division (科) that handles matters."""
    STATION = "station"
    """A consumer rights service station at a venue (消费维权服务站)."""
    CONSUMER_COUNCIL = "consumer_council"
    INTAKE_DESK = "intake_desk"
    """The body that receives all complaints and reports (《市场监督管理投诉举报处理办法》第四十一条)."""
    SUPERVISION = "supervision"


class Unit(Base):
    """One unit of the tree. `path` lists the codes from the root, such as /420600/420606/07/."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    """Unique among its siblings."""
    name: Mapped[str] = mapped_column(String(80))
    """The official Chinese name."""
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PATH, unique=True)
    region_code: Mapped[str] = mapped_column(String(12), default="")
    """The region it answers for, where there is one."""
    venue: Mapped[str] = mapped_column(String(80), default="")
    """Name of a station's market, mall or street."""
    phone: Mapped[str] = mapped_column(String(30), default="")
    """The unit's public number."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last valid day."""

    parent: Mapped[Unit | None] = relationship(remote_side=[id])


class Person(Base):
    """An account. The user name is kept in small letters."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    """Where the person belongs; what the person may do is granted apart."""
    password_hash: Mapped[str] = mapped_column(String(200))
    password_set_at: Mapped[datetime] = mapped_column(Instant)
    must_change_password: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)

    unit: Mapped[Unit] = relationship()


class RoleGrant(Base):
    """A role of a person on a unit, from one day to another."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last valid day."""

    unit: Mapped[Unit] = relationship()


class Duty(enum.StrEnum):
    """For what a unit names a person."""

    RECEIVER = "receiver"
    """Owns what is dispatched to the unit, at once."""
    OFFICER = "officer"
    """Has the duty at an intake desk; first responder of what no person took."""


class DutyRoster(Base):
    """Who has a unit's duty from one day to another. Of several valid rows the latest begun counts."""

    __tablename__ = "duty_roster"
    __table_args__ = (UniqueConstraint("unit_id", "duty", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    duty: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last valid day."""

    person: Mapped[Person] = relationship()


class SignInSession(Base):
    """One sign-in. The browser holds a random token, we its SHA-256.

    Deleting the row ends the sign-in everywhere.
    """

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    """To the minute: not every page costs a write."""
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    """In any case."""

    person: Mapped[Person] = relationship()


class SignInAttempt(Base):
    """Failed sign-ins counted by a keyed hash of what was typed, whether or not there is such an account."""

    __tablename__ = "sign_in_attempt"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class SecurityEvent(Base):
    """One line of the security log: who, what, when, where, whether it succeeded.

    Lines are only ever added.
    """

    __tablename__ = "security_event"
    __table_args__ = (Index("ix_security_event_person", "person_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    """Who did it; empty where nobody was signed in. No foreign key: the log outlives what it tells of."""
    person_id: Mapped[int | None]
    """Whom it concerned, where that is another."""
    subject: Mapped[str] = mapped_column(Text, default="")
    """Numbers of matters, a unit's path, a permission; never a personal value."""
    address: Mapped[str] = mapped_column(String(45), default="")
    """Network address of the browser."""
    success: Mapped[bool]
