"""A standard process-mining tool finds that what people did is what the procedures allow, and what is not.

Histories are played through the engine, written by our writer, and replayed by the tool on the net of the
same definition. The tool has an environment of its own, which `./run mining` makes: it is large and under the
AGPL, and nothing of the application imports it (docs/adr/0027).
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.mining.playing import Cast, Play, utc
from tests.procedures import office
from tests.workflows import loan
from workflows.export.ocel import write_ocel
from workflows.export.petri import Net, net_of, pnml
from workflows.export.pseudonyms import Pseudonyms
from workflows.export.traces import Occurrence, Reader, Selection, Trace
from workflows.export.xes import write_xes
from workflows.steps import Assignee
from workflows.versioning.versions import Library

ROOT = Path(__file__).resolve().parents[2]
HISTORIES, PLANTED = 1_000, 40

LOAN = Cast(
    library=Library([loan.procedure()], loan.rule_book(), loan.guards(), roles=loan.ROLES),
    procedure="library_loan",
    begins=utc(2026, 3, 2),
    owner=Assignee(7, loan.UNIT),
    people=(loan.librarian(7), loan.librarian(9), loan.keeper(8)),
    receivers=(Assignee(7, loan.UNIT), Assignee(9, loan.UNIT)),
    desk=Assignee(7, loan.UNIT),
    vars={"reader": 3, "asked_on": "2026-03-02"},
)
TOLD = {"told_complainant": "phone", "told_respondent": "phone"}
_DESK = Assignee(office.INTAKE_OFFICER.id, office.COUNTY)
COMPLAINT = Cast(
    library=office.library(),
    procedure="complaint",
    begins=utc(2026, 11, 24),
    owner=_DESK,
    people=office.PEOPLE,
    receivers=(Assignee(office.HANDLER.id, office.UNIT), Assignee(office.COLLEAGUE.id, office.UNIT)),
    desk=_DESK,
    vars={"respondent_named": True, "identity_known": True},
    typed={
        "arrange_session": {"session_at": "23:59", **TOLD},
        "change_session": {"change": "called_off", **TOLD},
        "decide_challenge": {"upheld": False},
        "start_appraisal": {"approved_by": office.SECOND_HEAD.id},
    },
    children={"lead": {}, "payout": office.STARTS["payout"]},
)


@dataclass(frozen=True)
class Told:
    """What the tool says: of all histories, of the ended ones, of those with deviations, of the objects."""

    histories: Sequence[Trace]
    all: Mapping[str, Any]
    ended: Mapping[str, Any]
    planted: Mapping[str, Any]
    objects: Mapping[str, Any]
    spoiled: frozenset[str]


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter of the tool's environment. Without a network and a package cache there is none."""
    done = subprocess.run(
        [ROOT / "run", "mining"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    if done.returncode:
        pytest.fail(
            f"The process-mining tool is not here and could not be installed:\n{done.stderr}"
            "It comes from the package index by ./run mining, which needs the network once.",
            pytrace=False,
        )
    return ROOT / ".venv-mining" / "bin" / "python"


@pytest.mark.slow
@pytest.mark.parametrize("cast", [LOAN, COMPLAINT], ids=["loan", "complaint"])
def test_the_tool_finds_what_is_allowed_and_what_is_not(cast: Cast, python: Path, tmp_path: Path) -> None:
    """One test a procedure: playing and replaying a thousand histories takes a minute or two."""
    told = judged(cast, python, tmp_path)
    every_history_fits(told)
    what_has_ended_ended_lawfully(told)
    the_histories_are_worth_replaying(told, cast)
    planted_deviations_fall_short(told)
    the_tool_reads_the_objects(told)


def judged(cast: Cast, python: Path, folder: Path) -> Told:
    """Play, write, spoil, and let the tool judge."""
    play = Play(cast, seed=27)
    play.many(HISTORIES)
    reader = Reader(cast.library, Pseudonyms())
    with play.store.reading() as connection:
        histories = list(reader.read(connection, Selection(cast.procedure)))
        with (folder / "log.ocel").open("w", encoding="utf-8") as file:
            write_ocel(reader.read(connection, Selection()), file)
    play.store.dispose()
    strict, loose = net_of(play.procedure), net_of(play.procedure, unfinished=True)
    planted = spoil(histories, loose, random.Random(27))
    (folder / "strict.pnml").write_text(pnml(strict), encoding="utf-8")
    (folder / "loose.pnml").write_text(pnml(loose), encoding="utf-8")
    pairs = {
        "all.xes": ("loose.pnml", histories),
        "ended.xes": ("strict.pnml", [one for one in histories if one.ended]),
        "planted.xes": ("loose.pnml", planted),
    }
    for name, (_net, some) in pairs.items():
        with (folder / name).open("w", encoding="utf-8") as file:
            write_xes(some, file)
    asked = [word for name, (net, _some) in pairs.items() for word in (folder / net, folder / name)]
    done = subprocess.run(
        [python, Path(__file__).parent / "replayed.py", *asked, "--ocel", folder / "log.ocel"],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    spoiled = frozenset(one.id for one, before in zip(planted, histories, strict=True) if one != before)
    every, ended, deviating, objects = json.loads(done.stdout.splitlines()[-1])
    return Told(histories, every, ended, deviating, objects, spoiled)


def spoil(histories: Sequence[Trace], net: Net, chance: random.Random) -> list[Trace]:
    """Return the histories with deviations in so many of them: in turn swapped, left out and another act."""
    found = list(histories)
    places = chance.sample(range(len(found)), len(found))
    kinds = (swapped, left_out, another)
    names = sorted({one.action for history in histories for one in history.occurrences if one.kind == "act"})
    for number in range(PLANTED):
        while True:
            place = places.pop()
            steps = list(found[place].occurrences)
            changed = kinds[number % len(kinds)](steps, chance, names)
            if not net.fits([one.action for one in changed]):
                break
        found[place] = replace(found[place], occurrences=tuple(changed))
    return found


def swapped(steps: list[Occurrence], chance: random.Random, _names: Sequence[str]) -> list[Occurrence]:
    """Let two steps that follow on each other change their names."""
    at = chance.randrange(len(steps) - 1) if len(steps) > 1 else 0
    pair = steps[at : at + 2]
    names = [one.action for one in reversed(pair)]
    return [
        *steps[:at],
        *(replace(one, action=name) for one, name in zip(pair, names, strict=True)),
        *steps[at + 2 :],
    ]


def left_out(steps: list[Occurrence], chance: random.Random, _names: Sequence[str]) -> list[Occurrence]:
    """Leave one step out."""
    at = chance.randrange(len(steps))
    return [*steps[:at], *steps[at + 1 :]]


def another(steps: list[Occurrence], chance: random.Random, names: Sequence[str]) -> list[Occurrence]:
    """Let one step be another act of the procedure."""
    at = chance.randrange(len(steps))
    return [*steps[:at], replace(steps[at], action=chance.choice(names)), *steps[at + 1 :]]


def acts(histories: Sequence[Trace]) -> Iterator[tuple[str, str]]:
    """Yield what was done from where."""
    for history in histories:
        yield from ((one.action, one.from_state) for one in history.occurrences if one.kind == "act")


def every_history_fits(told: Told) -> None:
    events = sum(len(one.occurrences) for one in told.histories)
    assert (told.all["traces"], told.all["events"]) == (HISTORIES, events)
    assert told.all["unfit"] == []
    assert told.all["perc_fit_traces"] == 100


def what_has_ended_ended_lawfully(told: Told) -> None:
    assert told.ended["traces"] == sum(one.ended for one in told.histories) > HISTORIES / 4
    assert told.ended["perc_fit_traces"] == 100


def the_histories_are_worth_replaying(told: Told, cast: Cast) -> None:
    """Most of what may be done from somewhere was done from there, and the system wrote its part."""
    defined = cast.library.get(told.histories[0].procedure, told.histories[0].version).procedure
    by_people = [one for one in defined.actions.values() if not one.automatic]
    done = set(acts(told.histories))
    assert len({name for name, _source in done}) >= 0.9 * len(by_people)
    assert len(done) >= 0.5 * sum(len(one.sources) for one in by_people)
    assert {one.kind for history in told.histories for one in history.occurrences} >= {"start", "timer"}


def planted_deviations_fall_short(told: Told) -> None:
    assert len(told.spoiled) == PLANTED
    assert told.planted["unfit"] == sorted(told.spoiled)
    assert told.planted["perc_fit_traces"] == pytest.approx(100 - 100 * PLANTED / HISTORIES)
    assert told.planted["log_fitness"] < told.all["log_fitness"] == 1


def the_tool_reads_the_objects(told: Told) -> None:
    assert told.objects["events"] >= told.all["events"]
    assert {"person", "unit", told.histories[0].procedure} <= set(told.objects["types"])
    assert told.objects["state_changes"] >= HISTORIES
