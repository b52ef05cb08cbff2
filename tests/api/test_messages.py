"""Every refusal in the code has its sentence in Chinese and in English, and brings what its sentence names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import STATUS
from domain.errors import Fault
from texts.lookup import language_of, languages, tables
from texts.refusal_sentences import sentence

ROOT = Path(__file__).parents[2]
#: Code → its sentence in each language.
TEXTS = {
    code: tuple(tables("refusals", language)["refusal"][code] for language in languages())
    for code in tables("refusals", "zh")["refusal"]
}
FOLDERS = ("domain", "geo", "ledger", "matching", "outcomes", "reports", "store", "actions", "api", "ops")
REFUSALS = {kind.__name__ for kind in STATUS}
#: Told to whoever starts the service, by `ops/launcher.py` and `ops/settings.py`, and to whoever loads reference data.
ELSEWHERE = {"ops/cluster.py", "ops/postgres.py", "ops/launcher.py", "ops/settings.py", "store/roles.py"}


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Place, code, names of the parameters, of every refusal and fault that is written out with its code."""
    for path in (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))):
        place = str(path.relative_to(ROOT))
        if place in ELSEWHERE:
            continue
        for node in (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
        ):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            code = node.args[0] if node.args else None
            if name not in {"Fault", *REFUSALS} or not isinstance(code, ast.Constant):
                continue
            values = {keyword.arg or "**" for keyword in node.keywords}
            facts = [node.args[2]] if name == "Fault" and len(node.args) > 2 else []
            facts += [keyword.value for keyword in node.keywords if keyword.arg == "params"]
            for params in facts:
                keys = params.keys if isinstance(params, ast.Dict) else [None]
                values |= {key.value if isinstance(key, ast.Constant) else "**" for key in keys}
            yield f"{place}:{node.lineno}", str(code.value), values


def test_every_refusal_has_a_sentence_and_fills_it() -> None:
    result = list(raised())
    wrong = [
        (place, code, hole)
        for place, code, values in result
        for hole in (re.findall(r"{(\w+)}", "".join(TEXTS[code])) if code in TEXTS else ["no text"])
        if hole not in values and "**" not in values
    ]

    assert len(result) > 80
    assert wrong == []


def test_every_sentence_is_used() -> None:
    files = [path for folder in FOLDERS for end in ("*.py", "*.sql") for path in (ROOT / folder).rglob(end)]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [code for code in TEXTS if not re.search(f"[\"']{code}[\"']", text)] == []


@pytest.mark.parametrize(
    ("expected", "zh", "en"),
    [
        (["int"], "应为整数", "Should be a whole number"),
        (["bool"], "应为 true 或 false", "Should be true or false"),
        (["str", "float"], "应为文本或数", "Should be text or a number"),
        (["texts"], "应为文本数组", "Should be a list of texts"),
        (["date"], "应为日期，如 2025-06-30", "Should be a date such as 2025-06-30"),
    ],
)
def test_types_are_told_in_words(expected: list[str], zh: str, en: str) -> None:
    fault = Fault("wrong_type", "x", {"expected": expected})

    assert (sentence(fault, "zh"), sentence(fault, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en;q=0.4, zh;q=0.5", "zh"),
        ("en; q=0.4, zh; q=0.5", "zh"),
        ("zh ;\tq=0.4,EN ; Q=0.5", "en"),
        ("en;q=nan", "zh"),
    ],
)
def test_weights_of_languages_are_obeyed_with_blanks_around_them(header: str, language: str) -> None:
    """Source: RFC 9110 §12.4.2."""
    assert language_of(header) == language
