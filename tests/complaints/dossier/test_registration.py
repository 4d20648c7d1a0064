"""A registration is of one moment, also where midnight falls into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.foundation.clock import SHANGHAI, Clock
from tests.bureau import Bureau
from tests.factories import matters_of

NEW_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize("looks", range(5))
def test_the_number_names_the_day_of_the_registration(app: Flask, city: Bureau, looks: int) -> None:
    """The clock goes on with every look at it; the new year begins after so many."""
    passed = count(-looks)
    clock = Clock(lambda: NEW_YEAR + timedelta(seconds=next(passed)))
    matters = matters_of(app, replace(city, clock=clock))  # type: ignore[arg-type]  # any clock does
    number = matters.a_complaint()
    with city.database.reading() as session:
        registered = session.scalars(select(Matter.registered_at).where(Matter.number == number)).one()
    assert number.split("-")[1] == f"{registered.astimezone(SHANGHAI):%Y%m%d}"
