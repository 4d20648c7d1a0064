"""The one clock of the application. Nothing else reads the machine's time.

Instants are aware and in UTC; days are calendar days in Asia/Shanghai, the only zone of the law this system
serves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def machine_time() -> datetime:
    """Return the machine's time, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


class Clock:
    """Tells the instant and the day. Tests and simulations inject their own source."""

    def __init__(self, source: Callable[[], datetime] = machine_time) -> None:
        """Take instants from the source, which must return aware datetimes."""
        self._source = source

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return self._source().astimezone(UTC)

    def today(self) -> date:
        """Return the present day in Asia/Shanghai."""
        return self._source().astimezone(SHANGHAI).date()

    def now_us(self) -> int:
        """Return the present instant as microseconds since 1970-01-01 UTC."""
        return microseconds(self.now())


def microseconds(moment: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970-01-01 UTC, without going through a float."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def local_moment(us: int) -> datetime:
    """Return microseconds since 1970-01-01 UTC as an aware datetime in Asia/Shanghai."""
    seconds, rest = divmod(us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).astimezone(SHANGHAI)
