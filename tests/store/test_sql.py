"""Files of SQL: one way to fill in a part, said in the head of the file; lines that a screen holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.sql import fill, places

FOLDER = Path(__file__).resolve().parents[2] / "store"
QUERIES = sorted(FOLDER.glob("*.sql"))
ALL = [*QUERIES, *sorted((FOLDER / "migrations").glob("*.sql"))]


def test_each_place_is_filled_once_and_no_other() -> None:
    query = "SELECT '{}', '{\"a\": 1}', x ~ '^[0-9]{2}$', {key} FROM {rows} WHERE {key} > 0"

    assert places(query) == {"key", "rows"}
    assert fill(query, key="a", rows="{key}") == (
        "SELECT '{}', '{\"a\": 1}', x ~ '^[0-9]{2}$', a FROM {key} WHERE a > 0"
    )
    for parts in ({"key": "a"}, {"key": "a", "rows": "b", "more": "c"}, {}):
        with pytest.raises(ValueError, match=re.escape("places ['key', 'rows']")):
            fill(query, **parts)


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_the_head_says_what_is_filled_in(file: Path) -> None:
    head, *queries = re.split(r"^-- name: .*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    code = "\n".join(line for query in queries for line in query.splitlines() if not line.startswith("--"))

    wanted = {re.sub(r"^at_\w$", "at_x", re.sub(r"^p[3-9]$", "p2", place)) for place in places(code)}

    assert wanted <= places(head) and places(head) <= wanted


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_lines_are_under_120(file: Path) -> None:
    long = [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) >= 120]

    assert long == []


@pytest.mark.parametrize("file", ALL[len(QUERIES) :], ids=lambda file: file.stem)
def test_a_migration_runs_as_it_stands(file: Path) -> None:
    assert not re.search(r"^\\", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert places(file.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_mu_and_hectares_are_converted_by_the_factors_of_the_domain_alone(file: Path) -> None:
    assert (
        re.findall(
            r"\b0\.0015\b|\b2000\b|[*/] ?15\b|[*/] ?10000\b|\b666\.|'(?:mu|ha)'", file.read_text(encoding="utf-8")
        )
        == []
    )
