"""Replays logs on nets with pm4py; runs in that tool's own environment and imports nothing of ours.

`python replayed.py NET.pnml LOG.xes [NET.pnml LOG.xes …]` prints a JSON list: for each pair how many traces
the tool read, the share of those that fit, the fitness of the log, and which traces do not fit. With one
more argument, `--ocel FILE`, it says what the tool read of that log, too.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings

warnings.simplefilter("ignore")
with contextlib.redirect_stdout(io.StringIO()):
    import pm4py


def replayed(net_file: str, log_file: str) -> dict[str, object]:
    """Replay one log on one net, by tokens."""
    log = pm4py.read_xes(log_file)
    net = pm4py.read_pnml(net_file)
    told = pm4py.conformance_diagnostics_token_based_replay(log, *net, return_diagnostics_dataframe=True)
    fitness = pm4py.fitness_token_based_replay(log, *net)
    return {
        "traces": len(told),
        "events": len(log),
        "perc_fit_traces": fitness["perc_fit_traces"],
        "log_fitness": fitness["log_fitness"],
        "unfit": sorted(told.loc[~told["is_fit"], "case_id"]),
    }


def read(file: str) -> dict[str, object]:
    """Say what the tool finds in an object-centric log."""
    log = pm4py.read_ocel2_json(file)
    return {
        "events": len(log.events),
        "objects": len(log.objects),
        "types": sorted(pm4py.ocel_get_object_types(log)),
        "relations": len(log.relations),
        "state_changes": len(log.object_changes),
    }


def main() -> None:
    """Print what the tool finds."""
    asked = sys.argv[1:]
    found: list[dict[str, object]] = []
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        while asked:
            one, other, *asked = asked
            found.append(read(other) if one == "--ocel" else replayed(one, other))
    print(json.dumps(found))  # noqa: T201 - what the test reads


main()
