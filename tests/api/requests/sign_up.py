"""Accounts for firms: signed up for, accepted, joined by invitation."""

from __future__ import annotations

from domain.credit_code import with_check_digit
from tests.api.district import FIRM, District, SampleRequest
from tests.api.requests.account import PASSWORD
from tests.api.requests.sample import request


@request
async def sign_up_firm(district: District) -> SampleRequest:
    login = district.code("firm")
    body = {
        "credit_code": with_check_digit(f"91500000MA5U{int(login[-3:]):05}"),
        "firm_name": "示例企业",
        "park_id": district.park["id"],
        "login": login,
        "password": PASSWORD,
        "name": "示例经办人",
        "phone": "400-000-0000",
        "consent": True,
    }
    return SampleRequest("sign_up_firm", body=body)


async def waiting(district: District) -> str:
    """The id of a sign-up that is to be decided on."""
    made = await sign_up_firm(district)
    await district.done(made)
    items = (await district.done(SampleRequest("list_sign_ups")))["items"]
    return str(next(item["id"] for item in items if item["credit_code"] == made.body["credit_code"]))


@request
async def list_sign_ups(district: District) -> SampleRequest:
    await waiting(district)
    return SampleRequest("list_sign_ups", {"limit": 1})


@request
async def accept_sign_up(district: District) -> SampleRequest:
    proof = {"proof": "见营业执照副本与授权委托书原件"}
    return SampleRequest("accept_sign_up", {"sign_up_id": await waiting(district)}, proof)


@request
async def refuse_sign_up(district: District) -> SampleRequest:
    return SampleRequest("refuse_sign_up", {"sign_up_id": await waiting(district)})


@request
async def invite(district: District) -> SampleRequest:
    return SampleRequest("invite", {"firm_id": district.firm_id}, headers=district.keys[FIRM])


@request
async def list_invitations(district: District) -> SampleRequest:
    await district.done(await invite(district))
    return SampleRequest("list_invitations", {"firm_id": district.firm_id}, headers=district.keys[FIRM])


@request
async def withdraw_invitation(district: District) -> SampleRequest:
    invitation_id = (await district.done(await invite(district)))["id"]
    about = {"firm_id": district.firm_id, "invitation_id": invitation_id}
    return SampleRequest("withdraw_invitation", about, headers=district.keys[FIRM])
