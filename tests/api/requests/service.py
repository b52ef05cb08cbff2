"""How the service is, and its description."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import request


@request
async def live(_: District) -> SampleRequest:
    return SampleRequest("live")


@request
async def ready(_: District) -> SampleRequest:
    return SampleRequest("ready")


@request
async def metrics(_: District) -> SampleRequest:
    return SampleRequest("metrics")


@request
async def openapi(_: District) -> SampleRequest:
    return SampleRequest("openapi")
