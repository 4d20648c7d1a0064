"""Bad inputs 39, 40, 45 and 53 as far as they are files: cut, too large, twice, infected, another's."""

from __future__ import annotations

import errno
import gc
import io
import os
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO

import pytest
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from complaints.dossier import attachments, receiving
from complaints.dossier.file_upkeep import look, sweep
from complaints.gateways.file_store import FolderStore, Kept, StoreFull
from complaints.gateways.scanning import ClamdScanner
from complaints.web.submissions import fresh_key
from tests.bad_inputs.files_desk import PDF, Desk, bureau_of_files, desk, picture, refused, taken
from tests.clamd import TEST_FILE, clamd

__all__ = ["bureau_of_files", "desk"]

JPEG = picture()


@pytest.fixture(scope="module")
def number(bureau_of_files: Desk) -> str:
    bureau_of_files.install()
    return bureau_of_files.complaint()


# -- c39 ----------------------------------------------------------------------------------------------------


def _request(desk: Desk, number: str, content: bytes) -> dict[str, Any]:
    """Return the request of an upload as a server hands it on, in the handler's browser."""
    client, token = desk.browser("handler")
    data = {"csrf_token": token, "kind": "receipt", "file": (io.BytesIO(content), "发票.pdf")}
    environ = EnvironBuilder(f"/matters/{number}/do/attach", method="POST", data=data).get_environ()
    client._add_cookies_to_wsgi(environ)
    return environ


def _status(desk: Desk, environ: dict[str, Any], **changed: Any) -> int:
    """Send it without a client that would mend it."""
    _body, status, _headers = run_wsgi_app(desk.app, environ | changed, buffered=True)
    return int(status[:3])


