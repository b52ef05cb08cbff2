"""Arrows point down; siblings do not see each other; each level alone holds its library."""

from __future__ import annotations

import ast
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEVELS = {
    "domain": 1,
    "texts": 2,
    "geo": 3,
    "matching": 3,
    "outcomes": 3,
    "ledger": 4,
    "reports": 4,
    "store": 4,
    "actions": 5,
    "api": 6,
    "fixtures": 6,
    "ops": 7,
    "bench": 7,
    "tests": 7,
}
#: Library → the folders that may import it.
ALONE = {
    "litestar": {"api"},
    "asyncpg": {"store"},
    "geopandas": {"geo"},
    "pyogrio": {"geo"},
    "shapely": {"geo"},
    "pyproj": {"geo"},
    "pypinyin": {"store", "ledger"},
    "python_calamine": {"ledger"},
    "PIL": {"geo"},
}
STANDARD_ONLY = "domain"
FREE = {"tests", "bench"}


def breaches(folder: str, name: str, text: str) -> list[str]:
    """What in this file breaks the table."""
    result = []
    for module in _imports(ast.parse(text)):
        top = module.split(".")[0]
        if folder in FREE:
            continue
        if top in ALONE and folder not in ALONE[top]:
            result.append(f"{name}: {top} belongs to {sorted(ALONE[top])}")
        if top in LEVELS and top != folder and not _may_see(folder, top, name):
            result.append(f"{name}: {folder} may not see {top}")
    if folder not in FREE | {"actions", "store"} and "db.write(" in text:
        result.append(f"{name}: db.write( belongs to actions")
    return result


def _may_see(folder: str, top: str, name: str) -> bool:
    if folder == "fixtures":
        return top in {"actions", "domain"}
    if folder == "ledger":
        return top in {"domain", "texts", "geo"}
    return LEVELS[top] < LEVELS[folder]


def _imports(tree: ast.AST) -> list[str]:
    modules = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            modules.append(node.module)
    return modules


def test_the_tree_keeps_its_levels() -> None:
    files = [path for folder in LEVELS for path in (ROOT / folder).rglob("*.py")]

    result = [
        breach
        for path in files
        for breach in breaches(path.relative_to(ROOT).parts[0], path.name, path.read_text(encoding="utf-8"))
    ]

    assert result == []
    assert len(files) > 60


def cycle(texts: dict[str, str]) -> list[str]:
    """Modules that import each other in a circle, as they are loaded; empty: none do."""
    graph = {name: _loaded_with(ast.parse(text), texts.keys()) for name, text in texts.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []


def _loaded_with(tree: ast.Module, names: Collection[str]) -> set[str]:
    """The modules among these names that have to be loaded first."""
    loaded = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            loaded |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            loaded |= {alias.name for alias in node.names}
    return loaded & set(names)


def test_no_module_is_needed_to_load_itself() -> None:
    files = {path.relative_to(ROOT): path for folder in LEVELS.keys() - FREE for path in (ROOT / folder).rglob("*.py")}

    assert cycle({".".join(name.with_suffix("").parts): path.read_text("utf-8") for name, path in files.items()}) == []
    assert len(files) > 60
    assert cycle({"a.x": "from a import y", "a.y": "import b", "b": "from a.x import f"}) != []
    assert cycle({"a.x": "from a import y", "a.y": "def f():\n    from a import x"}) == []


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("store", "from actions import outcome"),
        ("geo", "import matching"),
        ("domain", "from store import db"),
        ("actions", "import asyncpg"),
        ("matching", "import geopandas"),
        ("store", "from litestar import get"),
        ("fixtures", "from store import asset"),
        ("texts", "from matching import rank"),
        ("domain", "from texts import lookup"),
        ("reports", "from store import asset"),
        ("outcomes", "from reports import paper"),
        ("ledger", "from matching import rank"),
        ("ledger", "from store import asset"),
        ("api", "from ops import settings"),
        ("reports", "from litestar import get"),
        ("ops", "from litestar import get"),
        ("ops", "async with db.write(actor): pass"),
        ("api", "async with db.write(actor): pass"),
    ],
)
def test_a_planted_breach_is_found(folder: str, text: str) -> None:
    code = text if text.startswith(("from", "import")) else f"async def f():\n    {text}"

    assert len(breaches(folder, "planted.py", code)) == 1
