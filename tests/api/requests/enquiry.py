"""Enquiries, and what staff do with them."""

from __future__ import annotations

from typing import Any

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.demand import post_demand
from tests.api.requests.sample import day, request

PERSON = {"name": "示例咨询人", "phone": "138 0000 0000", "mail": "asker@panhuo.example"}


@request
async def enquiry_question(_: District) -> SampleRequest:
    return SampleRequest("enquiry_question", headers={})


@request
async def make_enquiry(district: District) -> SampleRequest:
    asset_id = await new_unit(district, is_published=True)
    about = {"asset_id": asset_id, "message": "想看 9 号厂房，下周可以吗？", "wants_visit": True, "consent": True}
    return SampleRequest("make_enquiry", body=PERSON | about)


async def received(district: District) -> dict[str, Any]:
    """An enquiry as the list shows it."""
    made = await make_enquiry(district)
    await district.done(made)
    query = {"asset": made.body["asset_id"], "park": district.park["id"]}
    items: list[dict[str, Any]] = (await district.done(SampleRequest("list_enquiries", query)))["items"]
    return items[0]


async def seen(district: District) -> dict[str, Any]:
    """The parameters of a step of an enquiry."""
    return await district.seen("read_enquiry", enquiry_id=(await received(district))["id"])


@request
async def list_enquiries(district: District) -> SampleRequest:
    await received(district)
    return SampleRequest("list_enquiries", {"park": district.park["id"], "state": "new", "limit": 1})


@request
async def read_enquiry(district: District) -> SampleRequest:
    return SampleRequest("read_enquiry", {"enquiry_id": (await received(district))["id"]})


@request
async def answer_enquiry(district: District) -> SampleRequest:
    sent = {"answered_by": "phone", "answer": "已电话说明层高与租金，对方下周来看。"}
    return SampleRequest("answer_enquiry", await seen(district), sent)


@request
async def arrange_visit(district: District) -> SampleRequest:
    visit = {"visit_on": day(7), "starts": "14:30", "minutes": 60, "meeting_place": "园区管委会一楼"}
    return SampleRequest("arrange_visit", await seen(district), visit)


@request
async def visit_calendar(district: District) -> SampleRequest:
    arranged = await arrange_visit(district)
    await district.done(arranged)
    return SampleRequest("visit_calendar", {"enquiry_id": arranged.parameters["enquiry_id"]})


@request
async def link_enquiry(district: District) -> SampleRequest:
    demand_id = (await district.done(await post_demand(district)))["id"]
    return SampleRequest("link_enquiry", await seen(district), {"firm_id": district.firm_id, "demand_id": demand_id})


@request
async def close_enquiry(district: District) -> SampleRequest:
    return SampleRequest("close_enquiry", await seen(district), {"closed_as": "served"})


@request
async def erase_enquirer(district: District) -> SampleRequest:
    return SampleRequest("erase_enquirer", {"enquiry_id": (await received(district))["id"]})


@request
async def state_enquiry_terms(district: District) -> SampleRequest:
    return SampleRequest(
        "state_enquiry_terms", {"park_id": district.park["id"]}, {"answer_hours": 16, "kept_days": 730}
    )


@request
async def enquiry_terms(district: District) -> SampleRequest:
    return SampleRequest("enquiry_terms", {"park_id": district.park["id"]})
