"""Fifty people at work at once, for locust: operators take calls, handlers list, read and note, all search.

Not a test that passes or fails by itself: how to run it and what it measured stands in docs/performance.md.
The accounts are in the file that FANGXIN_ACCOUNTS names, a name and a password a line: those that the first
`./run` printed, and one each for the operators, `load-01` and so on, as `cli user add` prints it.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

from locust import FastHttpUser, between, task
from locust.exception import StopUser

ACCOUNTS = dict(
    line.split()[:2]
    for line in Path(os.environ["FANGXIN_ACCOUNTS"]).read_text(encoding="utf-8").splitlines()
    if len(line.split()) >= 2
)
WORDS = (
    "退款",
    "冰箱",
    "押金",
    "过期",
    "不制冷",
    "预付卡",
    "健身房",
    "假烟",
    "手机屏幕",
    "发票",
    "熟食",
    "轮胎",
)
"""What people search for: words of two and more characters, common and rare."""
MERCHANTS = ("襄阳云栖家电有限公司汉江店", "樊城鲜果时光超市", "襄阳健步健身有限公司", "襄阳云", "惠民电器")
"""Names as callers say them, whole and in part."""
FACTS = (
    "在店里买了一台冰箱，用了不到一个月冷藏室不制冷，上门修了两次没有修好，要求换货。",
    "办了健身房的年卡，店面突然关门，电话打不通，卡里还剩两千六百元，要求退款。",
    "网上买的手机屏幕有划痕，商家说是自己弄的，不肯退换，要求按三包规定处理。",
    "超市买的熟食已经过期两天，吃了以后肚子不舒服，要求赔偿并查处。",
)

PASSWORD = "Load-run-2026-open"
_numbers = itertools.count(random.randrange(10_000_000))


def _taken_in_turn(names: list[str]) -> Iterator[str]:
    """Give the names that have an account, again and again."""
    return itertools.cycle([name for name in names if name in ACCOUNTS])


class Officer(FastHttpUser):
    """Somebody signed in who thinks between two and eight seconds before each thing done."""

    abstract = True
    wait_time = between(2, 8)
    names: Iterator[str] = iter(())

    def on_start(self) -> None:
        """Sign in once; who has been given a password chooses an own one, which the next run finds."""
        username = next(self.names)
        fields = hidden(self.client.get("/sign-in", name="sign-in page").text)
        for password in (ACCOUNTS[username], PASSWORD):
            fields |= {"username": username, "password": password}
            with self.client.post(
                "/sign-in", data=fields, name="sign in", allow_redirects=False, catch_response=True
            ) as answer:
                answer.success()
            if answer.status_code == 303:
                break
        else:
            raise StopUser
        if username.startswith("load-") and password != PASSWORD:
            fields = hidden(self.client.get("/password", name="password page").text)
            chosen = {"old": ACCOUNTS[username], "new": PASSWORD, "again": PASSWORD}
            self._send("/password", {**fields, **chosen}, "choose a password")

    def _send(self, path: str, fields: dict[str, str], name: str) -> str:
        """Post a form; anything but the 303 of a taken form is an error. Return where it leads."""
        with self.client.post(
            path, data=fields, name=name, allow_redirects=False, catch_response=True
        ) as answer:
            leads_to = str(answer.headers.get("Location", ""))
            if answer.status_code != 303 or leads_to.startswith(("/sign-in", "/password")):
                answer.failure(f"answered {answer.status_code} {leads_to}")
                return ""
            answer.success()
            return leads_to

    def _ask(self, path: str, fields: dict[str, str], name: str) -> None:
        """Ask for a part of a page while typing, as the page does."""
        self.client.post(path, data=fields, name=f"typing: {name}", headers={"HX-Request": "true"})

    @task(1)
    def touch(self) -> None:
        """Ask for the page that does nothing: the server's own limit in the same run."""
        self.client.get("/healthz", name="limit: /healthz")

    @task(3)
    def search(self) -> None:
        """Look for a word of the text and read what was found."""
        fields, word = hidden(self.client.get("/search", name="search page").text), random.choice(WORDS)
        self._ask("/search/suggestions", {**fields, "q": word}, "suggestions")
        leads_to = self._send("/search", {**fields, "q": word}, "search: ask")
        if leads_to:
            self.client.get(leads_to, name="search: hits")


class Operator(Officer):
    """Takes calls."""

    names = _taken_in_turn([f"load-{number:02}" for number in range(1, 31)])
    weight = 3

    @task(4)
    def take_a_call(self) -> None:
        """Open the page of a call, type while the caller talks, register."""
        fields = hidden(self.client.get("/hotline", name="call page").text)
        fields["phone"] = f"199{next(_numbers) % 100_000_000:08d}"
        self._ask("/hotline/caller", fields, "who calls")
        fields |= {"name": "周慧敏", "address": "樊城区汉江街道", "facts": random.choice(FACTS)}
        self._ask("/registration/category", fields, "kind of goods")
        self._ask("/drafts/hotline.call", fields, "draft")
        fields["merchant_name"] = random.choice(MERCHANTS)
        self._ask("/registration/merchants", fields, "merchants")
        self._ask("/hotline/similar", fields, "similar complaints")
        fields |= {
            "merchant_address": "樊城区汉江街道",
            "notice_read": "y",
            "amount": "3299.00",
            "category": "G05",
            "problem": "P01",
            "demands": "exchange",
        }
        self._ask("/drafts/hotline.call", fields, "draft")
        self._send("/hotline", fields, "create: register a call")


class Handler(Officer):
    """Works through the own list."""

    names = _taken_in_turn(
        ["zhangyuanhang", "caoyongsheng", "chenhui", "xumin", "weihong", "zhouli", "dengguoping", "pengfei"]
    )
    weight = 1

    @task(3)
    def look_through(self) -> None:
        """Open the own desk and one matter of it, and leave a note there every other time."""
        page = self.client.get("/mediation", name="list: the handler's desk").text
        found = re.findall(r'href="(/matters/[0-9-]+)"', page)
        if not found:
            return
        matter = random.choice(found)
        self.client.get(matter, name="one matter")
        if random.random() < 0.5:
            fields = hidden(self.client.get(f"{matter}/do/add_note", name="page of a step").text)
            self._send(f"{matter}/do/add_note", {**fields, "note": "已电话联系双方。"}, "step: a note")


class IntakeOfficer(Officer):
    """Looks over what has come in."""

    names = _taken_in_turn(["sunli", "guoqiming"])
    weight = 1

    @task(3)
    def look_over(self) -> None:
        """Open the board of the intake desk."""
        self.client.get("/intake", name="list: the intake board")


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's forms; of fields of one name the last counts."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = value[1]
    return found
