"""Every list that the application offers as a file, found as people find it: by the links of its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

CHOOSING = ("tab", "state", "rows", "list")
"""What tells two lists of one page apart in their addresses."""


def offered(people: Mapping[str, FlaskClient]) -> dict[str, str]:
    """Return every list that is offered as .csv on a page, by its address, and who is offered it.

    The pages are those without a number in their address and all that they lead to. Each is looked at once,
    by the first person who may see it, and of pages that differ by a number alone there is one.
    """
    seen: set[tuple[str, ...]] = set()
    found: dict[str, str] = {}
    routes = next(iter(people.values())).application.url_map
    first = [
        rule.rule for rule in routes.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    for who, client in people.items():
        found |= dict.fromkeys(_offered_to(client, routes.bind("localhost"), [*first], seen), who)
    return found


def _offered_to(client: FlaskClient, at: MapAdapter, ways: list[str], seen: set[tuple[str, ...]]) -> set[str]:
    """Walk the pages that nobody has seen yet."""
    found: set[str] = set()
    tried: set[tuple[str, ...]] = set()
    while ways:
        link = ways.pop()
        kind = _kind(at, link)
        if not kind or kind in seen | tried:
            continue
        tried.add(kind)
        answer = client.get(link)
        if answer.status_code == 200:
            seen.add(kind)
        if answer.mimetype == "text/html":
            links = {html.unescape(one) for one in re.findall(r'href="(/[^"#]*)', answer.text)}
            found |= {one for one in links if one.endswith("export=csv")}
            ways += [one for one in links if "export=" not in one]
        answer.close()
    return found


def _kind(at: MapAdapter, link: str) -> tuple[str, ...]:
    """Return what makes a page another page; nothing where the address is no page."""
    url = urlsplit(link)
    try:
        endpoint, given = at.match(url.path)
    except (HTTPException, RequestRedirect):
        return ()
    words = {str(one) for one in given.values() if not re.search(r"\d", str(one))}
    chosen = {value for key, value in parse_qsl(url.query) if key in CHOOSING}
    return () if endpoint == "static" else (endpoint, *sorted(words | chosen))
