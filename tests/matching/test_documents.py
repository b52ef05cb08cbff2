"""docs/matching.md: its examples print what the page says, and its tables name all there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import geopandas
import numpy as np
import pytest

from domain.fields import DEMAND
from matching import Catalogue, ParkProfile
from matching.catalogue.columns import NAMES
from matching.position import PLANE, POSITION
from tests.matching.page import printed_anew
from tests.matching.samples import columns, unit

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
#: What a record of a need holds beside what a ranking reads.
NOT_RANKED = {"id", "firm_id", "version", "title", "output_yuan_year", "tax_yuan_year", "jobs"}
NOT_RANKED |= {"attributes", "illustrative", "audience", "listing", "revision", "recorded_at"}


def named_in(table: str) -> list[str]:
    """What the first column of a table of the page names."""
    rows = PAGE.split(f"<!-- {table} -->\n")[1].split("<!-- /")[0].splitlines()[2:]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]


def test_the_examples_print_what_the_page_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # they read no file of the checkout

    assert printed_anew(PAGE) == PAGE, "run python -m tests.matching.page docs/matching.md --write"


def test_the_tables_name_every_field_column_and_fact_once() -> None:
    needs = {name for name, field in DEMAND.items() if field.store != "attributes"}

    assert sorted(named_in("demand")) == sorted({*needs, "registered_industry_code"} - NOT_RANKED)
    assert sorted(named_in("units")) == sorted(NAMES - {*POSITION, *PLANE})
    assert sorted(named_in("parks")) == sorted(field.name for field in fields(ParkProfile))


def test_a_frame_of_columns_is_a_table() -> None:
    plain = columns([unit(id="a"), unit(id="b", fire_hazard_class=None, clear_height_m=None)])
    some = ("id", "kind", "available_area_m2", "fire_hazard_class", "clear_height_m", "allowed_paths", "available_from")
    frame = geopandas.GeoDataFrame({name: plain[name] for name in some} | {"colour": ["red", "blue"]})

    read, expected = Catalogue.from_columns(frame), Catalogue.from_columns({name: plain[name] for name in some})

    for name, column in expected.of_kind("factory").columns.items():
        assert read.of_kind("factory")[name].values.tolist() == column.values.tolist()
        assert read.of_kind("factory")[name].known.tolist() == column.known.tolist()


@pytest.mark.parametrize(
    "days",
    [
        np.array(["2025-06-01", "NaT"], "datetime64[D]"),
        ["2025-06-01", None],
        [np.datetime64("2025-06-01"), None],
        [20240, None],
    ],
)
def test_days_are_read_in_every_form(days: object) -> None:
    read = Catalogue.from_columns({"id": ["a", "b"], "available_from": days}).of_kind("factory")["available_from"]

    assert (read.values.tolist(), read.known.tolist()) == ([739403, 0], [True, False])


def test_a_mask_of_paths_is_as_good_as_their_names() -> None:
    named = Catalogue.from_columns({"id": ["a", "b"], "allowed_paths": [["lease", "sale"], []]}).of_kind("land")
    masked = Catalogue.from_columns({"id": ["a", "b"], "allowed_paths": np.array([5, 0])}).of_kind("land")

    assert masked["allowed_paths"].values.tolist() == named["allowed_paths"].values.tolist() == [5, 0]
    assert masked["allowed_paths"].known.tolist() == named["allowed_paths"].known.tolist() == [True, False]
