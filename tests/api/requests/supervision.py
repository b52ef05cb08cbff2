"""Agreements, reports, approvals, and what is seen of them."""

from __future__ import annotations

from typing import Any

from tests.api.district import STAFF, District, SampleRequest
from tests.api.requests.outcome import new_lease
from tests.api.requests.sample import day, request


@request
async def sign_agreement(district: District) -> SampleRequest:
    promised = {"name": "tax", "value": 1_200_000, "unit": "yuan", "per": "year", "starts_on": "2026-07-01"}
    invested = {"name": "investment", "value": 8_000_000, "unit": "yuan", "per": "total", "due_on": day(700)}
    agreed = {"signed_on": day(0), "document_no": "监管-2026-01", "source": "履约监管协议原件", "ends_on": day(1095)}
    agreed |= {"indicators": [promised, invested], "signed_on_precision": "day"}
    agreed |= {"milestones": [{"stage": "trial_production", "planned_on": day(120), "precision": "month"}]}
    return SampleRequest("sign_agreement", {"outcome_id": await new_lease(district)}, agreed)


@request
async def correct_agreement(district: District) -> SampleRequest:
    sample = await sign_agreement(district)
    agreement_id = (await district.done(sample))["id"]
    body = {name: value for name, value in sample.body.items() if name != "milestones"}
    body |= {"document_no": "监管-2026-01（更正）", "reason": "税收承诺录入有误"}
    body["indicators"] = [sample.body["indicators"][0] | {"value": 1_500_000}, sample.body["indicators"][1]]
    return SampleRequest("correct_agreement", sample.parameters | {"agreement_id": agreement_id}, body)


@request
async def withdraw_agreement(district: District) -> SampleRequest:
    sample = await sign_agreement(district)
    agreement_id = (await district.done(sample))["id"]
    return SampleRequest(
        "withdraw_agreement", sample.parameters | {"agreement_id": agreement_id}, {"reason": "重复录入"}
    )


@request
async def list_agreements(district: District) -> SampleRequest:
    return SampleRequest("list_agreements", await supervised(district))


@request
async def plan_milestone(district: District) -> SampleRequest:
    return SampleRequest("plan_milestone", await supervised(district), {"stage": "handed_over", "planned_on": day(30)})


@request
async def add_report(district: District) -> SampleRequest:
    sample = await sign_agreement(district)
    sample.body["signed_on"], sample.body["indicators"][0]["starts_on"] = "2025-01-01", "2025-01-01"
    indicator_id = (await district.done(sample))["indicators"][0]["id"]
    facts = {"indicator_id": indicator_id, "year": 2025, "quarter": 2, "value": 310_000, "unit": "yuan"}
    return SampleRequest("add_report", sample.parameters, facts | {"source": "税务部门季报"})


@request
async def list_reports(district: District) -> SampleRequest:
    sample = await add_report(district)
    await district.done(sample)
    return SampleRequest("list_reports", sample.parameters)


@request
async def add_approvals(district: District) -> SampleRequest:
    items = [{"item": "project_filing"}, {"item": "wastewater", "name": "污水接管许可"}]
    agent_id = (await district.done(SampleRequest("me", headers=district.keys[STAFF])))["id"]
    return SampleRequest(
        "add_approvals", {"outcome_id": await new_lease(district)}, {"items": items, "agent_id": agent_id}
    )


@request
async def list_approvals(district: District) -> SampleRequest:
    sample = await add_approvals(district)
    await district.done(sample)
    return SampleRequest("list_approvals", sample.parameters)


@request
async def amend_approval(district: District) -> SampleRequest:
    place = {"outcome_id": (await district.done(await list_approvals(district)))["outcome_id"]}
    approval = (await district.done(SampleRequest("list_approvals", place)))["approvals"][0]
    changed = {"applied_on": day(-20), "done_on": day(0), "result": "approved", "document_no": "备-1"}
    return SampleRequest("amend_approval", place | {"approval_id": approval["id"], "If-Match": '"1"'}, changed)


@request
async def read_light(district: District) -> SampleRequest:
    return SampleRequest("read_light", await supervised(district))


@request
async def read_timeline(district: District) -> SampleRequest:
    return SampleRequest("read_timeline", await supervised(district) | {"format": "json"})


@request
async def read_chart(district: District) -> SampleRequest:
    return SampleRequest("read_chart", await supervised(district))


async def supervised(district: District) -> dict[str, Any]:
    sample = await sign_agreement(district)
    await district.done(sample)
    return sample.parameters
