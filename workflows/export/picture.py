"""What stands in a procedure's picture: a column for each stage, in it a card for each state.

A card says what runs while a matter is there, where each action leads, and what may be done without leaving.
What may be done in every state, or in every open one, stands once beneath: a loop on each card would hide
the ways that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflows.definition import Action, Label, Procedure, State, StateKind

BEFORE = Label("办理该操作之前的状态", "where it was before")
_RUNS, _STANDS = Label("计时：", "Clock: "), Label("停止计时：", "Clock stands still: ")
_STAYS = Label("可办：", "Meanwhile: ")
_ALWAYS, _WHILE_OPEN = (
    Label("任何状态都可办：", "In every state: "),
    Label("办结前都可办：", "Until the end: "),
)


@dataclass(frozen=True, slots=True)
class Way:
    """What leads from a card to another; `target` is empty where it leads back to different ones."""

    text: str
    target: str
    target_text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A state with what may be done there. `count` is None where nobody counted."""

    state: State
    title: str
    count: int | None
    notes: tuple[str, ...]
    ways: tuple[Way, ...]
    stays: str


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its states."""

    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is to be seen; `always` are lines about what may be done anywhere."""

    title: str
    columns: tuple[Column, ...]
    always: tuple[str, ...]

    @property
    def description(self) -> str:
        """The states with their counts as one sentence, for whoever hears the picture."""
        cards = [card for column in self.columns for card in column.cards]
        return ", ".join(card.title if card.count is None else f"{card.title} {card.count}" for card in cards)


def picture_of(procedure: Procedure, language: str, counts: Mapping[str, int] | None = None) -> Picture:
    """Return what the picture shows, in the language of the tag (`zh_CN`, `en`)."""
    words = _Words(language)
    always = _everywhere(procedure, lambda state: True)
    while_open = _everywhere(procedure, procedure.is_open)
    beneath = {**always, **while_open}
    stages = procedure.stages or {"": procedure.label}
    columns = [
        Column(
            words(label),
            tuple(
                _card(procedure, state, words, beneath, counts)
                for state in procedure.states.values()
                if state.stage == stage or stage not in procedure.stages
            ),
        )
        for stage, label in stages.items()
    ]
    lines = [
        words(head) + words.joint.join(words(one.label) for one in actions.values())
        for head, actions in ((_ALWAYS, always), (_WHILE_OPEN, while_open))
        if actions
    ]
    return Picture(words(procedure.label), tuple(columns), tuple(lines))


class _Words:
    """Labels in one language, and how a list of them is joined."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.joint = "、" if language.lower().startswith("zh") else ", "

    def __call__(self, label: Label) -> str:
        return label.in_language(self.language)


def _everywhere(procedure: Procedure, among: Callable[[str], bool]) -> dict[str, Action]:
    """Return the people's actions that keep the state and may be done in exactly these states."""
    states = {name for name in procedure.states if among(name)}
    return {
        name: one
        for name, one in procedure.actions.items()
        if not one.automatic and not procedure.targets(one) and set(one.sources) == states
    }


def _card(
    procedure: Procedure,
    state: State,
    words: _Words,
    beneath: Mapping[str, Action],
    counts: Mapping[str, int] | None,
) -> Card:
    here = [one for one in procedure.actions_from(state.name) if one.name not in beneath]
    stays = [one for one in here if not procedure.targets(one) and not one.automatic]
    notes = [
        words(head) + words.joint.join(words(procedure.clocks[name].label) for name in clocks)
        for head, clocks in ((_RUNS, state.clocks), (_STANDS, state.pauses))
        if clocks
    ]
    return Card(
        state=state,
        title=words(state.label),
        count=None if counts is None else counts.get(state.name, 0),
        notes=tuple(notes),
        ways=_ways(procedure, state, here, words),
        stays=words(_STAYS) + words.joint.join(words(one.label) for one in stays) if stays else "",
    )


def _ways(procedure: Procedure, state: State, here: list[Action], words: _Words) -> tuple[Way, ...]:
    """Return one way for each state that is led to, with all the actions that do."""
    names: dict[str, list[str]] = {}
    for one in here:
        targets = procedure.targets(one)
        target = "" if len(targets) > 1 else (targets or (state.name,))[0]
        if target != state.name:
            names.setdefault(target, []).append(words(one.label))
    return tuple(
        Way(words.joint.join(some), target, words(procedure.states[target].label if target else BEFORE))
        for target, some in names.items()
    )


def is_end(state: State) -> bool:
    """Tell whether a matter may stop in the state."""
    return state.kind in (StateKind.MAY_END, StateKind.FINAL, StateKind.ASIDE)
