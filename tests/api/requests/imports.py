"""Files of units brought in."""

from __future__ import annotations

from datetime import date

from actions.import_job import run_due
from tests.api.district import District, SampleRequest
from tests.api.requests.sample import request

LEDGER = """编号,名称,类别,面积（㎡）,租金(元/㎡·月),经度,纬度
{code},示例厂房,厂房,1200,11.5,{lon},{lat}
{code},重号,厂房,900,,,
"""


def new_import(district: District) -> SampleRequest:
    lon, lat = district.square()["coordinates"][0][0]
    body = {"park_id": district.park["id"], "file": LEDGER.format(code=district.code("SQ-I"), lon=lon, lat=lat)}
    return SampleRequest("add_import", body=body)


async def tried(district: District) -> str:
    """The id of a file that was tried."""
    import_id = str((await district.done(new_import(district)))["id"])
    state = district.state
    await run_due(state.db, state.db, state.settings.files_dir, today=date.today())
    return import_id


@request
async def add_import(district: District) -> SampleRequest:
    return new_import(district)


@request
async def list_imports(district: District) -> SampleRequest:
    await tried(district)
    return SampleRequest("list_imports", {"park": district.park["id"], "limit": 1})


@request
async def read_import(district: District) -> SampleRequest:
    return SampleRequest("read_import", {"import_id": await tried(district)})


@request
async def import_rows(district: District) -> SampleRequest:
    return SampleRequest("import_rows", {"import_id": await tried(district), "issues": "true"})


@request
async def import_preview(district: District) -> SampleRequest:
    return SampleRequest("import_preview", {"import_id": await tried(district)})


@request
async def import_issues(district: District) -> SampleRequest:
    return SampleRequest("import_issues", {"import_id": await tried(district)})


@request
async def try_import(district: District) -> SampleRequest:
    source = {"field": "source", "value": "2025年台账"}
    reading = {"columns": [{"heading": "名称", "field": "name"}], "constants": [source]}
    return SampleRequest("try_import", {"import_id": await tried(district)}, reading)


@request
async def save_import(district: District) -> SampleRequest:
    return SampleRequest("save_import", {"import_id": await tried(district)}, {"only_sound": True})


@request
async def cancel_import(district: District) -> SampleRequest:
    return SampleRequest("cancel_import", {"import_id": (await district.done(new_import(district)))["id"]})
