"""The example of docs/matching.md prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas
import numpy as np
import pytest

from matching import Catalogue
from tests.matching.samples import columns, unit

ROOT = Path(__file__).parents[2]


def test_the_example_prints_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    exec(compile(example, "docs/matching.md", "exec"), {})

    assert capsys.readouterr().out == printed


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
