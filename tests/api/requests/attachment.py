"""Files of units, parks, deals, their stages, and requests."""

from __future__ import annotations

from typing import Any

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.outcome import new_lease
from tests.api.requests.sample import day, request
from tests.api.requests.service_request import raise_request

#: Enough of a PDF for what is told by its first bytes.
PAPER = "%PDF-1.7\n% 房屋平面图\n"
ABOUT = {"kind": "plan", "file_name": "平面图.pdf", "title": "一层平面图", "taken_on": day(-30), "source": "建设单位"}


def _new(operation: str, readers: str, **parameters: str) -> SampleRequest:
    return SampleRequest(operation, {**parameters, **ABOUT, "readers": readers}, PAPER)


@request
async def add_asset_attachment(district: District) -> SampleRequest:
    asset_id = await new_unit(district, is_published=True)
    return _new("add_asset_attachment", "public", asset_id=asset_id)


@request
async def add_park_attachment(district: District) -> SampleRequest:
    return _new("add_park_attachment", "public", park_id=district.park["id"])


@request
async def add_outcome_attachment(district: District) -> SampleRequest:
    return _new("add_outcome_attachment", "firm", outcome_id=await new_lease(district))


@request
async def add_stage_attachment(district: District) -> SampleRequest:
    return _new("add_stage_attachment", "firm", outcome_id=await new_lease(district), stage="opened")


@request
async def add_request_attachment(district: District) -> SampleRequest:
    request_id = (await district.done(await raise_request(district)))["id"]
    return _new("add_request_attachment", "firm", request_id=request_id)


async def _listed(district: District, sent: SampleRequest, *names: str) -> SampleRequest:
    """The list in which a new file stands."""
    await district.done(sent)
    operation = sent.operation.removeprefix("add_") + "s"
    return SampleRequest(operation, {name: sent.parameters[name] for name in names})


@request
async def asset_attachments(district: District) -> SampleRequest:
    return await _listed(district, await add_asset_attachment(district), "asset_id")


@request
async def park_attachments(district: District) -> SampleRequest:
    sent = await add_park_attachment(district)
    return await _listed(district, sent, "park_id")


@request
async def outcome_attachments(district: District) -> SampleRequest:
    return await _listed(district, await add_outcome_attachment(district), "outcome_id")


@request
async def stage_attachments(district: District) -> SampleRequest:
    return await _listed(district, await add_stage_attachment(district), "outcome_id", "stage")


@request
async def request_attachments(district: District) -> SampleRequest:
    return await _listed(district, await add_request_attachment(district), "request_id")


async def _added(district: District) -> dict[str, Any]:
    return await district.done(await add_asset_attachment(district))


@request
async def read_attachment(district: District) -> SampleRequest:
    return SampleRequest("read_attachment", {"attachment_id": (await _added(district))["id"]})


@request
async def attachment_content(district: District) -> SampleRequest:
    return SampleRequest("attachment_content", {"attachment_id": (await _added(district))["id"]})


@request
async def amend_attachment(district: District) -> SampleRequest:
    attachment_id = (await _added(district))["id"]
    changed = {"title": "一层平面图（竣工）", "readers": "staff"}
    return SampleRequest(
        "amend_attachment", await district.seen("read_attachment", attachment_id=attachment_id), changed
    )


@request
async def drop_attachment(district: District) -> SampleRequest:
    attachment_id = (await _added(district))["id"]
    seen = await district.seen("read_attachment", attachment_id=attachment_id)
    return SampleRequest("drop_attachment", seen | {"reason": "传错了楼层"})


@request
async def asset_packet(district: District) -> SampleRequest:
    return SampleRequest("asset_packet", {"asset_id": (await _added(district))["asset_id"]})


@request
async def outcome_packet(district: District) -> SampleRequest:
    return SampleRequest("outcome_packet", {"outcome_id": await new_lease(district)})


@request
async def park_packet(district: District) -> SampleRequest:
    return SampleRequest("park_packet", {"park_id": district.park["id"], "from": day(-1), "to": day(0)})
