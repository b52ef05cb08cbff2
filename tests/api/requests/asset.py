"""Units: registered, changed, published, and their development."""

from __future__ import annotations

from typing import Any

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import day, feature, request


@request
async def list_assets(_: District) -> SampleRequest:
    about = {"kind": "factory", "availability": "available", "area_m2_min": 1000, "path": "lease"}
    return SampleRequest("list_assets", about | {"sort": "-area_m2", "limit": 1})


@request
async def assets_geojson(district: District) -> SampleRequest:
    about = {"park": district.park["id"], "kind": "land", "area_mu_min": 100, "fields": "code,name,area_mu,park_name"}
    return SampleRequest("assets_geojson", about | {"titles": "zh", "crs": "EPSG:4544"})


@request
async def assets_csv(_: District) -> SampleRequest:
    return SampleRequest("assets_csv", {"kind": "factory", "titles": "zh", "wkt": "true"})


@request
async def assets_xlsx(district: District) -> SampleRequest:
    return SampleRequest("assets_xlsx", {"park": district.park["id"], "kind": "factory", "titles": "zh"})


@request
async def asset_template(_: District) -> SampleRequest:
    return SampleRequest("asset_template")


@request
async def register_asset(district: District) -> SampleRequest:
    facts = {
        "park_id": district.park["id"],
        "level": "building",
        "code": district.code("SQ-F-9"),
        "name": "9 号标准厂房",
    }
    facts |= {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9.2, "clear_height_at": "under_beam"}
    facts |= {"floor_load_kn_m2": 10, "power_kva": 630, "fire_hazard_class": "D", "rent_yuan_m2_month": 9.5}
    facts |= {"allowed_paths": ["lease", "equity_swap"], "available_from": day(0), "idle_basis": "vacant_building"}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False}
    retrofit = {"rule": "H5", "up_to": 1000, "cost_yuan": 120000, "days": 40, "source": "报价单", "payer": "业主"}
    facts |= {"works": [retrofit], "attributes": {"dock_doors": 2, "has_sprinklers": True, "structure": "门式刚架"}}
    return SampleRequest("register_asset", body=feature(district.square(), facts))


@request
async def read_asset(district: District) -> SampleRequest:
    return SampleRequest("read_asset", {"asset_id": await new_unit(district)})


@request
async def amend_asset(district: District) -> SampleRequest:
    changed = {"properties": {"rent_yuan_m2_month": 8.8, "available_from": None}}
    return SampleRequest("amend_asset", await district.seen("read_asset", asset_id=await new_unit(district)), changed)


@request
async def publish_asset(district: District) -> SampleRequest:
    return SampleRequest("publish_asset", await district.seen("read_asset", asset_id=await new_unit(district)))


@request
async def withdraw_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "withdraw_asset", await district.seen("read_asset", asset_id=await new_unit(district, is_published=True))
    )


@request
async def void_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "void_asset", await district.seen("read_asset", asset_id=await new_unit(district)) | {"reason": "重复登记"}
    )


@request
async def change_assets(district: District) -> SampleRequest:
    facts = {"rent_yuan_m2_month": 8.8, "available_from": None}
    ids = [await new_unit(district) for _ in range(2)]
    body = {"park_id": district.park["id"], "act": "amend", "asset_ids": ids, "properties": facts}
    return SampleRequest("change_assets", {"If-Match": "*"}, body)


async def change_assets_by_row(district: District) -> SampleRequest:
    about = {"revision": 1, "properties": {"name": "三号厂房", "rent_yuan_m2_month": 8.8, "available_from": None}}
    body = {"park_id": district.park["id"], "act": "amend", "rows": [{"asset_id": await new_unit(district), **about}]}
    return SampleRequest("change_assets", {}, body)


async def change_assets_by_filter(district: District) -> SampleRequest:
    await new_unit(district)
    chosen = {"listing": "draft", "near": "105.77,29.49", "radius_m": 200_000, "rent_yuan_m2_month_max": 9.5, "q": "9"}
    chosen |= {
        "idle_basis": "vacant_building",
        "missing": "price_yuan_m2",
        "park": "shuangqiao",
        "bbox": "105,29,107,31",
    }
    body = {"park_id": district.park["id"], "act": "publish", "filter": chosen, "dry_run": True}
    return SampleRequest("change_assets", {"If-Match": "*"}, body)


async def a_batch(district: District) -> str:
    rows = [{"asset_id": await new_unit(district), "properties": {"rent_yuan_m2_month": 11}}]
    body = {"park_id": district.park["id"], "act": "amend", "rows": rows}
    return str((await district.done(SampleRequest("change_assets", {"If-Match": "*"}, body)))["batch_id"])


async def add_assets(district: District) -> SampleRequest:
    """A building among many new ones; what stands together is tried in tests/api/test_batches.py."""
    hall = {"level": "building", "code": district.code("SQ-H"), "name": "示例厂房"}
    new = [{"properties": hall | {"stated_area": 900, "stated_area_unit": "m2"}}]
    body = {"park_id": district.park["id"], "act": "amend", "new_units": new}
    return SampleRequest("change_assets", {}, body)


@request
async def list_batches(district: District) -> SampleRequest:
    await a_batch(district)
    return SampleRequest("list_batches", {"park": district.park["id"], "limit": 1})


