"""What `serve` sets: too large a form gets a page of ours, what is absurd the server cuts off."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import waitress
from flask import Flask

from complaints.commands.serving import MOST_TAKEN_IN
from config import Settings
from tests.browser.serving import Server
from tests.complaints.commands.running import run

MB = 1024 * 1024


def sent(url: str, size: int, *, whole: bool) -> tuple[int, str]:
    """Send a form that says it has so many bytes; return status and text of the answer."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.putrequest("POST", "/sign-in")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    if whole:
        connection.send(bytes(size))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_c39_too_much_at_once_gets_a_page_in_the_readers_language(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, city: object
) -> None:
    answers: list[tuple[int, str]] = []

    def serve(app: Flask, *, max_request_body_size: int, **_rest: Any) -> None:
        server = Server(app, max_request_body_size=max_request_body_size)
        try:
            answers.extend(sent(server.url, size * MB, whole=True) for size in (2, MOST_TAKEN_IN - 1))
            answers.append(sent(server.url, (MOST_TAKEN_IN + 1) * MB, whole=False))
        finally:
            server.end()

    monkeypatch.setattr(waitress, "serve", serve)
    ended = run(settings, "serve", MAX_UPLOAD_MB="1")
    assert ended.exit_code == 0, ended.output
    assert [status for status, _text in answers] == [413, 413, 413]
    for _status, text in answers[:2]:
        assert "一次提交的内容太多" in text
        assert "合计最多 1 MB" in text
    assert "<html" not in answers[2][1]
