"""Why two complaints are not one: what contradicts the person who says that they are.

Two complainants are never one complaint, however alike their words. And a merging may lose nothing: the
earlier receipt governs, so the later complaint goes into the earlier one, and only while that one is at work.
"""

from __future__ import annotations

from complaints.dossier import progress
from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.foundation.folding import normalise_name
from workflows.definition import Label
from workflows.guards import Why

MERGED = "merged"
"""The state of a complaint that another one carries on."""


def why_not_one(work: Work, later: Matter, earlier: Standing) -> Why | None:
    """Say why the later complaint cannot be merged into the earlier one, or return None.

    That both are one complaint a person states; here stands what contradicts it, and what would lose a
    complaint or lengthen a limit.
    """
    into = earlier.matter
    taking = progress.procedure_of(work, earlier).actions["take_in"].sources
    if earlier.state == MERGED:
        return _why(
            "earlier_is_merged",
            Label("那一件自己已经合并到别的投诉。", "That one was itself merged into another."),
            Label("请填写承接它的那件投诉的编号。", "Name the complaint that carries it."),
        )
    if earlier.state not in taking:
        return _why(
            "earlier_is_over",
            Label(
                "先前的投诉已经结束或者已有结果，不能再并入。",
                "The earlier complaint is over or has its result: nothing can be merged into it.",
            ),
            Label("请单独办理，可以关联那一件。", "Handle this one by itself; it can be linked."),
        )
    if (into.received_at, into.id) > (later.received_at, later.id):
        return _why(
            "received_later",
            Label(
                "那一件收到得更晚：期限从较早收到的一件起算。",
                "That one was received later: limits count from the earlier receipt.",
            ),
            Label("请打开那一件，合并到本件。", "Open that one and merge it into this one."),
        )
    return _other_people(later, into)


def _other_people(later: Matter, into: Matter) -> Why | None:
    """Say what tells two complainants apart: their papers' numbers, or their names where both are given.

    A family shares a telephone, so the number alone makes nobody the same; where a name is missing, it must
    bear the identity instead.
    """
    instead = Label("请改用关联。", "Link the two instead.")
    one, other = later.consumer, into.consumer
    if one is None or other is None:
        return _why("nobody_named", Label("有一件没有投诉人。", "One of the two names nobody."), instead)
    papers = one.id_hash and other.id_hash
    names = {normalise_name(one.name), normalise_name(other.name)}
    same_phone = bool(one.phone_hash) and one.phone_hash == other.phone_hash
    same_paper = bool(papers) and one.id_hash == other.id_hash
    differ = bool(papers) and not same_paper
    if "" in names:
        differ = differ or not (same_phone or same_paper)
    elif len(names) > 1:
        differ = True
    if differ:
        return _why(
            "other_complainant",
            Label("两件的投诉人不同，不能合并。", "The complainants differ: the two cannot be merged."),
            instead,
        )
    codes = {row.uscc for row in (later.merchant, into.merchant) if row is not None and row.uscc}
    if len(codes) > 1:
        return _why(
            "other_merchant",
            Label("两件的被投诉人不同，不能合并。", "The respondents differ: the two cannot be merged."),
            instead,
        )
    return None


def _why(code: str, text: Label, remedy: Label) -> Why:
    return Why(code, text, remedy, fields=("into",))
