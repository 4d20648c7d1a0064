"""Every trouble that a gateway reports is known to the page, so that nobody reads a foreign sentence."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from complaints.administration.troubles import KNOWN, in_words

ROOT = Path(__file__).resolve().parents[3]
SOURCES = (*(ROOT / "complaints" / "gateways").glob("*.py"), ROOT / "complaints" / "dossier" / "delivery.py")


def test_every_trouble_in_the_code_is_known() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    reported = {one.partition(" (")[0] for one in re.findall(r'trouble=f?"([^"]+)"', text)}
    messages = (ROOT / "complaints" / "dossier" / "messages.py").read_text(encoding="utf-8")
    reported |= set(re.findall(r'raise Undeliverable\(\s*"([^"]+)"', messages))
    assert len(reported) >= 18
    assert reported - set(KNOWN) == set()


def test_details_and_a_persons_words_stay(app: Flask) -> None:
    with app.test_request_context():
        assert "503" in in_words("the gateway has trouble of its own (503)")
        assert "KeyError" in in_words("The adapter failed: KeyError.")
        assert in_words("信已寄出 (挂号)") == "信已寄出 (挂号)"
        assert in_words(None) == ""
