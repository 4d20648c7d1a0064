"""Files of a matter, and complaints that belong together: what stands against a step, and what follows."""

from __future__ import annotations

from tests.machines import conditions as on
from tests.machines.conditions import Case, Reasons
from tests.machines.edges import edges
from tests.machines.paper import CONFLICT, HIDDEN, INVALID, Book, Caller, File, Paper, Relation, Step, Verdict

SYSTEM = "the system"
"""Who writes into the other complaint's log what a person did in the first."""


def something_was_added(c: Case) -> Reasons:
    if not c.knows("additions"):
        yield "nothing_added"


def a_link(c: Case) -> Reasons:
    if not c.book.linked(c.file.number):
        yield "no_links"


def carries_none(c: Case) -> Reasons:
    if c.book.carried(c.file.number):
        yield "carries_another"


def no_child_stays_behind(c: Case) -> Reasons:
    """A lead hangs on its complaint whatever became of it, a payout until it is over."""
    children = (c.book.files[one] for one in c.file.children)
    if any(one.kind == "lead" or one.state not in on.PAYOUT_ENDS for one in children):
        yield "lead_or_payout"


def a_merging(c: Case) -> Reasons:
    if all(one.first != c.file.number for one in c.book.open_relations("merge")):
        yield "nothing_to_undo"


def stated_to_be_one(c: Case) -> Reasons:
    if c.typed.get("same_complaint") is not True:
        yield "not_stated"


def against(book: Book, file: File, step: Step) -> Verdict | None:
    """Return what is answered to a step that person, state and conditions allow, or None."""
    if step.action == "attach":
        return CONFLICT if step.typed["file"] in file.standing_papers.values() else None
    if step.action == "withdraw_file":
        if not file.standing_papers:
            return HIDDEN
        return None if step.typed["file_number"] in file.standing_papers else INVALID
    if step.action == "unlink":
        return None if step.typed["other"] in book.linked(file.number) else INVALID
    if step.action == "link":
        other = _named(book, file, step, "other")
        return INVALID if other is None or other.number in book.linked(file.number) else None
    if step.action == "merge":
        earlier = _named(book, file, step, "into")
        if earlier is None:
            return INVALID
        why = _why_not_one(book, file, earlier)
        return Verdict("refused", frozenset({why})) if why else None
    return None


def _named(book: Book, file: File, step: Step, field: str) -> File | None:
    """Return the other complaint, where the person sees one of that number."""
    other = book.files.get(step.typed[field])
    if other is None or other is file or other.kind != "complaint" or not other.is_seen_by(step.who):
        return None
    return other


def _why_not_one(book: Book, later: File, earlier: File) -> str:
    """Limits count from the first receipt (Order 121 art. 15); two complainants are never one (adr/0020)."""
    order = list(book.files)
    if earlier.state == "merged":
        return "earlier_is_merged"
    if earlier.state not in edges("complaint")["take_in"].sources:
        return "earlier_is_over"
    if order.index(earlier.number) > order.index(later.number):
        return "received_later"
    if _are_two_people(later.caller, earlier.caller):
        return "other_complainant"
    if later.caller.shop_code and earlier.caller.shop_code not in ("", later.caller.shop_code):
        return "other_merchant"
    return ""


def _are_two_people(one: Caller, other: Caller) -> bool:
    if one.paper and other.paper and one.paper != other.paper:
        return True
    if one.name and other.name:
        return one.name != other.name
    same_paper = bool(one.paper) and one.paper == other.paper
    return one.phone != other.phone and not same_paper


def follow(book: Book, file: File, step: Step) -> File | None:
    """Write down what a lawful step does to papers and to other complaints; return the other one, if any."""
    if step.action == "attach":
        file.papers.append(Paper(step.typed["file"], step.typed["kind"], step.who))
    elif step.action == "withdraw_file":
        file.papers[step.typed["file_number"] - 1].withdrawn = True
    elif step.action in ("link", "unlink"):
        other = book.files[step.typed["other"]]
        if step.action == "link":
            book.relations.append(Relation("link", *_in_order(book, file, other), step.who))
        else:
            book.standing("link", *_in_order(book, file, other)).ended_by = step.who
        file.known["links"] = len(book.linked(file.number))
        _told(other, f"{step.action}ed_from_there", "links", len(book.linked(other.number)))
        return other
    elif step.action == "merge":
        other = book.files[step.typed["into"]]
        book.relations.append(Relation("merge", file.number, other.number, step.who))
        _told(other, "take_in", "carries", len(book.carried(other.number)))
        return other
    elif step.action == "unmerge":
        (relation,) = (one for one in book.open_relations("merge") if one.first == file.number)
        relation.ended_by = step.who
        other = book.files[relation.second]
        _told(other, "let_go", "carries", len(book.carried(other.number)))
        return other
    return None


def _in_order(book: Book, one: File, other: File) -> tuple[str, str]:
    first, second = sorted((one.number, other.number), key=list(book.files).index)
    return first, second


def _told(other: File, action: str, counted: str, number: int) -> None:
    """Write into the other's log what was done: open forms of it are stale then."""
    other.seq += 1
    other.version += 1
    other.events.append((SYSTEM, action))
    other.known[counted] = number
