"""The same units under any heading, in any unit, order and kind of file; and bytes that were changed at random."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.fields import ASSET
from ledger.assembly import read_ledger
from ledger.cells import vocabulary_of
from ledger.headings import MOST_TABLES
from ledger.workbook import read_workbook
from tests.geo.survey_samples import unit as feature
from tests.geo.survey_samples import written
from tests.ledger.writers import Rows, ledger_of, xls, xlsx
from texts.lookup import field_label, languages
from texts.words import word_label

#: Field → how its unit may be written, and what one of it is in the field's own.
UNITS: dict[str, list[tuple[str, Fraction]]] = {
    "clear_height_m": [("米", Fraction(1)), ("m", Fraction(1)), ("cm", Fraction(1, 100))],
    "floor_load_kn_m2": [("kN/㎡", Fraction(1)), ("吨/㎡", Fraction("9.80665")), ("kPa", Fraction(1))],
    "available_area_m2": [("㎡", Fraction(1)), ("亩", Fraction(2000, 3)), ("公顷", Fraction(10_000))],
    "rent_yuan_m2_month": [("元/㎡·月", Fraction(1)), ("元/㎡·天", Fraction(365, 12)), ("元/㎡/年", Fraction(1, 12))],
    "price_yuan_m2": [("元/㎡", Fraction(1)), ("万元/亩", Fraction(15))],
    "contribution_yuan": [("元", Fraction(1)), ("万元", Fraction(10_000))],
    "power_kva": [("kVA", Fraction(1)), ("千伏安", Fraction(1)), ("MVA", Fraction(1000))],
    "min_lease_months": [("个月", Fraction(1)), ("年", Fraction(12))],
}
DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y%m%d"]
FLAGS = {True: ["是", "有", "√", "Yes", "可"], False: ["否", "无", "×", "no", "不可"]}
WORDS = ["fire_hazard_class", "idle_basis", "allowed_paths", "connections", "land_right"]
JUNK = ["序号", "联系电话", "经办人", "楼管家"]


def headings(name: str) -> list[str]:
    own = [text for text in ASSET[name].headings if not any(sign in text for sign in "（()㎡")]
    return [*own, name, *(field_label("asset", name, language) for language in languages())]


def amount(draw: random.Random, name: str) -> tuple[str, list[Any], list[Decimal]]:
    """The unit of a heading, its cells and the values they mean."""
    unit, _ = draw.choice(UNITS[name])
    cells: list[Any] = []
    values = []
    field = ASSET[name]
    for _ in range(3):
        own, factor = draw.choice(UNITS[name]) if draw.random() < 0.3 else (unit, dict(UNITS[name])[unit])
        number = Decimal(draw.randrange(1, 50)) if field.type == "integer" else Decimal(draw.randrange(100, 5000)) / 100
        text = draw.choice([f"{number:f}", f"{number:,f}", f"约{number:f}"])
        text = draw.choice([text, "".join(chr(ord(c) + 0xFEE0) if c.isdecimal() else c for c in text)])
        cells.append(f"{text}{own}" if own != unit else draw.choice([text, float(number), f"{text} {own}"]))
        exact = Fraction(number) * factor
        places = Decimal(1).scaleb(-field.bound.places) if field.bound is not None else Decimal(1)
        values.append((Decimal(exact.numerator) / exact.denominator).quantize(places, ROUND_HALF_UP))
    return unit, cells, values


def column(draw: random.Random, name: str) -> tuple[str, list[Any], list[Any]]:
    """A heading of a field, its cells in three rows, and the values they mean."""
    heading, field = draw.choice(headings(name)), ASSET[name]
    if name in UNITS:
        unit, cells, values = amount(draw, name)
        return draw.choice([f"{heading}({unit})", f"{heading}（{unit}）", f"{heading}\n[{unit}]"]), cells, values
    if field.type == "flag":
        values = [draw.random() < 0.5 for _ in range(3)]
        return heading, [draw.choice(FLAGS[value]) for value in values], values
    if field.type == "day":
        days = [date(2001, 1, 1) + timedelta(draw.randrange(9000)) for _ in range(3)]
        return heading, [draw.choice([day, day.strftime(draw.choice(DAYS))]) for day in days], days
    listed = [draw.sample([*map(str, field.words)], 2 if field.type == "words" else 1) for _ in range(3)]
    language = draw.choice(languages())
    texts = [[word_label(vocabulary_of(field), word, language) for word in words] for words in listed]
    joined = [draw.choice("、,;/").join(words) for words in texts]
    return heading, joined, [words if field.type == "words" else words[0] for words in listed]


def sheet(draw: random.Random) -> tuple[Rows, list[dict[str, Any]]]:
    """A table of three units, and what they are."""
    names = draw.sample([*UNITS, *WORDS, "is_divisible", "is_seized", "available_from", "term_ends_on"], 6)
    units: list[dict[str, Any]] = [{"code": f"00{n}", "name": "2024-03", "level": "building"} for n in range(3)]
    columns: list[list[Any]] = [
        [draw.choice(["编号", "asset_code", "资产编号"]), *(each["code"] for each in units)],
        ["名称", *(each["name"] for each in units)],
        ["层级", *["建筑"] * 3],
    ]
    for name in names:
        heading, cells, values = column(draw, name)
        columns.append([heading, *cells])
        for each, value in zip(units, values, strict=True):
            each[name] = value
    columns += [[text, "甲", "乙", "丙"] for text in draw.sample(JUNK, 2)]
    draw.shuffle(columns)
    rows = [list(row) for row in zip(*columns, strict=True)]
    title = [["台账一览表", *[""] * (len(columns) - 1)]] if draw.random() < 0.5 else []
    return [*title, *rows], units


def text_file(encoding: str, delimiter: str) -> Callable[[Path, Rows], Path]:
    def write(path: Path, rows: Rows) -> Path:
        lines = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
        path.write_bytes("\r\n".join(lines).encode(encoding))
        return path

    return write


def old_workbook(path: Path, rows: Rows) -> Path:
    return xls(path, [[str(cell) if isinstance(cell, date) else cell for cell in row] for row in rows])


FILES: list[Callable[[Path, Rows], Path]] = [
    lambda path, rows: xlsx(path, {"台账": rows}),
    old_workbook,
    text_file("utf-8", ","), text_file("utf-8-sig", ";"), text_file("gb18030", ","), text_file("utf-16", "\t"),
]  # fmt: skip


def expected(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in facts.items()}


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_units_are_the_same_under_any_heading_in_any_unit_and_order(seed: int) -> None:
    rows, units = sheet(random.Random(seed))

    ledger = ledger_of(rows)

    assert [expected(row.facts) for row in ledger.rows] == [expected(each) for each in units], rows
    assert not any(row.has_errors for row in ledger.rows)


@pytest.mark.parametrize("write", FILES)
@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_units_are_the_same_in_any_kind_of_file(write: Callable[[Path, Rows], Path], seed: int) -> None:
    rows, units = sheet(random.Random(seed))

    with tempfile.TemporaryDirectory() as folder:
        ledger = read_ledger(read_workbook(write(Path(folder) / "台账", rows)))

    assert [expected(row.facts) for row in ledger.rows] == [expected(each) for each in units], rows
    assert not any(row.has_errors for row in ledger.rows)


# Bytes that were changed


CORNERS = "[地块坐标]\r\n4,0.6,DK-01,地块一,面,,,,@\r\n" + "".join(
    f"J{n},1,{3280000 + north},{35575000 + east}\r\n"
    for n, (north, east) in enumerate([(0, 0), (0, 100), (60, 100), (60, 0)], 1)
)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Sound files by the ending of their name."""
    folder = tmp_path_factory.mktemp("samples")
    rows, _ = sheet(random.Random(7))
    return {
        ".xlsx": xlsx(folder / "a.xlsx", {"台账": rows}, merged=["A1:B1"]).read_bytes(),
        ".xls": old_workbook(folder / "a.xls", rows).read_bytes(),
        ".csv": text_file("gb18030", ",")(folder / "a.csv", rows).read_bytes(),
        ".txt": CORNERS.encode("gbk"),
        ".geojson": written(folder / "a.geojson", [feature(1), feature(2)]).read_bytes(),
    }


