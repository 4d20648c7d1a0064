"""Passwords: hashed with argon2, checked against rules, made at random for a first sign-in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _
from flask_babel import ngettext

from complaints.foundation.errors import Invalid

LONGEST = 128
"""Characters. Longer ones only cost time."""

_SMALL, _CAPITAL, _DIGIT = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
"""Without 0 O 1 l I, which people mistake for each other when they copy from paper."""

_GUESSED_FIRST = (
    *("password", "qwerty", "12345678", "87654321", "abcdefg", "iloveyou", "5201314"),
    *("admin", "fangxin"),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a password must be, as in config.PasswordRules."""

    min_length: int
    classes: int
    max_age_days: int


class Passwords:
    """Hashes and checks passwords at the cost given by the settings. Nothing is trimmed or folded."""

    def __init__(self, rules: Rules, hash_time: int, hash_memory_kib: int) -> None:
        """Prepare a hash of nobody's password, so that an unknown user costs the same time as a known one."""
        self.rules = rules
        self._hasher = PasswordHasher(time_cost=hash_time, memory_cost=hash_memory_kib, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """Return the argon2 hash.

        It takes a noticeable time on purpose, so never inside a write transaction.
        """
        return self._hasher.hash(password)

    def fits(self, password: str, stored: str | None) -> bool:
        """Tell whether the password belongs to the hash; without a hash take the same time and say no."""
        try:
            return self._hasher.verify(stored or self._nobody, password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    def rehashed(self, password: str, stored: str) -> str | None:
        """Return a new hash where the stored one was made at another cost than today's, else None."""
        return self._hasher.hash(password) if self._hasher.check_needs_rehash(stored) else None

    def is_too_old(self, set_at: datetime, now: datetime) -> bool:
        """Tell whether a new password is due by its age in calendar days."""
        days = self.rules.max_age_days
        return days > 0 and now - set_at > timedelta(days=days)

    def check_rules(self, password: str, username: str, field: str = "") -> None:
        """Raise Invalid where the password breaks a rule; the sentence names the rule."""
        if len(password) < self.rules.min_length:
            raise Invalid(
                ngettext(
                    "The password needs at least %(num)d character.",
                    "The password needs at least %(num)d characters.",
                    self.rules.min_length,
                ),
                field,
            )
        if len(password) > LONGEST:
            raise Invalid(_("The password may have at most %(most)d characters.", most=LONGEST), field)
        if _kinds(password) < self.rules.classes:
            raise Invalid(
                _(
                    "Mix at least %(number)d of these: small letters, capitals, digits, signs.",
                    number=self.rules.classes,
                ),
                field,
            )
        folded = password.casefold()
        if username.casefold() in folded or any(word in folded for word in _GUESSED_FIRST):
            raise Invalid(_("This password is one of the first that are guessed: choose another."), field)


def random_password() -> str:
    """Return a password for the first sign-in, like `kT4m-Wq7x-Rz2p`: about 70 bits, easy to read out."""
    groups = [
        "".join(
            [
                secrets.choice(_SMALL),
                secrets.choice(_CAPITAL),
                secrets.choice(_DIGIT),
                secrets.choice(_SMALL + _CAPITAL + _DIGIT),
            ]
        )
        for _group in range(3)
    ]
    return "-".join(groups)


def _kinds(password: str) -> int:
    """Count the kinds of characters: small letters, capitals, digits, everything else."""
    signs = sum(not (one.islower() or one.isupper() or one.isdigit()) for one in password)
    letters_and_digits = (str.islower, str.isupper, str.isdigit)
    return sum(any(kind(one) for one in password) for kind in letters_and_digits) + (signs > 0)
