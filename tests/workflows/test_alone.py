"""The engine serves without this application: the document's library loan runs as it is printed.

It runs in a process of its own, in a folder that holds nothing but `workflows`, where every import of the
application or of a web framework is refused.
"""

from __future__ import annotations

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import workflows

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
REFUSED = ("complaints", "config", "tests", "flask", "flask_babel", "jinja2", "werkzeug", "wtforms")
LIBRARIES = {
    "cryptography": "cryptography",
    "jsonschema": "jsonschema",
    "sqlalchemy": "sqlalchemy",
    "transitions": "transitions",
    "yaml": "pyyaml",
}
"""What is imported, by the names of the distributions."""
UNSEEN = {"psycopg[binary]", "tzdata"}
"""What no import shows: the driver comes by the URL, the time zones by the standard library."""
BLOCKER = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {REFUSED!r}:
            raise ImportError(f"{{name}} is not for the engine")

sys.meta_path.insert(0, Blocker())
sys.path.insert(0, ".")
"""


def printed(kind: str) -> str:
    """Return the document's one block of that kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", DOCUMENT, re.M | re.S)
    return str(found)


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if not (folder / "workflows").exists():
        (folder / "workflows").symlink_to(ROOT / "workflows", target_is_directory=True)
    (folder / "loan.py").write_text(f"{BLOCKER}\n{code}", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-P", "-B", "-X", "utf8", "-W", "error", "loan.py"],
        cwd=folder,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_the_printed_loan_prints_what_the_document_says(tmp_path: Path) -> None:
    done = run(printed("python"), tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == printed("text")


def test_it_runs_on_a_file_too_and_leaves_a_log(tmp_path: Path) -> None:
    done = run(printed("python").replace('"sqlite://"', '"sqlite:///loans.db"'), tmp_path)
    assert (done.stderr, done.stdout) == ("", printed("text"))
    assert (tmp_path / "loans.db").stat().st_size > 0


def test_it_starts_again_on_what_it_left(database_url: str, tmp_path: Path) -> None:
    code = printed("python").replace('"sqlite://"', repr(database_url))
    other = code.replace('"book", 1,', '"book", 2,').replace("form-1", "form-2")
    said = printed("text")
    for each, expected in ((code, said), (other, said.replace("fits: True", "fits: True True"))):
        done = run(each, tmp_path)
        assert (done.stderr, done.stdout) == ("", expected)


def test_it_is_forty_lines() -> None:
    assert len([line for line in printed("python").splitlines() if line.strip()]) <= 40


def test_the_application_and_the_web_are_out_of_reach(tmp_path: Path) -> None:
    for name in ("complaints.foundation.clock", "flask"):
        done = run(f"import {name}", tmp_path)
        assert f"{name.partition('.')[0]}" in done.stderr
        assert "is not for the engine" in done.stderr


def test_the_document_names_every_library_that_is_needed_and_its_versions() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "workflows").rglob("*.py")]
    imported = {name for text in texts for name in re.findall(r"^(?:from|import) (\w+)", text, re.M)}
    assert imported - sys.stdlib_module_names - {"workflows"} == LIBRARIES.keys()
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    options = setup["options"]
    wanted = [line for line in options["install_requires"].splitlines() if line and line[0] != "#"]
    versions = {line.partition(" ")[0]: line for line in wanted}
    python, *named = printed("ini").splitlines()
    assert python == f"python_requires = {options['python_requires']}"
    assert sorted(named) == sorted(versions[name] for name in (*LIBRARIES.values(), *UNSEEN))


def test_each_name_of_the_door_has_its_sentence() -> None:
    described = workflows.__doc__ or ""
    assert [name for name in workflows.__all__ if f"`{name}`" not in described] == []
    assert all(hasattr(workflows, name) for name in workflows.__all__)
