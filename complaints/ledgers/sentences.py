"""What a check has to say, as codes with values, and the sentence of each in the reader's language.

The codes are kept with an import; whoever reads the report, in whichever language, gets the sentence. No
value holds a personal number: what a cell held is masked before it is put here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.foundation.errors import Invalid
from complaints.foundation.masking import mask_text
from complaints.foundation.visible_signs import shortened, without_unseen

Why = dict[str, Any]
"""`code`, and the values of its sentence."""

FIELDS: Mapping[str, Any] = MappingProxyType(
    {
        "number": _l("Number"),
        "person": _l("Complainant"),
        "phone": _l("Phone"),
        "subject": _l("Title"),
        "text": _l("What was said"),
        "merchant": _l("Respondent"),
        "received_at": _l("Received at"),
        "reply": _l("Reply"),
        "replied_at": _l("Replied at"),
        "unit": _l("Unit"),
    }
)
"""The fields of a ledger, in the order of a report; a map file names them by these keys."""

FILE: Mapping[str, Any] = MappingProxyType(
    {
        "empty": _l("The file is empty: choose the ledger again."),
        "too_large": _l("The file has more than %(most)s MB: split the ledger."),
        "kind": _l("“%(name)s” is neither .xlsx nor .csv: save the ledger as one of the two."),
        "old_excel": _l(
            "This is a workbook of the old format .xls, whatever its name: open it and save it as .xlsx."
        ),
        "password": _l("The workbook is protected by a password: save it without one."),
        "html": _l(
            "This is a web page, not a table, though it is called “%(name)s”: open it in a spreadsheet "
            "program "
            "and save it as .xlsx."
        ),
        "macro": _l("The workbook contains macros: save it as .xlsx, without them."),
        "not_a_workbook": _l("This is no .xlsx workbook, though it is called “%(name)s”: save it as .xlsx."),
        "workbook_as_csv": _l("“%(name)s” is a workbook, not text: give its name the ending .xlsx."),
        "damaged": _l("The workbook is damaged or cut off: save it again, or copy it again."),
        "unpacks": _l(
            "The workbook would unpack to %(size)s MB; at most %(most)s MB are read. Nothing was unpacked: "
            "split "
            "the ledger."
        ),
        "ratio": _l(
            "The workbook would grow to %(ratio)s times its size, which no ledger does; at most %(most)s "
            "times "
            "are read. Nothing was unpacked."
        ),
        "entries": _l("The workbook has %(count)s parts inside; at most %(most)s are read."),
        "entry_name": _l(
            "The workbook has a part that does not belong into one (“%(part)s”): save it again in a "
            "spreadsheet "
            "program."
        ),
        "nested": _l("The workbook contains another file (“%(part)s”): take it out and save again."),
        "entities": _l(
            "The workbook declares entities in “%(part)s”, which no spreadsheet program writes: it was not "
            "read."
        ),
        "rows": _l("The table reaches to row %(count)s; at most %(most)s rows are read. Split the ledger."),
        "text": _l("The cells hold more than %(most)s characters together: split the ledger."),
        "long_cell": _l("A cell has more than %(most)s characters, which no spreadsheet program writes."),
        "merges": _l(
            "The sheet has more than %(most)s merged areas, or areas of more than %(cells)s cells: separate "
            "the merged cells."
        ),
        "columns": _l("The table has %(count)s columns; at most %(most)s are read."),
        "sheets": _l(
            "Several sheets hold a ledger: %(names)s. Save each as a file of its own, so that every row "
            "can be "
            "named."
        ),
        "encoding": _l(
            "The text is neither UTF-8 (byte %(utf8)s, line %(utf8_line)s) nor GB18030 (byte %(gb)s, line "
            "%(gb_line)s): save it again as CSV UTF-8. Nothing was imported."
        ),
        "utf8": _l(
            "The text is UTF-8, but byte %(at)s in line %(line)s is not: the file is cut off or was put "
            "together "
            "from two encodings. Save it again as CSV UTF-8. Nothing was imported."
        ),
        "mixed": _l(
            "Most of the text is GB18030, but line %(line)s (from byte %(at)s) is UTF-8: save the whole "
            "file again "
            "in one encoding. Nothing was imported."
        ),
        "utf16_without_mark": _l(
            "This looks like UTF-16 without its byte order mark, which cannot be read for certain: save it "
            "as CSV "
            "UTF-8."
        ),
        "utf16": _l("The UTF-16 text is damaged at byte %(at)s: save it again as CSV UTF-8."),
        "csv": _l(
            "Record %(row)s cannot be read as CSV: a quotation mark is not closed, or something stands "
            "behind it."
        ),
        "no_header": _l(
            "No row among the first %(most)s is a header: at least a number, a day of receipt and a title "
            "or text "
            "are needed. Missing: %(missing)s. Say on the page or in a map file which column "
            "is which, or name them as usual."
        ),
        "double": _l(
            "Two columns mean the same, %(field)s: %(names)s. Say on the page or in a map file which one "
            "counts, or rename one."
        ),
        "same_header": _l(
            "The header “%(name)s” stands twice: say on the page which column is which, or rename one of the "
            "two."
        ),
        "map_key": _l("The map file names “%(key)s”, which is no field. Fields: %(known)s."),
        "map_header": _l("The map file names the column “%(name)s”, which the ledger does not have."),
        "map_file": _l(
            "The map file is no list of “field: column” in YAML, such as “number: 登记编号”: correct it."
        ),
        "gone": _l("The uploaded file is no longer there: upload the ledger again."),
        "unexpected": _l(
            "Something in this file stopped the program; nothing of it was imported. The file is kept. Tell "
            "the administrator the number of this event: %(event)s."
        ),
        "given_up": _l(
            "Reading this file was begun %(times)s times and never came to an end; nothing of it was "
            "imported. The file is kept: try it again, split the ledger, or tell the administrator."
        ),
        "no_rows": _l("The ledger has a header and no rows."),
    }
)
"""Why a file as a whole is not taken."""
MAY_BE_OURS = frozenset({"unexpected", "given_up"})
"""Of these the program may be to blame and not the file: it is kept for another try."""

ROW: Mapping[str, Any] = MappingProxyType(
    {
        "missing": _l("%(field)s is empty."),
        "missing_text": _l("Neither a title nor a text."),
        "too_long": _l("%(field)s has %(count)s characters; at most %(most)s are kept."),
        "control": _l("%(field)s holds the control character %(sign)s at place %(at)s."),
        "personal_number": _l(
            "%(field)s %(shown)s may be a telephone, identity or account number, not the number of a "
            "matter: take another column."
        ),
        "no_cached_value": _l(
            "%(field)s is a formula whose result was not saved: open and save the file in a spreadsheet "
            "program."
        ),
        "error_value": _l("%(field)s holds the error %(shown)s instead of a value."),
        "lost_digits": _l(
            "%(field)s is a number of more than 15 digits; the spreadsheet has lost the last ones. Take it "
            "from the "
            "source as text."
        ),
        "not_text": _l("%(field)s holds “%(shown)s”, which is neither text nor a whole number."),
        "not_a_day": _l(
            "%(field)s “%(shown)s” is no day: write 2024-01-05, with a time as 2024-01-05 14:30."
        ),
        "no_such_day": _l("%(field)s “%(shown)s”: this day or time does not exist."),
        "ambiguous": _l("%(field)s “%(shown)s” can be two different days: write the year first, 2024-01-05."),
        "serial_in_text": _l(
            "%(field)s “%(shown)s” is a spreadsheet's day number: format the column as a day."
        ),
        "too_early": _l("%(field)s %(shown)s lies before 1980."),
        "in_future": _l("%(field)s %(shown)s lies after today."),
        "unknown_unit": _l("There is no unit “%(shown)s” that you may import for."),
        "other_unit": _l("“%(shown)s” is not below the unit whose ledger this is: bring its rows apart."),
        "several_units": _l("Several units are called “%(shown)s”: write the code or the path."),
        "no_unit": _l("The row names no unit, and none was chosen for the file."),
        "too_many_cells": _l("The row has %(count)s cells, the header %(most)s."),
        "merged": _l(
            "%(field)s belongs to merged cells: separate them, so that each row says what is in it."
        ),
        "own_matter": _l(
            "This number is that of a matter of this system, which is on record already: the row becomes no "
            "historical record."
        ),
        "differs": _l("Other content than on record: %(fields)s."),
        "differs_in_file": _l("Other content than in row %(row)s of this file: %(fields)s."),
        "twice": _l("The same as row %(row)s of this file."),
        "settled": _l("This content was settled on %(day)s; nothing changes."),
        "waits": _l("This conflict waits already for a person."),
        "replied_before_received": _l(
            "Replied on %(replied)s, before it was received on %(received)s: kept, marked, and never counted."
        ),
        "phone_several": _l(
            "The phone holds several numbers: found by the first, %(shown)s, and kept as written."
        ),
        "phone_among": _l("The phone holds more than a number: found by %(shown)s, and kept as written."),
        "name_masked": _l(
            "The complainant's name is masked in the file: kept as it stands, not found by name."
        ),
        "phone_kept": _l("The phone is no telephone number: kept as written, not found by number."),
        "hidden_sheet": _l("The hidden sheet “%(name)s” was left out."),
        "other_sheet": _l("The sheet “%(name)s” holds no ledger and was left out."),
        "above_header": _l("Rows above the header that were not taken over: %(names)s."),
        "left_out": _l("Columns that were not taken over: %(names)s."),
    }
)
"""What is said of single rows, and as notes on the file."""


class FileRefused(Invalid):
    """A file that cannot be taken as a whole; `why` can be kept."""

    def __init__(self, code: str, **values: Any) -> None:
        """Take the code and the values of its sentence."""
        self.why: Why = {"code": code, **values}
        super().__init__(say(self.why), "file")


class RowRefused(Exception):  # noqa: N818 - no error of the program
    """A cell that cannot be taken."""

    def __init__(self, code: str, **values: Any) -> None:
        """Take the code and the values of its sentence."""
        super().__init__(code)
        self.why: Why = {"code": code, **values}


def say(why: Mapping[str, Any]) -> str:
    """Return the sentence of a code with its values, in the language of the reader."""
    code = str(why["code"])
    values = {name: _shown(name, value) for name, value in why.items() if name != "code"}
    return str(FILE.get(code) or ROW[code]) % values


def _shown(name: str, value: Any) -> Any:
    if name == "field":
        return FIELDS[value]
    if name in ("fields", "missing"):
        return _(", ").join(str(FIELDS[one]) for one in value)
    if name == "names":
        return ", ".join(map(str, value))
    return value


_MOST_SHOWN = 41
"""Characters of a cell that a sentence shows, with the sign for what is left out."""
_MOST_MASKED = 4000
_CUT_NUMBER = re.compile(r"(?<![\W\d_])[\W\d_]+\Z")
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def one_line(text: str) -> str:
    """Return a text on one line, without what nobody sees and what no page and no database can hold."""
    return _UNSHOWN.sub("\ufffd", " ".join(without_unseen(text).split()))


def shown(value: object) -> str:
    """Return what a cell holds as a sentence may show it: short, on one line, numbers masked."""
    return beginning(value, _MOST_SHOWN, mask_text)


def beginning(value: object, most: int, mask: Callable[[str], str]) -> str:
    """Return what a cell holds on one line, masked and only then cut: no mask knows half a number."""
    # an identity number in its short form, 4.2e+17, would pass the mask with the birthday in it
    number = isinstance(value, float) and value.is_integer()
    text = one_line(f"{value:.0f}" if number else str(value))
    if len(text) > _MOST_MASKED:
        # a long text is not masked to its end for its first words; half a number at the cut goes
        text = f"{_CUT_NUMBER.sub('', text[:_MOST_MASKED])}…"
    return shortened(mask(text), most)
