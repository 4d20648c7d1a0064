"""The scanner's verdict is believed where it is one; anything else means that nobody has looked."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from complaints.gateways.choose import scanner
from complaints.gateways.scanning import ClamdScanner, NoScanner, ScanFailed
from config import ScannerSettings, Settings, SettingsError
from tests.clamd import TEST_FILE, clamd


def test_a_clean_file_passes_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    for unix in (None, tmp_path / "clamd.ctl"):
        with clamd(unix) as daemon:
            assert ClamdScanner(daemon.address).scan(io.BytesIO(content)) == ""
            assert daemon.streams == [content]


def test_what_was_found_is_named() -> None:
    with clamd() as daemon:
        found = ClamdScanner(daemon.address).scan(io.BytesIO(b"before " + TEST_FILE.encode()))
    assert found == "Eicar-Test-Signature"


@pytest.mark.parametrize(
    "said",
    [
        b"stream: Can't allocate memory ERROR",
        b"INSTREAM size limit exceeded. ERROR",
        b"OK",
        b"FOUND",
        b"",
        b"stream: OK but not quite",
        b"x" * 10_000,
        b"\xff\xfe",
    ],
)
def test_any_other_answer_is_no_verdict(said: bytes) -> None:
    with clamd() as daemon:
        daemon.answer = lambda _stream: said
        with pytest.raises(ScanFailed):
            ClamdScanner(daemon.address).scan(io.BytesIO(b"anything"))


def test_a_file_past_the_daemons_own_limit_is_not_called_clean() -> None:
    with clamd() as daemon:
        daemon.limit = 100_000
        with pytest.raises(ScanFailed):
            ClamdScanner(daemon.address).scan(io.BytesIO(bytes(5_000_000)))


def test_silence_ends_in_time() -> None:
    with clamd() as daemon:
        daemon.answer = lambda _stream: None
        begun = time.monotonic()
        with pytest.raises(ScanFailed, match="cannot be used"):
            ClamdScanner(daemon.address, 0.3).scan(io.BytesIO(b"anything"))
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:/nowhere/clamd.ctl"])
def test_a_scanner_that_is_not_there_is_no_verdict(address: str) -> None:
    one = ClamdScanner(address, 2)
    with pytest.raises(ScanFailed):
        one.scan(io.BytesIO(b"anything"))
    with pytest.raises(ScanFailed):
        one.health()


def test_health_tells_the_version_or_that_there_is_none(settings: Settings) -> None:
    with clamd() as daemon:
        assert ClamdScanner(daemon.address).health().startswith("ClamAV 1.4.2")
    assert isinstance(scanner(settings), NoScanner)
    assert scanner(settings).health() == ""


def test_the_address_is_checked_at_the_start(tmp_path: Path) -> None:
    def given(url: str) -> ScannerSettings:
        return Settings.from_environment({"INSTANCE_DIR": str(tmp_path), "SCANNER_URL": url}).scanner

    assert given("") == ScannerSettings()
    for good in ("tcp://127.0.0.1:3310", "tcp://clamav", "unix:/run/clamav/clamd.ctl"):
        assert given(good).url == good
    for bad in ("http://127.0.0.1", "127.0.0.1:3310", "unix:clamd.ctl", "tcp://", "tcp://host:port"):
        with pytest.raises(SettingsError, match="SCANNER_URL"):
            given(bad)
