"""What a move makes of one matter, in the words of the people who work on it: one line a thing."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.definition import Action, Label, Procedure
from workflows.guards import Why
from workflows.versioning.migration import OPENED, ClockMove, Move
from workflows.versioning.migration_plans import Treatment


def state_words(move: Move, old: Procedure, new: Procedure, language: str) -> str:
    """Return the state before and after by their labels; one label where it stays the same."""
    before = old.states[move.state].label.in_language(language)
    after = before if move.reasons else new.states[move.target].label.in_language(language)
    return before if before == after else f"{before} → {after}"


def move_lines(move: Move, old: Procedure, new: Procedure, language: str) -> tuple[str, ...]:
    """Return what happens to the matter's clocks and actions, or why it stays where it is."""
    if move.reasons:
        return tuple(_why(one).in_language(language) for one in move.reasons)
    lines = [clock_words(one, old, new) for one in move.clocks]
    if move.lost:
        lines.append(_actions(Label("不再可以办理", "no longer possible"), move.lost))
    if move.gained:
        lines.append(_actions(Label("新增可以办理", "newly possible"), move.gained))
    return tuple(one.in_language(language) for one in lines)


def clock_words(one: ClockMove, old: Procedure, new: Procedure) -> Label:
    """Return what becomes of one clock, with its last lawful day before and after."""
    rule = old.clocks.get(one.clock) or new.clocks[one.clock]
    zh, en = rule.label.zh, rule.label.en
    before = one.before.legal_due if one.before else None
    after = one.after.legal_due if one.after else None
    if one.what == Treatment.DROP:
        return Label(f"时限“{zh}”：取消（原到{before}）", f"clock “{en}”: ended (was due {before})")
    if one.what == OPENED:
        return Label(f"时限“{zh}”：自今日起算，到{after}", f"clock “{en}”: begins today, due {after}")
    if before == after and one.what != Treatment.RESTART:
        return Label(f"时限“{zh}”：不变，到{after}", f"clock “{en}”: stays, due {after}")
    moved = Label(f"{before} → {after}（{one.days:+d}日）", f"{before} → {after} ({one.days:+d} days)")
    if one.what == Treatment.RESTART:
        return Label(f"时限“{zh}”：重新开始，{moved.zh}", f"clock “{en}”: begins anew, {moved.en}")
    return Label(f"时限“{zh}”：重新计算，{moved.zh}", f"clock “{en}”: counted again, {moved.en}")


def _actions(what: Label, actions: Iterable[Action]) -> Label:
    known = list(actions)
    zh, en = "、".join(one.label.zh for one in known), ", ".join(one.label.en for one in known)
    return Label(f"{what.zh}：{zh}", f"{what.en}: {en}")


def _why(one: Why) -> Label:
    remedy = one.remedy or Label("", "")
    return Label(f"不变更：{one.text.zh}{remedy.zh}", f"stays: {one.text.en} {remedy.en}".rstrip())
