"""What firms need."""

from __future__ import annotations

from typing import Any

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import day, request


@request
async def post_demand(district: District) -> SampleRequest:
    need = need_facts() | {
        "title": "灯具塑料件厂房",
        "firm_id": district.firm_id,
        "listing": "draft",
        "audience": "parks",
    }
    return SampleRequest("post_demand", body=need)


@request
async def list_demands(district: District) -> SampleRequest:
    return SampleRequest("list_demands", {"firm": district.firm_id, "limit": 1})


@request
async def read_demand(district: District) -> SampleRequest:
    return SampleRequest("read_demand", {"demand_id": await new_demand(district, listing="published")})


@request
async def amend_demand(district: District) -> SampleRequest:
    changed = {"floor_area_m2_max": 2500, "need_on": None}
    return SampleRequest(
        "amend_demand", await district.seen("read_demand", demand_id=await new_demand(district)), changed
    )


@request
async def publish_demand(district: District) -> SampleRequest:
    return SampleRequest("publish_demand", await district.seen("read_demand", demand_id=await new_demand(district)))


@request
async def withdraw_demand(district: District) -> SampleRequest:
    return SampleRequest(
        "withdraw_demand", await district.seen("read_demand", demand_id=await new_demand(district, listing="published"))
    )


async def new_demand(district: District, *, listing: str = "draft") -> str:
    sample = await post_demand(district)
    sample.body["listing"] = listing
    return str((await district.done(sample))["id"])


def need_facts() -> dict[str, Any]:
    need: dict[str, Any] = {"kinds": ["factory"], "accepted_paths": ["lease"], "product_codes": ["3872", "2929"]}
    need |= {"floor_area_m2_min": 1500, "floor_area_m2_pref": 1800, "floor_area_m2_max": 2200}
    need |= {"clear_height_m_min": 8, "power_kva_min": 400, "rent_yuan_m2_month_max": 12, "need_on": day(60)}
    need["attributes"] = {"products": ["LED 灯具"], "lease_years": 3}
    return need | {"importances": {"size": 3, "industry": 4, "cost": 5}}
