"""Makes rule sets of YAML files, checked against `rules/schema.json` before anything is made of them.

A set that says `like: <id>` holds what that set holds, but for the limits, lists, forms and articles it names
itself: an instrument that stands beside another one changes single rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workflows.definition import Label
from workflows.definition_files import DefinitionError, day, label, read_checked
from workflows.rule_releases import RELEASED, check_rule_releases, load_rule_releases
from workflows.rule_sets import LAW, Item, ItemList, Limit, RuleBook, RuleSet, Setting, Source, Unit

__all__ = ["RULES", "load_rule_book", "load_rule_set", "shipped_rules"]

RULES = Path(__file__).parent / "rules"
"""Where the rule sets of this distribution lie."""
LOCAL = "local"
_SCHEMA = RULES / "schema.json"
_INHERITED = ("limits", "lists", "forms", "articles", "settings")


@cache
def shipped_rules() -> RuleBook:
    """Return the rule book of this distribution, read once a process: it does not change while it runs."""
    return load_rule_book(RULES)


def load_rule_book(directory: Path) -> RuleBook:
    """Return the rule book of all YAML files in a directory, the released ones unchanged.

    Raises DefinitionError.
    """
    read = {
        path.name: read_checked(path.read_text(encoding="utf-8"), path.name, _SCHEMA)
        for path in sorted(directory.glob("*.yaml"))
        if path.name != RELEASED
    }
    by_id = {data["rule_set"]: data for data in read.values()}
    if len(by_id) < len(read):
        raise DefinitionError(
            f"{directory}: two files hold the same `rule_set`: give each its own id.",
            f"{directory}：两个文件的`rule_set`相同，请各用自己的编号。",
        )
    book = RuleBook(_rule_set(_whole(data, by_id, source), source) for source, data in read.items())
    check_rule_releases(book.all, load_rule_releases(directory))
    return book


def load_rule_set(text: str, source: str) -> RuleSet:
    """Return the rule set a YAML text holds; `source` names the file in messages. Raises DefinitionError."""
    data = read_checked(text, source, _SCHEMA)
    return _rule_set(_whole(data, {}, source), source)


def _whole(data: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]], source: str) -> Mapping[str, Any]:
    """Return the file's content with what it takes from the set it is like."""
    if "like" not in data:
        return data
    other = by_id.get(data["like"])
    if other is None or "like" in other:
        raise DefinitionError(
            f"{source}, like: {data['like']!r} is no rule set that stands by itself: name one that is.",
            f"{source}，like：{data['like']}不是独立的规则，请写一个独立的。",
        )
    return {**data, **{part: {**other.get(part, {}), **data.get(part, {})} for part in _INHERITED}}


def _rule_set(data: Mapping[str, Any], source: str) -> RuleSet:
    valid_to = data.get("valid_to")
    name, local, instrument = data["rule_set"], data.get("local", False), label(data["instrument"])
    rests_on = Source(data.get("source", Source.TEXT))
    _check_kinds(data, local, source)
    return RuleSet(
        id=name,
        part=data.get("part", LOCAL if local else LAW),
        instrument=instrument,
        valid_from=day(data["valid_from"], source, "valid_from"),
        valid_to=day(valid_to, source, "valid_to") if valid_to else None,
        limits=MappingProxyType(
            {key: _limit(entry, name, local, rests_on) for key, entry in data.get("limits", {}).items()}
        ),
        lists=MappingProxyType(
            {
                key: _list(entry, instrument, local, rests_on, f"{source}, lists › {key}")
                for key, entry in data.get("lists", {}).items()
            }
        ),
        forms=_labels(data.get("forms", {})),
        articles=_labels(data.get("articles", {})),
        local=local,
        settings=MappingProxyType({key: _setting(entry) for key, entry in data.get("settings", {}).items()}),
        source=rests_on,
        gap=label(data["gap"]) if "gap" in data else None,
    )


def _check_kinds(data: Mapping[str, Any], local: bool, source: str) -> None:
    """Hold that every local entry says what it is and what its value rests on, and that a law's entry does
    not.
    """
    for part in ("limits", "lists", "settings"):
        for key, entry in data.get(part, {}).items():
            if local and not ("kind" in entry and "default" in entry):
                raise DefinitionError(
                    f"{source}, {part} › {key}: local practice must say its `kind` (local or "
                    "internal) and, in `default`, what the shipped value rests on: add both.",
                    f"{source}，{part} › {key}：本地做法要写明`kind`（local或者internal），"
                    "并在`default`中写明默认值的依据，请补上。",
                )
            if not local and "kind" in entry:
                raise DefinitionError(
                    f"{source}, {part} › {key}: a rule set of the law holds no local entry: "
                    "move it to local practice.",
                    f"{source}，{part} › {key}：法定规则中不能有本地的内容，请移到本地做法。",
                )


def _labels(data: Mapping[str, Mapping[str, str]]) -> Mapping[str, Label]:
    return MappingProxyType({name: label(entry) for name, entry in data.items()})


def _limit(data: Mapping[str, Any], rule_set: str, local: bool, source: Source) -> Limit:
    pause, default = data.get("pause_article"), data.get("default")
    source = Source(data.get("source", source))
    return Limit(
        n=data["n"],
        unit=Unit(data["unit"]),
        article=label(data["article"]),
        rule_set=rule_set,
        local=local,
        pause_article=label(pause) if pause else None,
        alternatives=tuple(_limit(one, rule_set, local, source) for one in data.get("alternatives", ())),
        internal=data.get("kind") == "internal",
        default=label(default) if default else None,
        source=source,
    )


def _list(data: Mapping[str, Any], instrument: Label, local: bool, source: Source, place: str) -> ItemList:
    own = data.get("instrument")
    article = label(data["article"])
    items = tuple(
        Item(
            one["code"],
            label(one["label"]),
            label(one["article"]) if "article" in one else article,
            one.get("means", ""),
        )
        for one in data["items"]
    )
    if len({one.code for one in items}) < len(items):
        raise DefinitionError(
            f"{place}: a code stands there twice: give each item its own.",
            f"{place}：同一代码写了两次，请每项各用自己的代码。",
        )
    source = Source(data.get("source", source))
    return ItemList(label(own) if own else instrument, article, items, local, source)


def _setting(data: Mapping[str, Any]) -> Setting:
    return Setting(data["value"], label(data["label"]), label(data["default"]), data["kind"] == "internal")
