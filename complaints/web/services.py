"""What create_app builds once and every request uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app
from sqlalchemy.orm import Session

from complaints.dossier.receiving import Receiving
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.organisation.sign_ins import Door
from complaints.web.rooms import Room
from config import Settings
from workflows.runtime.engine import Engine

Recorder = Callable[[Session, BaseException], None]
"""Writes down a refusal in a transaction of its own, after the refused one was rolled back."""


@dataclass(frozen=True, slots=True)
class Services:
    """The application's parts. `recorders` maps a type of refusal to what writes it down; `receiving` takes
    files in.
    """

    settings: Settings
    database: Database
    clock: Clock
    door: Door
    engine: Engine
    rooms: tuple[Room, ...]
    receiving: Receiving
    recorders: dict[type[BaseException], Recorder] = field(default_factory=dict)


def install(app: Flask, parts: Services) -> None:
    """Give the application its parts."""
    app.extensions["fangxin"] = parts


def services() -> Services:
    """Return the parts of the application that answers this request."""
    parts: Services = current_app.extensions["fangxin"]
    return parts


def clock() -> Clock:
    """Return the application's clock."""
    return services().clock
