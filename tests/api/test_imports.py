"""Files over HTTP: sent as a form, tried by a worker, shown row by row, saved, stopped, refused by field."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import openpyxl
import pytest
import pytest_asyncio
from litestar import Litestar

from actions import import_job, ledger_import
from api.imports import issues_workbook
from store import files, imports
from store.db import Database
from tests.api.story import Headers
from tests.api.test_batches import ASSETS, undo, units_of
from tests.conftest import TODAY, Dazu

IMPORTS = f"{ASSETS}/imports"
GOOD = "编号,名称,类别,面积（㎡）,租金(元/㎡·月)\nH-1,一号厂房,厂房,1200,11.5\nH-2,二号厂房,厂房,900,10\n"
MIXED = GOOD + "H-2,重号,厂房,800,9\nH-3,面积不明,厂房,很大,9\n"
ENGLISH = {"Accept-Language": "en"}
Work = Callable[[], Awaitable[int]]


@pytest_asyncio.fixture(loop_scope="session")
async def work(app: Litestar, dazu: Dazu) -> AsyncIterator[Work]:
    """Runs what is due, as the worker does."""
    slow = await Database.connect(dazu.url, size=2, public_size=1, statement_timeout_ms=60_000)
    folder = app.state.application_state.settings.files_dir
    yield lambda: import_job.run_due(dazu.db, slow, folder, today=TODAY)
    await slow.close()


async def send(
    client: httpx.AsyncClient,
    staff: Headers,
    park: dict[str, Any],
    text: str | bytes,
    name: str = "台账.csv",
    **more: Any,
) -> httpx.Response:
    raw = text.encode() if isinstance(text, str) else text
    headers = staff | more.pop("headers", {})
    data = {"park_id": park["id"], **{key: json.dumps(value) for key, value in more.items()}}
    return await client.post(IMPORTS, headers=headers, data=data, files={"file": (name, raw)})


async def tried(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work, text: str | bytes, **more: Any
) -> dict[str, Any]:
    sent = await send(client, staff, park, text, **more)
    assert sent.status_code == 202, sent.text
    assert await work() == 1
    return await read(client, staff, sent.json()["id"])


async def read(client: httpx.AsyncClient, staff: Headers, import_id: str) -> dict[str, Any]:
    answer = await client.get(f"{IMPORTS}/{import_id}", headers=staff)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def rows_of(client: httpx.AsyncClient, staff: Headers, import_id: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{IMPORTS}/{import_id}/rows", headers=staff, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_sent_tried_saved_and_undone(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work, app: Litestar
) -> None:
    before = await units_of(client, staff, park)
    sent = await send(client, staff, park, GOOD)
    assert sent.headers["location"].endswith(f"/assets/imports/{sent.json()['id']}")
    waiting = await read(client, staff, sent.json()["id"])
    assert (waiting["state"], waiting["result"]) == ("queued", None)
    early = await client.post(f"{IMPORTS}/{waiting['id']}/save", headers=staff, json={})
    assert (early.status_code, early.json()["errors"][0]["code"]) == (409, "import_is_running")

    await work()

    ready = await read(client, staff, waiting["id"])
    assert (ready["state"], ready["result"]["counts"]["new"], ready["batch_id"]) == ("ready", 2, None)
    columns = {column["heading"]: column for column in ready["result"]["tables"][0]["columns"]}
    assert columns["面积（㎡）"]["field"] == "stated_area"
    assert await units_of(client, staff, park) == before
    kept = files.path_of(app.state.application_state.settings.files_dir, ready["file_sha256"])
    assert kept.read_bytes() == GOOD.encode()

    save = await client.post(f"{IMPORTS}/{ready['id']}/save", headers=staff, json={})
    assert save.status_code == 202, save.text
    await work()

    saved = await read(client, staff, ready["id"])
    assert saved["state"] == "saved", saved
    units = await units_of(client, staff, park)
    assert units.keys() - before.keys() == {"H-1", "H-2"}
    again = await client.post(f"{IMPORTS}/{ready['id']}/save", headers=staff, json={})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "import_is_saved")
    assert (await undo(client, staff, saved["batch_id"])).status_code == 201
    assert await units_of(client, staff, park) == before
    listed = (await client.get(IMPORTS, headers=staff, params={"park": park["id"]})).json()["items"]
    assert listed[0]["id"] == ready["id"]


def test_the_workbook_of_issues_is_printed_as_its_maker_set_it(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["编号", "名称"], ["H-1", "厂房"], ["H-2", "厂房"]):
        sheet.append(row)
    workbook.save(tmp_path / "ledger")
    sheet.page_setup.scale, sheet.print_area = 70, "A1:B2"
    workbook.save(tmp_path / "scaled")

    packages = [
        issues_workbook(tmp_path / name, "台账.xlsx", ledger_import.ImportOptions(), [], "zh")
        for name in ("ledger", "scaled")
    ]

    plain, scaled = (openpyxl.load_workbook(io.BytesIO(package)).worksheets[0] for package in packages)
    assert (plain.page_setup.fitToWidth, plain.page_setup.fitToHeight, plain.print_area) == (1, 0, "")
    assert [sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in (plain, scaled)] == [True, None]
    assert (scaled.page_setup.scale, scaled.print_area) == (70, "'Sheet'!$A$1:$C$2")
    assert scaled["C1"].value == "问题"


async def test_every_row_says_what_is_wrong_and_comes_back_in_the_workbook(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work
) -> None:
    ready = await tried(client, staff, park, work, MIXED)

    assert ready["result"]["counts"] == {"new": 2, "changed": 0, "same": 0, "conflict": 0, "refused": 2}
    rows = await rows_of(client, staff, ready["id"], verdict="refused")
    assert [(row["line"], row["code"]) for row in rows] == [(4, "H-2"), (5, "H-3")]
    assert all(issue["message"] and issue["severity"] == "error" for row in rows for issue in row["issues"][:1])
    english = await rows_of(client, staff | ENGLISH, ready["id"], verdict="refused")
    assert english[0]["issues"][0]["message"] != rows[0]["issues"][0]["message"]
    page = await client.get(f"{IMPORTS}/{ready['id']}/rows?limit=1", headers=staff)
    assert (len(page.json()["items"]), "next" in page.json()) == (1, True)
    following = await client.get(page.json()["next"], headers=staff)
    assert following.json()["items"][0]["row"] == 2

    answer = await client.get(f"{IMPORTS}/{ready['id']}/issues.xlsx", headers=staff)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "问题" in str(lines[0][-1])
    assert [bool(line[-1]) for line in lines[1:]] == [False, False, True, True]
    plain = sheet.cell(2, 1).fill.fgColor.rgb
    marked = [
        (row, column)
        for row in range(2, 6)
        for column in range(1, 6)
        if sheet.cell(row, column).fill.fgColor.rgb != plain
    ]
    assert marked == [(4, 1), (5, 4)]  # the code that stands twice, the area that is no number

    kept_out = await client.post(f"{IMPORTS}/{ready['id']}/save", headers=staff, json={})
    assert kept_out.status_code == 202
    await work()
    refused = await read(client, staff, ready["id"])
    assert (refused["state"], refused["faults"][0]["code"]) == ("ready", "rows_at_fault")
    await client.post(f"{IMPORTS}/{ready['id']}/save", headers=staff, json={"only_sound": True})
    await work()
    saved = await read(client, staff, ready["id"])
    assert saved["state"] == "saved"
    assert {"H-1", "H-2"} <= (await units_of(client, staff, park)).keys()


async def test_read_otherwise_and_as_the_last_time(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work
) -> None:
    text = "号,叫法,种类,大小,经度,纬度\nK-1,一号,厂房,800,{lon},{lat}\n"
    ring = park["geometry"]["coordinates"][0][0][:-1]
    lon, lat = (sum(axis) / len(ring) for axis in zip(*ring, strict=True))
    guessed = await tried(client, staff, park, work, text.format(lon=lon, lat=lat))
    assert guessed["result"]["counts"]["new"] == 0
    names = zip(("号", "叫法", "种类", "大小"), ("code", "name", "kind", "stated_area"), strict=True)
    reading = {"columns": [{"heading": heading, "field": name} for heading, name in names]}

    again = await client.post(f"{IMPORTS}/{guessed['id']}/trial", headers=staff, json=reading)
    assert again.status_code == 202, again.text
    await work()

    mapped = await read(client, staff, guessed["id"])
    assert mapped["result"]["counts"]["new"] == 1
    preview = (await client.get(f"{IMPORTS}/{mapped['id']}/preview.geojson", headers=staff)).json()
    assert [(feature["geometry"]["type"], feature["properties"]["verdict"]) for feature in preview["features"]] == [
        ("Point", "new")
    ]
    await client.post(f"{IMPORTS}/{mapped['id']}/save", headers=staff, json={})
    await work()
    later = await tried(client, staff, park, work, text.format(lon=lon, lat=lat).replace("K-1", "K-2"))
    assert later["result"]["counts"]["new"] == 1  # the park's last mapping


async def test_stopped_while_it_runs_nothing_is_kept(
    client: httpx.AsyncClient,
    staff: Headers,
    park: dict[str, Any],
    work: Work,
    conn: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await units_of(client, staff, park)
    ready = await tried(client, staff, park, work, GOOD)
    monkeypatch.setattr(import_job, "ALIVE_EVERY_S", 0.05)
    writing = asyncio.Event()
    write_rows = ledger_import.write_rows

    async def slowly(act: Any, *arguments: Any) -> None:
        await write_rows(act, *arguments)
        writing.set()
        await act.conn.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(ledger_import, "write_rows", slowly)
    await client.post(f"{IMPORTS}/{ready['id']}/save", headers=staff, json={})
    running = asyncio.create_task(work())  # type: ignore[arg-type]
    await asyncio.wait_for(writing.wait(), 20)
    shown = await read(client, staff, ready["id"])
    assert (shown["state"], shown["stage"]) == ("running", "writing")

    stopped = await client.post(f"{IMPORTS}/{ready['id']}/cancel", headers=staff)

    assert (stopped.status_code, stopped.json()["state"]) == (200, "ready")
    await asyncio.wait_for(running, 20)
    assert await units_of(client, staff, park) == before
    assert (await read(client, staff, ready["id"]))["batch_id"] is None
    again = await client.post(f"{IMPORTS}/{ready['id']}/cancel", headers=staff)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "import_not_running")


async def test_a_run_that_died_is_begun_again_three_times(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], dazu: Dazu, work: Work, conn: asyncpg.Connection
) -> None:
    import_id = (await send(client, staff, park, GOOD)).json()["id"]
    for _ in range(imports.MOST_ATTEMPTS):
        claimed = await imports.claim(dazu.db)
        assert claimed is not None
        assert await imports.claim(dazu.db) is None  # it is another's
        await conn.execute("UPDATE panhuo.import SET seen_at = seen_at - interval '2 minutes'")
    assert await work() == 0
    failed = await read(client, staff, import_id)
    assert (failed["state"], failed["faults"][0]["code"]) == ("failed", "import_broke_off")


FORMS: list[tuple[str, dict[str, Any], Any, int, str]] = [
    ("no file", {}, None, 422, "file"),
    ("an empty one", {}, ("台账.csv", b""), 422, "file"),
    ("no park", {"park_id": None}, ("台账.csv", GOOD.encode()), 422, "park_id"),
    ("a park of no form", {"park_id": "7"}, ("台账.csv", GOOD.encode()), 422, "park_id"),
    ("a park that is not there", {"park_id": str(uuid4())}, ("台账.csv", GOOD.encode()), 404, "park_id"),
    ("another field", {"colour": "red"}, ("台账.csv", GOOD.encode()), 422, "colour"),
    ("no JSON", {"reading": "{"}, ("台账.csv", GOOD.encode()), 422, "reading"),
    ("a reading of no form", {"reading": '{"columns": 7}'}, ("台账.csv", GOOD.encode()), 422, "reading.columns"),
    ("a reading of another member", {"reading": '{"colour": 7}'}, ("台账.csv", GOOD.encode()), 422, "reading.colour"),
]


@pytest.mark.parametrize(("what", "fields", "file", "status", "field"), FORMS, ids=[form[0] for form in FORMS])
async def test_forms_that_are_refused(
    client: httpx.AsyncClient,
    staff: Headers,
    park: dict[str, Any],
    what: str,
    fields: dict[str, Any],
    file: Any,
    status: int,
    field: str,
) -> None:
    data = {name: value for name, value in ({"park_id": park["id"]} | fields).items() if value is not None}
    parts: dict[str, Any] = {name: (None, value) for name, value in data.items()} | ({"file": file} if file else {})
    answer = await client.post(IMPORTS, headers=staff, files=parts)
    assert (answer.status_code, [fault["field"] for fault in answer.json()["errors"]]) == (status, [field]), answer.text


async def test_files_that_are_refused_are_told_by_name(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work
) -> None:
    for text, name, code in (
        (b"\x00" * 50, "乱.csv", "workbook_unreadable"),
        (b"PK\x03\x04" + b"x" * 200, "坏.xlsx", "workbook_unreadable"),
        (b"{]", "图.geojson", ""),
    ):
        failed = await tried(client, staff, park, work, text, name=name)
        assert failed["state"] == "failed", failed
        assert failed["faults"][0]["message"]
        assert code in ("", failed["faults"][0]["code"])
    json_body = await client.post(IMPORTS, headers=staff, json={"park_id": park["id"]})
    assert (json_body.status_code, json_body.json()["errors"][0]["field"]) == (415, "Content-Type")
    too_long = {"Content-Length": str(1 << 30), "Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.post(IMPORTS, headers=staff | too_long, content=b"--x--")
    assert answer.status_code == 413


async def test_who_may(
    client: httpx.AsyncClient, staff: Headers, keys: dict[str, Headers], park: dict[str, Any], work: Work, app: Litestar
) -> None:
    ready = await tried(client, staff, park, work, GOOD)
    others = keys["demo-dazu-gaoxin"]
    assert (await send(client, others, park, GOOD)).status_code == 403
    assert (await send(client, {}, park, GOOD)).status_code == 401
    for headers in (others, {}, keys["demo-zhiding"]):
        for method, place in (
            ("GET", ""),
            ("GET", "/rows"),
            ("GET", "/preview.geojson"),
            ("GET", "/issues.xlsx"),
            ("POST", "/cancel"),
        ):
            answer = await client.request(method, f"{IMPORTS}/{ready['id']}{place}", headers=headers)
            assert answer.status_code == 404, (place, answer.text)
    leader = keys["demo-leader"]
    assert (await client.get(f"{IMPORTS}/{ready['id']}", headers=leader)).status_code == 200
    assert (await client.post(f"{IMPORTS}/{ready['id']}/save", headers=leader, json={})).status_code in (403, 404)
    kept = files.path_of(app.state.application_state.settings.files_dir, ready["file_sha256"])
    assert kept.stat().st_mode & 0o077 == 0


async def test_once_is_once(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "import-1"}
    first = await send(client, staff, park, GOOD, headers=key)
    second = await send(client, staff, park, GOOD, headers=key)
    other = await send(client, staff, park, MIXED, headers=key)
    assert first.json() == second.json()
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "key_reused")


async def test_where_files_cannot_be_kept_it_is_said(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], app: Litestar
) -> None:
    folder = app.state.application_state.settings.files_dir
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder")
    answer = await send(client, staff, park, GOOD)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "files_unwritable")


async def test_geojson_of_the_service_comes_back_as_it_was(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], work: Work
) -> None:
    text = (await client.get(f"{ASSETS}.geojson?park={park['id']}", headers=staff)).text
    ready = await tried(client, staff, park, work, text, name="units.geojson")
    counts = ready["result"]["counts"]
    assert ready["state"] == "ready", ready["faults"]
    changed = await rows_of(client, staff, ready["id"], verdict="changed")
    assert [row["changes"] for row in changed][:1] == []
    assert counts["same"] == ready["result"]["rows"] > 10, counts
    answer = await client.get(f"{IMPORTS}/{ready['id']}/issues.xlsx", headers=staff)
    assert answer.status_code == 200, answer.text


async def test_work_between_two_statements_may_take_as_long_as_they(dazu: Dazu) -> None:
    """A ledger of 100,000 rows is judged for over ten seconds in its transaction, on a slow machine."""
    for timeout_ms, idle in ((import_job.TIMEOUT_MS, "5min"), (5_000, "10s")):
        db = await Database.connect(dazu.url, size=1, public_size=1, statement_timeout_ms=timeout_ms)
        async with db.system() as conn:
            assert await conn.fetchval("SHOW idle_in_transaction_session_timeout") == idle
        await db.close()
