"""Signing in, and keys."""

from __future__ import annotations

from tests.api.district import STAFF, District, SampleRequest
from tests.api.requests.sample import day, request


@request
async def log_in(district: District) -> SampleRequest:
    return SampleRequest("log_in", body={"login": STAFF, "password": district.accounts[STAFF]["password"]}, headers={})


@request
async def refresh(district: District) -> SampleRequest:
    tokens = await district.done(await log_in(district))
    return SampleRequest("refresh", body={"refresh_token": tokens["refresh_token"]}, headers={})


@request
async def me(district: District) -> SampleRequest:
    return SampleRequest("me", headers=district.keys[STAFF])


@request
async def add_key(_: District) -> SampleRequest:
    return SampleRequest("add_key", body={"label": "园区平台对接", "expires_on": day(365)})


@request
async def list_keys(_: District) -> SampleRequest:
    return SampleRequest("list_keys")


@request
async def revoke_key(district: District) -> SampleRequest:
    return SampleRequest("revoke_key", {"key_id": (await district.done(await add_key(district)))["id"]})


@request
async def log_out(district: District) -> SampleRequest:
    token = (await district.done(await log_in(district)))["access_token"]
    return SampleRequest("log_out", headers={"Authorization": f"Bearer {token}"})
