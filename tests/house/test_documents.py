"""The documents tell the truth.

Links lead somewhere, the map names every room, the glossary has the code's words.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from complaints.commands import COMMANDS
from complaints.organisation.roles import LABELS
from complaints.supervision.figures import CLOCKS, Basis

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
PROCEDURES = [
    yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "workflows" / "procedures").glob("*.[0-9].yaml"))
]
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:work|tmp|root|home)/|pypi\.org|npmjs|registry\.|files\.pythonhosted|\bshared folder\b",
    re.I,
)
"""What ties a text to one machine."""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(document: str) -> set[str]:
    """Return what a document sets in code type."""
    return set(re.findall(r"`([^`\n]+)`", read(ROOT / "docs" / document)))


def glossary() -> dict[str, set[str]]:
    """Return the names of the glossary with their Chinese terms."""
    found: dict[str, set[str]] = {}
    for term, name in re.findall(r"^\| ([^|]+?) \| `([^`]+)` \|", read(ROOT / "docs" / "glossary.md"), re.M):
        found.setdefault(name, set()).add(term)
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(path)):
        if not target.startswith(("http://", "https://")) and not (path.parent / target).exists():
            broken.append(target)
    assert not broken


def test_the_map_names_every_package_and_every_table() -> None:
    names = named("architecture.md")
    packages = {path.parent.name for path in (ROOT / "complaints").glob("*/__init__.py")}
    assert packages - names == set()
    declared = {
        name
        for path in [*(ROOT / "complaints").rglob("models.py"), ROOT / "workflows" / "runtime" / "tables.py"]
        for name in re.findall(r'__tablename__ = "(\w+)"|Table\(\n\s+"(\w+)"', read(path))
        for name in name
        if name
    }
    assert len(declared) > 20
    assert declared - names == set()
    assert {path.parent.name for path in (ROOT / "complaints").glob("*/views.py")} <= names


def test_what_the_map_and_contributing_point_at_is_there() -> None:
    for document in (ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md"):
        for name in re.findall(
            r"`((?:complaints|workflows|templates|static|tests)/[\w./-]*)`", read(document)
        ):
            assert (ROOT / name).exists(), (document.name, name)


def test_the_glossary_has_every_role_procedure_and_state_under_its_label() -> None:
    terms = glossary()
    for role, label in LABELS.items():
        assert label.zh in terms.get(role.value, ()), role
    assert len(PROCEDURES) >= 4
    for procedure in PROCEDURES:
        assert procedure["label"]["zh"] in terms.get(procedure["procedure"], ()), procedure["procedure"]
        states = {name: state["label"]["zh"] for name, state in procedure["states"].items()}
        assert set(states) - set(terms) == set(), procedure["procedure"]
        if procedure["procedure"] == "complaint":
            assert {name for name, label in states.items() if label not in terms[name]} == set()
    assert {*CLOCKS, Basis.__name__} <= set(terms)


def test_every_name_of_the_glossary_is_the_codes() -> None:
    code = "\n".join(
        read(path)
        for folder in ("complaints", "workflows")
        for pattern in ("*.py", "*.yaml")
        for path in (ROOT / folder).rglob(pattern)
    )
    missing = [name for name in glossary() if not re.search(rf"\b{re.escape(name.split('.')[0])}\b", code)]
    assert not missing


def test_commands_that_documents_name_exist() -> None:
    known = {command.name for command in COMMANDS}
    named_in_texts = {
        name for path in DOCUMENTS for name in re.findall(r"`(?:\./run )?cli ([a-z]+)", read(path))
    }
    assert named_in_texts
    assert named_in_texts - known == set()


def test_every_runtime_package_has_its_line() -> None:
    setup = read(ROOT / "setup.cfg")
    block = setup[setup.index("install_requires =") : setup.index("[options.packages.find]")]
    packages = set(re.findall(r"^    ([a-z][a-z0-9-]+)(?:\[\w+\])?(?: |$)", block, re.M))
    assert "sqlalchemy" in packages
    page = read(ROOT / "docs" / "adr" / "0013-a-package-arrives-when-needed.md")
    rows = re.findall(r"^\| ([^|]+) \|", page, re.M)
    listed = {name.strip() for row in rows for name in row.split(",")}
    assert packages - listed == set()


def test_every_decision_is_in_the_list() -> None:
    pages = {path.name for path in (ROOT / "docs" / "adr").glob("0*.md")}
    assert pages == set(re.findall(r"\((0[\w-]+\.md)\)", read(ROOT / "docs" / "adr" / "README.md")))
    for name in pages:
        text = read(ROOT / "docs" / "adr" / name)
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), name


OURS = ("complaints", "workflows", "templates", "static/css", "static/js", "tests", "docs", ".ci")
"""Folders of the repository; a machine without git has no list of its files."""


def ours() -> list[Path]:
    """Return the files that people wrote, at the top and in our folders."""
    below = [path for folder in OURS for path in (ROOT / folder).rglob("*")]
    top = [
        path
        for path in ROOT.iterdir()
        if path.suffix in {".md", ".cfg", ".toml", ".py"} or path.name == "run"
    ]
    return [path for path in (*top, *below) if path.is_file() and "__pycache__" not in path.parts]


def test_nothing_in_the_repository_is_tied_to_one_machine() -> None:
    found = []
    for path in ours():
        name = path.relative_to(ROOT).as_posix()
        written = path.suffix in {".md", ".py", ".html", ".css", ".js", ".yaml", ".cfg", ".toml", ".sh", ""}
        if written and name != "tests/house/test_documents.py":
            found += [f"{name}: {one}" for one in FORBIDDEN.findall(read(path))]
    assert not found
