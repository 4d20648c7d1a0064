"""Founding the tree of units from the command line, as a new installation does."""

from __future__ import annotations

import json

from tests.complaints.commands.running import run


def test_a_bureau_is_founded_from_the_command_line(app, settings):
    assert run(settings, "unit", "add", "420600", "襄阳市局", "--kind", "city_bureau").exit_code == 0
    desk = run(
        settings, "unit", "add", "12315", "受理台", "--kind", "intake_desk", "--parent", "/420600/", "--json"
    )
    assert json.loads(desk.output)["path"] == "/420600/12315/"
    opened = run(
        settings, "user", "add", "sunli", "--name", "孙丽", "--unit", "/420600/12315/", "--role", "intake"
    )
    assert opened.exit_code == 0
    named = run(settings, "unit", "duty", "/420600/12315/", "sunli", "--as", "officer")
    assert named.exit_code == 0
    again = run(settings, "unit", "duty", "/420600/12315/", "sunli", "--as", "officer")
    assert again.exit_code == 1
    assert "already has somebody named" in again.output
    assert "/420600/12315/" in run(settings, "user", "units").output


def test_mistakes_are_one_sentence(app, settings):
    run(settings, "unit", "add", "420600", "襄阳市局", "--kind", "city_bureau")
    twice = run(settings, "unit", "add", "420600", "襄阳市局", "--kind", "city_bureau")
    assert (twice.exit_code, "already is a unit /420600/" in twice.output) == (1, True)
    odd = run(settings, "unit", "add", "樊城", "樊城区局", "--kind", "county_bureau", "--parent", "/420600/")
    assert (odd.exit_code, "letters, digits and dashes" in odd.output) == (2, True)
    nowhere = run(settings, "unit", "add", "07", "汉江所", "--kind", "office", "--parent", "/999/")
    assert (nowhere.exit_code, "There is no unit '/999/'" in nowhere.output) == (1, True)


def test_an_ended_unit_is_listed_no_more(app, settings):
    run(settings, "unit", "add", "420600", "襄阳市局", "--kind", "city_bureau")
    run(settings, "unit", "add", "07", "汉江所", "--kind", "office", "--parent", "/420600/")
    assert run(settings, "unit", "end", "/420600/07/").exit_code == 0
    assert "/420600/07/" not in run(settings, "user", "units").output
