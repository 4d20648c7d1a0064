"""config.py stands alone: it imports nothing of ours and nothing that must be installed first."""

from __future__ import annotations

import ast
import sys
from pathlib import Path


def test_settings_import_only_the_standard_library() -> None:
    tree = ast.parse((Path(__file__).resolve().parents[2] / "config.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
