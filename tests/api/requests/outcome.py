"""Outcomes and their stages."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.firm import add_firm
from tests.api.requests.sample import day, request


@request
async def open_outcome(district: District) -> SampleRequest:
    lease = {"path": "lease", "asset_ids": [await new_unit(district, is_published=True)], "firm_id": district.firm_id}
    lease |= {"starts_on": day(0), "ends_on": day(1095), "output_yuan_year": 30_000_000, "tax_yuan_year": 1_200_000}
    return SampleRequest("open_outcome", body=lease)


@request
async def list_outcomes(district: District) -> SampleRequest:
    return SampleRequest("list_outcomes", {"park": district.park["id"], "stage": "handed_over", "limit": 1})


@request
async def read_outcome(district: District) -> SampleRequest:
    return SampleRequest("read_outcome", {"outcome_id": await new_lease(district)})


@request
async def step_outcome(district: District) -> SampleRequest:
    signed = {"stage": "signed", "signed_on": day(0), "rent_yuan_m2_month": 9}
    return SampleRequest(
        "step_outcome", await district.seen("read_outcome", outcome_id=await new_lease(district)), signed
    )


@request
async def correct_idle_period(district: District) -> SampleRequest:
    page = await district.done(
        SampleRequest("list_outcomes", {"park": district.park["id"], "stage": "handed_over", "limit": 1})
    )
    (item,) = page["items"]
    body = {
        "asset_id": item["assets"][0]["asset_id"],
        "stated_idle_since": day(-2000),
        "stated_idle_since_precision": "month",
        "idle_basis": "vacant_building",
        "source": "园区台账",
        "reason": "原记录把停用月份写错",
    }
    return SampleRequest("correct_idle_period", {"outcome_id": item["id"], "If-Match": "*"}, body)


@request
async def outcome_history(district: District) -> SampleRequest:
    return SampleRequest("outcome_history", {"outcome_id": await new_lease(district)})


async def new_lease(district: District) -> str:
    return str((await district.done(await open_outcome(district)))["id"])


async def propose_swap(district: District) -> SampleRequest:
    owner_id = (await district.done(await add_firm(district)))["id"]
    swap = {
        "path": "equity_swap",
        "asset_ids": [await new_unit(district, is_published=True)],
        "firm_id": district.firm_id,
    }
    return SampleRequest("open_outcome", body=swap | {"owner_firm_id": owner_id, "tax_yuan_year": 15_000_000})


async def appraise_swap(district: District) -> SampleRequest:
    swap = {"outcome_id": (await district.done(await propose_swap(district)))["id"], "If-Match": "*"}
    await district.done(SampleRequest("step_outcome", swap, {"stage": "due_diligence", "happened_on": day(0)}))
    valued = {"stage": "valuation", "happened_on": day(0), "appraiser": "示例评估", "appraisal_method": "成本法"}
    return SampleRequest(
        "step_outcome", swap, valued | {"appraised_yuan": 12_000_000, "appraisal_valid_until": day(364)}
    )


#: Requests of operations that have one already, with another body.
ALSO = {"propose_swap": propose_swap, "appraise_swap": appraise_swap}
