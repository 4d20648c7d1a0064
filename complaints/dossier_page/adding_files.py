"""Files sent to a matter: each is judged, scanned, kept, and attached by an act of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from flask import flash
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from complaints.dossier import attachments
from complaints.dossier.progress import Submitted, standing
from complaints.dossier.receiving import Infected, NotNow, Received
from complaints.dossier.refusals import Denied
from complaints.foundation.errors import Conflict, Invalid, NotFound, Problem
from complaints.organisation.security_log import record
from complaints.web.access import address
from complaints.web.file_forms import MOST_AT_ONCE
from complaints.web.services import services
from complaints.web.submissions import submission_key
from complaints.web.work import writing_work
from workflows.runtime.requests import KeyReused


@dataclass(slots=True)
class Outcome:
    """What came of the files that were sent together; each is an act of its own."""

    added: list[Received] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    denied: Denied | None = None


def add_each(number: str, kind: str, sent: list[FileStorage]) -> Outcome:
    """Add each file that can be taken, and say of each other why not."""
    done = Outcome()
    for one in sent[:MOST_AT_ONCE]:
        try:
            received = services().receiving.receive(one.filename or "", _stream(one))
        except Infected as found:
            _record_infected(number, found)
            done.problems.append(found)
        except (Invalid, NotNow) as problem:
            done.problems.append(problem)
        else:
            try_one(done, number, {"kind": kind, "file": received}, received)
        if done.denied is not None:
            break
    if len(sent) > MOST_AT_ONCE:
        left = len(sent) - MOST_AT_ONCE
        done.problems.append(
            Invalid(
                _("At most %(most)s files at once: %(left)s were left out.", most=MOST_AT_ONCE, left=left)
            )
        )
    return done


def try_one(done: Outcome, number: str, payload: dict[str, Any], received: Received | None) -> None:
    """Do the act of one file. What was kept for an act that surely did not happen is removed."""
    key = submission_key()
    if received is not None:
        # each file of the form is sent once; of a form sent twice each is the same act again
        key = f"{key}-{received.sha256[:12]}"
    try:
        with writing_work() as work:
            outcome = attachments.attach(work, standing(work, number), payload, Submitted(key))
    except Denied as denied:
        done.denied = denied
    except KeyReused:
        done.problems.append(
            Conflict(_("This form was sent before as another kind of paper: look at the matter first."))
        )
    except (Invalid, Conflict) as problem:
        done.problems.append(problem)
    except NotFound:
        _forget(received)
        raise
    else:
        if received is not None and not outcome.replayed:
            done.added.append(received)
            return
    _forget(received)


def _forget(received: Received | None) -> None:
    if received is not None:
        services().receiving.forget(received)


def _record_infected(number: str, found: Infected) -> None:
    """Write down in the security log who sent what the scanner refused."""
    with writing_work() as work:
        record(
            work.session,
            work.now,
            "infected_file",
            success=False,
            actor_id=work.actor.id,
            subject=f"{number} {found.signature}"[:200],
            address=address(),
        )


def say_added(added: list[Received]) -> None:
    """Say on the next page what was added, and warn of pictures that name a place."""
    flash(_("Files added: %(n)s.", n=len(added)), "accent")
    if any(one.has_place for one in added):
        flash(
            _(
                "A picture says where it was taken. The original is kept unchanged as evidence; "
                "what pages show is without it."
            ),
            "soon",
        )


def _stream(one: FileStorage) -> BinaryIO:
    stream: Any = one.stream
    found: BinaryIO = stream
    return found
