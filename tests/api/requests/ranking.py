"""Rankings, and what followed: pins, interests, refusals."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.asset import new_unit
from tests.api.requests.demand import need_facts, new_demand
from tests.api.requests.sample import day, request


@request
async def rank_need(_: District) -> SampleRequest:
    return SampleRequest("rank_need", {"limit": 1}, need_facts())


@request
async def rank_demand(district: District) -> SampleRequest:
    return SampleRequest("rank_demand", {"demand_id": await new_demand(district), "limit": 1})


@request
async def list_rankings(district: District) -> SampleRequest:
    sample = await rank_demand(district)
    await district.done(sample)
    return SampleRequest("list_rankings", sample.parameters)


@request
async def read_ranking(district: District) -> SampleRequest:
    return SampleRequest("read_ranking", {"ranking_id": (await district.done(await rank_demand(district)))["id"]})


@request
async def replay_ranking(district: District) -> SampleRequest:
    return SampleRequest("replay_ranking", {"ranking_id": (await district.done(await rank_demand(district)))["id"]})


@request
async def compare_rankings(district: District) -> SampleRequest:
    sample = await rank_demand(district)
    first, second = [(await district.done(sample))["id"] for _ in range(2)]
    return SampleRequest("compare_rankings", {"ranking_id": second, "from": first})


@request
async def explain_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "explain_asset", {"demand_id": await new_demand(district), "asset_id": await new_unit(district), "limit": 1}
    )


@request
async def pin_unit(district: District) -> SampleRequest:
    facts = {
        "asset_id": await new_unit(district, is_published=True),
        "placement": "pinned",
        "reason": "紧邻同行企业，可即租即用",
    }
    facts["note"] = "业主愿意让价"
    return SampleRequest("pin_unit", {"demand_id": await new_demand(district, listing="published")}, facts)


@request
async def list_pins(district: District) -> SampleRequest:
    sample = await pin_unit(district)
    await district.done(sample)
    return SampleRequest("list_pins", sample.parameters)


@request
async def unpin_unit(district: District) -> SampleRequest:
    sample = await pin_unit(district)
    await district.done(sample)
    return SampleRequest("unpin_unit", {**sample.parameters, "asset_id": sample.body["asset_id"]})


@request
async def record_interest(district: District) -> SampleRequest:
    ranking = await district.done(await rank_demand(district))
    result = ranking["lists"]["factory"]["results"][0]
    facts = {"ranking_id": ranking["id"], "asset_id": result["asset_ids"][0], "act": "refused", "happened_on": day(0)}
    facts |= {"refused_for": "H10", "note": "租金高于预算"}
    return SampleRequest("record_interest", {"demand_id": ranking["demand"]["id"]}, facts)


@request
async def list_interests(district: District) -> SampleRequest:
    sample = await record_interest(district)
    await district.done(sample)
    return SampleRequest("list_interests", sample.parameters | {"limit": 1})


@request
async def refusals(district: District) -> SampleRequest:
    await district.done(await record_interest(district))
    return SampleRequest("refusals", {"from": day(-30), "to": day(0)})


@request
async def asset_demands(district: District) -> SampleRequest:
    return SampleRequest("asset_demands", {"asset_id": await new_unit(district), "limit": 1})


@request
async def unmet(_: District) -> SampleRequest:
    return SampleRequest("unmet")
