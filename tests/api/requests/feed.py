"""Events followed, and sent to webhooks."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.park import add_park
from tests.api.requests.sample import request


@request
async def follow_events(district: District) -> SampleRequest:
    return SampleRequest("follow_events", {"park": district.park["id"], "limit": 1})


@request
async def add_webhook(district: District) -> SampleRequest:
    park_id = (await district.done(await add_park(district)))["id"]  # a park has room for ten
    return SampleRequest("add_webhook", body={"url": district.hook_url, "park_id": park_id, "label": "招商平台"})


@request
async def list_webhooks(district: District) -> SampleRequest:
    hook = await district.done(await add_webhook(district))
    return SampleRequest("list_webhooks", {"park": hook["park_id"], "limit": 1})


@request
async def read_webhook(district: District) -> SampleRequest:
    return SampleRequest("read_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def rotate_secret(district: District) -> SampleRequest:
    return SampleRequest("rotate_secret", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def test_webhook(district: District) -> SampleRequest:
    return SampleRequest("test_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def remove_webhook(district: District) -> SampleRequest:
    return SampleRequest("remove_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})
