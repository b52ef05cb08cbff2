"""Names that are gone stay gone: private words for modules, classes and variables, and one name for two classes.

The table of names stands in docs/architecture.md. The name of a test is a sentence, in words for people.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = (
    "actions", "api", "bench", "domain", "fixtures", "geo", "ledger", "matching", "ops", "outcomes", "reports", "store",
    "texts",
)  # fmt: skip
FOLDERS = (*PRODUCT, "tests")
#: Private word → the term in its place; no part of a name in snake or camel case.
WORDS = {
    "asked": "parsed, query, filters, values",
    "bell": "signal",
    "books": "closed years",
    "deal": "outcome",
    "deals": "outcomes",
    "dealt": "outcome",
    "desk": "authorization",
    "door": "transaction",
    "drawing": "outlines",
    "matchmaking": "rankings",
    "misses": "shortfalls",
    "press": "PDF",
    "pulse": "monitor",
    "said": "text, output, options",
    "shelf": "snapshot cache",
    "snapshots": "snapshot cache",
    "territory": "parks",
    "told": "settings, record, definition",
    "turnover": "daily update",
    "turns": "stage effects",
    "ways": "options, queries, exits",
    "wish": "criteria",
    "wishes": "criteria",
}
#: Words that say nothing when they stand alone as the name of a variable, a parameter, a function or a field.
ALONE = {"of", "one", "found", "call", "works", "book", "given", "heard", "go_on", "application"}
#: Classes whose name was that of another thing too, or said how the thing came.
CLASSES = {
    "Beside", "Call", "Drawer", "Found", "Ground", "Home", "Place", "Said", "Sought", "Status", "Told", "Turn",
    "Ways",
}  # fmt: skip
#: What the interface itself calls the smallest changes of a need that let a unit fit.
PHRASE = "near_misses"
#: Names that people outside read: parameters, members of JSON, and schemas, which have the name of their class.
PUBLISHED = {
    "api/answers/documents.py": {"Finding"},
    "api/answers/figures.py": {"Delivered", "asked", "deals_without_ranking", "is_idle_told_afterwards"},
    "api/answers/outcome.py": {"Agreement", "Light", "Span", "Timeline", "is_idle_told_afterwards"},
    "api/answers/ranking.py": {"KindList", "Ranking", "Template", "is_asked_kind", "of"},
    "api/answers/register.py": {"Demand", "Development", "Parks"},
    "api/answers/service.py": {"Account"},
    "api/bodies.py": {"EquipmentWish", "Place", "Works", "works"},
    "api/closed_year.py": {"ClosedYear"},
}


def breaches(name: str, text: str) -> list[str]:
    """What in this file has a name that is gone."""
    gone = [f"{name}: module"] if _is_gone(Path(name).stem) else []
    for node in ast.walk(ast.parse(text)):
        for bound in _bound(node):
            if bound in PUBLISHED.get(name, ()):
                continue
            if _is_gone(bound) or (isinstance(node, ast.ClassDef) and bound.lstrip("_") in CLASSES):
                gone.append(f"{name}:{getattr(node, 'lineno', 0)}: {bound}")
    return gone


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node of the tree makes."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.id if isinstance(node, ast.Name) else node.attr
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if not _is_constructor(node) and not node.name.startswith("test_"):
            yield node.name
    elif isinstance(node, ast.alias) and node.asname is not None:
        yield node.asname
    elif isinstance(node, ast.ExceptHandler) and node.name is not None:
        yield node.name


def _is_constructor(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether this is the class method `of`, which makes a record of what it is given, as in `Refusal.of(faults)`."""
    return isinstance(node, ast.FunctionDef) and node.name == "of" and [a.arg for a in node.args.args[:1]] == ["cls"]


def _is_gone(name: str) -> bool:
    if name.startswith("__"):  # the language's own
        return False
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")
    parts = snake.replace(PHRASE, "").split("_")
    return not WORDS.keys().isdisjoint(parts) or snake in ALONE


def _files(folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_names_that_are_gone_stay_gone() -> None:
    files = list(_files(FOLDERS))

    gone = [breach for name, text in files for breach in breaches(name, text)]

    assert gone == []
    assert len(files) > 60


def test_no_class_has_the_name_of_another() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)

    for name, text in _files(PRODUCT):
        for node in ast.walk(ast.parse(text)):
            is_public = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
            if isinstance(node, ast.ClassDef) and is_public and node.name not in PUBLISHED.get(name, ()):
                places[node.name].append(name)

    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_every_folder_is_looked_at() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}

    assert folders - {"docs"} == set(FOLDERS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("store/snapshots.py", ""),
        ("ops/x.py", "told = 1"),
        ("ops/x.py", "def f(of): ..."),
        ("ops/x.py", "async def found(): ..."),
        ("ops/x.py", "[one for one in ()]"),
        ("ops/x.py", "class Status: ..."),
        ("ops/x.py", "class _Found: ..."),
        ("ops/x.py", "WAYS_OUT = ()"),
        ("ops/x.py", "class Wish: ..."),
        ("ops/x.py", "class A:\n    asked: int"),
        ("ops/x.py", "import desks as desk"),
        ("ops/x.py", "def f(self): self.said = 1"),
        ("ops/x.py", "lambda one: 1"),
        ("ops/x.py", "def of(row): ..."),
        ("ops/x.py", "class LockedDeal: ..."),
        ("api/x.py", "class Works: ..."),
        ("api/x.py", "misses: bool"),
    ],
)
def test_a_planted_name_is_found(name: str, text: str) -> None:
    assert len(breaches(name, text)) == 1


CONSTRUCTOR = "class A:\n    @classmethod\n    def of(cls, row): ..."


@pytest.mark.parametrize(
    "text",
    [
        "one_day = 1",
        "near_misses = ()",
        "def test_told(): ...",
        "row = {'told': 1}",
        "x.told",
        "def login_of(): ...",
        "SQL.found",
        CONSTRUCTOR,
    ],
)
def test_an_honest_name_is_let_through(text: str) -> None:
    assert breaches("ops/x.py", text) == []
