"""The catalogue holds exactly what the sources say, in Chinese, with the same placeholders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "complaints" / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What a fresh extraction finds."""
    target = tmp_path_factory.mktemp("pot") / "messages.pot"
    command = [str(Path(sys.executable).parent / "pybabel"), "-q", "extract", "-F", str(FOLDER / "babel.cfg")]
    command += ["-k", "_l", "-k", "ngettext:1,2", "-o", str(target), "."]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    return catalogue(target)


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return catalogue(FOLDER / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po")


def ids(messages: Catalog) -> set[tuple[str, ...]]:
    return {parts(message.id) for message in messages if message.id}


def parts(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def test_the_catalogue_is_current(sources: Catalog, chinese: Catalog) -> None:
    assert ids(sources) - ids(chinese) == set(), "not in the catalogue yet"
    assert ids(chinese) - ids(sources) == set(), "no longer in the sources"


def test_nothing_is_untranslated_or_doubtful(chinese: Catalog) -> None:
    assert [message.id for message in chinese if message.id and not all(parts(message.string))] == []
    assert [message.id for message in chinese if message.id and message.fuzzy] == []


def test_placeholders_are_the_same(chinese: Catalog) -> None:
    assert [message.id for message in chinese if message.id and not _same_placeholders(message)] == []


def _same_placeholders(message: Message) -> bool:
    wanted = set(PLACEHOLDER.findall(parts(message.id)[-1]))
    return all(set(PLACEHOLDER.findall(text)) == wanted for text in parts(message.string))
