"""Made-up matters for load tests: whole logs of their own, found by search, and never among real ones."""

from __future__ import annotations

import pytest

from complaints.app import build_services
from complaints.commands.bench.loading import Loader, need_demonstration
from complaints.commands.bench.texts import Teller
from complaints.commands.demonstration import load_demonstration
from complaints.commands.log_checks import verify_log
from complaints.commands.parts import Parts
from complaints.dossier.search_filling import differences
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict
from complaints.web.services import Services
from config import Settings
from tests.bureau import Bureau


def test_a_place_where_people_work_is_refused(city: Bureau, settings: Settings) -> None:
    with pytest.raises(Conflict, match="not of the demonstration"):
        need_demonstration(Parts(settings, city.database, city.clock))


def test_texts_are_the_same_for_the_same_seed() -> None:
    one, other = Teller(7), Teller(7)
    told = [one.told() for _ in range(300)]
    assert told == [other.told() for _ in range(300)]
    assert len({text.facts for text in told}) > 290
    lengths = sorted(len(text.facts) for text in told)
    assert lengths[0] > 40
    assert lengths[-1] > 300


@pytest.mark.slow
def test_copies_verify_and_are_found(database: Database, settings: Settings, services: Services) -> None:
    parts = Parts(settings, database, Clock())
    load_demonstration(parts)
    assert Loader(parts, Teller(1)).load(300, lambda _done: None) == 300
    checked = verify_log(database, services.engine)
    assert checked.troubles == ()
    assert checked.instances > 300
    with database.reading() as session:
        found = differences(session)
    assert found["checked"] > 300
    assert found["missing"] == found["different"] == found["without a row"] == 0


@pytest.fixture
def services(settings: Settings, database: Database) -> Services:
    """The application's parts on the real clock."""
    return build_services(settings, Clock(), database)
