"""An appraisal on its pages: a head approves it, its days are those of its papers (Order 121 art. 22)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, RoleGrant, Unit
from complaints.organisation.roles import Role
from tests.bureau import COUNTY, OFFICE, OTHER_OFFICE, SignIn
from tests.complaints.dossier_page.test_acting import Form
from tests.factories import ARRANGE, Matters
from workflows.runtime.replay import verify

START, FINISH = "start_appraisal", "finish_appraisal"
COUNTY_HEAD = "cashier"
"""Also heads the county, in these tests."""


@pytest.fixture
def number(matters: Matters) -> str:
    """A complaint accepted on 24 November, in mediation for ten days."""
    found = matters.in_state("mediating")
    heads(matters, COUNTY_HEAD, COUNTY)
    matters.city.clock.move(days=10)
    return found


def heads(matters: Matters, who: str, unit: str) -> None:
    city = matters.city
    with city.database.writing() as session:
        person, path = (
            session.get_one(Person, city.person_ids[who]),
            session.get_one(Unit, city.unit_ids[unit]),
        )
        grant_role(session, person, Role.HEAD, path, day=date(2026, 1, 1), now=city.clock.now())


def commission(matters: Matters, **changed: str) -> dict[str, Any]:
    said = {
        "body": "襄阳市产品质量检验所",
        "paper": "委 2026-018",
        "commissioned_on": "2026-11-27",
        "approved_by": f"{matters.city.person_ids['head']}@{OFFICE}",
        "note": "双方商定",
    }
    return said | changed


def form(client_as: SignIn, number: str, action: str) -> Form:
    return Form(client_as("handler"), f"/matters/{number}/do/{action}")


def test_the_form_offers_the_heads_of_the_unit_and_above(
    matters: Matters, client_as: SignIn, number: str
) -> None:
    heads(matters, "handler", OFFICE)
    heads(matters, "other_handler", OTHER_OFFICE)
    page = client_as("handler").get(f"/matters/{number}/do/{START}").text
    offered = re.findall(r'<option value="(\d+@[^"]+)"', page)
    ids = matters.city.person_ids
    assert offered == [f"{ids['head']}@{OFFICE}", f"{ids[COUNTY_HEAD]}@{COUNTY}"]
    assert "自这一天起（含当日）停止计算期限" in page
    assert "本单位或者上级单位的负责人，不能是您本人" in page
    with matters.city.database.writing() as session:
        session.execute(update(RoleGrant).where(RoleGrant.role == "head").values(valid_to=date(2026, 12, 3)))
    page = client_as("handler").get(f"/matters/{number}/do/{START}").text
    assert re.findall(r'<option value="(\d+@[^"]+)"', page) == []
    assert "今天没有其他负责人可选：请管理员指定" in page


def test_whoever_stepped_back_approves_nothing(matters: Matters, client_as: SignIn, number: str) -> None:
    """The owner was challenged and is a head as well: the next owner is not offered this name."""
    heads(matters, "handler", OFFICE)
    city = matters.city
    with city.database.writing() as session:
        person, unit = (
            session.get_one(Person, city.person_ids["other_handler"]),
            session.get_one(Unit, city.unit_ids[OFFICE]),
        )
        grant_role(session, person, Role.HANDLER, unit, day=date(2026, 1, 1), now=city.clock.now())
    matters.walk(
        number,
        ("handler", "challenge", {"reason": "与一方有亲属关系"}),
        ("head", "decide_challenge", {"upheld": True, "reason": "已经核实"}),
        ("head", "offer_handover", {"unit": OFFICE, "receiver": "other_handler", "reason": "回避"}),
        ("other_handler", "accept_handover", {}),
    )
    page = client_as("other_handler").get(f"/matters/{number}/do/{START}").text
    assert f'value="{city.person_ids["head"]}@{OFFICE}"' in page
    assert f'value="{city.person_ids["handler"]}@{OFFICE}"' not in page


REFUSED = (
    ({"commissioned_on": "2026-12-05"}, "委托日期不能晚于今天"),
    ({"commissioned_on": "2026-11-23"}, "投诉是2026-11-24受理的"),
    ({"commissioned_on": ""}, "“委托日期”还没有填写"),
    ({"commissioned_on": "二十七日"}, "日期"),
    ({"approved_by": ""}, "“批准送检的负责人”还没有填写"),
    ({"approved_by": f"1@{OTHER_OFFICE}"}, "请从列表中选择人员"),
)
"""What is typed otherwise than in a lawful form, and the sentence that answers it."""


def test_a_refusal_says_why_and_keeps_what_was_typed(
    matters: Matters, client_as: SignIn, number: str
) -> None:
    for changed, sentence in REFUSED:
        said = commission(matters, **changed)
        answer = form(client_as, number, START).send(**said)
        assert answer.status_code == 422, changed
        assert sentence in answer.text, changed
        assert matters.standing(number).state == "mediating"
        for name in ("body", "paper", "note"):
            assert said[name] in answer.text, changed
        if "commissioned_on" not in changed:
            assert 'value="2026-11-27"' in answer.text
        if "approved_by" not in changed:
            assert re.search(rf'<option selected value="{said["approved_by"]}"', answer.text)


def test_the_days_of_the_papers_count_whenever_they_are_entered(
    matters: Matters, client_as: SignIn, number: str
) -> None:
    """Commissioned on 27 November and entered on 4 December; the result came on the 9th, entered the 14th."""
    assert form(client_as, number, START).send(**commission(matters)).status_code == 303
    matters.city.clock.move(days=10)
    early = form(client_as, number, FINISH).send(paper="报 2026-077", result_on="2026-11-26", result="不合格")
    assert early.status_code == 422
    assert "鉴定、检测是2026-11-27委托的" in early.text
    assert "报 2026-077" in early.text
    done = form(client_as, number, FINISH).send(paper="报 2026-077", result_on="2026-12-09", result="不合格")
    assert done.status_code == 303
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    ledger = page[page.index('id="pauses"') :]
    ledger = ledger[: ledger.index("</section>")]
    head = matters.city.actor("head").name
    for told in ("2026-11-27", "2026-12-08", "12 日不计入", "委 2026-018", "报 2026-077", head, "2027-01-26"):
        assert told in ledger, told
    listed = " ".join(re.sub(r"<[^>]+>", " ", page[page.index('id="papers"') :]).split())
    assert "委 2026-018 2026-11-27" in listed
    assert "报 2026-077 2026-12-09" in listed
    clock = re.findall(rf"/matters/{number}/clocks/mediation-\d+", page)[0]
    paper = client.get(f"{clock}/print").text
    for told in ("委 2026-018", "报 2026-077", head, "2027-02-04", "--pause 2026-11-27..2026-12-08"):
        assert told in paper, told
    here, engine = matters.standing(number), matters.engine
    with matters.reading("handler") as work:
        assert verify(work.connection, engine.library, here.instance_id, engine.settings.unseal) is None


def test_no_day_is_left_out_twice(matters: Matters, client_as: SignIn, number: str) -> None:
    """A second appraisal begins at the earliest on the day on which the result of the first came."""
    form(client_as, number, START).send(**commission(matters))
    form(client_as, number, FINISH).send(paper="报 1", result_on="2026-12-02", result="不合格")
    again = form(client_as, number, START).send(**commission(matters, commissioned_on="2026-12-01"))
    assert again.status_code == 422
    assert "上一次送检到2026-12-02收到结果" in again.text
    again = form(client_as, number, START).send(**commission(matters, commissioned_on="2026-12-02"))
    assert again.status_code == 303


def effects(client_as: SignIn, number: str, action: str) -> str:
    page = client_as("handler").get(f"/matters/{number}/do/{action}").text
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("办理之后") :]).split())


def test_the_page_says_what_becomes_of_the_limits(matters: Matters, client_as: SignIn, number: str) -> None:
    """An appraisal stops one and its result lets it count again; a challenge stops none."""
    assert "停止计时 调解期限" in effects(client_as, number, START)
    assert "时限 都不停止计时，回避的时间照常计入" in effects(client_as, number, "challenge")
    assert "已约定的调解" not in effects(client_as, number, START)
    matters.walk(number, ARRANGE)
    said = effects(client_as, number, START)
    assert re.search(r"已约定的调解 \d{4}-\d\d-\d\d .*：仍然有效；不能按时进行的，请改期或者取消", said)
    form(client_as, number, START).send(**commission(matters))
    after = effects(client_as, number, FINISH)
    assert "恢复计时 调解期限" in after
    assert "停止计时 调解期限" not in after
    assert "恢复计时" not in effects(client_as, number, "terminate"), "what ends does not count again"
