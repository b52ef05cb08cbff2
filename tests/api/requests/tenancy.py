"""Tenancies, and how they end."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.sample import day, request


@request
async def list_tenancies(district: District) -> SampleRequest:
    return SampleRequest("list_tenancies", {"park": district.park["id"], "limit": 1})


@request
async def read_tenancy(district: District) -> SampleRequest:
    return SampleRequest("read_tenancy", {"tenancy_id": await new_tenancy(district)})


@request
async def tenant_left(district: District) -> SampleRequest:
    facts = {"left_on": day(0), "source": "交接清单"}
    return SampleRequest(
        "tenant_left", await district.seen("read_tenancy", tenancy_id=await new_tenancy(district)), facts
    )


@request
async def tenant_stays(district: District) -> SampleRequest:
    facts = {"source": "现场核实，租金照付"}
    return SampleRequest(
        "tenant_stays", await district.seen("read_tenancy", tenancy_id=await new_tenancy(district)), facts
    )


@request
async def renew_tenancy(district: District) -> SampleRequest:
    facts = {"ends_on": day(730), "rent_yuan_m2_month": 9.8, "contract_no": "续租-2026-01"}
    return SampleRequest(
        "renew_tenancy", await district.seen("read_tenancy", tenancy_id=await new_tenancy(district)), facts
    )


async def new_tenancy(district: District) -> str:
    """A tenancy whose term ended yesterday."""
    body = {"path": "lease", "asset_ids": [await new_unit(district, is_published=True)], "firm_id": district.firm_id}
    body |= {"opened_on": day(-400), "starts_on": day(-366), "ends_on": day(-1), "source": "租赁台账"}
    outcome_id = (await district.done(SampleRequest("open_outcome", body=body)))["id"]
    for facts in ({"stage": "signed", "signed_on": day(-390)}, {"stage": "handed_over", "handed_over_on": day(-366)}):
        await district.done(SampleRequest("step_outcome", {"outcome_id": outcome_id, "If-Match": "*"}, facts))
    sample = SampleRequest("list_tenancies", {"park": district.park["id"], "asset": body["asset_ids"][0]})
    return str((await district.done(sample))["items"][0]["id"])
