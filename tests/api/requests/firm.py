"""Firms and their mandates."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import day, request


@request
async def add_firm(_: District) -> SampleRequest:
    body = {"name": "重庆示例灯具有限公司", "industry_code": "3872", "is_above_scale": True, "lon": 105.72, "lat": 29.7}
    return SampleRequest("add_firm", body=body)


@request
async def list_firms(_: District) -> SampleRequest:
    return SampleRequest("list_firms", {"q": "智鼎", "limit": 1})


@request
async def read_firm(district: District) -> SampleRequest:
    return SampleRequest("read_firm", {"firm_id": (await district.done(await add_firm(district)))["id"]})


@request
async def amend_firm(district: District) -> SampleRequest:
    firm_id = (await district.done(await add_firm(district)))["id"]
    return SampleRequest("amend_firm", await district.seen("read_firm", firm_id=firm_id), {"industry_code": "3874"})


@request
async def give_mandate(district: District) -> SampleRequest:
    firm_id = (await district.done(await add_firm(district)))["id"]
    facts = {
        "park_id": district.park["id"],
        "purposes": ["firm", "demands"],
        "ends_on": day(365),
        "source": "授权委托书原件",
    }
    return SampleRequest("give_mandate", {"firm_id": firm_id}, facts)


@request
async def list_mandates(district: District) -> SampleRequest:
    sample = await give_mandate(district)
    await district.done(sample)
    return SampleRequest(
        "list_mandates", {"firm": sample.parameters["firm_id"], "park": district.park["id"], "limit": 1}
    )


@request
async def withdraw_mandate(district: District) -> SampleRequest:
    sample = await give_mandate(district)
    return SampleRequest("withdraw_mandate", sample.parameters | {"mandate_id": (await district.done(sample))["id"]})
