"""An invented fourth version of the complaint: an action has another name, a warning and a guard are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from complaints.dossier import engine
from workflows import loading

PLAN = """
procedure: complaint
from: 3
to: 4
label: {zh: 试验, en: A trial}
same_states: true
clocks: {accept_decision: keep, mediation: restart, tell_result: keep, competence_dispute: keep,
  identity: keep, appraisal_limit: keep, close_file: keep, revisit: keep, redo: keep}
"""


def add_fourth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add the version to the procedures of this test and return the plan that leads to it."""
    folder = tmp_path / "procedures"
    folder.mkdir()
    for path in loading.PROCEDURES.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = (folder / "complaint.3.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("version: 3\n", "version: 4\n"),
        ("  take_back:\n", "  fetch_back:\n"),
        ("warn: [-10, -3]", "warn: [-10]"),
        ("{zh: 已受理, en: Accepted}", "{zh: 已经受理, en: Accepted}"),
        ("needs: [is_owner, both_consent]", "needs: [is_owner]"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "complaint.4.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(engine, "PROCEDURES", folder)
    # the verified procedures of this process are kept; read them anew for this test
    monkeypatch.setattr(engine, "_verified", engine._verified.__wrapped__)
    plan = tmp_path / "complaint.3-4.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    return plan
