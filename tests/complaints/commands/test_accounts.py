from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from complaints.commands import cli
from complaints.organisation.models import Person
from complaints.organisation.permissions import TABLE
from tests.bureau import OFFICE, Bureau, cheap_passwords
from tests.conftest import FIELD_KEY

Run = Callable[..., Result]


@pytest.fixture
def run(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line on the test's database."""
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("FIELD_KEY", FIELD_KEY.hex())
    monkeypatch.setenv("PASSWORD_HASH_TIME", "1")
    monkeypatch.setenv("PASSWORD_HASH_MEMORY_KIB", "8")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), prog_name="cli")

    return invoke


def test_a_new_account_gets_a_random_password_printed_once(run: Run, city: Bureau) -> None:
    done = run("user", "add", "Li.Si", "--name", "李四", "--unit", OFFICE, "--role", "handler", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["user"] == "li.si"
    with city.database.reading() as session:
        person = session.query(Person).filter_by(username="li.si").one()
        assert person.must_change_password
        assert cheap_passwords().fits(told["first password"], person.password_hash)


def test_disable_and_reset(run: Run, city: Bureau) -> None:
    assert run("user", "disable", "handler").exit_code == 0
    with city.database.reading() as session:
        assert session.get_one(Person, city.person_ids["handler"]).disabled_at is not None
    done = run("user", "reset", "handler", "--json")
    with city.database.reading() as session:
        person = session.get_one(Person, city.person_ids["handler"])
        assert person.disabled_at is None
        assert cheap_passwords().fits(json.loads(done.stdout)["first password"], person.password_hash)


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "add", "x1", "--name", "x", "--unit", "/none/", "--role", "handler"),
        ("user", "add", "1x", "--name", "x", "--unit", OFFICE, "--role", "handler"),
        ("user", "add", "handler", "--name", "x", "--unit", OFFICE, "--role", "handler"),
        ("user", "disable", "nobody"),
        ("user", "reset", "nobody"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_on_standard_error(
    run: Run, city: Bureau, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_a_part_of_a_units_name_gets_the_candidates_with_their_paths(run: Run, city: Bureau) -> None:
    done = run("user", "add", "x1", "--name", "x", "--unit", "樊城", "--role", "handler")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, "one sentence"
    assert "樊城区市场监督管理局 /420600/420606/" in done.stderr


def test_units_and_a_second_init(run: Run, city: Bureau) -> None:
    assert json.loads(run("user", "units", "--json").stdout)[OFFICE] == "米公市场监管所"
    assert json.loads(run("init", "--json").stdout)["revision"]


def test_a_wrong_setting_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    done = run("health")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: PORT is 'http'")


def test_the_demonstration_refuses_a_host_that_others_reach(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST", "10.0.0.7")
    done = run("up")
    assert done.exit_code == 1
    assert "this machine only" in done.stderr


def test_the_permission_table_is_printed_for_an_audit(run: Run) -> None:
    done = run("user", "permissions")
    assert done.exit_code == 0
    assert all(permission.value in done.stdout for permission in TABLE)
    assert "matter:reveal: handler, head, intake, operator" in done.stdout
    told = json.loads(run("user", "permissions", "--json").stdout)
    assert told["supervision:read"] == "auditor (masked), head, supervisor (masked)"


def test_every_command_has_help(run: Run) -> None:
    for command in ("--help", "init", "user", "serve", "up", "health"):
        done = run(command, "--help") if command != "--help" else run("--help")
        assert done.exit_code == 0
        assert "Usage: cli" in done.stdout


def test_an_empty_database_is_told_from_a_ready_one(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "instance"))
    done = CliRunner().invoke(cli, ["user", "units"])
    assert done.exit_code == 1
    assert "run cli init" in done.stderr
    assert CliRunner().invoke(cli, ["init"]).exit_code == 0
    assert CliRunner().invoke(cli, ["user", "units"]).exit_code == 0


def test_init_says_plainly_that_an_unreleased_database_cannot_be_taken_over(run: Run, city: Bureau) -> None:
    with city.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    for command in (("init",), ("up",)):
        done = run(*command)
        assert done.exit_code == 1
        assert "made by an earlier, unreleased state of the program" in done.stderr
        assert "run cli init" not in done.stderr
