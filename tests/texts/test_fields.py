"""Every field has a label and a meaning in each language, and no heading of a sheet could be that of two fields."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from domain.field import Fields
from domain.fields import DEMAND, TABLES
from matching.rules import BOUNDS
from reports.decision import SHOWN_MEMBERS
from texts import lookup

LANGUAGES = lookup.languages()
#: The bounds of a demand that are called by name where they are moved.
MOVABLE = {
    bound.name.format(area=area)
    for bound in BOUNDS
    if bound.form == "amount"
    for area in ("land_area_m2", "floor_area_m2")
}
#: Units that a Chinese word names, in English.
ENGLISH_UNITS = {"元": "yuan", "万元": "yuan", "亩": "mu", "月": "months?", "天": "days?", "年": "years?"}

#: Tables of `fields` beside those of the things: requirements of the ranking, and words of the document of all fields.
ASIDE = {"requirement", "thing", "column", "document"}


def holds_unit(label: str, unit: str) -> bool:
    """Whether a label names a unit, as a word of its own where it is in letters."""
    words = [re.escape(unit), *([ENGLISH_UNITS[unit]] if unit in ENGLISH_UNITS else [])]
    return unit != "" and re.search(rf"(?<![A-Za-z])({'|'.join(words)})(?![A-Za-z])", label) is not None


def test_every_field_has_a_label_and_a_meaning_in_its_order() -> None:
    expected = {name: list(fields) for name, fields in TABLES.items()}
    expected |= {f"{name}_meaning": list(fields) for name, fields in TABLES.items()}

    for language in lookup.languages():
        tables = lookup.tables("fields", language)
        assert {name: list(texts) for name, texts in tables.items() if name not in ASIDE} == expected


@pytest.mark.parametrize(("thing", "fields"), TABLES.items())
def test_no_label_or_heading_is_that_of_two_fields(thing: str, fields: Fields) -> None:
    written = Counter(
        heading
        for name, field in fields.items()
        for heading in {
            heading.casefold()
            for heading in (
                name,
                *field.headings,
                *(lookup.field_label(thing, name, language) for language in lookup.languages()),
            )
        }
    )

    assert [heading for heading, count in written.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("thing", "fields"), TABLES.items())
def test_no_label_holds_its_unit(thing: str, fields: Fields, language: str) -> None:
    labels = {name: lookup.field_label(thing, name, language) for name in fields}

    assert [label for name, label in labels.items() if holds_unit(label, fields[name].unit)] == []


def test_a_unit_in_a_label_is_found() -> None:
    assert holds_unit("crane, t", "t")
    assert holds_unit("years of lease", "年")
    assert holds_unit("亩数", "亩")
    assert not holds_unit("floor load at", "t")
    assert not holds_unit("free floor area ratio", "")


@pytest.mark.parametrize(("language", "end"), [("zh", "。"), ("en", ".")])
def test_a_meaning_is_one_sentence(language: str, end: str) -> None:
    tables = lookup.tables("fields", language)
    meanings = [text for name in TABLES for text in tables[f"{name}_meaning"].values()]

    assert [text for text in meanings if not text.endswith(end) or text != text.strip() or "[" in text] == []
    assert [text for text in meanings if re.search(r"[。\n]|\.\s", text.removesuffix(end))] == []
    assert [text for text in meanings if language == "zh" and not re.search(r"[\u4e00-\u9fff]", text)] == []


def test_the_fields_of_a_demand_that_are_shown_are_declared() -> None:
    assert {*SHOWN_MEMBERS, *MOVABLE} <= DEMAND.keys()
