"""A process that has everything loaded and forks a server, or a worker, for each line it reads.

A fresh interpreter takes seconds to load the application; the forked one runs the same command from the
start, with connections, threads and files of its own. Its process id is printed, so that it can be killed.
A line that begins with `until:` and a point of `stopping` gives one that ends there by itself.
"""

from __future__ import annotations

import os
import signal
import sys

from complaints.commands import main
from tests.durability import stopping


def stand_by() -> None:
    """Read command lines until the input ends; fork for each and print the child's process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever was killed needs no burial
    for line in sys.stdin:
        child = os.fork()
        if not child:
            point, words = point_of(line.split())
            if point:
                stopping.plant(point)
            sys.argv = ["complaints", *words]
            try:
                main()
            finally:
                os._exit(1)
        print(child, flush=True)  # noqa: T201 (the answer to the line)


def point_of(words: list[str]) -> tuple[str, list[str]]:
    """Return where the process ends by itself, if anywhere, and its command line."""
    first, *others = words
    return (first.removeprefix("until:"), others) if first.startswith("until:") else ("", words)


if __name__ == "__main__":
    stand_by()
