"""Only workflows/runtime writes the engine's rows; everybody else asks the engine.

Read are the syntax trees of all our code. The database's own triggers hold the same against everybody else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflows.runtime.tables import metadata

ROOT = Path(__file__).parents[2]
DURABLE_FLOOR = ROOT / "workflows" / "runtime"
MIGRATIONS = ROOT / "complaints" / "migrations"
"""Migrations make the tables; a test of their own compares what they make with the models."""
TABLES = "workflows.runtime.tables"
WRITING = {"insert", "update", "delete"}
WRITING_SQL = re.compile(r"\b(insert\s+into|replace\s+into|update|delete\s+from|truncate)\s+\"?wf_", re.I)
HELD = {"state", "row_version", "head_hash", "first_responder_id"}


def violations(source: str, name: str = "planted.py") -> list[str]:
    """Return where a module writes an engine's row or a state: line and what it does."""
    tree = ast.parse(source)
    tables = _tables_known_as(tree)
    found = []
    for node in ast.walk(tree):
        for line, what in (*_writes(node, tables), *_assignments(node)):
            found.append(f"{name}:{line}: {what}")
    return found


def _tables_known_as(tree: ast.AST) -> set[str]:
    """Return how the module may name an engine's table, or the module of tables."""
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            prefix = node.module or ""
            for one in node.names:
                if prefix == TABLES or f"{prefix}.{one.name}" == TABLES:
                    known.add(one.asname or one.name)
        elif isinstance(node, ast.Import):
            known |= {one.asname or one.name for one in node.names if one.name == TABLES}
    return known


def _is_table(node: ast.AST, tables: set[str]) -> bool:
    """Tell whether an expression is an engine's table, however it is reached."""
    text = ast.unparse(node)
    return any(text == name or text.startswith(f"{name}.") for name in tables)


def _writes(node: ast.AST, tables: set[str]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_SQL.search(node.value):
        yield node.lineno, f"writes SQL on an engine's table: {node.value[:60]!r}"
    if not isinstance(node, ast.Call):
        return
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in WRITING:
        on = [*node.args[:1], *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        on += [one.value for one in node.keywords if one.arg == "table"]
        if any(_is_table(one, tables) for one in on):
            yield node.lineno, f"{called}s an engine's row"
    if called == "setattr" and len(node.args) > 1:
        target = node.args[1]
        if isinstance(target, ast.Constant) and target.value in HELD:
            yield node.lineno, f"sets {target.value!r} of something"


def _assignments(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield assignments to what only the engine may set; an object's own attribute on making it is none."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    for one in (part for target in targets for part in ast.walk(target)):
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store) and one.attr in HELD:
            own = isinstance(one.value, ast.Name) and one.value.id == "self"
            if not own:
                yield one.lineno, f"assigns {ast.unparse(one)}"


def _our_modules() -> list[Path]:
    folders = (ROOT / "complaints", ROOT / "workflows")
    every = [path for folder in folders for path in sorted(folder.rglob("*.py"))] + [ROOT / "config.py"]
    return [
        path
        for path in every
        if not path.is_relative_to(DURABLE_FLOOR) and not path.is_relative_to(MIGRATIONS)
    ]


def test_only_the_engine_writes_states() -> None:
    modules = _our_modules()
    assert len(modules) > 30
    found = [
        line
        for path in modules
        for line in violations(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]
    assert found == []


def test_every_table_of_the_engine_begins_with_the_prefix_that_is_looked_for() -> None:
    assert metadata.tables
    assert all(name.startswith("wf_") for name in metadata.tables)


IMPORT = "from workflows.runtime.tables import instance\n"


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "session.execute(update(instance).values(state='closed'))",
        IMPORT + "session.execute(instance.update().values(owner_id=3))",
        IMPORT + "session.execute(sqlalchemy.delete(instance))",
        "from workflows.runtime.tables import event as e\nsession.execute(insert(e), [{}])",
        "from workflows.runtime import tables\nsession.execute(update(tables.instance))",
        "import workflows.runtime.tables\nsession.execute(update(workflows.runtime.tables.instance))",
        "import workflows.runtime.tables as t\nsession.execute(t.instance.delete())",
        "session.execute(text('UPDATE wf_instance SET state = 1'))",
        "session.execute(text(f'delete\\nfrom wf_event where seq = {n}'))",
        "matter.state = 'closed'",
        "found.row.state: str = 'closed'",
        "(matter.state, other) = ('closed', 1)",
        "setattr(matter, 'state', 'closed')",
        "row.row_version += 1",
    ],
)
def test_a_planted_violation_is_caught(source: str) -> None:
    assert len(violations(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        IMPORT + "session.execute(select(instance).where(instance.c.state == 'closed'))",
        "from complaints.dossier.models import Matter\nsession.execute(update(Matter).values(title=''))",
        "names.update(instance)",
        "shown.state_label = 'closed'",
        "class Shown:\n    state: str = ''\n    def __init__(self):\n        self.state = ''",
        "text = 'the update of wf_instance is refused'",
    ],
)
def test_reading_is_free(source: str) -> None:
    assert violations(source) == []
