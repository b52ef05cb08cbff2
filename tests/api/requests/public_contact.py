"""Whom the public calls about a park or a unit."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.sample import day, request

OFFICE = {
    "office": "招商服务处（示例）",
    "phone": "400-000-0000",
    "mail": "office@panhuo.example",
    "hours": "工作日 9:00–17:00",
    "person": {"name": "示例联系人", "phone": None, "agreed_on": day(-1), "agreement": "示例同意书"},
    "illustrative": ["office", "phone", "mail", "hours"],
}


@request
async def state_park_contact(district: District) -> SampleRequest:
    return SampleRequest("state_park_contact", {"park_id": district.park["id"]}, OFFICE)


@request
async def park_contact(district: District) -> SampleRequest:
    await district.done(await state_park_contact(district))
    return SampleRequest("park_contact", {"park_id": district.park["id"]})


@request
async def state_unit_contact(district: District) -> SampleRequest:
    office = {"office": "示例厂房经营部", "phone": "400-000-0000"}
    return SampleRequest("state_unit_contact", {"asset_id": await new_unit(district, is_published=True)}, office)


@request
async def unit_contact(district: District) -> SampleRequest:
    stated = await state_unit_contact(district)
    await district.done(stated)
    return SampleRequest("unit_contact", stated.parameters)


@request
async def remove_unit_contact(district: District) -> SampleRequest:
    stated = await state_unit_contact(district)
    await district.done(stated)
    return SampleRequest("remove_unit_contact", stated.parameters)


@request
async def remove_park_contact(district: District) -> SampleRequest:
    stated = await state_park_contact(district)
    await district.done(stated)
    return SampleRequest("remove_park_contact", stated.parameters)
