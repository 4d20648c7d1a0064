"""A cut of the power, replayed: what a process wrote and synced, and what may be on the disk then.

strace writes down each write, sync and truncation of the database's files. A file's durable content is what
was written before its last sync. Of what was written since, a disk may hold any part in any order, sector by
sector; each replayed crash throws dice for it.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.durability.serving import HANG, ROOT, Place

SECTOR = 512
CALLS = "openat,close,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename"
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_PWRITE = re.compile(r'^(\d+)<([^>]*)>, "((?:\\x[0-9a-f]{2})*)", (\d+), (\d+)$')
_WRITE = re.compile(r'^(\d+)(?:<[^>]*>)?, "((?:\\x[0-9a-f]{2})*)", (\d+)$')
_SYNC = re.compile(r"^\d+<([^>]*)>$")
_TRUNCATE = re.compile(r"^\d+<([^>]*)>, (\d+)$")
_PATH = re.compile(r'^"((?:\\x[0-9a-f]{2})*)"$')


@dataclass(frozen=True)
class Call:
    """One call: what it did (`write`, `sync`, `truncate`, `unlink`, `said`) to which file."""

    kind: str
    path: str = ""
    at: int = 0
    data: bytes = b""


def traced(place: Place, number: str, notes: int, pragma: str = "") -> list[Call]:
    """Run the writer under strace and return its calls."""
    log = place.folder / "calls.log"
    tracer = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    writer = [sys.executable, "-m", "tests.durability.writing", place.url, number, str(notes), pragma]
    done = subprocess.run(
        [*tracer, "-o", str(log), *writer],
        env=place.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANG * 3,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = list(_read(log))
    log.unlink()
    return calls


def _read(log: Path) -> Iterator[Call]:
    """Give the calls that touch the database's files, and what was said."""
    with log.open(encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line)
            call = _call(found[1], found[2]) if found and int(found[3]) >= 0 else None
            if call is not None:
                yield call


def _call(name: str, given: str) -> Call | None:
    if name == "pwrite64" and (found := _PWRITE.match(given)):
        return Call("write", _plain(found[2]), int(found[5]), _bytes(found[3]))
    if name == "write" and (found := _WRITE.match(given)) and found[1] == "1":
        return Call("said", data=_bytes(found[2]))
    if name in ("fsync", "fdatasync") and (found := _SYNC.match(given)):
        return Call("sync", _plain(found[1]))
    if name == "ftruncate" and (found := _TRUNCATE.match(given)):
        return Call("truncate", _plain(found[1]), int(found[2]))
    if name == "unlink" and (found := _PATH.match(given)):
        return Call("unlink", _bytes(found[1]).decode())
    return None


def _plain(path: str) -> str:
    """Return a path as it is; strace shows it in hexadecimal as well."""
    return _bytes(path).decode() if path.startswith("\\x") else path


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class Disk:
    """What lies on the disk for certain, and what was written since the last sync of each file."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: dict[str, list[Call]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def take(self, call: Call) -> None:
        """Let one call happen."""
        if call.kind == "said":
            self.said += [
                line.split()[1] for line in call.data.decode().splitlines() if line.startswith("kept ")
            ]
        elif call.kind == "sync":
            content = self.durable.setdefault(call.path, bytearray())
            for one in self.pending.pop(call.path, ()):
                _apply(content, one)
        elif call.path:
            self.pending.setdefault(call.path, []).append(call)

    def after_the_cut(self, path: str, dice: random.Random) -> bytes:
        """Return what the file may hold when the power goes now."""
        content = bytearray(self.durable.get(path, b""))
        pending = list(self.pending.get(path, ()))
        way = dice.random()
        if way < 0.3:
            return bytes(content)  # nothing of it has arrived
        if way < 0.6:
            pending = pending[: dice.randint(0, len(pending))]  # what came first
        else:
            dice.shuffle(pending)  # a disk of its own mind
            pending = [one for one in pending if dice.random() < 0.5]
        for one in pending:
            _apply(content, _torn(one, dice) if dice.random() < 0.3 else one)
        return bytes(content)


def _apply(content: bytearray, call: Call) -> None:
    if call.kind == "unlink":
        content.clear()
        return
    end = call.at + len(call.data)
    if call.kind == "truncate":
        del content[call.at :]
        end = call.at
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[call.at : call.at + len(call.data)] = call.data


def _torn(call: Call, dice: random.Random) -> Call:
    """Return a write of which only its first sectors arrived."""
    sectors = len(call.data) // SECTOR
    kept = dice.randint(0, sectors) * SECTOR
    return Call(call.kind, call.path, call.at, call.data[:kept]) if call.kind == "write" else call


def crashes(
    calls: Sequence[Call], begun: dict[str, bytes], number: int, seed: int
) -> Iterator[tuple[dict[str, bytes], list[str]]]:
    """Give so many states after a cut of the power, each with what had been acknowledged by then.

    `begun` is what the files held before the first call. Half of the moments lie right after something was
    said, when most would be lost.
    """
    dice = random.Random(seed)
    told = [place + 1 for place, call in enumerate(calls) if call.kind == "said"]
    moments = sorted(
        dice.choice(told) if dice.random() < 0.5 else dice.randint(told[0], len(calls)) for _ in range(number)
    )
    disk = Disk({path: bytearray(content) for path, content in begun.items()})
    done = 0
    for moment in moments:
        for call in calls[done:moment]:
            disk.take(call)
        done = moment
        yield {path: disk.after_the_cut(path, dice) for path in begun}, list(disk.said)
