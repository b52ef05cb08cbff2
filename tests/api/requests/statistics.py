"""Figures, and closed years."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.park import add_park
from tests.api.requests.sample import day, request


@request
async def revitalized(_: District) -> SampleRequest:
    return SampleRequest("revitalized", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def revivals_geojson(district: District) -> SampleRequest:
    about = {"from": "2025-01-01", "to": "2025-02-28", "park": district.park["id"]}
    return SampleRequest("revivals_geojson", about | {"fields": "asset_code,revived_on,verdict,kind,area_m2,area_mu"})


@request
async def revivals_csv(district: District) -> SampleRequest:
    about = {"from": "2025-01-01", "to": "2025-06-30", "park": district.park["id"]}
    return SampleRequest("revivals_csv", about | {"titles": "zh"})


@request
async def delivery(district: District) -> SampleRequest:
    return SampleRequest("delivery", {"year": 2025, "park": district.park["id"], "group_by": "path"})


@request
async def growth(_: District) -> SampleRequest:
    return SampleRequest("growth", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def idle(district: District) -> SampleRequest:
    return SampleRequest("idle", {"on": "2025-06-30", "park": district.park["id"], "group_by": "basis"})


@request
async def idle_days(_: District) -> SampleRequest:
    return SampleRequest("idle_days", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def state_total(district: District) -> SampleRequest:
    total = {"kind": "land", "area_m2": 2_000_000, "source": "园区统计，2025 年末"}
    return SampleRequest("state_total", {"park_id": district.park["id"]}, total)


@request
async def close_year(district: District) -> SampleRequest:
    closing = {"year": 2024, "note": "年度统计已报区统计局"}
    park_id = (await district.done(await add_park(district)))["id"]  # a closed year stays closed
    return SampleRequest("close_year", {"park_id": park_id}, closing)


@request
async def list_closed_years(district: District) -> SampleRequest:
    sample = await close_year(district)
    await district.done(sample)
    return SampleRequest("list_closed_years", {"park_id": sample.parameters["park_id"]})


@request
async def vacancy(district: District) -> SampleRequest:
    await district.done(await state_total(district))
    return SampleRequest("vacancy", {"on": "2025-06-30", "park": district.park["id"]})


@request
async def funnel(_: District) -> SampleRequest:
    return SampleRequest("funnel", {"from": day(-30), "to": day(0)})
