"""A ledger brought in, exported, changed and brought in again: what is tried is what is saved, and can be undone."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest

from actions.ledger_import import ImportDecisions, ImportOptions, ImportResult, import_ledger
from domain.errors import Conflict
from ledger.mapping import ColumnMapping, LedgerMapping
from store import account
from tests.api.story import Headers, box
from tests.api.test_batches import ASSETS, undo, units_of
from tests.conftest import TODAY, Dazu
from tests.ledger.writers import xlsx

HEADINGS = ("编号", "名称", "类别", "面积（㎡）", "租金(元/㎡·月)", "层高", "火灾危险性", "所属楼栋", "楼层")
ROWS: list[Sequence[Any]] = [
    HEADINGS,
    ("L-1", "一号厂房", "厂房", 5200, 11.5, 8, "丙类", None, None),
    ("L-1-1", "一号厂房一层", "厂房", "2600平方米", 12, "约6.5米", "丙类", "L-1", 1),
    ("L-2", "二号厂房", "厂房", "3,100", "", "", "", None, None),
    ("L-3", "三号地块", "土地", "12亩", None, None, None, None, None),
    ("合计", None, None, 10900, None, None, None, None, None),
]


class Importer:
    """Staff of a park with files."""

    def __init__(self, dazu: Dazu, park: dict[str, Any], folder: Path) -> None:
        self.dazu, self.park, self.folder = dazu, park, folder
        self.stages: list[str] = []

    async def __call__(
        self, path: Path, *, options: ImportOptions | None = None, decisions: ImportDecisions | None = None
    ) -> ImportResult:
        actor = await account.named(self.dazu.db, "demo-shuangqiao")
        assert actor is not None

        async def on_progress(stage: str, done: int, total: int) -> None:
            self.stages.append(stage)

        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        about = (path, path.name, digest, options or ImportOptions(), decisions)
        return await import_ledger(
            self.dazu.db, actor, UUID(self.park["id"]), *about, today=TODAY, on_progress=on_progress
        )

    async def saved(self, path: Path, **decisions: Any) -> ImportResult:
        return await self(path, decisions=ImportDecisions(**decisions))

    def ledger(self, rows: Sequence[Sequence[Any]], name: str = "台账.xlsx") -> Path:
        return xlsx(self.folder / name, {"台账": rows})


@pytest.fixture
def bring_in(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> Importer:
    return Importer(dazu, park, tmp_path)


def verdicts(result: ImportResult) -> list[str]:
    return [row.verdict for row in result.rows]


def error_codes(result: ImportResult) -> list[list[str]]:
    return [[issue.fault.code for issue in row.issues if issue.severity == "error"] for row in result.rows]


async def exported(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], path: Path) -> openpyxl.Workbook:
    """The park's ledger as the service writes it, open to be changed."""
    answer = await client.get(f"{ASSETS}.xlsx?park={park['id']}", headers=staff)
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return openpyxl.load_workbook(io.BytesIO(answer.content))


