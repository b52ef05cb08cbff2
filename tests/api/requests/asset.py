"""Units: registered, changed, published, and their development."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import day, feature, request


@request
async def list_assets(_: District) -> SampleRequest:
    about = {"kind": "factory", "availability": "available", "area_m2_min": 1000, "path": "lease"}
    return SampleRequest("list_assets", about | {"sort": "-area_m2", "limit": 1})


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
async def separate_assets(district: District) -> SampleRequest:
    facts = {"other_id": await new_unit(district), "reason": "两栋相邻，旧测绘图纸有误差"}
    return SampleRequest("separate_assets", {"asset_id": await new_unit(district)}, facts)


@request
async def asset_history(district: District) -> SampleRequest:
    return SampleRequest("asset_history", {"asset_id": await new_unit(district)})


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
