"""Where a page may send the browser on: to paths of our own only."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import request

_LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
"""One slash, then none, and nothing that a browser drops or turns into a slash."""


def local_path(wish: str | None, default: str = "/") -> str:
    """Return the wish where it is a path on this host, else the default.

    `//evil`, `/\\evil`, `https:evil` are not.
    """
    return wish if wish and len(wish) <= 2000 and _LOCAL.fullmatch(wish) else default


def page_before() -> str:
    """Return the path of the page the request came from, where that is one of ours, else `/`."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return "/"
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
