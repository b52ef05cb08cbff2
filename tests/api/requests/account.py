"""Signing in, and keys."""

from __future__ import annotations

from tests.api.district import STAFF, District, SampleRequest
from tests.api.requests.sample import day, request

PASSWORD, OTHER_PASSWORD = "示例-swan-river-granite", "示例-copper-lantern-meadow"


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


@request
async def add_account(district: District) -> SampleRequest:
    body = {"login": district.code("leader"), "password": PASSWORD, "role": "leader", "park_ids": [district.park["id"]]}
    return SampleRequest("add_account", body=body)


async def new_account(district: District) -> str:
    return str((await district.done(await add_account(district)))["id"])


@request
async def list_accounts(_: District) -> SampleRequest:
    return SampleRequest("list_accounts", {"limit": 2})


@request
async def read_account(district: District) -> SampleRequest:
    return SampleRequest("read_account", {"account_id": await new_account(district)})


@request
async def account_keys(district: District) -> SampleRequest:
    page = await district.done(SampleRequest("list_accounts"))
    (account_id,) = (item["id"] for item in page["items"] if item["login"] == STAFF)
    return SampleRequest("account_keys", {"account_id": account_id})


@request
async def set_account_parks(district: District) -> SampleRequest:
    parks = {"park_ids": [district.park["id"]]}
    return SampleRequest("set_account_parks", {"account_id": await new_account(district)}, parks)


@request
async def set_password(district: District) -> SampleRequest:
    return SampleRequest("set_password", {"account_id": await new_account(district)}, {"password": OTHER_PASSWORD})


@request
async def change_password(district: District) -> SampleRequest:
    made = (await add_account(district)).body
    await district.done(SampleRequest("add_account", body=made))
    login = SampleRequest("log_in", body={"login": made["login"], "password": PASSWORD}, headers={})
    token = (await district.done(login))["access_token"]
    passwords = {"old_password": PASSWORD, "password": OTHER_PASSWORD}
    return SampleRequest("change_password", body=passwords, headers={"Authorization": f"Bearer {token}"})


@request
async def disable_account(district: District) -> SampleRequest:
    return SampleRequest("disable_account", {"account_id": await new_account(district)})


@request
async def enable_account(district: District) -> SampleRequest:
    disabled = await disable_account(district)
    await district.done(disabled)
    return SampleRequest("enable_account", disabled.parameters)
