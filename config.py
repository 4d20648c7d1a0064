"""Settings, read once from the environment into a frozen object. This file imports nothing of ours.

Every default is right for one machine that only its own user reaches. Keys that are not given are made once
in the instance folder, readable for the owner alone; they are never printed and never part of a backup.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
LOCALES = ("zh_Hans_CN", "en")
HASHES = ("sm3", "sha256")
YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class SettingsError(ValueError):
    """A setting cannot be used; the text is one sentence: which one, what is wrong, what to write instead."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a password must be, and what its hash costs.

    GB/T 22239-2019 8.1.4.1 a) asks for composition and regular change, OWASP ASVS 5.0 V6.2.5 and V6.2.10
    advise against both. The defaults follow the national standard, which binds the offices; 0 turns either
    off.
    """

    min_length: int = 10
    """Characters."""
    classes: int = 3
    """Of small letters, capitals, digits and signs, how many kinds must occur."""
    max_age_days: int = 90
    """Calendar days after which a new one is asked for; 0 = never."""
    hash_time: int = 3
    """argon2 passes."""
    hash_memory_kib: int = 65_536
    """argon2 memory in KiB."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The SMTP server for e-mail. With an empty host, messages stay on the embedded outbox page."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True
    sender: str = ""


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The HTTP gateway for text messages.

    With an empty address, messages stay on the embedded outbox page.
    """

    url: str = ""
    key: str = field(default="", repr=False)
    sign: str = ""
    """The name that the gateway puts before each message, as registered with it."""
    timeout_seconds: int = 20
    """After so many seconds without a whole answer a message counts as unclear; below the lease of a
    message.
    """
    ask_url: str = ""
    """Where the gateway is asked about a message whose fate is unclear; empty where it cannot be asked."""


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The virus scanner for uploads, ClamAV's daemon. With an empty address nothing is scanned."""

    url: str = ""
    """`tcp://host:3310` or `unix:/run/clamav/clamd.ctl`."""
    timeout_seconds: int = 30
    """After so many seconds without a verdict a file is not taken."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The event log: how its chains are hashed, and with which key its anchors are signed."""

    algorithm: str = "sm3"
    """`sm3` (GB/T 32905-2016) or `sha256`, for new events; each event names its own."""
    anchor_key: Path | None = None
    """File with the private key, outside the instance folder; see `cli log anchor-key`."""
    anchor_dir: Path | None = None
    """Folder outside the instance folder into which the worker writes each day's anchor."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two installations."""

    database_url: str
    instance_dir: Path
    secret_key: str = field(repr=False)
    field_key: bytes = field(repr=False)
    """32 bytes, from which the keys of personal fields are derived."""
    host: str = "127.0.0.1"
    port: int = 12315
    locale: str = "zh_Hans_CN"
    trusted_hosts: tuple[str, ...] = ()
    """Host names under which the application answers; empty = any, for one machine."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    cookie_secure: bool = False
    """Whether the browser reaches us by https only."""
    idle_minutes: int = 30
    """A sign-in ends after so many minutes without a page."""
    absolute_hours: int = 12
    """A sign-in ends after so many hours in any case."""
    max_upload_bytes: int = 50 * 1024 * 1024
    """Bytes of a whole form with its files."""
    passwords: PasswordRules = PasswordRules()
    mail: MailSettings = MailSettings()
    sms: SmsSettings = SmsSettings()
    roll_weekends: bool = False
    """Whether a last day on a plain weekend moves to the next working day; `cli init` makes it so."""
    scanner: ScannerSettings = ScannerSettings()
    log: LogSettings = LogSettings()

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the pages."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; make the instance folder and the keys where absent. Raises SettingsError."""
        read = _Reader(os.environ if environ is None else environ)
        folder = Path(read.text("INSTANCE_DIR", str(ROOT / "instance"))).expanduser().absolute()
        _make_folder(folder)
        host = read.text("HOST", "127.0.0.1")
        if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
            raise SettingsError(f"HOST is {host!r}: write a host name or an address such as 127.0.0.1.")
        return cls(
            database_url=_database_url(read.text("DATABASE_URL", f"sqlite:///{folder / 'fangxin.db'}")),
            instance_dir=folder,
            secret_key=_secret_key(read.text("SECRET_KEY", "") or _kept_key(folder / "secret_key")),
            field_key=_field_key(read.text("FIELD_KEY", "") or _kept_key(folder / "field_key")),
            host=host,
            port=read.number("PORT", 12315, 1, 65_535),
            locale=read.choice("LOCALE", "zh_Hans_CN", LOCALES),
            trusted_hosts=read.names("TRUSTED_HOSTS"),
            trusted_proxies=_addresses(read.names("TRUSTED_PROXIES")),
            cookie_secure=read.flag("COOKIE_SECURE", False),
            roll_weekends=read.flag("ROLL_WEEKENDS", False),
            idle_minutes=read.number("SESSION_IDLE_MINUTES", 30, 1, 24 * 60),
            absolute_hours=read.number("SESSION_ABSOLUTE_HOURS", 12, 1, 7 * 24),
            max_upload_bytes=read.number("MAX_UPLOAD_MB", 50, 1, 1024) * 1024 * 1024,
            passwords=PasswordRules(
                min_length=read.number("PASSWORD_MIN_LENGTH", 10, 8, 128),
                classes=read.number("PASSWORD_CLASSES", 3, 0, 4),
                max_age_days=read.number("PASSWORD_MAX_AGE_DAYS", 90, 0, 3650),
                hash_time=read.number("PASSWORD_HASH_TIME", 3, 1, 100),
                hash_memory_kib=read.number("PASSWORD_HASH_MEMORY_KIB", 65_536, 8, 4_194_304),
            ),
            mail=MailSettings(
                host=read.text("SMTP_HOST", ""),
                port=read.number("SMTP_PORT", 587, 1, 65_535),
                user=read.text("SMTP_USER", ""),
                password=read.text("SMTP_PASSWORD", ""),
                starttls=read.flag("SMTP_STARTTLS", True),
                sender=read.text("SMTP_SENDER", ""),
            ),
            sms=SmsSettings(
                url=_web_address("SMS_URL", read.text("SMS_URL", "")),
                key=read.text("SMS_KEY", ""),
                sign=read.text("SMS_SIGN", ""),
                timeout_seconds=read.number("SMS_TIMEOUT_SECONDS", 20, 1, 45),
                ask_url=_web_address("SMS_ASK_URL", read.text("SMS_ASK_URL", "")),
            ),
            scanner=ScannerSettings(
                url=_scanner_address(read.text("SCANNER_URL", "")),
                timeout_seconds=read.number("SCANNER_TIMEOUT_SECONDS", 30, 1, 60),
            ),
            log=LogSettings(
                algorithm=read.choice("HASH_ALGORITHM", "sm3", HASHES),
                anchor_key=_apart("ANCHOR_KEY", read.text("ANCHOR_KEY", ""), folder),
                anchor_dir=_apart("ANCHOR_DIR", read.text("ANCHOR_DIR", ""), folder),
            ),
        )


