"""Every route names a permission or is on the open list; a route that changes anything is no GET."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from complaints.web.access import OPEN, permissions_of

ROOT = Path(__file__).resolve().parents[2]


def test_every_route_names_a_permission_or_is_open(application: Flask) -> None:
    closed = {end for end, view in application.view_functions.items() if permissions_of(view)}
    assert closed | OPEN == set(application.view_functions)
    assert not closed & OPEN


def test_the_open_list_names_only_routes_that_exist(application: Flask) -> None:
    assert set(application.view_functions) >= OPEN


def test_rooms_lead_somewhere_and_have_icons(application: Flask) -> None:
    drawn = (ROOT / "static" / "images" / "icons.svg").read_text("utf-8")
    adapter = application.url_map.bind("localhost")
    for room in application.extensions["fangxin"].rooms:
        if room.label is not None:
            endpoint, _arguments = adapter.match(room.url)
            assert endpoint.startswith(f"{room.key}."), room.key
            assert f'id="i-{room.icon}"' in drawn, room.key
            assert room.permission is not None, room.key
