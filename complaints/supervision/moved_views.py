"""The page of the limits that a holiday notice moved, of the supervisor's own units."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.worklists import PAGE
from complaints.foundation.errors import NotFound
from complaints.organisation.permissions import Permission
from complaints.supervision.exports import moved_listing
from complaints.supervision.moved import Loading, found, loadings, moved_rows
from complaints.web import exports
from complaints.web.access import needs
from complaints.web.paging import page_asked, paging
from complaints.web.work import reading_work


@needs(Permission.SUPERVISION_READ)
def moved() -> ResponseReturnValue:
    """List what the latest loading of the calendar moved, or an earlier one that was asked for."""
    work = reading_work()
    known = loadings(work)
    loading = _chosen(known, request.args.get("calendar", ""))
    if loading is None:
        return render_template("supervision/moved.html", loading=None, rows=[], tabs=[])
    if exports.asked():
        return exports.answer(moved_listing(loading))
    offset, limits = page_asked() * PAGE, found(work, loading)
    return render_template(
        "supervision/moved.html",
        loading=loading,
        rows=moved_rows(work, loading, limits[offset : offset + PAGE]),
        moved=sum(one.moves for one in limits),
        total=len(limits),
        matters=len({one.instance_id for one in limits}),
        tabs=[
            {"label": one.loaded_at, "url": _url(one), "current": one.revision == loading.revision}
            for one in known
        ],
        pages=paging(len(limits), offset, PAGE, lambda page: _url(loading, page)),
        export_url=_url(loading),
    )


def _chosen(known: list[Loading], named: str) -> Loading | None:
    """Return the loading of that revision, by default the latest; None where nothing was loaded yet."""
    if not named:
        return known[0] if known else None
    for one in known:
        if one.revision == named:
            return one
    raise NotFound(_("There is no such loading of the calendar among the latest."))


def _url(loading: Loading, page: int = 1) -> str:
    leafed = page if page > 1 else None
    return url_for("supervision.moved", calendar=loading.revision, page=leafed)
