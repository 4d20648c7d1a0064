"""A person at a desk: opens pages, reads words, answers questions by their words, presses what has a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.inspecting import HEIGHTS, Inspector
from tests.browser.serving import Served
from tests.bureau import PASSWORD, START

Answer = str | bool | tuple[str, ...]
"""What is typed or the words of what is chosen; True ticks a box; several choices in a tuple."""


def begins(words: str) -> re.Pattern[str]:
    """Return what finds a label by its first words: hints and keys may follow."""
    return re.compile(rf"^\s*{re.escape(words)}")


class Desk:
    """One person, one window. Every page that comes up is judged."""

    def __init__(
        self, served: Served, context: BrowserContext, username: str, width: int, password: str = PASSWORD
    ) -> None:
        self.served, self.username, self.width = served, username, width
        self.context, self.password = context, password
        self.language, self.data = "zh", list[str]()
        self.page: Page = context.new_page()
        self.inspector = Inspector(self.page, urlsplit(served.url).netloc, width)

    # -- looking

    def open(self, path: str) -> Desk:
        """Open an address; sign in first where the day is new or the sign-in has expired."""
        self.page.goto(self.served.url + path)
        if self.at("/sign-in"):
            self.sign_in()
        self.judge()
        return self

    def sign_in(self) -> None:
        """Sign in through the page that stands open."""
        self.page.get_by_label("用户名").fill(self.username)
        self.page.get_by_label("密码").fill(self.password)
        self._going(self.page.get_by_role("button", name="登录", exact=True))

    def at(self, path: str) -> bool:
        """Tell whether the page's path begins so."""
        return urlsplit(self.page.url).path.startswith(path)

    def judge(self) -> None:
        """Hold everything against the page that stands open."""
        self.inspector.judge(self.language, self.data)

    def sees(self, *words: str) -> None:
        """Assert that the page says each of these."""
        said = self.text
        for one in words:
            assert one in said, f"“{one}” is not on {self.page.url}:\n{said}"

    def misses(self, *words: str) -> None:
        """Assert that the page says none of these."""
        said = self.text
        for one in words:
            assert one not in said, f"“{one}” is on {self.page.url}"

    @property
    def text(self) -> str:
        """What the page says, each run of white space as one blank."""
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    # -- acting

    def press(self, name: str, within: Locator | None = None) -> Desk:
        """Press a link or a button by its words and wait for the page that follows."""
        self._going(self.thing(name, within))
        self.judge()
        return self

    def thing(self, name: str, within: Locator | None = None) -> Locator:
        """Return the link or button of that name; the main part comes before rail and bar."""
        where = within or self.page.locator("main, .m-foot")
        pattern = begins(name)
        links = where.get_by_role("link", name=pattern).or_(where.get_by_role("button", name=pattern))
        exact = where.get_by_role("link", name=name, exact=True)
        exact = exact.or_(where.get_by_role("button", name=name, exact=True))
        return exact.first if exact.count() else links.first

    def _going(self, what: Locator) -> None:
        with self.page.expect_navigation(wait_until="load"):
            what.click()

    def fill(self, answers: Mapping[str, Answer]) -> Desk:
        """Answer each question by its words."""
        for question, answer in answers.items():
            self._answer(question, answer)
        return self

    def _answer(self, question: str, answer: Answer) -> None:
        main = self.page.locator("main")
        group = main.get_by_role("radiogroup", name=begins(question)).or_(
            main.get_by_role("group", name=begins(question))
        )
        if group.count():
            for one in answer if isinstance(answer, tuple) else (str(answer),):
                group.first.get_by_label(re.compile(rf"^\s*\d?{re.escape(one)}")).first.check()
            return
        control = self.field(question)
        kind = control.evaluate("one => one.type")
        if kind == "checkbox":
            control.check()
        elif kind == "select-one":
            self._select(control, str(answer))
        else:
            control.fill(str(answer))

    def field(self, question: str) -> Locator:
        """Return what is filled in under a question."""
        controls = self.page.locator("main").locator("input, textarea, select")
        return self.page.locator("main").get_by_label(begins(question)).and_(controls).first

    @staticmethod
    def _select(control: Locator, words: str) -> None:
        value = control.locator("option").filter(has_text=words).first.get_attribute("value")
        control.select_option(value)

    def matter(self, number: str) -> Desk:
        """Open the page of a matter."""
        return self.open(f"/matters/{number}")

    def act(self, number: str, action: str, answers: Mapping[str, Answer] | None = None) -> Desk:
        """Do one act from the matter's page: press it in “现在可以做”, answer, press it again."""
        self.matter(number)
        panel = self.page.locator("section", has=self.page.locator("#can"))
        self.press(action, panel)
        if self.at(f"/matters/{number}/do/"):
            self.fill(answers or {})
            self.press(action, self.page.locator(".form-foot"))
        assert not self.at(f"/matters/{number}/do/"), f"“{action}” was refused:\n{self.text}"
        return self

    def cannot(self, number: str, action: str, *reasons: str) -> None:
        """Assert that the matter's page refuses the act and gives each of these reasons."""
        self.matter(number)
        row = self.page.locator("li.no").filter(
            has=self.page.get_by_role("button", name=action, exact=True, include_hidden=True)
        )
        said = row.first.text_content() or ""
        for one in reasons:
            assert one in said, f"“{one}” is not among the reasons of “{action}”: {said}"

    def state(self, number: str) -> str:
        """Return the state that the matter's page names."""
        self.matter(number)
        return self.page.locator(".mat-sub > span").filter(has_text="状态").locator("b").inner_text().strip()

    # -- figures

    def figures(self) -> dict[str, tuple[int, int]]:
        """Return numerator and denominator of the three figures, for what came in since the story began."""
        today = self.served.clock.today().isoformat()
        self.open(f"/supervision?first={START:%Y-%m-%d}&last={today}&as_of={today}")
        found = {}
        for one in self.page.locator(".fig").all():
            said = one.locator(".fig-d .num").first.inner_text()
            top, bottom = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", said)[:2])
            found[one.locator("h2").inner_text()] = (top, bottom)
        return found

    # -- pictures and widths

    def resize(self, width: int, height: int = 0) -> None:
        """Change the window."""
        self.width = self.inspector.width = width
        self.page.set_viewport_size({"width": width, "height": height or HEIGHTS.get(width, 900)})
