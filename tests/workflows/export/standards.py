"""What XES (IEEE 1849-2016) and OCEL 2.0 ask of a file, as checks of our own: each returns what is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

NAMESPACE = "{http://www.xes-standard.org/}"
EXTENSIONS = {"concept", "time", "lifecycle", "org", "identity"}
NAME = re.compile(r"[A-Za-z_:][\w.:-]*")
NC_NAME = re.compile(r"[A-Za-z_][\w.-]*")
LIFECYCLE = {
    *("schedule", "assign", "withdraw", "reassign", "start", "suspend", "resume", "pi_abort"),
    *("ate_abort", "complete", "autoskip", "manualskip", "unknown"),
}
TYPES = {"string", "date", "int", "float", "boolean", "id"}
ORDER = ("extension", "global", "classifier", *sorted(TYPES), "trace", "event")
NOBODY = "00000000-0000-4000-8000-000000000000"


def root_of(text: str) -> ElementTree.Element:
    """Return the log of an XES text."""
    return ElementTree.fromstring(text)  # noqa: S314 - our own file


def xes_faults(text: str) -> list[str]:
    """Return how the text breaks the schema and the rules of the standard."""
    log = root_of(text)
    return [*_head(log), *_body(log)] if log.tag == f"{NAMESPACE}log" else [f"the root is {log.tag}"]


def _head(log: ElementTree.Element) -> Iterator[str]:
    """Hold version, order of the parts, and the declared extensions."""
    if not re.fullmatch(r"\d+(\.\d+)?", log.get("xes.version", "")) or log.get("xes.features") is None:
        yield "the version is no decimal, or the features are missing"
    kinds = [_tag(one) for one in log]
    places = [ORDER.index(kind) if kind in ORDER else -1 for kind in kinds]
    if -1 in places or any(later < earlier for earlier, later in pairwise(places)):
        yield "the parts of the log are unknown or in another order"
    for one in log.iter(f"{NAMESPACE}extension"):
        named = NC_NAME.fullmatch(one.get("name", "")) and NC_NAME.fullmatch(one.get("prefix", ""))
        if not named or not one.get("uri", "").startswith("http"):
            yield "an extension lacks name, prefix or address"


def _body(log: ElementTree.Element) -> Iterator[str]:
    """Hold every attribute, and that each trace and event has what is declared for all, in rising time."""
    prefixes = {one.get("prefix", "") for one in log.iter(f"{NAMESPACE}extension")}
    for one in log.iter():
        if _tag(one) in TYPES:
            yield from _attribute(one, prefixes)
    declared = {one.get("scope"): _keys(one) for one in log.iter(f"{NAMESPACE}global")}
    yield from _classifiers(log, declared.get("event", Counter()))
    for trace in log.iter(f"{NAMESPACE}trace"):
        yield from _complete(trace, declared.get("trace", Counter()), ("event",))
        events = list(trace.iter(f"{NAMESPACE}event"))
        for event in events:
            yield from _complete(event, declared.get("event", Counter()), ())
        times = [value_of(one, "time:timestamp") for one in events]
        moments = [datetime.fromisoformat(one) for one in times if one]
        if any(later <= earlier for earlier, later in pairwise(moments)):
            yield "the events of a trace do not rise in time"
    ids = Counter(one.get("value") for one in log.iter(f"{NAMESPACE}id") if one.get("key") == "identity:id")
    yield from (f"the identity {one} stands {n} times" for one, n in ids.items() if n > 1 and one != NOBODY)


def value_of(element: ElementTree.Element, key: str) -> str:
    """Return the value of an attribute, empty where there is none."""
    return next((one.get("value", "") for one in element if one.get("key") == key), "")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(NAMESPACE)


def _keys(element: ElementTree.Element) -> Counter[tuple[str, str | None]]:
    return Counter((_tag(one), one.get("key")) for one in element if _tag(one) in TYPES)


def _attribute(one: ElementTree.Element, prefixes: set[str]) -> Iterator[str]:
    key, value = one.get("key", ""), one.get("value")
    if not NAME.fullmatch(key) or value is None:
        yield f"an attribute has the key {key!r} and the value {value!r}"
        return
    if ":" in key and key.split(":")[0] not in prefixes & EXTENSIONS:
        yield f"the key {key} is of no declared extension"
    if not _fits(_tag(one), value):
        yield f"the value {value!r} of {key} is no {_tag(one)}"
    if key == "lifecycle:transition" and value not in LIFECYCLE:
        yield f"the transition {value} is not of the standard's model"


def _fits(kind: str, value: str) -> bool:
    try:
        if kind == "date":
            return datetime.fromisoformat(value).utcoffset() is not None and "T" in value
        if kind == "id":
            return str(UUID(value)) == value
        if kind == "int":
            return abs(int(value)) < 2**63
        return kind == "string" or value in ("true", "false")
    except ValueError:
        return False


def _classifiers(log: ElementTree.Element, globally: Counter[tuple[str, str | None]]) -> Iterator[str]:
    known = {key for _tag, key in globally}
    for one in log.iter(f"{NAMESPACE}classifier"):
        if not NC_NAME.fullmatch(one.get("name", "")) or one.get("scope") not in ("event", "trace"):
            yield "a classifier lacks a plain name or a scope"
        if not set(one.get("keys", "").split()) <= known:
            yield f"the classifier {one.get('name')} names keys that not every event has"


def _complete(
    element: ElementTree.Element, globally: Counter[tuple[str, str | None]], inside: tuple[str, ...]
) -> Iterator[str]:
    """Hold that what is declared for all is there, each key once, and nothing else stands inside."""
    keys = _keys(element)
    missing = [key for key in globally if key not in keys]
    if missing:
        yield f"a {_tag(element)} lacks {missing}"
    if any(n > 1 for n in Counter(key for _tag, key in keys.elements()).values()):
        yield f"a {_tag(element)} has a key twice"
    if any(_tag(one) not in (*TYPES, *inside) for one in element):
        yield f"a {_tag(element)} holds something unknown"


OCEL_TYPES = {"string", "time", "integer", "float", "boolean"}


def ocel_faults(text: str) -> list[str]:
    """Return how the text breaks the JSON schema and the rules of OCEL 2.0."""
    return list(_ocel(json.loads(text)))


def _ocel(log: dict[str, Any]) -> Iterator[str]:
    lists = ("eventTypes", "objectTypes", "events", "objects")
    if set(log) != set(lists) or not all(isinstance(log[one], list) for one in lists if one in log):
        yield "the four lists are not there"
        return
    types = {}
    for kind in ("eventTypes", "objectTypes"):
        for one in log[kind]:
            types[kind, one["name"]] = {each["name"]: each["type"] for each in one["attributes"]}
            if not set(types[kind, one["name"]].values()) <= OCEL_TYPES:
                yield f"the type {one['name']} has an attribute of no known type"
        yield from _twice(kind, [one["name"] for one in log[kind]])
    objects = {one["id"] for one in log["objects"]}
    for kind, entries in (("eventTypes", log["events"]), ("objectTypes", log["objects"])):
        yield from _twice(kind, [one["id"] for one in entries])
        for one in entries:
            yield from _entry(one, types.get((kind, one["type"])), objects, dated=kind == "objectTypes")
    for one in log["events"]:
        if not one.get("relationships"):
            yield f"the event {one['id']} concerns nothing"
        if not _fits("date", one.get("time", "")):
            yield f"the event {one['id']} has no time with an offset"


def _entry(
    one: dict[str, Any], declared: dict[str, str] | None, objects: set[str], *, dated: bool
) -> Iterator[str]:
    if declared is None:
        yield f"the type {one['type']} is not declared"
        return
    for each in one["attributes"]:
        if each["name"] not in declared or not _written_as(declared[each["name"]], each["value"]):
            yield f"{each} of {one['type']} is not what was declared"
        if dated and not _fits("date", each.get("time", "")):
            yield f"{each} has no time with an offset"
    for each in one.get("relationships", []):
        if each["objectId"] not in objects or not each["qualifier"]:
            yield f"{one['id']} is related to {each}, which is not there"


def _written_as(type_: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    return {
        "integer": bool(re.fullmatch(r"-?\d+", value)),
        "boolean": value in ("true", "false"),
        "string": True,
    }[type_]


def _twice(what: str, names: list[str]) -> Iterator[str]:
    yield from (f"{what}: {one} stands {n} times" for one, n in Counter(names).items() if n > 1)
