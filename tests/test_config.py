from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest

from config import Settings, SettingsError

KEY = "ab" * 32


def read(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"INSTANCE_DIR": str(folder), **environ})


def test_defaults_serve_one_machine(tmp_path: Path) -> None:
    settings = read(tmp_path / "new" / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path / 'new' / 'instance' / 'fangxin.db'}"
    assert (settings.host, settings.port, settings.is_local) == ("127.0.0.1", 12315, True)
    assert (settings.locale, settings.cookie_secure, settings.trusted_hosts) == ("zh_Hans_CN", False, ())
    assert (settings.mail.host, settings.sms.url) == ("", "")


def test_keys_are_made_once_and_readable_for_the_owner_alone(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert first.field_key == second.field_key
    assert first.secret_key == second.secret_key
    assert first.field_key.hex() != first.secret_key
    assert stat.S_IMODE((tmp_path / "field_key").stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["field_key", "secret_key"]
    assert first.field_key.hex() not in repr(first)
    assert first.secret_key not in repr(first)


def test_given_keys_are_not_written_down(tmp_path: Path) -> None:
    settings = read(tmp_path, FIELD_KEY=KEY, SECRET_KEY=KEY)
    assert settings.field_key == bytes.fromhex(KEY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "１２"),
        ("HOST", "a b"),
        ("LOCALE", "fr"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("COOKIE_SECURE", "maybe"),
        ("FIELD_KEY", "short"),
        ("SECRET_KEY", "short"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("SMS_URL", "ftp://x"),
        ("SESSION_IDLE_MINUTES", "-1"),
        ("PASSWORD_MIN_LENGTH", "4"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **{name: value})
    sentence = str(refused.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_an_empty_value_counts_as_absent(tmp_path: Path) -> None:
    assert read(tmp_path, PORT=" ", LOCALE="").port == 12315


def test_lists(tmp_path: Path) -> None:
    settings = read(
        tmp_path, TRUSTED_HOSTS="a.example, b.example,", TRUSTED_PROXIES="10.0.0.1,::1", HOST="10.0.0.7"
    )
    assert settings.trusted_hosts == ("a.example", "b.example")
    assert settings.trusted_proxies == ("10.0.0.1", "::1")
    assert not settings.is_local


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="INSTANCE_DIR"):
        read(tmp_path / "file" / "instance")


def test_config_imports_nothing_of_ours() -> None:
    source = Path(__file__).resolve().parents[1] / "config.py"
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not [name for name in names if name.split(".")[0] in ("complaints", "workflows", "tests")]
