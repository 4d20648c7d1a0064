"""The Mermaid text names every state, stage and arrow."""

from __future__ import annotations

from tests.workflows.loan import TEXT, procedure
from workflows.export.mermaid import mermaid


def test_every_state_and_arrow_is_drawn():
    text = mermaid(procedure(), "zh_CN", {"lent": 3})
    assert text.startswith("stateDiagram-v2\n")
    assert 'state "已借出 (3)" as lent' in text
    assert 'state "已归架 (0)" as shelved' in text
    assert 'state "结束" as stage_done {' in text
    assert "    [*] --> asked" in text
    assert "    lent --> shelved : 归还" in text
    assert [line for line in text.splitlines() if line.endswith("--> [*]")] == [
        "    shelved --> [*]",
        "    refused --> [*]",
        "    counted --> [*]",
    ]


def test_in_english_without_counts():
    text = mermaid(procedure(), "en")
    assert 'state "Lent" as lent' in text
    assert "rebinding --> lent : Back from the binder" in text


def test_actions_between_the_same_states_share_an_arrow():
    text = TEXT.replace(
        "actions:", "actions:\n  hand: {label: {zh: 递, en: Hand}, from: asked, to: lent, roles: [keeper@up]}"
    )
    assert "    asked --> lent : Hand, Lend" in mermaid(procedure(text), "en")


def test_signs_that_mermaid_reads_are_written_out():
    text = mermaid(procedure(TEXT.replace("en: Lent}", 'en: "Lent: \\"out\\" #1"}')), "en")
    assert 'state "Lent#58; #quot;out#quot; #35;1" as lent' in text
