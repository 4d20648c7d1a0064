"""`cli bench`: speed is measured, not believed. Each figure stands beside the machine's own limit from the
same run.

A figure of another day or machine says nothing by itself: compare the two columns of one run.
"""

from __future__ import annotations

import click

from complaints.commands.bench.engine_figures import engine
from complaints.commands.bench.export_figures import exports
from complaints.commands.bench.loading import load
from complaints.commands.bench.page_figures import pages
from complaints.commands.bench.search_figures import search


@click.group(help="Measure the engine and the pages beside the machine's own limits from the same run.")
def bench() -> None:
    """Group the benchmarks."""


bench.add_command(engine)
bench.add_command(pages)
bench.add_command(load)
bench.add_command(search)
bench.add_command(exports)