class _Reader:
    """Reads single values; an empty value counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise SettingsError(f"{name} is {text!r}: write a whole number from {least} to {most}.")
        return int(text)

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in YES | NO:
            raise SettingsError(f"{name} is {text!r}: write yes or no.")
        return text in YES

    def choice(self, name: str, default: str, known: tuple[str, ...]) -> str:
        text = self.text(name, default)
        if text not in known:
            raise SettingsError(f"{name} is {text!r}: write one of {', '.join(known)}.")
        return text

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in self.text(name, "").split(",") if one.strip())


def _make_folder(folder: Path) -> None:
    """Make the instance folder for its owner alone; one that exists keeps its permissions."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"INSTANCE_DIR {str(folder)!r} cannot be made ({error.strerror}): name a folder you may write to."
        ) from error


def _database_url(url: str) -> str:
    """Accept the two databases that every test runs on."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite" and (
        not url.startswith("sqlite:///") or url in ("sqlite:///", "sqlite:///:memory:")
    ):
        raise SettingsError("DATABASE_URL names no SQLite file: write sqlite:////folder/fangxin.db.")
    if scheme not in ("sqlite", "postgresql"):
        known = "sqlite:////folder/fangxin.db or postgresql://user@host/name"
        raise SettingsError(f"DATABASE_URL begins with {scheme!r}: write {known}.")
    return url


def _web_address(name: str, url: str) -> str:
    """Accept an http or https address, or nothing."""
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise SettingsError(f"{name} is no web address: write https://host/path.")
    return url


def _scanner_address(url: str) -> str:
    """Accept the address of a ClamAV daemon, or nothing."""
    parts = urlsplit(url)
    fits = parts.path.startswith("/") if parts.scheme == "unix" else parts.scheme == "tcp" and parts.hostname
    try:
        _port = parts.port
    except ValueError:
        fits = False
    if url and not fits:
        raise SettingsError(
            f"SCANNER_URL is {url!r}: write tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl."
        )
    return url


def _apart(name: str, text: str, folder: Path) -> Path | None:
    """Accept a path outside the instance folder, or nothing: what vouches for the data lies apart from it."""
    if not text:
        return None
    path = Path(text).expanduser().absolute()
    if path.resolve().is_relative_to(folder.resolve()):
        raise SettingsError(f"{name} is {text!r}, inside INSTANCE_DIR: name a place apart from the data.")
    return path


def _addresses(names: tuple[str, ...]) -> tuple[str, ...]:
    """Accept a list of IP addresses."""
    for one in names:
        try:
            ip_address(one)
        except ValueError:
            raise SettingsError(
                f"TRUSTED_PROXIES holds {one!r}: write the proxies' IP addresses with commas between."
            ) from None
    return names


def _kept_key(path: Path) -> str:
    """Return the key kept in the file.

    Make it where absent, so that of two processes starting at once one makes it.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        # Where another process was first, its key is the one.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _secret_key(text: str) -> str:
    """Accept a secret that cannot be guessed."""
    if len(text) < 32:
        raise SettingsError("SECRET_KEY is shorter than 32 characters: write 64 random hexadecimal digits.")
    return text


def _field_key(text: str) -> bytes:
    """Accept 64 hexadecimal digits."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise SettingsError(
            "FIELD_KEY is not 64 hexadecimal digits: restore the key that this database was made with."
        )
    return bytes.fromhex(text)
