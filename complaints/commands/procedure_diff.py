"""`procedures diff`: what differs between two versions, in words, like a legal document."""

from __future__ import annotations

from typing import Any

import click

from complaints.commands.parts import json_option, opened, print_json
from complaints.commands.procedure_choice import chosen, engine_of
from complaints.dossier.procedure_versions import Comparison, compared
from workflows.definition import Label, Procedure
from workflows.versioning.difference_document import Line
from workflows.versioning.difference_terms import Term
from workflows.versioning.differences import days_compared
from workflows.versioning.versions import Library

language_option = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the text; zh by default."
)


@click.command(
    help="Say in words what changes from version A of a procedure to version B: states, actions, conditions, "
    "limits with their articles; how many running matters of A each line touches; better wording apart."
)
@click.argument("name")
@click.argument("a", type=int)
@click.argument("b", type=int)
@language_option
@json_option
def diff(name: str, a: int, b: int, language: str, as_json: bool) -> None:
    """Compare two versions."""
    with opened() as parts:
        engine, today = engine_of(parts), parts.clock.today()
        old, new = (chosen(engine.library, name, version, today) for version in (a, b))
        with parts.database.reading() as session:
            found = compared(session, engine, name, a, b, language)
    if as_json:
        print_json(_facts(found, old, new))
        return
    for line in _head(found, old, new, engine.library):
        click.echo(line.in_language(language))
    for section in found.sections:
        click.echo(f"\n{section.heading}")
        for number, one in enumerate(section.lines, start=1):
            click.echo(f"{number}. {one.text}{_touches(one).in_language(language)}")


def _head(found: Comparison, old: Procedure, new: Procedure, library: Library) -> list[Label]:
    days = days_compared(library, old, new)
    sets = [library.rule_book.rule_set(day).instrument for day in days]
    lines = [
        Label(
            f"“{new.label.zh}”流程：第{old.version}版（{old.effective_from}起）与"
            f"第{new.version}版（{new.effective_from}起）对照",
            f"Procedure “{new.label.en}”: version {old.version} (from {old.effective_from}) and "
            f"version {new.version} (from {new.effective_from})",
        ),
        Label(
            f"对照的规则：{days[0]}，{sets[0].zh}；{days[1]}，{sets[1].zh}",
            f"Rules compared: {days[0]}, {sets[0].en}; {days[1]}, {sets[1].en}",
        ),
        Label(
            f"按第{old.version}版办理的在办事项：{found.running.total}件（未到终点，或者办结后仍有时限在计算，如待回访）",
            f"Matters that run on version {old.version}: {found.running.total} "
            "(not at an end, or closed with a limit still running, as until the call-back)",
        ),
    ]
    if not found.sections:
        lines.append(Label("没有差别。", "There is no difference."))
    return lines


def _touches(one: Line) -> Label:
    if not one.touches:
        return Label("", "")
    return Label(f"（涉及在办事项{one.touches}件）", f" (running matters touched: {one.touches})")


def _facts(found: Comparison, old: Procedure, new: Procedure) -> dict[str, Any]:
    return {
        "procedure": new.name,
        "from": {"version": old.version, "effective_from": old.effective_from},
        "to": {"version": new.version, "effective_from": new.effective_from},
        "running_matters": found.running.total,
        "differences": [
            {
                "part": one.difference.part,
                "change": one.difference.change,
                "name": one.difference.name,
                "aspect": one.difference.aspect,
                "before": [_term(term) for term in one.difference.before],
                "after": [_term(term) for term in one.difference.after],
                "states": one.difference.states,
                "clocks": one.difference.clocks,
                "touches": one.touches,
                "text": one.text,
            }
            for section in found.sections
            for one in section.lines
        ],
    }


def _term(one: Term) -> dict[str, str]:
    return {"kind": one.kind, "name": one.name, "label": one.label.zh if one.label else ""}