@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".csv", ".txt", ".geojson"])
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=20),
    length=st.sampled_from([1.0, 1.0, 0.9, 0.4, 0.01]),
)
def test_changed_bytes_are_read_or_refused(
    samples: dict[str, bytes], ending: str, changes: list[tuple[float, int]], length: float
) -> None:
    raw = bytearray(samples[ending])
    for place, byte in changes:
        raw[int(place * len(raw))] = byte

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        path.write_bytes(raw[: int(length * len(raw))])
        try:
            ledger = read_ledger(read_workbook(path))
        except Invalid as refusal:
            assert all(fault.field in ("file", "encoding") for fault in refusal.faults)
        else:
            assert all(not row.has_errors or row.issues for row in ledger.rows)


MARKS = "a" + "\u0316\u0301" * 16_000


@pytest.mark.parametrize(
    "rows",
    [
        [["编号", "名称", *[f"{'楼' * 30_000}{n}" for n in range(20)]], ["A", "一号", *[1] * 20]],
        [["编号", "名称", "净高"], *[[f"{MARKS}{n}", f"{n}{MARKS}", f"8{MARKS}{n}"] for n in range(20)]],
        [["编号", "名称", "图形"], *[["A", "一号", f"POLYGON (({'1' * 30_000}{n}))"] for n in range(5)]],
    ],
    ids=["long headings", "marks", "digits"],
)
def test_a_sheet_made_to_be_slow_is_read_in_time(rows: Rows) -> None:
    begun = time.perf_counter()

    ledger_of(rows)

    assert time.perf_counter() - begun < 5, "without limits each takes minutes"


def test_a_sheet_has_at_most_so_many_tables() -> None:
    ledger = ledger_of([["编号", "名称", "层级"], ["名称", "编号", "层级"]] * 80)

    assert len(ledger.tables) == MOST_TABLES
    assert all(row.has_errors for row in ledger.rows)
