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
    if not comes_from_here():
        return "/"
    parts = urlsplit(request.referrer or "")
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def comes_from_here() -> bool:
    """Tell whether the browser says that the request was sent from a page of this host."""
    return urlsplit(request.referrer or "").netloc == request.host
