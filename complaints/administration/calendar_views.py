"""The working calendar: which years are loaded, and what a new notice would move before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.administration.calendar_actions import last_loading, load_notice
from complaints.administration.calendar_matters import OwnMatters
from complaints.administration.calendar_preview import Preview, preview
from complaints.administration.forms import LoadNoticeForm, NoticeForm
from complaints.dossier.clock_views import localised
from complaints.foundation.clock import local_moment
from complaints.foundation.errors import Conflict
from complaints.organisation.permissions import Permission
from complaints.web.access import address, current_actor, needs
from complaints.web.refusals import CONFLICT, WRONG
from complaints.web.services import services
from complaints.web.transaction import read_again, reading, writing
from workflows.calendars.holiday_files import LARGEST_FILE, read_holiday_text
from workflows.calendars.holiday_years import HolidayFileError, HolidayYear
from workflows.calendars.statutory_holidays import marks_of
from workflows.definition import Label
from workflows.runtime import calendar_table, recount

LINES_SHOWN = 200
"""More lines of a preview than these are only counted on the page; the command line prints all."""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a notice names: off, perhaps by the law itself, or worked to make up."""

    date: date
    name: str
    statutory: bool
    worked: bool


@dataclass(frozen=True, slots=True)
class YearRow:
    """One loaded year as the page lists it."""

    year: int
    title: str
    number: str
    days_off: int
    made_up: int
    loaded_at: datetime
    days: list[NamedDay]


@needs(Permission.ADMIN_TABLES)
def calendar() -> ResponseReturnValue:
    """List the loaded years, say how far the counting has come, and ask for a new notice."""
    return _calendar_page(NoticeForm())


@needs(Permission.ADMIN_TABLES)
def preview_calendar() -> ResponseReturnValue:
    """Read the notice and show what it would move; nothing is written."""
    form = NoticeForm()
    file = form.file.data
    if not form.validate_on_submit():
        return make_response(_calendar_page(form), WRONG)
    if not file or not file.filename:
        form.file.errors = [_("Choose the notice's file.")]
        return make_response(_calendar_page(form), WRONG)
    content = file.stream.read(LARGEST_FILE + 1)
    try:
        year = read_holiday_text(content, file.filename[:100])
        own = OwnMatters(reading(), current_actor())
        shown = preview(reading(), services().engine, year, own)
    except HolidayFileError as error:
        form.file.errors = [in_words(error)]
        return make_response(_calendar_page(form), WRONG)
    ahead = LoadNoticeForm(formdata=None, name=file.filename[:100], content=content.decode("utf-8-sig"))
    return _preview_page(shown, own, ahead)


@needs(Permission.ADMIN_TABLES)
def load_calendar() -> ResponseReturnValue:
    """Load the notice that the preview showed; the worker then moves the clocks."""
    form = LoadNoticeForm()
    if not form.validate_on_submit():
        return make_response(_calendar_page(NoticeForm(formdata=None)), WRONG)
    try:
        year = read_holiday_text((form.content.data or "").encode(), form.name.data or _("notice"))
        with writing() as session:
            parts = services()
            fresh = load_notice(
                session, parts.clock, current_actor(), year, base=form.base.data or "", address=address()
            )
    except HolidayFileError as error:
        asked = NoticeForm(formdata=None)
        asked.file.errors = [in_words(error)]
        return make_response(_calendar_page(asked), WRONG)
    except Conflict as meanwhile:
        own = OwnMatters(read_again(), current_actor())
        shown = preview(reading(), services().engine, year, own)
        return make_response(_preview_page(shown, own, form, meanwhile.sentence), CONFLICT)
    flash(
        _("The notice for %(year)s is loaded. The worker moves the due dates now.", year=year.year)
        if fresh
        else _("These days are loaded already (%(by)s); nothing was changed.", by=last_loading(read_again())),
        "accent",
    )
    return redirect(url_for("administration.calendar"), 303)


PAGES: tuple[tuple[str, Any, list[str]], ...] = (
    ("/admin/calendar", calendar, ["GET"]),
    ("/admin/calendar/preview", preview_calendar, ["POST"]),
    ("/admin/calendar/load", load_calendar, ["POST"]),
)


def in_words(error: HolidayFileError) -> str:
    """Return what is wrong with a notice in the reader's language."""
    return localised(Label(error.zh, str(error)))


def _calendar_page(form: NoticeForm) -> str:
    connection = reading().connection()
    known = calendar_table.read_calendar(connection)
    revisions = calendar_table.revisions(connection)
    return render_template(
        "administration/calendar.html",
        form=form,
        years=[_year_row(row) for row in reversed(calendar_table.notices_of(connection, revisions[0]))],
        announced_through=known.announced_through,
        final_through=known.final_through,
        rolls_weekends=known.rolls_weekends,
        revision=known.revision,
        made_at=local_moment(revisions[0]["made_at_us"]),
        counting=recount.counting(connection),
    )


def _preview_page(shown: Preview, own: OwnMatters, form: LoadNoticeForm, meanwhile: str = "") -> str:
    form.base.data = shown.base
    return render_template(
        "administration/calendar_preview.html",
        form=form,
        shown=shown,
        lines=shown.lines[:LINES_SHOWN],
        days=named_days(shown.year),
        matters=own.lines(services().engine),
        matters_in_all=own.total,
        meanwhile=meanwhile,
        marks=marks_of(shown.year),
    )


def _year_row(row: Any) -> YearRow:
    year = calendar_table.year_of(row)
    return YearRow(
        row["year"],
        row["title"],
        row["number"] or "",
        len(year.off),
        len(year.work),
        local_moment(row["loaded_at_us"]),
        named_days(year),
    )


def named_days(year: HolidayYear) -> list[NamedDay]:
    """Return the days of a notice in their order."""
    days = [NamedDay(one.date, one.name, one.statutory, worked=False) for one in year.off]
    days += [NamedDay(one.date, one.made_up_for, statutory=False, worked=True) for one in year.work]
    return sorted(days, key=lambda one: one.date)
