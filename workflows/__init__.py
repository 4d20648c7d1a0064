"""The workflow engine and the procedures it runs.

It knows definitions, guards, clocks and events, and nothing of Flask or of complaints. What stands directly
in this package is pure: values in, values out. `workflows.runtime` is the durable floor on SQLAlchemy, the
only code that writes a state.

This is the public door; docs/workflows.md builds a library loan with it:

- `open_engine` reads and verifies procedures and dated rule sets, and returns an `Engine`.
- `Engine` starts instances, acts on them and explains who may do what; the caller owns the transaction.
- `Store` is a database with its two doors, `reading` and `writing`, and creates the engine's tables.
- `Start` begins an instance; `Assignee` is its first owner; `Act` is one action that somebody wants to do.
- `Refused` says why an action may not be done: every reason, each a `Why` with texts that are a `Label`.
- `guard` makes a guard of a function of `Facts`.
- `Person` and `Staff` hold roles on units for whoever keeps no accounts of their own.
- `fire_due` fires the reminders and limits that have come; a worker calls it again and again.
- `verify_all` rebuilds every instance from its events and tells the first thing that does not fit.
"""

from workflows.compiled import Refused
from workflows.definition import Label
from workflows.guards import Facts, Why, guard
from workflows.people import Person, Staff
from workflows.runtime.engine import Engine
from workflows.runtime.opening import open_engine
from workflows.runtime.replay import verify_all
from workflows.runtime.requests import Act, Start
from workflows.runtime.store import Store
from workflows.runtime.worker import fire_due
from workflows.steps import Assignee

__all__ = [
    "Act",
    "Assignee",
    "Engine",
    "Facts",
    "Label",
    "Person",
    "Refused",
    "Staff",
    "Start",
    "Store",
    "Why",
    "fire_due",
    "guard",
    "open_engine",
    "verify_all",
]