async def test_what_is_tried_is_what_is_saved(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    path = bring_in.ledger(ROWS)
    before = await units_of(client, staff, park)

    trial = await bring_in(path)

    assert (verdicts(trial), error_codes(trial)) == (["new"] * 4, [[]] * 4)
    assert bring_in.stages == ["reading", "comparing", "checking", "writing"]
    assert await units_of(client, staff, park) == before

    saved = await bring_in.saved(path)

    units = await units_of(client, staff, park)
    facts = {code: units[code]["properties"] for code in units.keys() - before.keys()}
    assert facts.keys() == {"L-1", "L-1-1", "L-2", "L-3"}
    assert facts["L-1-1"]["parent_id"] == units["L-1"]["id"]
    levels = [facts[code]["level"] for code in ("L-1", "L-1-1", "L-2", "L-3")]
    assert levels == ["building", "floor", "building", "plot"]
    assert (facts["L-3"]["area_mu"], facts["L-1-1"]["clear_height_m"]) == (12, 6.5)
    assert facts["L-1"]["fire_hazard_class"] == "C"
    assert facts["L-2"]["rent_yuan_m2_month"] is None
    shown = (await client.get(f"{ASSETS}/batches/{saved.batch_id}", headers=staff)).json()
    assert (shown["kind"], shown["file_name"], shown["registered"]) == ("import", "台账.xlsx", 4)
    assert shown["file_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()

    again = await bring_in(path)
    assert verdicts(again) == ["same"] * 4
    with pytest.raises(Conflict, match="nothing_to_save"):
        await bring_in.saved(path)


async def test_a_corrected_ledger_changes_what_differs(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    await bring_in.saved(bring_in.ledger(ROWS))
    rows = [list(row) for row in ROWS]
    rows[1][4], rows[2][6], rows[3][3] = 13, "", 3000  # another rent, an empty cell, another area
    rows[2][5] = "清空"

    result = await bring_in(bring_in.ledger(rows))

    assert verdicts(result) == ["changed", "changed", "changed", "same"]
    assert [[(change.field, change.value) for change in row.changes] for row in result.rows] == [
        [("rent_yuan_m2_month", 13)],
        [("clear_height_m", None)],
        [("stated_area", 3000)],
        [],
    ]
    await bring_in.saved(bring_in.ledger(rows))
    units = await units_of(client, staff, park)
    assert units["L-1-1"]["properties"]["fire_hazard_class"] == "C"


async def test_rows_at_fault_are_told_as_saving_would(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    taken = next(iter(await units_of(client, staff, park)))
    rows = [
        HEADINGS,
        ("W-1", "好厂房", "厂房", 900, 11, 8, "丙类", None, None),
        ("W-2", "面积不明", "厂房", "很大", 11, 8, "丙类", None, None),
        ("W-3", "无楼栋", "厂房", 900, 11, 8, "丙类", "没有这栋", 1),
        ("W-1", "重号", "厂房", 900, 11, 8, "丙类", None, None),
        ("W-4", "过大的一层", "厂房", 9000, 11, 8, "丙类", "W-1", 1),
        (taken, "已有", "土地" if taken.startswith("X") else "厂房", 900, None, None, None, None, None),
    ]
    path = bring_in.ledger(rows)

    result = await bring_in(path)

    codes = error_codes(result)
    assert codes[0] == []
    assert codes[2] == ["unknown_reference"]
    assert codes[3] == ["code_twice"]
    assert codes[4] == ["parts_exceed_whole"]
    assert codes[1] != []
    with pytest.raises(Conflict, match="rows_at_fault"):
        await bring_in.saved(path)
    saved = await bring_in.saved(path, only_sound=True, left_out=frozenset({6}))
    assert saved.rows[0].verdict == "new"
    assert "W-1" in await units_of(client, staff, park)


async def test_thirty_rents_changed_are_thirty_changes_and_undone_are_none(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], tmp_path: Path
) -> None:
    many = [HEADINGS, *((f"M-{n}", f"{n}号厂房", "厂房", 900 + n, 10, 8, "丙类", None, None) for n in range(40))]
    await bring_in.saved(bring_in.ledger(many))
    before = await units_of(client, staff, park)
    workbook = await exported(client, staff, park, tmp_path / "out.xlsx")
    assert set(verdicts(await bring_in(tmp_path / "out.xlsx"))) == {"same"}
    sheet = workbook.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "资产编号" for cell in row))
    columns = {str(cell.value).partition(" (")[0]: cell.column for cell in head}
    changed = 0
    for row in range(head[0].row + 1, sheet.max_row + 1):
        if str(sheet.cell(row, columns["资产编号"]).value).startswith("M-") and changed < 30:
            sheet.cell(row, next(at for name, at in columns.items() if "租金" in name)).value = 12.5
            changed += 1
    workbook.save(tmp_path / "in.xlsx")

    saved = await bring_in.saved(tmp_path / "in.xlsx")

    assert verdicts(saved).count("changed") == 30
    assert {len(row.changes) for row in saved.rows} == {0, 1}
    after = await units_of(client, staff, park)
    assert sum(after[code] != before[code] for code in after) == 30
    assert (await undo(client, staff, str(saved.batch_id))).status_code == 201
    assert await units_of(client, staff, park) == before


async def test_what_both_changed_is_a_conflict_with_three_values(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], tmp_path: Path
) -> None:
    await bring_in.saved(bring_in.ledger(ROWS))
    workbook = await exported(client, staff, park, tmp_path / "out.xlsx")
    sheet = workbook.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "资产编号" for cell in row))
    columns = {str(cell.value).partition(" (")[0]: cell.column for cell in head}
    rent = next(at for name, at in columns.items() if "租金" in name)
    lines = {sheet.cell(row, columns["资产编号"]).value: row for row in range(head[0].row + 1, sheet.max_row + 1)}
    sheet.cell(lines["L-1"], rent).value = 14
    sheet.cell(lines["L-2"], rent).value = 9
    workbook.save(tmp_path / "in.xlsx")
    units = await units_of(client, staff, park)
    for code, patch in (("L-1", {"rent_yuan_m2_month": 12}), ("L-2", {"storeys": 2})):
        answer = await client.patch(
            f"{ASSETS}/{units[code]['id']}", headers=staff | {"If-Match": "*"}, json={"properties": patch}
        )
        assert answer.status_code == 200, answer.text

    result = await bring_in(tmp_path / "in.xlsx")

    rows = {row.source.facts["code"]: row for row in result.rows}
    (conflict,) = rows["L-1"].changes
    assert rows["L-1"].verdict == "conflict"
    assert [float(value) for value in (conflict.seen, conflict.current, conflict.value)] == [11.5, 12, 14]
    assert rows["L-2"].verdict == "changed"
    assert [change.field for change in rows["L-2"].changes] == ["rent_yuan_m2_month"]
    await bring_in.saved(tmp_path / "in.xlsx", conflicts="file")
    after = await units_of(client, staff, park)
    assert after["L-1"]["properties"]["rent_yuan_m2_month"] == 14
    assert (after["L-2"]["properties"]["rent_yuan_m2_month"], after["L-2"]["properties"]["storeys"]) == (9, 2)


