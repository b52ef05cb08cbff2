"""Sheets and pages."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.outcome import new_lease
from tests.api.requests.ranking import rank_demand
from tests.api.requests.sample import request


@request
async def outcome_list_paper(district: District) -> SampleRequest:
    return SampleRequest("outcome_list_paper", {"park": district.park["id"], "format": "csv"})


@request
async def outcome_paper(district: District) -> SampleRequest:
    return SampleRequest("outcome_paper", {"outcome_id": await new_lease(district), "format": "xlsx"})


@request
async def statistics_paper(_: District) -> SampleRequest:
    return SampleRequest("statistics_paper", {"from": "2025-01-01", "to": "2025-06-30", "format": "csv"})


@request
async def month_paper(district: District) -> SampleRequest:
    return SampleRequest("month_paper", {"month": "2025-06", "park": district.park["id"], "format": "xlsx"})


@request
async def unit_booklet(_: District) -> SampleRequest:
    return SampleRequest("unit_booklet", {"park": "dazu-wenchuang", "kind": "factory"})


@request
async def decision_sheet_paper(district: District) -> SampleRequest:
    ranking_id = (await district.done(await rank_demand(district)))["id"]
    return SampleRequest("decision_sheet_paper", {"ranking_id": ranking_id, "format": "xlsx"})
