"""A clock on the wall that is set while processes run by it, as a time server or a person sets a machine's.

The processes read it through libfaketime from a file. What a process waits for goes on as in life: only the
time of day is set, not the count of seconds since the machine was started.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from complaints.foundation.clock import machine_time


@dataclass
class Wall:
    """The clock; it goes on from where it was set."""

    file: Path
    ahead: timedelta = field(init=False, default=timedelta(0))

    @property
    def environment(self) -> dict[str, str]:
        """What a process has to be given to live by it."""
        return {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # not the times of files: it would lock for them, and a killed process unlocks nothing
            "NO_FAKE_STAT": "1",
        }

    def now(self) -> datetime:
        """Return the instant that it shows."""
        return machine_time() + self.ahead

    def set(self, at: datetime) -> None:
        """Set it, for all processes at once."""
        self.ahead = at - machine_time()
        written = self.file.with_suffix(".new")
        written.write_text(f"{self.ahead.total_seconds():+.6f}")
        written.replace(self.file)

    def move(self, **how_far: float) -> None:
        """Set it forth or back, in the words of timedelta."""
        self.set(self.now() + timedelta(**how_far))


@cache
def _library() -> str:
    """Return where the library lies, as its own command knows."""
    asked = subprocess.run(
        ["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()
