"""Fifty people at work at once, for locust: operators take calls, handlers list and read, everybody searches.

Not a test that passes or fails by itself: how to run it and what it measured stands in docs/performance.md.
The accounts are those that the first `./run` printed, a name and a password a line, in the file that
FANGXIN_ACCOUNTS names.
"""

from __future__ import annotations

import itertools
import os
import random
import re
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
FACTS = (
    "在店里买了一台冰箱，用了不到一个月冷藏室不制冷，上门修了两次没有修好，要求换货。",
    "办了健身房的年卡，店面突然关门，电话打不通，卡里还剩两千六百元，要求退款。",
    "网上买的手机屏幕有划痕，商家说是自己弄的，不肯退换，要求按三包规定处理。",
    "超市买的熟食已经过期两天，吃了以后肚子不舒服，要求赔偿并查处。",
)

_numbers = itertools.count(random.randrange(10_000_000))


class Officer(FastHttpUser):
    """Somebody signed in who thinks between two and eight seconds before each thing done."""

    abstract = True
    wait_time = between(2, 8)
    username = ""

    def on_start(self) -> None:
        """Sign in once."""
        fields = hidden(self.client.get("/sign-in", name="sign-in page").text)
        fields |= {"username": self.username, "password": ACCOUNTS[self.username]}
        self._send("/sign-in", fields, "sign in")

    def _send(self, path: str, fields: dict[str, str], name: str) -> str:
        """Post a form; anything but the 303 of a taken form is an error. Return where it leads."""
        with self.client.post(
            path, data=fields, name=name, allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != 303:
                answer.failure(f"answered {answer.status_code}")
                if name == "sign in":
                    raise StopUser
                return ""
            answer.success()
            return str(answer.headers["Location"])

    @task(1)
    def touch(self) -> None:
        """Ask for the page that does nothing: the server's own limit in the same run."""
        self.client.get("/healthz", name="limit: /healthz")

    @task(3)
    def search(self) -> None:
        """Look for a word of the text and read what was found."""
        page = self.client.get("/search", name="search page").text
        leads_to = self._send("/search", {**hidden(page), "q": random.choice(WORDS)}, "search: ask")
        if leads_to:
            self.client.get(leads_to, name="search: hits")


class Operator(Officer):
    """Takes calls."""

    username = "linjing"
    weight = 3

    @task(4)
    def take_a_call(self) -> None:
        """Open the page of a call, talk, register."""
        fields = hidden(self.client.get("/hotline", name="call page").text)
        self._send(
            "/hotline",
            {
                **fields,
                "phone": f"199{next(_numbers) % 100_000_000:08d}",
                "name": "周慧敏",
                "address": "樊城区汉江街道",
                "facts": random.choice(FACTS),
                "merchant_name": "襄阳云栖家电有限公司汉江店",
                "merchant_address": "樊城区汉江街道",
                "notice_read": "y",
                "amount": "3299.00",
                "category": "G05",
                "problem": "P01",
                "demands": "exchange",
            },
            "create: register a call",
        )


class Handler(Officer):
    """Works through the own list."""

    username = "zhangyuanhang"
    weight = 1

    @task(3)
    def look_through(self) -> None:
        """Open the own desk and one matter of it."""
        page = self.client.get("/mediation", name="list: the handler's desk").text
        found = re.findall(r'href="(/matters/[0-9-]+)"', page)
        if found:
            self.client.get(random.choice(found), name="one matter")


class IntakeOfficer(Officer):
    """Looks over what has come in."""

    username = "sunli"
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
