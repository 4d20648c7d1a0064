"""What people outside are told: an outbox row becomes a text in official Chinese, with its recipient and
channel.

The texts are data (`templates/messages/<message>.txt`), rendered by a sandboxed environment; what people
typed is only ever a value in them, never a template. `masked` gives the text as those may see it who do not
read matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from complaints.dossier.models import Consumer, Matter
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import HIDDEN, mask_email, mask_name, mask_phone, mask_text
from complaints.foundation.money import format_yuan
from complaints.organisation.models import Unit, UnitKind
from complaints.organisation.people import person_names
from complaints.organisation.units import above
from config import ROOT
from workflows.definition import Label, Procedure
from workflows.governing import Governing
from workflows.projection import Projection
from workflows.rows import ClockRow
from workflows.rule_sets import RuleBook
from workflows.runtime.engine import Engine
from workflows.runtime.event_log import event_at
from workflows.runtime.outbox import REPORT
from workflows.runtime.replay import replay
from workflows.runtime.tables import instance

TEXTS = ROOT / "templates" / "messages"
NAMES = frozenset(path.stem for path in TEXTS.glob("*.txt"))
"""Every message that can be rendered; a procedure may emit no other."""

AT_THE_START: Mapping[str, Label] = MappingProxyType(
    {
        "receipt.registered": Label("登记告知", "Receipt of registration"),
        REPORT: Label("向上级事项报告结果", "Report to the matter it came from"),
    }
)
"""Messages of a registration and those between matters; those of the steps have theirs in the procedures."""
SMS, EMAIL, PAPER, NOBODY = "sms", "email", "paper", "nobody"
IN_HOUSE = "paper."
"""Messages of this prefix are printed in the house; no person outside gets them."""
HONORIFICS: Mapping[str, str] = MappingProxyType({"female": "女士", "male": "先生"})
UNITS: Mapping[str, str] = MappingProxyType({"workday": "个工作日", "day": "日"})
FORMS: Mapping[str, str] = MappingProxyType(
    {
        "document": "制作调解书",
        "performed": "已经即时履行",
        "waived": "双方同意不制作调解书，由我们制作调解记录备查",
    }
)
"""How an agreement is kept (SAMR Order 121, art. 24)."""

_MOBILE = re.compile(r"1[0-9]{10}")
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(TEXTS),
    undefined=StrictUndefined,
    # plain text for a telephone, no HTML
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Undeliverable(Exception):  # noqa: N818 (a fact about the recipient, not a fault)
    """The message cannot reach anybody by itself; the sentence says why and what a person does instead."""


@dataclass(frozen=True, slots=True)
class Message:
    """One text, ready to go. `channel` is `sms`, `email`, `paper`, or `nobody` where nobody is to be told."""

    channel: str
    recipient: str
    subject: str
    text: str


def compose(session: Session, engine: Engine, row: RowMapping, *, masked: bool = False) -> Message:
    """Return the message of an outbox row as of its own event.

    Raises Undeliverable where the complainant's wish or number leaves no channel. Masked, it always has a
    text.
    """
    matter = _matter_of(session, row["instance_id"])
    if row["message"] == REPORT:
        label = AT_THE_START[REPORT].zh
        return Message(NOBODY, "", f"{label}（{matter.number}）", "系统内部消息，不发给任何人。")
    consumer = _told(matter)
    name = str(row["message"])
    channel, recipient = _address(name, consumer, masked=masked)
    values = _Values(session, engine, matter, consumer, row, masked=masked)
    subject = f"{values.title}（{matter.number}）"
    return Message(channel, recipient, subject, values.text(name))


def label_of(procedure: Procedure, name: str) -> Label:
    """Return what the message is called."""
    return procedure.messages.get(name) or AT_THE_START.get(name) or Label(name, name)


def masked_recipient(name: str, consumer: Consumer | None) -> str:
    """Return the recipient as a list may show it."""
    if name == REPORT or name.startswith(IN_HOUSE) or consumer is None:
        return ""
    return mask_email(consumer.email) if _by_email(consumer) else mask_phone(consumer.phone)


def _matter_of(session: Session, instance_id: int) -> Matter:
    statement = select(Matter).join(instance, instance.c.subject_id == Matter.id)
    return session.scalars(
        statement.where(instance.c.id == instance_id, instance.c.subject_type == "matter")
    ).one()


def _told(matter: Matter) -> Consumer | None:
    """Return whom the message is for: the matter's own complainant, else that of the matter it came from."""
    if matter.consumer is None and matter.parent is not None:
        return matter.parent.consumer
    return matter.consumer


def _address(name: str, consumer: Consumer | None, *, masked: bool) -> tuple[str, str]:
    """Choose channel and recipient by the complainant's own wish."""
    if name.startswith(IN_HOUSE):
        return PAPER, ""
    if consumer is None:
        return NOBODY, ""
    if masked:
        return EMAIL if _by_email(consumer) else SMS, masked_recipient(name, consumer)
    if _by_email(consumer):
        return EMAIL, consumer.email
    if consumer.reply_channel == "letter":
        raise Undeliverable("the complainant wishes a letter: print it, post it, then settle this row")
    if not _MOBILE.fullmatch(consumer.phone):
        raise Undeliverable(
            "the complainant's number takes no text messages: tell by phone, then settle this row"
        )
    return SMS, consumer.phone