@request
async def read_batch(district: District) -> SampleRequest:
    return SampleRequest("read_batch", {"batch_id": await a_batch(district)})


@request
async def undo_changes(district: District) -> SampleRequest:
    return SampleRequest("undo_changes", {"batch_id": await a_batch(district)})


def halves(district: District, square: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """Two parts that tile a square."""
    (west, south), (east, _), (_, north), *_ = square["coordinates"][0]
    middle = round((west + east) / 2, 6)
    return [
        feature(
            {"coordinates": [[[a, south], [b, south], [b, north], [a, north], [a, south]]]},
            {"code": district.code(code), "name": name, "stated_area": 700, "stated_area_unit": "m2"},
        )
        for a, b, name in ((west, middle, "示例地块西部"), (middle, east, "示例地块东部"))
    ]


async def a_plot(district: District, square: dict[str, Any]) -> str:
    facts = {"park_id": district.park["id"], "level": "plot", "code": district.code("SQ-P"), "name": "示例地块"}
    facts |= {"stated_area": 1400, "stated_area_unit": "m2", "allowed_paths": ["lease", "sale"]}
    return str((await district.done(SampleRequest("register_asset", body=feature(square, facts))))["id"])


@request
async def split_asset(district: District) -> SampleRequest:
    square = district.square()
    plot_id = await a_plot(district, square)
    parts = [{name: part[name] for name in ("geometry", "properties")} for part in halves(district, square, "SQ-P")]
    return SampleRequest("split_asset", await district.seen("read_asset", asset_id=plot_id), {"parts": parts})


@request
async def merge_assets(district: District) -> SampleRequest:
    square = district.square()
    plot_id, ids = await a_plot(district, square), []
    for part in halves(district, square, "SQ-P"):
        facts = {**part["properties"], "park_id": district.park["id"], "level": "part", "parent_id": plot_id}
        body = {**part, "properties": facts}
        ids.append(str((await district.done(SampleRequest("register_asset", body=body)))["id"]))
    merged = {"code": district.code("SQ-P"), "name": "示例地块（合并）"}
    body = {"sisters": [{"asset_id": ids[1], "revision": 1}], "properties": merged}
    return SampleRequest("merge_assets", await district.seen("read_asset", asset_id=ids[0]), body)


@request
async def separate_assets(district: District) -> SampleRequest:
    facts = {"other_id": await new_unit(district), "reason": "两栋相邻，旧测绘图纸有误差"}
    return SampleRequest("separate_assets", {"asset_id": await new_unit(district)}, facts)


@request
async def asset_history(district: District) -> SampleRequest:
    return SampleRequest("asset_history", {"asset_id": await new_unit(district)})


@request
async def check_asset(district: District) -> SampleRequest:
    facts = {"how": "seen", "checked_on": day(-1), "note": "现场看过，租户已搬离"}
    return SampleRequest("check_asset", {"asset_id": await new_unit(district, is_published=True)}, facts)


async def check_assets(district: District) -> SampleRequest:
    """Many units checked at once, as `change_assets`."""
    ids = [await new_unit(district, is_published=True) for _ in range(2)]
    body = {"park_id": district.park["id"], "act": "check", "asset_ids": ids, "check": {"how": "file"}}
    return SampleRequest("change_assets", {"If-Match": "*"}, body)


@request
async def asset_completeness(district: District) -> SampleRequest:
    return SampleRequest("asset_completeness", {"asset_id": await new_unit(district)})


@request
async def asset_rights(district: District) -> SampleRequest:
    outcomes = await district.done(
        SampleRequest("list_outcomes", {"park": district.park["id"], "stage": "trial_production"})
    )
    unit_id = outcomes["items"][0]["assets"][0]["asset_id"]
    return SampleRequest("asset_rights", {"asset_id": unit_id, "on": "2024-07-01"})


@request
async def state_development(district: District) -> SampleRequest:
    plot = {
        "park_id": district.park["id"],
        "level": "plot",
        "code": district.code("SQ-L"),
        "name": "示例地块",
        "kind": "land",
    }
    plot_id = (await district.done(SampleRequest("register_asset", body=feature(district.square(), plot))))["id"]
    facts = {"source": "出让合同与巡查记录", "agreed_start_on": "2022-03-01", "has_started": False}
    first = SampleRequest("state_development", {"asset_id": plot_id, "If-Match": "*"}, facts)
    await district.done(first)
    facts |= {"land_price_yuan": 12_000_000, "determination_no": "足规资闲认〔2024〕3号", "determined_on": "2024-05-20"}
    return SampleRequest(
        "state_development", await district.seen("idle_clock", asset_id=plot_id), facts | {"cause": "holder"}
    )


@request
async def idle_clock(district: District) -> SampleRequest:
    sample = await state_development(district)
    await district.done(sample)
    return SampleRequest("idle_clock", {"asset_id": sample.parameters["asset_id"], "on": "2025-06-30"})


async def new_unit(district: District, *, is_published: bool = False) -> str:
    unit_id = str((await district.done(await register_asset(district)))["id"])
    if is_published:
        await district.done(SampleRequest("publish_asset", {"asset_id": unit_id, "If-Match": "*"}))
    return unit_id
