"""A bureau in which there is something to find, and how a browser searches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from complaints.dossier import search_index
from complaints.dossier.models import Channel, MatterKind
from complaints.dossier.record_models import HistoricalRecord, LedgerImport
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.search_filling import name_hash, text_of_record
from complaints.dossier.work import Work
from complaints.foundation.encryption import keyed_hash
from complaints.search.asking import understand
from complaints.search.listing import Line, lines
from complaints.search.queries import search
from tests.bureau import CITY, OFFICE, OTHER_OFFICE, STATION, Bureau, post
from workflows.runtime.engine import Engine
from workflows.steps import Assignee

PHONE, OTHER_PHONE = "13800138000", "0710-3512345"
PAPER = "420602199001011236"
CODE = "91420600MA4900001X"


@dataclass(slots=True)
class Ground:
    """Matters by a short name, and the bureau they are in."""

    app: Flask
    city: Bureau
    numbers: dict[str, str] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """The application's engine."""
        found: Engine = self.app.extensions["fangxin"].engine
        return found

    def work(self, session: Session, who: str) -> Work:
        """Return a piece of work of somebody."""
        return Work(session, self.city.actor(who), self.engine, self.city.clock)

    def find(self, who: str, typed: str) -> list[Line]:
        """Search as somebody, below the pages."""
        with self.city.database.reading() as session:
            work = self.work(session, who)
            asked = understand(typed)
            return lines(work, search(work, asked).hits, asked)

    def found(self, who: str, typed: str) -> list[str]:
        """Return the short names of what somebody finds, in its order."""
        names = {number: name for name, number in self.numbers.items()}
        return [names.get(line.number, line.number) for line in self.find(who, typed)]

    def take(
        self,
        name: str,
        title: str,
        facts: str,
        merchant: str = "云栖家电有限公司",
        *,
        person: str = "周慧敏",
        phone: str = PHONE,
        paper: str = "",
        code: str = "",
        unit: str = OFFICE,
        holder: str = "handler",
        kind: MatterKind = MatterKind.COMPLAINT,
        who: str = "operator",
        days_ago: int = 0,
    ) -> None:
        """Register a matter that a unit holds."""
        with self.city.database.writing() as session:
            work = self.work(session, who)
            matter = register(
                work,
                Arrival(
                    kind=kind,
                    channel=Channel.PHONE,
                    received_at=work.now - timedelta(days=days_ago),
                    region_code="420600",
                    source_path=unit,
                    first_responder_id=work.actor.id,
                    holder=Assignee(self.city.person_ids[holder], unit),
                ),
                MatterGiven(title=title, facts=facts, demands=("refund",)),
                ConsumerGiven(name=person, phone=phone, id_number=paper, address="汉江街道"),
                MerchantGiven(name=merchant, uscc=code, address="汉江路 1 号"),
            )
            self.numbers[name] = matter.number

    def record(
        self,
        number: str,
        subject: str,
        text: str,
        unit: str = OFFICE,
        person: str = "",
        phone: str = PHONE,
        merchant: str = "旧日百货",
    ) -> None:
        """Keep a historical record."""
        with self.city.database.writing() as session:
            source = LedgerImport(
                file_name="台账.xlsx",
                digest="0" * 64,
                size=1,
                person_id=0,
                unit_path=CITY,
                stage="done",
                uploaded_at=self.city.clock.now(),
            )
            session.add(source)
            session.flush()
            row = HistoricalRecord(
                number=number,
                unit_path=unit,
                person=person,
                person_hash=name_hash(person),
                phone=phone,
                phone_hash=keyed_hash(phone),
                subject_in_full=subject,
                text_in_full=text,
                merchant=merchant,
                received_on=date(2019, 5, 6),
                content_digest="0" * 64,
                import_id=source.id,
                row=2,
            )
            session.add(row)
            session.flush()
            search_index.write(session, [text_of_record(row)])
            self.records[number] = row.id


def fill(ground: Ground) -> None:
    """Put what the tests look for into the bureau."""
    ground.take("fridge", "冰箱不制冷", "买了iPhone15和冰箱，冷藏室不制冷，商家跑路，要求退款。", code=CODE)
    ground.take(
        "rare", "姓名用字", "店主叫㛃，货号𠮷野，标签写着㐂，𬱖字也有。", person="艾力·买买提", days_ago=2
    )
    ground.take(
        "phone",
        "手机碎屏",
        "屏幕碎裂100%自燃，电话13800138000打过三次，要求退款。",
        phone=OTHER_PHONE,
        days_ago=1,
    )
    ground.take(
        "elsewhere",
        "冰箱漏水",
        "别处的冰箱漏水，要求退款。",
        unit=OTHER_OFFICE,
        holder="other_handler",
        paper=PAPER,
    )
    ground.take(
        "venue",
        "市场买鱼缺秤",
        "缺秤二两，要求退款。",
        "老王鲜鱼",
        person="王建国",
        phone="13900139000",
        unit=STATION,
        holder="station",
        who="station",
        kind=MatterKind.STATION_DISPUTE,
    )
    ground.record("2019字第0042号", "冰箱爆炸", "旧台账：冰箱爆炸，已退款。", person="周慧敏")
    ground.record("2019字第0043号", "电风扇", "别处的旧台账：冰箱一台。", unit=OTHER_OFFICE)


def ask(client: FlaskClient, typed: str) -> TestResponse:
    """Type into the box of any page and press Enter."""
    return post(client, "/search", q=typed)


def hits(client: FlaskClient, typed: str) -> str:
    """Return the page of hits."""
    answer = ask(client, typed)
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location)
    assert page.status_code == 200
    return page.text


def items(page: str) -> list[str]:
    """Return the hits of a page as plain text."""
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", "", one)).split())
        for one in re.findall(r"<li data-row>(.*?)</li>", page, re.S)
    ]
