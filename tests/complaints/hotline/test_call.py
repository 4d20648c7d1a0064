"""The operator's page: what is typed becomes a complaint, once, or comes back with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from complaints.dossier.models import Matter
from tests.bureau import DESK, Bureau, SignIn, post
from tests.complaints.registering import CALL, form_key
from workflows.runtime.tables import deadline, instance


def register(client: FlaskClient, **changed: Any) -> Any:
    """Fill the page in and send it."""
    return post(client, "/hotline", **(CALL | {"idempotency_key": form_key(client, "/hotline")} | changed))


def matters(city: Bureau) -> list[Matter]:
    with city.database.reading() as session:
        found = list(session.scalars(select(Matter).order_by(Matter.id)))
        for one in found:
            assert one.consumer is not None
            assert one.merchant is not None
        return found


def test_everything_said_is_kept(client_as: SignIn, city: Bureau) -> None:
    answer = register(client_as("operator"))
    assert answer.status_code == 303, answer.text
    [matter] = matters(city)
    assert answer.location == f"/hotline/registered/{matter.number}"
    assert (matter.channel, matter.facts, matter.title) == ("phone", CALL["facts"], CALL["title"])
    assert (matter.happened_on.isoformat(), matter.amount_fen) == ("2026-10-18", 329_900)
    assert (matter.category_code, matter.problem_code) == ("G05", "P02")
    assert (matter.demands, matter.evidence) == (["exchange", "compensation"], ["invoice"])
    assert (matter.consent_publish, matter.consent_entrust) == (True, False)
    assert matter.notice_version == "2026-04-15"
    consumer, merchant = matter.consumer, matter.merchant
    assert (consumer.name, consumer.phone, consumer.gender) == ("周慧敏", "13800138000", "female")
    assert (consumer.address, consumer.reply_channel) == ("樊城区汉江街道", "sms")
    assert (merchant.name, merchant.address) == ("襄阳云栖家电有限公司", "樊城区汉水桥路 88 号")
    with city.database.reading() as session:
        row = session.execute(select(instance).where(instance.c.subject_id == matter.id)).mappings().one()
        due = session.scalar(select(deadline.c.legal_due).where(deadline.c.instance_id == row["id"]))
    operator = city.person_ids["operator"]
    assert (row["owner_id"], row["first_responder_id"]) == (operator, operator)
    assert (row["unit_path"], row["state"]) == (DESK, "registered")
    assert due.isoformat() == "2026-12-03"
