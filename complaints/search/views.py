"""Search from every page. What was typed may be a telephone number: it comes by POST and never stands in an
address; the page of hits has a random one, which only the person who asked can open.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.models import MatterKind
from complaints.foundation.errors import Invalid, NotFound
from complaints.organisation.permissions import Permission
from complaints.organisation.roles import Role
from complaints.search import actions
from complaints.search.asking import LONGEST, Asked, understand
from complaints.search.exports import hits_listing
from complaints.search.listing import PAGE, Line, lines
from complaints.search.queries import Hit, Why, by_whole_number, search
from complaints.web import exports
from complaints.web.access import address, current_actor, needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.work import reading_work, writing_work

blueprint = Blueprint("search", __name__, url_prefix="/search")
ROOM = Room(blueprint, "/search")

SUGGESTED = 5


@blueprint.get("")
@needs(Permission.MATTER_SEARCH)
def start() -> ResponseReturnValue:
    """Show the empty search, with what can be searched for."""
    return _page("")


@blueprint.post("")
@needs(Permission.MATTER_SEARCH)
def find() -> ResponseReturnValue:
    """Keep the search and lead to its hits; a whole number leads straight to its page."""
    typed = request.form.get("q", "")
    try:
        asked = understand(typed)
    except Invalid as problem:
        return _page(typed, wrong=problem.sentence), problem.status
    exact = _of_whole_number(asked)
    if exact is not None:
        return redirect(exact, 303)
    with writing_work() as work:
        key = actions.keep(work, asked, address())
    return redirect(url_for("search.hits", key=key), 303)


@blueprint.post("/suggestions")
@needs(Permission.MATTER_SEARCH)
def suggestions() -> ResponseReturnValue:
    """Answer while somebody types: the first hits. Nobody is looked up by telephone, paper or name here."""
    work = reading_work()
    try:
        asked = understand(request.form.get("q", ""))
    except Invalid:
        return render_template("search/_suggestions.html", asked=None, lines=[])
    found = search(work, asked, most=SUGGESTED, personal=False)
    return render_template(
        "search/_suggestions.html", asked=asked, lines=lines(work, found.hits, asked), url_of=_url_of
    )


@blueprint.get("/<key>")
@needs(Permission.MATTER_SEARCH)
def hits(key: str) -> ResponseReturnValue:
    """Show the hits of a search of this person."""
    work = reading_work()
    words = actions.kept(work, key)
    if words is None:
        raise NotFound(_("This search is no longer kept, or somebody else made it: search again."))
    asked = understand(words)
    found = search(work, asked)
    if exports.asked():
        return exports.answer(hits_listing(asked, found.hits))
    offset = page_asked() * PAGE
    return _page(
        words,
        asked=asked,
        found=found,
        export_url=url_for("search.hits", key=key),
        lines=lines(work, found.hits[offset : offset + PAGE], asked),
        pages=paging(len(found.hits), offset, PAGE, lambda page: url_for("search.hits", key=key, page=page)),
    )


def _page(words: str, **more: object) -> str:
    """Write the page: in the phone's layout for who works at a station."""
    at_station = current_actor().roles <= {Role.STATION}
    return render_template(
        "search/hits.html",
        layout="layouts/phone.html" if at_station else "layouts/base.html",
        at_station=at_station,
        back_url=url_for("station.today") if at_station else "",
        search_words=words,
        longest=LONGEST,
        url_of=_url_of,
        **more,
    )


def _of_whole_number(asked: Asked) -> str | None:
    """Return the page of what bears exactly the number that was typed, where that is one thing alone."""
    if not asked.numbers:
        return None
    work = reading_work()
    found = by_whole_number(work, asked, most=2)
    if len(found) != 1:
        return None
    return next(map(_url_of, lines(work, [Hit(found[0], Why.NUMBER)], asked)), None)


def _url_of(line: Line) -> str:
    """Return the page of a hit; a station has a page of its own for its disputes."""
    if line.record_id is not None:
        return f"/records/{line.record_id}"
    if line.kind == MatterKind.STATION_DISPUTE and current_actor().roles <= {Role.STATION}:
        return url_for("station.dispute", number=line.number)
    return f"/matters/{line.number}"
