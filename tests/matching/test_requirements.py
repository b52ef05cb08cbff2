"""A requirement is one file: its ids stand nowhere else, and inside `matching` arrows point down."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from api.bodies import Works
from matching.answers.bundles import BY_COLUMN
from matching.catalogue.columns import COLUMNS
from matching.catalogue.retrofits import SCALES
from matching.rules import BOUNDS, BY_PATH, CRITERIA, CURABLE, HARD_RULES, LABELS, REQUIREMENTS, RULE_BITS, RULES
from matching.rules.verdict import FIELDS
from matching.sentences.labels import name_of
from matching.sentences.reasons import sentence

FOLDER = Path(__file__).parents[2] / "matching"
#: Who may import whom: a part of `matching` sees those before it. Modules beside the folders stand by their own names.
ORDER = (
    ("arguments", "scaled", "codes", "position", "score", "parks", "industry"),
    ("demand",),
    ("rules",),
    ("parameters", "catalogue"),
    ("model",),
    ("ranking",),
    ("answers",),
    ("rank",),
)
LEVELS = {part: level for level, parts in enumerate(ORDER) for part in parts}
#: What reads things made further up, and makes none of them: it may name their types.
READ_TYPES = {"rules", "industry"}
#: Sentences see an answer and nothing it was made from: of a rule the key of its words, of a score how it is rounded.
SEEN_BY_SENTENCES = {"matching.rules": {"HARD_RULES", "LABELS"}, "matching.score": {"points_text"}}
#: Names that are gone, and what stands for them.
GONE = {
    "Need": "Demand",
    "Ways": "Options",
    "Works": "Retrofits",
    "Misses": "Shortfalls",
    "Axis": "MovableBound",
    "Told": "RankedDemand",
    "Listing": "KindList",
    "Status": "EntryStatus",
    "Place": "PlacePreference",
    "Kinship": "FirmCodes",
    "Each": "Indexed",
}
#: Names of variables that say how a thing came and not what it is.
VAGUE = {"told", "of", "one", "found", "said", "asked", "ways", "misses", "excess"}
RULE_ID = re.compile(r"H\d{1,2}")


def parts() -> Iterator[tuple[str, ast.Module]]:
    """Every file by its path within the folder."""
    for path in sorted(FOLDER.rglob("*.py")):
        yield path.relative_to(FOLDER).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def breaches(name: str, tree: ast.Module) -> list[str]:
    """What this file imports, or repeats, that it may not."""
    own = name.split("/")[0].removesuffix(".py")
    typed = {id(inner) for node in ast.walk(tree) if is_typing_only(node) for inner in ast.walk(node)}
    result = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not (id(node) in typed and own in READ_TYPES):
            result += [f"{name}: {module}.{what}" for module, what in imports(node) if not may_see(own, module, what)]
        if own != "rules" and isinstance(node, ast.Constant) and RULE_ID.fullmatch(str(node.value)):
            result.append(f"{name}: {node.value} belongs to the file of its requirement")
        if isinstance(node, ast.ClassDef) and node.name in GONE:
            result.append(f"{name}: {node.name} is {GONE[node.name]}")
        if variable(node) in VAGUE:
            result.append(f"{name}: {variable(node)} says nothing of what it holds")
    return result


def imports(node: ast.ImportFrom) -> list[tuple[str, str]]:
    """Modules of `matching`, and what is taken from each."""
    if node.module == "matching":
        return [(f"matching.{alias.name}", "") for alias in node.names]
    if (node.module or "").startswith("matching."):
        return [(str(node.module), alias.name) for alias in node.names]
    return []


def is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def may_see(own: str, module: str, what: str) -> bool:
    part = module.split(".")[1]
    if own in ("__init__", part):
        return True
    if own == "sentences":
        return what in SEEN_BY_SENTENCES.get(module, set())
    return part in LEVELS and (LEVELS[part] < LEVELS[own] or {own, part} <= {*ORDER[0]})


def variable(node: ast.AST) -> str | None:
    if isinstance(node, ast.arg):
        return node.arg
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None


def test_every_file_keeps_its_place() -> None:
    files = list(parts())

    assert [breach for name, tree in files for breach in breaches(name, tree)] == []
    assert len(files) > 60


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules/height.py", "from matching.ranking.question import Question"),
        ("ranking/screen.py", "from matching.answers.result import Shown"),
        ("catalogue/table.py", "from matching.model import Model"),
        ("demand/demand.py", "from matching.rules import RULES"),
        ("demand/demand.py", "from matching import model"),
        ("ranking/order.py", "if TYPE_CHECKING:\n    from matching.rank import Ranking"),
        ("sentences/reasons.py", "from matching.catalogue.table import Units"),
        ("sentences/reasons.py", "from matching.rules.title import RULE"),
        ("answers/result.py", "if rule == 'H8':\n    pass"),
        ("sentences/counts.py", "NAMES = {'H3': 'Clear height'}"),
        ("answers/gap.py", "class Told:\n    pass"),
        ("answers/gap.py", "def gap(told): pass"),
        ("ranking/order.py", "for one in rows: pass"),
    ],
)
def test_a_planted_breach_is_found(name: str, text: str) -> None:
    assert len(breaches(name, ast.parse(text))) == 1


def test_types_of_what_stands_above_may_be_named() -> None:
    text = "if TYPE_CHECKING:\n    from matching.ranking.question import Question"

    assert breaches("rules/height.py", ast.parse(text)) == []


def test_each_requirement_is_the_file_of_its_name() -> None:
    files = {path.stem for path in (FOLDER / "rules").glob("*.py")}

    assert [requirement.name for requirement in REQUIREMENTS if requirement.name not in files] == []
    assert len({requirement.name for requirement in REQUIREMENTS}) == len(REQUIREMENTS) == 19


def test_the_order_is_that_of_the_model() -> None:
    assert tuple(f"H{place}" for place in range(1, 14)) == RULES
    assert list(RULE_BITS.values()) == [1 << place for place in range(13)]
    assert list(CRITERIA) == [
        "size", "industry", "height", "load", "power", "cost", "timing", "location", "equipment", "condition",
        "expansion", "policy", "truck_access",
    ]  # fmt: skip
    assert [rule.id for rule in BY_PATH] == [rule.id for rule in HARD_RULES if rule.hangs_on == "path"]


def test_the_works_a_unit_may_name_are_those_that_cure() -> None:
    stated = get_args(get_type_hints(Works)["rule"])

    assert tuple(rule.id for rule in CURABLE) == stated == tuple(SCALES)


def test_columns_and_fields_are_those_there_are() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "rules").glob("[!v]*.py"))

    wanted = {name for rule in HARD_RULES for name in rule.columns}

    assert wanted - set(COLUMNS) == {"area"}
    assert set(BY_COLUMN) - set(COLUMNS) == {"area", "area_basis", "facts", "policy"}
    assert [field for field in FIELDS if f'"{field}"' not in source] == []


def test_each_bound_is_of_one_rule() -> None:
    assert len(BOUNDS) == sum(len(rule.bounds) for rule in HARD_RULES)
    assert all(rule.measure is not None for rule in BOUNDS.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_and_criterion_has_a_name_and_a_sentence(language: str) -> None:
    names = {name: name_of(name, language) for name in LABELS}

    assert set(names) == {*RULES, *CRITERIA} and all(names.values())
    for rule in RULES:
        entry = {"id": rule, "status": "not_applicable"}
        assert sentence(entry, language).startswith(names[rule])
