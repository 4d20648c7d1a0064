"""Two versions in words: what is new, gone or changed, by which article, and whom it touches."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from tests.workflows.runtime.moving import old_and_new, two_versions
from tests.workflows.runtime.world import World
from workflows.definition import Action, ClockRule, Label, Procedure, State
from workflows.loading import PROCEDURES, load_procedure, load_procedures
from workflows.runtime.version_counts import Running, running
from workflows.runtime.version_facts import version_facts
from workflows.versioning.difference_document import sections
from workflows.versioning.difference_terms import terms
from workflows.versioning.difference_words import ASPECTS, Vocabulary, sentence
from workflows.versioning.differences import Change, Difference, Part, days_compared, differences

WORDS = Vocabulary(
    {"keeper": Label("馆长", "Keeper"), "librarian": Label("馆员", "Librarian")},
    {"is_owner": Label("是承办人", "the person owns it")},
)


def compared(new: Procedure | None = None) -> tuple[Difference, ...]:
    old, second = old_and_new()
    library, new = two_versions(), new or second
    return differences(old, new, library.rule_book, days_compared(library, old, new))


def said(found: tuple[Difference, ...], language: str = "zh") -> list[str]:
    return [sentence(one, language, WORDS) for one in found]


def changed(text_before: str, text_after: str) -> tuple[Difference, ...]:
    """Return how the first version differs from itself with one thing changed."""
    from tests.workflows.runtime.world import HERE

    text = (HERE / "loan.1.yaml").read_text(encoding="utf-8")
    assert text_before in text
    return compared(load_procedure(text.replace(text_before, text_after, 1), "loan.1.yaml"))


@pytest.mark.parametrize(
    "line",
    [
        "取消状态“已申请”（asked）。",
        "新增状态“已留书”（reserved）。",
        "新增操作“留书”（reserve）。",
        "取消操作“退回”（send_to_desk）。",
        "取消时限“盘点”（stocktake）。",
        "时限“归还”（due）：逾期上报：增加期满后3日报馆长。",
        "状态“已归架”（shelved）：进入时开始的时限：由盘点（stocktake）改为清点（inventory）。",
        "时限长度“归还”（due）：由30日（《阅览室规则》第二条）改为20日（《阅览室新规则》第二条）。",
        "时限长度“修补期限”（binder）：依据：由《阅览室规则》第四条改为《阅览室新规则》第四条。",
        "选项表“理由”（refusal_grounds）：选项：增加第2项“已经外借”。",
    ],
)
def test_the_sentences(line: str) -> None:
    assert line in said(compared())


def test_the_sentences_in_english() -> None:
    lines = said(compared(), "en")
    assert "Gone: action “Send to the desk” (send_to_desk)." in lines
    assert any("30 days (Rules of the reading room, art. 2) becomes 20 days" in one for one in lines)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            "needs: [is_owner, reader_known",
            "needs: [reader_known",
            "操作“借出”（lend）：办理条件：取消是承办人（is_owner）。",
        ),
        (
            "roles: [keeper@any]",
            "roles: [keeper@up]",
            "操作“盘点”（count）：办理岗位：由馆长（任何单位）改为馆长（本单位或者上级）。",
        ),
        (
            "to: refused\n",
            "to: joined\n",
            "操作“不借”（refuse）：办理后的状态：由未借（refused）改为已并入（joined）。",
        ),
        (
            "{kind: fen, label",
            "{kind: fen, required: false, label",
            "由押金（必填）（deposit）改为押金（选填）（deposit）",
        ),
        (
            "sets: {told: true}",
            "sets: {told: false}",
            "操作“告知”（tell）：记录的事实：由told = true改为told = false。",
        ),
        ("pauses: [due], ", "", "状态“修补中”（rebinding）：在此中止的时限：取消归还（due）。"),
        ("emit: [notice.lent]", "emit: []", "操作“借出”（lend）：发出的通知：取消借书通知（notice.lent）。"),
        ("start: received_on", "start: event", "时限“答复”（answer）：起算日：由收到之日改为办理当日。"),
        ("assign: first_responder", "assign: actor", "操作“交还首接人”（give_to_first）：办理后的承办人："),
    ],
)
def test_one_change_is_one_line(before: str, after: str, line: str) -> None:
    (one,) = changed(before, after)
    assert one.change is Change.CHANGED
    assert line in sentence(one, "zh", WORDS)


def test_a_better_wording_is_told_apart() -> None:
    (one,) = changed("{zh: 告知, en: Tell}", "{zh: 通知读者, en: Tell}")
    assert (one.part, one.change, one.states) == (Part.ACTION, Change.WORDING, ())
    assert sentence(one, "zh", WORDS) == "操作“通知读者”（tell）：名称：文字由“告知”改为“通知读者”。"


def test_equal_versions_do_not_differ() -> None:
    assert compared(old_and_new()[0]) == ()


def test_every_field_of_a_definition_is_compared_and_has_a_name() -> None:
    texts = {"name", "label", "article"}
    for kind in (State, Action, ClockRule):
        assert {one.name for one in fields(kind)} - texts <= set(ASPECTS), kind


def test_a_line_knows_whom_it_touches() -> None:
    by_name = {(one.part, one.name, one.aspect): one for one in compared()}
    assert by_name[Part.ACTION, "send_to_desk", ""].states == ("asked",)
    assert by_name[Part.CLOCK, "due", "escalate"].clocks == ("due",)
    assert by_name[Part.STATE, "reserved", ""].states == ()
    counted = Running({"asked": 3, "lent": 2}, {"due": 2})
    assert counted.touched(by_name[Part.ACTION, "send_to_desk", ""]) == 3
    assert counted.touched(by_name[Part.CLOCK, "due", "escalate"]) == 2
    assert counted.touched(by_name[Part.STATE, "reserved", ""]) == 0


def test_the_document_puts_wording_last() -> None:
    old, second = old_and_new()
    new = replace(second, stages={**second.stages, "out": Label("外借中", "Out")})
    found = sections(old, new, two_versions(), "zh", WORDS, lambda _one: 0)
    assert [one.heading for one in found][:2] == ["一、流程", "二、状态"]
    assert found[-1].heading.endswith("仅修改文字")
    assert found[-1].lines[0].text == "阶段“外借中”（out）：名称：文字由“借出”改为“外借中”。"


def test_running_matters_are_counted_by_version_state_and_clock(moving: World) -> None:
    moving.at(date(2026, 6, 22))
    for subject in (1, 2, 3):
        moving.start(subject)
    moving.lend(3)
    moving.act(moving.start(4), "refuse", ground="1")
    moving.lend(moving.start(5))
    moving.act(5, "give_back")
    moving.at(date(2026, 7, 6))
    moving.start(6)
    with moving.reading() as connection:
        first = running(connection, "loan", 1)
        facts = version_facts(moving.library, moving.today, connection)
    assert (first.by_state, first.total) == ({"asked": 2, "lent": 1, "shelved": 1}, 4)
    assert (first.by_clock["due"], first.by_clock["answer"], first.by_clock["stocktake"]) == (1, 4, 1)
    loans = [one for one in facts if one.procedure.name == "loan"]
    assert [(one.open_matters, one.in_force, one.effective_to) for one in loans] == [
        (4, False, date(2026, 6, 30)),
        (1, True, None),
    ]
    assert loans[1].instrument is not None
    assert loans[1].instrument.zh == "阅览室新规则"


def test_which_rules_govern_a_list_or_an_article_is_said_in_words() -> None:
    """The names of lists and of subjects are the files' own; people know the field and the step."""
    (latest,) = (one for one in load_procedures(PROCEDURES) if (one.name, one.version) == ("complaint", 3))
    found = {one.name: one.label for one in terms("governed_by", latest, latest)}
    told, ground = found["result_told = tell_result"], found["termination_items = mediation"]
    assert told is not None
    assert told.zh == "“告知结果”的依据适用时限“告知结果”的规章"
    assert ground is not None
    assert ground.zh == "“终止调解的情形”的选项适用时限“调解期限”的规章"
    assert ground.en == "items of “Ground for ending” by the rules of the clock “Mediation”"