async def test_units_that_the_file_lacks_are_listed_and_withdrawn_by_word_alone(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], tmp_path: Path
) -> None:
    await bring_in.saved(bring_in.ledger(ROWS))
    workbook = await exported(client, staff, park, tmp_path / "out.xlsx")
    sheet = workbook.worksheets[0]
    for row in range(sheet.max_row, 1, -1):
        if "L-3" in [cell.value for cell in sheet[row]]:
            sheet.delete_rows(row)
    workbook.save(tmp_path / "in.xlsx")

    result = await bring_in(tmp_path / "in.xlsx")

    assert [item["code"] for item in result.missing] == ["L-3"]
    saved = await bring_in.saved(tmp_path / "in.xlsx", withdrawn=[UUID(result.missing[0]["asset_id"])])
    units = await units_of(client, staff, park)
    assert units["L-3"]["properties"]["listing"] == "withdrawn"
    assert saved.batch_id is not None


async def test_outlines_come_later_by_corner_points(
    bring_in: Importer, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    await bring_in.saved(bring_in.ledger(ROWS))
    ring = box(park, 3)["coordinates"][0][:4]
    corners = [("地块编号", "点号", "经度", "纬度")]
    corners += [("L-3", f"J{n}", lon, lat) for n, (lon, lat) in enumerate(ring, 1)]

    result = await bring_in.saved(bring_in.ledger(corners, "界址点.xlsx"))

    assert verdicts(result) == ["changed"]
    unit = (await units_of(client, staff, park))["L-3"]
    assert unit["geometry"]["type"] == "MultiPolygon"
    assert verdicts(await bring_in(bring_in.ledger(corners, "界址点.xlsx"))) == ["same"]


async def test_the_mapping_of_the_caller_comes_first(bring_in: Importer) -> None:
    rows = [("号", "叫法", "种类", "大小"), ("K-1", "一号", "厂房", 800)]
    names = zip(rows[0], ("code", "name", "kind", "stated_area"), strict=True)
    mapping = LedgerMapping(columns=tuple(ColumnMapping(heading, name) for heading, name in names))
    path = bring_in.ledger(rows)

    guessed = await bring_in(path)
    mapped = await bring_in(path, options=ImportOptions(mapping))

    assert verdicts(mapped) == ["new"]
    assert verdicts(guessed) != ["new"]
