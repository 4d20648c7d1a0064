"""Texts such as people tell, made up: goods, faults, what the merchant said, what is wanted.

The lengths are those of real registrations (some 60 to 900 characters, a few far longer), the words come as
often as in life: a few in every third text, most of them rarely.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

_WORDS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
FAMILY, GIVEN, BRAND = (str(_WORDS[name]).replace(" ", "") for name in ("family", "given", "brand"))
TRADE: list[str] = _WORDS["trade"]
ENDING: list[str] = _WORDS["ending"]


@dataclass(frozen=True, slots=True)
class Told:
    """What one person told."""

    title: str
    facts: str


class Teller:
    """Makes texts and names up; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        """Begin with a seed."""
        self._random = random.Random(seed)  # noqa: S311 (made-up texts, no secrets)
        self._often = {
            name: list(accumulate(1 / place for place in range(1, len(_WORDS[name]) + 1)))
            for name in ("goods", "faults", "places", "said", "more", "wanted")
        }

    def told(self) -> Told:
        """Return one complaint."""
        goods, fault = self._one("goods"), self._one("faults")
        place, days = self._one("places"), self._random.randint(1, 400)
        paid = self._random.choice((self._random.randint(9, 300), self._random.randint(300, 20_000)))
        used = self._random.randint(1, 60)
        sentences = [
            f"消费者反映，{days}天前在{place}买了{goods}，付了{paid}元，用了{used}天发现{fault}。",
            self._one("said"),
        ]
        many = min(int(self._random.lognormvariate(1.5, 0.8)), 250)
        for _ in range(many):
            sentences.append(self._one("more" if self._random.random() < 0.7 else "said"))
        if self._random.random() < 0.02:
            sentences.append(f"型号是{self._code()}，订单尾号{self._random.randint(1000, 9999)}。")
        sentences.append(self._one("wanted"))
        return Told(f"{goods}{fault}，{self._one('wanted')[:-1]}"[:120], "".join(sentences))

    def person(self) -> str:
        """Return a name; some thousands of them are common."""
        given = "".join(self._random.choice(GIVEN) for _ in range(self._random.choice((1, 2, 2))))
        return self._random.choice(FAMILY) + given

    def merchant(self) -> str:
        """Return a firm's name."""
        brand = "".join(self._random.sample(BRAND, 2))
        return f"襄阳{brand}{self._random.choice(TRADE)}{self._random.choice(ENDING)}"

    def phone(self) -> str:
        """Return a number of the range 199, which the demonstration uses."""
        return f"199{self._random.randrange(100_000_000):08d}"

    def chosen(self, how_many: int) -> int:
        """Return a place among so many, the first ones far more often."""
        return min(int(self._random.paretovariate(0.9)) - 1, how_many - 1) if how_many > 1 else 0

    def weeks(self, most: int) -> int:
        """Return so many weeks back."""
        return self._random.randint(1, most)

    def share(self) -> float:
        """Return a number from 0 to 1."""
        return self._random.random()

    def one_of(self, some: int) -> int:
        """Return a place among so many, all alike."""
        return self._random.randrange(some)

    def _one(self, name: str) -> str:
        some: Sequence[str] = _WORDS[name]
        return self._random.choices(some, cum_weights=self._often[name])[0]

    def _code(self) -> str:
        return "".join(self._random.choice("ABCDEFGHJKLMNPQRSTUWXY0123456789") for _ in range(8))