def test_c39_an_upload_cut_off_half_way_leaves_nothing(desk: Desk, number: str) -> None:
    body = _request(desk, number, PDF)["wsgi.input"].read()
    before = desk.kept()
    for part in (10, len(body) // 2, len(body) - 5):
        assert _status(desk, _request(desk, number, PDF), **{"wsgi.input": io.BytesIO(body[:part])}) == 400
    assert (desk.kept(), desk.rows(number)) == (before, [])


def test_c39_one_byte_too_many_is_refused_before_it_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.complaint()
    monkeypatch.setattr(receiving, "LARGEST_FILE", len(PDF))
    refused(desk, number, ("大.pdf", PDF + b"\n"), says="太大")
    taken(desk, number, ("刚好.pdf", PDF))


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # werkzeug drops what it has begun
def test_c39_a_request_larger_than_taken_is_not_read(
    desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(desk.app.config, "MAX_CONTENT_LENGTH", 2000)
    before = desk.kept()
    answer = desk.send(number, ("大.pdf", PDF + bytes(3000)))
    assert answer.status_code == 413
    assert "一次" in answer.text or "太" in answer.text
    # without a length the bytes are counted while they come
    chunked = _request(desk, number, PDF + bytes(3000)) | {"wsgi.input_terminated": True}
    del chunked["CONTENT_LENGTH"]
    assert _status(desk, chunked) == 413
    # and of a server that cannot say where the body ends none of it is read
    endless = _request(desk, number, PDF)
    del endless["CONTENT_LENGTH"]
    assert _status(desk, endless) == 400
    assert (desk.kept(), desk.rows(number)) == (before, [])
    gc.collect()


class FullStore(FolderStore):
    """A store on a full disk."""

    def put(self, content: BinaryIO) -> Kept:
        content.read(10)
        raise StoreFull(os.strerror(errno.ENOSPC))


def test_c39_a_full_disk_says_so_keeps_nothing_and_goes_on_when_there_is_room(desk: Desk) -> None:
    number = desk.complaint()
    folder = desk.settings.instance_dir / "attachments"
    full = replace(desk.parts.receiving, store=FullStore(folder))
    desk.install(replace(desk.parts, receiving=full))
    page = refused(desk, number, ("发票.jpg", JPEG), says="没有存放文件的空间", status=503)
    assert 'value="receipt" checked' in page
    assert desk.get(f"/matters/{number}").status_code == 200
    desk.install()
    taken(desk, number, ("发票.jpg", JPEG))


def test_c39_an_act_that_fails_leaves_no_file_and_a_crash_only_what_is_swept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.complaint()
    before = desk.kept()
    # who may not attach: nothing is even looked into
    assert desk.send(number, ("发票.jpg", JPEG), who="supervisor").status_code == 409
    assert desk.kept() == before

    def crash(*_args: Any) -> None:
        raise RuntimeError("killed between the file and the commit")

    with monkeypatch.context() as patched:
        patched.setattr(attachments, "attach", crash)
        patched.setitem(desk.app.config, "PROPAGATE_EXCEPTIONS", False)
        patched.setattr(desk.app, "testing", False)
        assert desk.send(number, ("发票.jpg", JPEG)).status_code == 500
    left = desk.kept() - before
    assert len(left) == 2, "the picture and its preview, whole and without a row"
    assert desk.rows(number) == []
    store = desk.parts.receiving.store
    now = desk.clock.now()
    for one in left:
        path = desk.settings.instance_dir / "attachments" / one[:2] / one[2:4] / one
        os.utime(path, (now.timestamp(), now.timestamp()))
    assert sweep(desk.database, store, desk.clock.now) == 0, "too young"
    assert sweep(desk.database, store, lambda: now + timedelta(minutes=61)) >= 2
    assert desk.kept() & left == set()
    with desk.database.reading() as session:
        assert look(session, store, now).is_sound


# -- c40 ----------------------------------------------------------------------------------------------------


def test_c40_the_test_virus_is_refused_and_logged(desk: Desk) -> None:
    number = desk.complaint()
    infected = ("发票.pdf", PDF + TEST_FILE.encode() + b"\n%%EOF\n")
    with clamd() as daemon:
        desk.scan_with(ClamdScanner(daemon.address, 5))
        lines = desk.logged("infected_file")
        refused(desk, number, infected, says="已拒收")
        assert desk.logged("infected_file") == lines + 1
        taken(desk, number, ("干净.pdf", PDF))
        assert PDF in daemon.streams
        # of several the clean ones are taken, and the other is named
        answer = desk.send(number, ("一.pdf", PDF + b"1%%EOF"), infected, ("二.pdf", PDF + b"2%%EOF"))
        assert answer.status_code == 422
        assert "发票.pdf 已拒收" in answer.text
        assert [one.name for one in desk.rows(number)] == ["干净.pdf", "一.pdf", "二.pdf"]


def test_c40_without_the_scanners_word_nothing_is_taken(desk: Desk) -> None:
    number = desk.complaint()
    desk.scan_with(ClamdScanner("tcp://127.0.0.1:1", 1))
    refused(desk, number, ("发票.pdf", PDF), says="病毒扫描服务没有应答", status=503)
    with clamd() as daemon:
        daemon.answer = lambda _stream: b"stream: Can't open file ERROR"
        desk.scan_with(ClamdScanner(daemon.address, 5))
        refused(desk, number, ("发票.pdf", PDF), says="病毒扫描服务没有应答", status=503)


# -- c45 ----------------------------------------------------------------------------------------------------


def test_c45_the_same_form_twice_attaches_once(desk: Desk) -> None:
    number, key = desk.complaint(), fresh_key()
    before = desk.kept()
    assert desk.send(number, ("发票.jpg", JPEG), ("报告.pdf", PDF), key=key).status_code == 303
    once = desk.kept()
    assert len(once - before) == 3, "two files, and the preview of one"
    assert desk.send(number, ("发票.jpg", JPEG), ("报告.pdf", PDF), key=key).status_code == 303
    assert desk.kept() == once
    assert [one.name for one in desk.rows(number)] == ["发票.jpg", "报告.pdf"]
    assert desk.events(number) == 2
    named = {name for one in desk.rows(number) for name in (one.store_name, one.preview_name) if name}
    assert named == once - before
    refused(desk, number, ("另名.jpg", JPEG), says="已经上传过，是附件 1", status=409)
    refused(
        desk, number, ("另类.jpg", JPEG), says="已经按另一种材料提交过", status=409, key=key, kind="photo"
    )


# -- c53 ----------------------------------------------------------------------------------------------------


def _bare(answer: TestResponse) -> str:
    """Return a page without what is random in it, and without the address that was asked for."""
    return re.sub(r'(nonce|content)="[^"]*"|/matters/[^"?]*|[A-Za-z0-9_.-]{40,}', "", answer.text)


def test_c53_anothers_file_is_as_none(desk: Desk) -> None:
    mine, other = desk.complaint(), desk.matters.a_dispute()
    taken(desk, mine, ("发票.jpg", JPEG))
    taken(desk, other, ("鞋.jpg", JPEG), who="station")
    for end in ("", "/content", "/preview"):
        assert desk.get(f"/matters/{mine}/files/1{end}").status_code == 200
        assert desk.get(f"/matters/{other}/files/1{end}", "station").status_code == 200
        for path, who in (
            (f"/matters/{mine}/files/1{end}", "station"),
            (f"/matters/{mine}/files/1{end}", "other_handler"),
            (f"/matters/{other}/files/1{end}", "other_station"),
        ):
            answer = desk.get(path, who)
            nobodys = desk.get(path.replace("/files/1", "/files/77"), who)
            none = desk.get(path.replace(path.split("/")[2], "420600-20261124-09999-9"), who)
            assert answer.status_code == nobodys.status_code == none.status_code == 404
            assert _bare(answer) == _bare(nobodys) == _bare(none)
    for wrong in ("0", "2", "99999", "100000", "9" * 30, "-1", "1x"):
        assert desk.get(f"/matters/{mine}/files/{wrong}/content").status_code == 404
    client = desk.app.test_client()
    assert client.get(f"/matters/{mine}/files/1/content").status_code == 303


def test_c53_a_withdrawn_file_is_gone_for_everybody_and_kept(desk: Desk) -> None:
    number = desk.complaint()
    row = taken(desk, number, ("传错.jpg", JPEG))
    path = f"/matters/{number}/do/withdraw_file"
    version = str(desk.matters.standing(number).row["row_version"])
    given = {"idempotency_key": fresh_key(), "form_version": version, "reason": "传到了别人的投诉里"}
    assert desk.post(path, file_number="7", **given).status_code == 422
    given["idempotency_key"] = fresh_key()
    assert desk.post(path, file_number="1", **given).status_code == 303
    for who in ("handler", "head", "operator"):
        for end in ("", "/content", "/preview"):
            assert desk.get(f"/matters/{number}/files/1{end}", who).status_code == 404
    assert row.store_name in desk.kept()
    page = desk.get(f"/matters/{number}").text
    assert "撤下附件" in page
    assert "传到了别人的投诉里" in page
    assert desk.rows(number)[0].removed_at is not None


# -- sealed papers ------------------------------------------------------------------------------------------


def test_a_proof_of_identity_opens_for_a_logged_reason_and_ten_minutes(desk: Desk) -> None:
    number = desk.complaint()
    taken(desk, number, ("身份证.jpg", JPEG), kind="identity_proof")
    page, looks = f"/matters/{number}/files/1", desk.logged("full_value_seen")
    assert desk.get(f"{page}/content").location == page
    assert desk.get(f"{page}/preview").status_code == 404
    assert f"{page}/preview" not in desk.get(f"/matters/{number}").text
    assert desk.post(page, reason="看看").status_code == 422
    assert desk.post(page, reason="核对投诉人身份 13800138000").status_code == 303
    assert desk.logged("full_value_seen") == looks + 1
    assert desk.get(f"{page}/content").data == JPEG
    assert desk.get(f"{page}/preview").status_code == 200
    assert desk.get(f"{page}/content", "head").location == page, "each person gives an own reason"
    for who in ("supervisor", "auditor"):
        assert desk.get(page, who).status_code == 404, "who reads masked has no way to it"
        assert desk.post(page, who, reason="督察需要查看").status_code == 404
        shown = desk.get(f"/matters/{number}", who).text
        assert "身份证.jpg" not in shown
        assert "您不能查看" in shown
    desk.clock.move(minutes=11)
    try:
        assert desk.get(f"{page}/content").location == page
    finally:
        desk.clock.move(minutes=-11)


def test_who_reads_masked_opens_goods_and_money_under_a_plain_name(desk: Desk) -> None:
    number = desk.complaint()
    taken(desk, number, ("陈晓民的发票.jpg", JPEG))
    taken(desk, number, ("通话.pdf", PDF), kind="other_paper")
    answer = desk.get(f"/matters/{number}/files/1/content", "auditor")
    assert answer.data == JPEG
    assert "%E7%A5%A8%E6%8D%AE-1.jpg" in answer.headers["Content-Disposition"]
    assert "陈晓民的发票" not in desk.get(f"/matters/{number}", "auditor").text
    assert desk.get(f"/matters/{number}/files/2/content", "auditor").status_code == 404


def test_a_matter_takes_so_many_files_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.complaint()
    taken(desk, number, ("一.pdf", PDF))
    with monkeypatch.context() as patched:
        patched.setattr(attachments, "MOST_FILES", 1)
        refused(desk, number, ("二.pdf", PDF + b"%%EOF"), says="放不下了", status=409)
    with monkeypatch.context() as patched:
        patched.setattr(attachments, "MOST_BYTES", 2 * len(PDF))
        refused(desk, number, ("二.pdf", PDF + b"%%EOF"), says="放不下了", status=409)
    refused(desk, number, says="文件", status=422)
    refused(desk, number, ("二.pdf", PDF + b"%%EOF"), says="材料种类", kind="no_such_kind")
    answer = desk.send(number, *((f"{n}.pdf", PDF + bytes([48 + n]) + b"%%EOF") for n in range(12)))
    assert answer.status_code == 422
    assert "有 2 个没有上传" in answer.text
    assert len(desk.rows(number)) == 11


def test_a_file_that_is_not_what_it_was_is_not_handed_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.complaint()
    row = taken(desk, number, ("发票.pdf", PDF))
    path = desk.settings.instance_dir / "attachments" / row.store_name[:2] / row.store_name[2:4]
    sealed = (path / row.store_name).read_bytes()
    assert b"Catalog" not in sealed
    (path / row.store_name).write_bytes(sealed[:-1])
    assert desk.get(f"/matters/{number}/files/1/content").status_code == 503
    # another content under the right seal is no better: the log has the digest
    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "open", lambda _store, _name: io.BytesIO(PDF.lower()))
        assert desk.get(f"/matters/{number}/files/1/content").status_code == 503
    (path / row.store_name).unlink()
    assert desk.get(f"/matters/{number}/files/1/content").status_code == 503
    with desk.database.reading() as session:
        found = look(session, desk.parts.receiving.store, desk.clock.now(), digests=True)
    assert [one.words for one in found.missing] == [f"{number} file 1 ({row.store_name})"]


def test_c39_the_browser_asks_before_chosen_files_would_be_lost(desk: Desk) -> None:
    number = desk.complaint()
    page = desk.get(f"/matters/{number}/do/attach").text
    form = page[page.index('class="form files-f"') : page.index("</form>", page.index("files-f"))]
    assert "合计最多 50 MB" in form
    assert "novalidate" not in form
    assert re.search(r'<input[^>]*type="radio"[^>]*\brequired', form)
    assert re.search(r'<input[^>]*type="file"[^>]*\brequired', form) or re.search(
        r'<input[^>]*\brequired[^>]*type="file"', form
    )
