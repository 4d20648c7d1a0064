"""`serve` answers pages in production; `up` is the demonstration.

It prepares, loads, serves and works in one go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import waitress

from complaints.app import create_app
from complaints.commands.demonstration import load_demonstration
from complaints.commands.parts import Parts, opened, spare_the_collector
from complaints.commands.procedure_choice import check_versions
from complaints.commands.setting_up import prepare
from complaints.foundation.errors import Conflict

THREADS = 8
MOST_TAKEN_IN = 4
"""Times MAX_UPLOAD_MB that the server takes in before it cuts a request off with a bare line of English.

Up to there the application refuses with a page of its own; what is larger is no slip and would only fill the
disk.
"""


@click.command(help="Serve the pages on HOST and PORT, for production: no demonstration data, no worker.")
def serve() -> None:
    """Serve until stopped."""
    with opened() as parts:
        _serve(parts, f"Serving on http://{parts.settings.host}:{parts.settings.port}")


@click.command(
    help="The demonstration: prepare the database, load the demonstration city, serve pages and worker."
)
def up() -> None:
    """Do everything that ./run promises."""
    with opened(migrated=False) as parts:
        if not parts.settings.is_local:
            raise Conflict(
                f"HOST is {parts.settings.host}, but the demonstration serves this machine only: "
                "leave HOST at 127.0.0.1, or use cli init and cli serve."
            )
        prepare(parts)
        load_demonstration(parts)
        with _worker():
            _serve(
                parts,
                f"Fangxin is on http://{parts.settings.host}:{parts.settings.port} (Ctrl-C stops it)",
            )


def _serve(parts: Parts, greeting: str) -> None:
    """Answer requests until SIGINT or SIGTERM; greet once all is proved and ready."""
    signal.signal(signal.SIGTERM, _stop)
    check_versions(parts)
    app = create_app(parts.settings, parts.clock, parts.database)
    spare_the_collector()
    click.echo(greeting)
    try:
        waitress.serve(
            app,
            host=parts.settings.host,
            port=parts.settings.port,
            threads=THREADS,
            ident=None,
            channel_timeout=60,
            max_request_body_size=MOST_TAKEN_IN * parts.settings.max_upload_bytes,
            # where proxies are named, complaints.web.proxies decides whose headers count
            clear_untrusted_proxy_headers=not parts.settings.trusted_proxies,
        )
    except OSError as error:
        raise Conflict(
            f"Port {parts.settings.port} on {parts.settings.host} cannot be used ({error.strerror}): "
            "stop what uses it, or set PORT to another."
        ) from error


def _stop(_signal: int, _frame: Any) -> None:
    """End the server as Ctrl-C does."""
    raise SystemExit(0)


@contextmanager
def _worker() -> Iterator[None]:
    """Run the worker beside the pages, as a process of its own, and stop it with them."""
    command = [sys.executable, "-m", "complaints", "worker", "--parent", str(os.getpid())]
    process = subprocess.Popen(command, env=os.environ.copy(), start_new_session=True)  # noqa: S603 (our own command)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