def _by_email(consumer: Consumer) -> bool:
    """Tell whether the complainant wishes e-mail and gave an address."""
    return consumer.reply_channel == "email" and bool(consumer.email)


class _Values:
    """What a template may use, read as of the message's event."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        matter: Matter,
        consumer: Consumer | None,
        row: RowMapping,
        *,
        masked: bool,
    ) -> None:
        connection = session.connection()
        self._session, self._matter, self._consumer, self._masked = session, matter, consumer, masked
        self.event = event_at(connection, row["instance_id"], row["seq"])
        self._then = replay(connection, row["instance_id"], upto=row["seq"])
        self._rules = engine.library.rule_book
        procedure = engine.library.get(self.event.procedure, self.event.version).procedure
        day = local_moment(self.event.at_us).date()
        self._law = Governing(self._rules, procedure, self._then.clocks, self._then.vars, day)
        self._action = procedure.actions.get(self.event.action)
        self.title = label_of(procedure, str(row["message"])).zh
        private = {} if masked else engine.private_texts(connection, row["instance_id"])
        self._private = {field: words for (seq, field), words in private.items() if seq == self.event.seq}

    def text(self, name: str) -> str:
        """Render the message's template."""
        rendered = _ENVIRONMENT.get_template(f"{name}.txt").render(self._all())
        return "\n".join(line.strip() for line in rendered.splitlines() if line.strip())

    def _all(self) -> dict[str, Any]:
        day, owner = self._law.today, self._then.owner_id
        article = self._law.article(self._action.article) if self._action else None
        return {
            "number": self._matter.number,
            "addressee": self._addressee(),
            "merchant": self._open(self._matter.merchant.name if self._matter.merchant else "") or "被投诉人",
            "received_on": chinese_day(self._matter.received_on),
            "day": chinese_day(day),
            "article": article.zh if article else "",
            "law": {subject: label.zh for subject, label in self._law.articles.items()},
            "typed": self._typed(),
            "item": self._item(),
            "remedies": _remedies(self._rules, day),
            "clock": self._clocks(),
            "form": FORMS.get(str(self.event.typed.get("form")), ""),
            "amount": _yuan(self.event.typed.get("amount")),
            "vars": {key: _yuan(value) for key, value in self._then.vars.items() if key.endswith("_fen")},
            "officer": person_names(self._session, [owner]).get(owner, ""),
            **_office(self._session, self._then),
        }

    def _addressee(self) -> str:
        if self._consumer is None:
            return ""
        if self._masked:
            return mask_name(self._consumer.name)
        return one_line(self._consumer.name) + HONORIFICS.get(self._consumer.gender, "")

    def _typed(self) -> dict[str, str]:
        """What was typed with the event, numbers masked: private texts or hidden, days in Chinese."""
        typed = {}
        for name, value in self.event.typed.items():
            if isinstance(value, dict):
                typed[name] = HIDDEN if self._masked else mask_text(one_line(self._private.get(name, "")))
            elif isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                typed[name] = chinese_day(date.fromisoformat(value))
            else:
                typed[name] = mask_text(one_line(value)) if isinstance(value, str) else str(value)
        return typed

    def _item(self) -> dict[str, str] | None:
        """The ground of a refusal or termination, with its article."""
        field = self._action.field("item") if self._action else None
        if field is None:
            return None
        code = self.event.typed.get("item")
        found = next((one for one in self._law.items(field.items) if one.code == code), None)
        return {"label": found.label.zh, "article": found.article.zh} if found else None

    def _clocks(self) -> dict[str, dict[str, str]]:
        return {row.clock: self._clock(row) for row in self._then.clocks if row.open}

    def _clock(self, row: ClockRow) -> dict[str, str]:
        limit = self._law.limit(row)
        return {
            "due": chinese_day(row.legal_due) + ("（暂定）" if row.provisional else ""),
            "length": f"{row.n}{UNITS[row.unit]}",
            "article": limit.article.zh,
        }

    def _open(self, words: str) -> str:
        return HIDDEN if self._masked and words else one_line(words)


def chinese_day(day: date) -> str:
    """Write a day as official papers do: 2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


def one_line(words: str) -> str:
    """Put typed words on one line without control characters: nobody writes a second message into one."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _yuan(fen: Any) -> str:
    return f"{format_yuan(fen)}元" if isinstance(fen, int) and not isinstance(fen, bool) else ""


def _remedies(rules: RuleBook, day: date) -> dict[str, Any]:
    """The other ways to settle the dispute: 消费者权益保护法第三十九条."""
    ways = rules.item_list("remedies", day)
    return {"article": ways.article.zh, "ways": [one.label.zh for one in ways.items]}


def _office(session: Session, then: Projection) -> dict[str, str]:
    """Name the office that held the matter, the bureau above it, and the nearest public number."""
    units = session.scalars(select(Unit).where(Unit.path.in_(above(then.unit_path)))).all()
    nearest = sorted(units, key=lambda one: -len(one.path))
    bureaus = [
        one.name for one in nearest if one.kind in (UnitKind.COUNTY_BUREAU.value, UnitKind.CITY_BUREAU.value)
    ]
    office = nearest[0].name if nearest else ""
    return {
        "office": office,
        "bureau": bureaus[0] if bureaus else office,
        "phone": next((one.phone for one in nearest if one.phone), "12315"),
    }
