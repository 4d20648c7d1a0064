"""A released rule set never changes: a limit that was the law of a day stays what it was.

`rules/released.yaml` names the fingerprint of each released set, as `procedures/released.yaml` does for
versions. A set in force without an end may be given one when an instrument follows it: that is the only
change it takes. Wording, citations and what a value rests on stay out of the fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from workflows.definition import Label
from workflows.definition_files import DefinitionError, day, read_checked
from workflows.rule_sets import ItemList, Limit, RuleSet

__all__ = [
    "RELEASED",
    "RuleRelease",
    "changed",
    "check_rule_releases",
    "load_rule_releases",
    "rule_fingerprint",
]

RELEASED = "released.yaml"
_SCHEMA = Path(__file__).parent / "rules" / "released.schema.json"


@dataclass(frozen=True, slots=True)
class RuleRelease:
    """The fingerprint under which a rule set was released, and its last day then; None where it had none."""

    rule_set: str
    fingerprint: str
    valid_to: date | None


def rule_fingerprint(rules: RuleSet) -> str:
    """Return the SHA-256, in hexadecimal, of what the set decides: not its wording, nor its last day."""
    return _digest(
        {
            "rule_set": rules.id,
            "part": rules.part,
            "local": rules.local,
            "valid_from": rules.valid_from.isoformat(),
            "limits": {name: _limit(one) for name, one in rules.limits.items()},
            "lists": {name: _items(one) for name, one in rules.lists.items()},
            "forms": sorted(rules.forms),
            "articles": sorted(rules.articles),
            "settings": {name: [one.value, one.internal] for name, one in rules.settings.items()},
        }
    )


def fingerprint_of(said: Mapping[str, Any]) -> str:
    """Return the same of a set that was kept as JSON, by the names of its fields.

    Raises AttributeError, LookupError or TypeError where the text is of no rule set.
    """
    return _digest(
        {
            "rule_set": said["id"],
            **{name: said[name] for name in ("part", "local", "valid_from")},
            "limits": {name: _limit_of(one) for name, one in said["limits"].items()},
            "lists": {
                name: [[item["code"], item["means"]] for item in one["items"]]
                for name, one in said["lists"].items()
            },
            **{name: sorted(said[name]) for name in ("forms", "articles")},
            "settings": {name: [one["value"], one["internal"]] for name, one in said["settings"].items()},
        }
    )


def _limit_of(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: said[name] for name in ("n", "unit", "local", "internal")},
        "pauses": said["pause_article"] is not None,
        "alternatives": [_limit_of(other) for other in said["alternatives"]],
    }


def _digest(decides: Mapping[str, Any]) -> str:
    canonical = json.dumps(decides, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _limit(one: Limit) -> dict[str, Any]:
    return {
        "n": one.n,
        "unit": one.unit.value,
        "local": one.local,
        "internal": one.internal,
        "pauses": one.pause_article is not None,
        "alternatives": [_limit(other) for other in one.alternatives],
    }


def _items(one: ItemList) -> list[list[str]]:
    return [[item.code, item.means] for item in one.items]


def load_rule_releases(directory: Path) -> tuple[RuleRelease, ...]:
    """Return the releases that the directory's `released.yaml` names, none where there is no such file.

    Raises DefinitionError.
    """
    path = directory / RELEASED
    if not path.is_file():
        return ()
    listed = read_checked(path.read_text(encoding="utf-8"), RELEASED, _SCHEMA)["released"]
    return tuple(
        RuleRelease(
            one["rule_set"],
            one["fingerprint"],
            day(one["valid_to"], RELEASED, one["rule_set"]) if one.get("valid_to") else None,
        )
        for one in listed
    )


def check_rule_releases(sets: Iterable[RuleSet], releases: Iterable[RuleRelease]) -> None:
    """Hold that each released set is still there, unchanged. Raises DefinitionError for the first that is
    not.
    """
    known = {one.id: one for one in sets}
    for release in releases:
        fault = changed(known.get(release.rule_set), release)
        if fault:
            raise DefinitionError(
                f"The released rule set {release.rule_set} {fault.en}",
                f"已发布的规则{release.rule_set}{fault.zh}",
            )


def changed(present: RuleSet | None, before: RuleRelease) -> Label | None:
    """Say what became of a set that must stay, and what to do; None where it is as it was."""
    if present is None:
        return Label(
            "不见了，而有事项按它计算时限：请恢复文件。",
            "is gone, and matters are counted by it: restore the file.",
        )
    if rule_fingerprint(present) != before.fingerprint:
        return Label(
            "被改动了，而有事项按它计算时限：请恢复原样，写上最后施行日（valid_to），改动写进次日起施行的另一份规则。",
            "was changed, and matters are counted by it: restore it, end it (valid_to) on the last day it is "
            "in force, and put the change into a set of its own from the day after.",
        )
    if before.valid_to is not None and present.valid_to != before.valid_to:
        return Label(
            f"原定{before.valid_to}终止，现在写的是{present.valid_to or '没有终止'}，"
            "而有事项按它计算时限：请恢复`valid_to`。",
            f"ended on {before.valid_to} and now ends on {present.valid_to or 'no day'}, and matters are "
            "counted by it: restore `valid_to`.",
        )
    return None
