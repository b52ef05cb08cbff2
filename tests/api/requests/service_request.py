"""What firms ask of a park, who looks after them, visits."""

from __future__ import annotations

from tests.api.district import FIRM, District, SampleRequest
from tests.api.requests.sample import day, request


@request
async def raise_request(district: District) -> SampleRequest:
    query = {
        "park_id": district.park["id"],
        "firm_id": district.firm_id,
        "topic": "power",
        "request": "二期设备进场，需增容 400 kVA",
    }
    return SampleRequest("raise_request", body=query)


@request
async def list_requests(district: District) -> SampleRequest:
    await district.done(await raise_request(district))
    return SampleRequest("list_requests", {"park": district.park["id"], "stage": "raised", "limit": 1})


@request
async def read_request(district: District) -> SampleRequest:
    return SampleRequest("read_request", {"request_id": (await district.done(await raise_request(district)))["id"]})


@request
async def step_request(district: District) -> SampleRequest:
    request_id = (await district.done(await raise_request(district)))["id"]
    sent = {"stage": "dispatched", "department": "供电所", "due_on": day(10)}
    return SampleRequest("step_request", await district.seen("read_request", request_id=request_id), sent)


@request
async def service_requests(district: District) -> SampleRequest:
    await district.done(await raise_request(district))
    return SampleRequest("service_requests", {"from": day(-30), "to": day(0), "park": district.park["id"]})


@request
async def set_officer(district: District) -> SampleRequest:
    officer = {"park_id": district.park["id"], "name": "示例专员", "phone": "023-0000 0000"}
    return SampleRequest("set_officer", {"firm_id": district.firm_id}, officer)


@request
async def firm_officers(district: District) -> SampleRequest:
    await district.done(await set_officer(district))
    return SampleRequest("firm_officers", {"firm_id": district.firm_id}, headers=district.keys[FIRM])


@request
async def erase_contact(district: District) -> SampleRequest:
    return SampleRequest(
        "erase_contact", {"contact_id": (await district.done(await set_officer(district)))["contact_id"]}
    )


@request
async def note_visit(district: District) -> SampleRequest:
    seen = {"park_id": district.park["id"], "visited_on": day(-1), "note": "生产线调试中，缺焊工 6 人"}
    return SampleRequest("note_visit", {"firm_id": district.firm_id}, seen)


@request
async def list_visits(district: District) -> SampleRequest:
    await district.done(await note_visit(district))
    return SampleRequest("list_visits", {"firm_id": district.firm_id, "park": district.park["id"], "limit": 1})
