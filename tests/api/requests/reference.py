"""Industries and schemes."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import request


@request
async def list_industries(_: District) -> SampleRequest:
    return SampleRequest("list_industries", {"q": "375", "limit": 2})


@request
async def list_schemes(_: District) -> SampleRequest:
    return SampleRequest("list_schemes")


@request
async def read_scheme(_: District) -> SampleRequest:
    return SampleRequest("read_scheme", {"kind": "matching"})
