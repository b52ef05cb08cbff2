"""A request of every operation that is answered as it should be: the examples of the description are made of them, and
the bad inputs start from them.

One function an operation; each makes what it needs anew, so that it can be asked any number of times.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.api.district import FIRM, STAFF, District, SampleRequest
from tests.api.story import box
from tests.conftest import TODAY

Make = Callable[[District], Awaitable[SampleRequest]]
#: Operation → what makes a request of it, in the order a district works in.
REQUESTS: dict[str, Make] = {}
#: Requests of operations that have one already, with another body.
ALSO: dict[str, Make] = {}


def request(make: Make) -> Make:
    REQUESTS[make.__name__] = make
    return make


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


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
async def list_industries(_: District) -> SampleRequest:
    return SampleRequest("list_industries", {"q": "375", "limit": 2})


@request
async def list_schemes(_: District) -> SampleRequest:
    return SampleRequest("list_schemes")


@request
async def read_scheme(_: District) -> SampleRequest:
    return SampleRequest("read_scheme", {"kind": "matching"})


@request
async def list_parks(_: District) -> SampleRequest:
    return SampleRequest("list_parks", {"limit": 1})


@request
async def read_park(district: District) -> SampleRequest:
    return SampleRequest("read_park", {"park_id": district.park["id"]})


@request
async def add_park(district: District) -> SampleRequest:
    facts = {"code": district.code("park"), "name_zh": "示例产业园", "name_en": "Example Industrial Park"}
    facts |= {"leading_industries": ["3752"], "negative_list": ["25"], "is_chemical_park": False}
    return SampleRequest("add_park", body=_feature(box(district.park, -80), facts))


@request
async def add_zone(district: District) -> SampleRequest:
    facts = {"code": district.code("zone"), "name_zh": "摩托车零部件园", "leading_industries": ["3752"]}
    return SampleRequest("add_zone", {"park_id": district.park["id"]}, _feature(box(district.park, 0), facts))


@request
async def list_assets(_: District) -> SampleRequest:
    about = {"kind": "factory", "availability": "available", "area_m2_min": 1000, "path": "lease"}
    return SampleRequest("list_assets", about | {"sort": "-area_m2", "limit": 1})


@request
async def register_asset(district: District) -> SampleRequest:
    facts = {
        "park_id": district.park["id"],
        "level": "building",
        "code": district.code("SQ-F-9"),
        "name": "9 号标准厂房",
    }
    facts |= {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9.2, "clear_height_at": "under_beam"}
    facts |= {"floor_load_kn_m2": 10, "power_kva": 630, "fire_hazard_class": "D", "rent_yuan_m2_month": 9.5}
    facts |= {"allowed_paths": ["lease", "equity_swap"], "available_from": day(0), "idle_basis": "vacant_building"}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False}
    retrofit = {"rule": "H5", "up_to": 1000, "cost_yuan": 120000, "days": 40, "source": "报价单", "payer": "业主"}
    facts |= {"works": [retrofit], "attributes": {"dock_doors": 2, "has_sprinklers": True, "structure": "门式刚架"}}
    return SampleRequest("register_asset", body=_feature(district.square(), facts))


@request
async def read_asset(district: District) -> SampleRequest:
    return SampleRequest("read_asset", {"asset_id": await _unit(district)})


@request
async def amend_asset(district: District) -> SampleRequest:
    changed = {"properties": {"rent_yuan_m2_month": 8.8, "available_from": None}}
    return SampleRequest("amend_asset", await district.seen("read_asset", asset_id=await _unit(district)), changed)


@request
async def publish_asset(district: District) -> SampleRequest:
    return SampleRequest("publish_asset", await district.seen("read_asset", asset_id=await _unit(district)))


@request
async def withdraw_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "withdraw_asset", await district.seen("read_asset", asset_id=await _unit(district, is_published=True))
    )


@request
async def void_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "void_asset", await district.seen("read_asset", asset_id=await _unit(district)) | {"reason": "重复登记"}
    )


@request
async def separate_assets(district: District) -> SampleRequest:
    facts = {"other_id": await _unit(district), "reason": "两栋相邻，旧测绘图纸有误差"}
    return SampleRequest("separate_assets", {"asset_id": await _unit(district)}, facts)


@request
async def asset_history(district: District) -> SampleRequest:
    return SampleRequest("asset_history", {"asset_id": await _unit(district)})


@request
async def asset_rights(district: District) -> SampleRequest:
    outcomes = await district.done(
        SampleRequest("list_outcomes", {"park": district.park["id"], "stage": "trial_production"})
    )
    unit_id = outcomes["items"][0]["assets"][0]["asset_id"]
    return SampleRequest("asset_rights", {"asset_id": unit_id, "on": "2024-07-01"})


@request
async def state_development(district: District) -> SampleRequest:
    plot = {
        "park_id": district.park["id"],
        "level": "plot",
        "code": district.code("SQ-L"),
        "name": "示例地块",
        "kind": "land",
    }
    plot_id = (await district.done(SampleRequest("register_asset", body=_feature(district.square(), plot))))["id"]
    facts = {"source": "出让合同与巡查记录", "agreed_start_on": "2022-03-01", "has_started": False}
    first = SampleRequest("state_development", {"asset_id": plot_id, "If-Match": "*"}, facts)
    await district.done(first)
    facts |= {"land_price_yuan": 12_000_000, "determination_no": "足规资闲认〔2024〕3号", "determined_on": "2024-05-20"}
    return SampleRequest(
        "state_development", await district.seen("idle_clock", asset_id=plot_id), facts | {"cause": "holder"}
    )


@request
async def idle_clock(district: District) -> SampleRequest:
    query = await state_development(district)
    await district.done(query)
    return SampleRequest("idle_clock", {"asset_id": query.parameters["asset_id"], "on": "2025-06-30"})


@request
async def add_firm(_: District) -> SampleRequest:
    body = {"name": "重庆示例灯具有限公司", "industry_code": "3872", "is_above_scale": True, "lon": 105.72, "lat": 29.7}
    return SampleRequest("add_firm", body=body)


@request
async def list_firms(_: District) -> SampleRequest:
    return SampleRequest("list_firms", {"q": "智鼎", "limit": 1})


@request
async def read_firm(district: District) -> SampleRequest:
    return SampleRequest("read_firm", {"firm_id": (await district.done(await add_firm(district)))["id"]})


@request
async def amend_firm(district: District) -> SampleRequest:
    firm_id = (await district.done(await add_firm(district)))["id"]
    return SampleRequest("amend_firm", await district.seen("read_firm", firm_id=firm_id), {"industry_code": "3874"})


@request
async def give_mandate(district: District) -> SampleRequest:
    firm_id = (await district.done(await add_firm(district)))["id"]
    facts = {
        "park_id": district.park["id"],
        "purposes": ["firm", "demands"],
        "ends_on": day(365),
        "source": "授权委托书原件",
    }
    return SampleRequest("give_mandate", {"firm_id": firm_id}, facts)


@request
async def list_mandates(district: District) -> SampleRequest:
    query = await give_mandate(district)
    await district.done(query)
    return SampleRequest(
        "list_mandates", {"firm": query.parameters["firm_id"], "park": district.park["id"], "limit": 1}
    )


@request
async def withdraw_mandate(district: District) -> SampleRequest:
    query = await give_mandate(district)
    return SampleRequest("withdraw_mandate", query.parameters | {"mandate_id": (await district.done(query))["id"]})


@request
async def post_demand(district: District) -> SampleRequest:
    need = _need() | {"title": "灯具塑料件厂房", "firm_id": district.firm_id, "listing": "draft", "audience": "parks"}
    return SampleRequest("post_demand", body=need)


@request
async def list_demands(district: District) -> SampleRequest:
    return SampleRequest("list_demands", {"firm": district.firm_id, "limit": 1})


@request
async def read_demand(district: District) -> SampleRequest:
    return SampleRequest("read_demand", {"demand_id": await _demand(district, listing="published")})


@request
async def amend_demand(district: District) -> SampleRequest:
    changed = {"floor_area_m2_max": 2500, "need_on": None}
    return SampleRequest("amend_demand", await district.seen("read_demand", demand_id=await _demand(district)), changed)


@request
async def publish_demand(district: District) -> SampleRequest:
    return SampleRequest("publish_demand", await district.seen("read_demand", demand_id=await _demand(district)))


@request
async def withdraw_demand(district: District) -> SampleRequest:
    return SampleRequest(
        "withdraw_demand", await district.seen("read_demand", demand_id=await _demand(district, listing="published"))
    )


@request
async def rank_need(_: District) -> SampleRequest:
    return SampleRequest("rank_need", {"limit": 1}, _need())


@request
async def rank_demand(district: District) -> SampleRequest:
    return SampleRequest("rank_demand", {"demand_id": await _demand(district), "limit": 1})


@request
async def list_rankings(district: District) -> SampleRequest:
    query = await rank_demand(district)
    await district.done(query)
    return SampleRequest("list_rankings", query.parameters)


@request
async def read_ranking(district: District) -> SampleRequest:
    return SampleRequest("read_ranking", {"ranking_id": (await district.done(await rank_demand(district)))["id"]})


@request
async def replay_ranking(district: District) -> SampleRequest:
    return SampleRequest("replay_ranking", {"ranking_id": (await district.done(await rank_demand(district)))["id"]})


@request
async def compare_rankings(district: District) -> SampleRequest:
    query = await rank_demand(district)
    first, second = [(await district.done(query))["id"] for _ in range(2)]
    return SampleRequest("compare_rankings", {"ranking_id": second, "from": first})


@request
async def explain_asset(district: District) -> SampleRequest:
    return SampleRequest(
        "explain_asset", {"demand_id": await _demand(district), "asset_id": await _unit(district), "limit": 1}
    )


@request
async def pin_unit(district: District) -> SampleRequest:
    facts = {
        "asset_id": await _unit(district, is_published=True),
        "placement": "pinned",
        "reason": "紧邻同行企业，可即租即用",
    }
    facts["note"] = "业主愿意让价"
    return SampleRequest("pin_unit", {"demand_id": await _demand(district, listing="published")}, facts)


@request
async def list_pins(district: District) -> SampleRequest:
    query = await pin_unit(district)
    await district.done(query)
    return SampleRequest("list_pins", query.parameters)


@request
async def unpin_unit(district: District) -> SampleRequest:
    query = await pin_unit(district)
    await district.done(query)
    return SampleRequest("unpin_unit", {**query.parameters, "asset_id": query.body["asset_id"]})


@request
async def record_interest(district: District) -> SampleRequest:
    ranking = await district.done(await rank_demand(district))
    result = ranking["lists"]["factory"]["results"][0]
    facts = {"ranking_id": ranking["id"], "asset_id": result["asset_ids"][0], "act": "refused", "happened_on": day(0)}
    facts |= {"refused_for": "H10", "note": "租金高于预算"}
    return SampleRequest("record_interest", {"demand_id": ranking["demand"]["id"]}, facts)


@request
async def list_interests(district: District) -> SampleRequest:
    query = await record_interest(district)
    await district.done(query)
    return SampleRequest("list_interests", query.parameters | {"limit": 1})


@request
async def refusals(district: District) -> SampleRequest:
    await district.done(await record_interest(district))
    return SampleRequest("refusals", {"from": day(-30), "to": day(0)})


@request
async def asset_demands(district: District) -> SampleRequest:
    return SampleRequest("asset_demands", {"asset_id": await _unit(district), "limit": 1})


@request
async def unmet(_: District) -> SampleRequest:
    return SampleRequest("unmet")


@request
async def open_outcome(district: District) -> SampleRequest:
    lease = {"path": "lease", "asset_ids": [await _unit(district, is_published=True)], "firm_id": district.firm_id}
    lease |= {"starts_on": day(0), "ends_on": day(1095), "output_yuan_year": 30_000_000, "tax_yuan_year": 1_200_000}
    return SampleRequest("open_outcome", body=lease)


@request
async def list_outcomes(district: District) -> SampleRequest:
    return SampleRequest("list_outcomes", {"park": district.park["id"], "stage": "handed_over", "limit": 1})


@request
async def read_outcome(district: District) -> SampleRequest:
    return SampleRequest("read_outcome", {"outcome_id": await _lease(district)})


@request
async def step_outcome(district: District) -> SampleRequest:
    signed = {"stage": "signed", "signed_on": day(0), "rent_yuan_m2_month": 9}
    return SampleRequest("step_outcome", await district.seen("read_outcome", outcome_id=await _lease(district)), signed)


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
    return SampleRequest("outcome_history", {"outcome_id": await _lease(district)})


@request
async def sign_agreement(district: District) -> SampleRequest:
    promised = {"name": "tax", "value": 1_200_000, "unit": "yuan", "per": "year", "starts_on": "2026-07-01"}
    invested = {"name": "investment", "value": 8_000_000, "unit": "yuan", "per": "total", "due_on": day(700)}
    agreed = {"signed_on": day(0), "document_no": "监管-2026-01", "source": "履约监管协议原件", "ends_on": day(1095)}
    agreed |= {"indicators": [promised, invested], "signed_on_precision": "day"}
    agreed |= {"milestones": [{"stage": "trial_production", "planned_on": day(120), "precision": "month"}]}
    return SampleRequest("sign_agreement", {"outcome_id": await _lease(district)}, agreed)


@request
async def correct_agreement(district: District) -> SampleRequest:
    query = await sign_agreement(district)
    agreement_id = (await district.done(query))["id"]
    body = {name: value for name, value in query.body.items() if name != "milestones"}
    body |= {"document_no": "监管-2026-01（更正）", "reason": "税收承诺录入有误"}
    body["indicators"] = [query.body["indicators"][0] | {"value": 1_500_000}, query.body["indicators"][1]]
    return SampleRequest("correct_agreement", query.parameters | {"agreement_id": agreement_id}, body)


@request
async def withdraw_agreement(district: District) -> SampleRequest:
    query = await sign_agreement(district)
    agreement_id = (await district.done(query))["id"]
    return SampleRequest(
        "withdraw_agreement", query.parameters | {"agreement_id": agreement_id}, {"reason": "重复录入"}
    )


@request
async def list_agreements(district: District) -> SampleRequest:
    return SampleRequest("list_agreements", await _supervised(district))


@request
async def plan_milestone(district: District) -> SampleRequest:
    return SampleRequest("plan_milestone", await _supervised(district), {"stage": "handed_over", "planned_on": day(30)})


@request
async def add_report(district: District) -> SampleRequest:
    query = await sign_agreement(district)
    query.body["signed_on"], query.body["indicators"][0]["starts_on"] = "2025-01-01", "2025-01-01"
    indicator_id = (await district.done(query))["indicators"][0]["id"]
    facts = {"indicator_id": indicator_id, "year": 2025, "quarter": 2, "value": 310_000, "unit": "yuan"}
    return SampleRequest("add_report", query.parameters, facts | {"source": "税务部门季报"})


@request
async def list_reports(district: District) -> SampleRequest:
    query = await add_report(district)
    await district.done(query)
    return SampleRequest("list_reports", query.parameters)


@request
async def add_approvals(district: District) -> SampleRequest:
    items = [{"item": "project_filing"}, {"item": "wastewater", "name": "污水接管许可"}]
    agent_id = (await district.done(SampleRequest("me", headers=district.keys[STAFF])))["id"]
    return SampleRequest(
        "add_approvals", {"outcome_id": await _lease(district)}, {"items": items, "agent_id": agent_id}
    )


@request
async def list_approvals(district: District) -> SampleRequest:
    query = await add_approvals(district)
    await district.done(query)
    return SampleRequest("list_approvals", query.parameters)


@request
async def amend_approval(district: District) -> SampleRequest:
    place = {"outcome_id": (await district.done(await list_approvals(district)))["outcome_id"]}
    approval = (await district.done(SampleRequest("list_approvals", place)))["approvals"][0]
    changed = {"applied_on": day(-20), "done_on": day(0), "result": "approved", "document_no": "备-1"}
    return SampleRequest("amend_approval", place | {"approval_id": approval["id"], "If-Match": '"1"'}, changed)


@request
async def read_light(district: District) -> SampleRequest:
    return SampleRequest("read_light", await _supervised(district))


@request
async def read_timeline(district: District) -> SampleRequest:
    return SampleRequest("read_timeline", await _supervised(district) | {"format": "json"})


@request
async def read_chart(district: District) -> SampleRequest:
    return SampleRequest("read_chart", await _supervised(district))


@request
async def list_tenancies(district: District) -> SampleRequest:
    return SampleRequest("list_tenancies", {"park": district.park["id"], "limit": 1})


@request
async def read_tenancy(district: District) -> SampleRequest:
    return SampleRequest("read_tenancy", {"tenancy_id": await _tenancy(district)})


@request
async def tenant_left(district: District) -> SampleRequest:
    facts = {"left_on": day(0), "source": "交接清单"}
    return SampleRequest("tenant_left", await district.seen("read_tenancy", tenancy_id=await _tenancy(district)), facts)


@request
async def tenant_stays(district: District) -> SampleRequest:
    facts = {"source": "现场核实，租金照付"}
    return SampleRequest(
        "tenant_stays", await district.seen("read_tenancy", tenancy_id=await _tenancy(district)), facts
    )


@request
async def renew_tenancy(district: District) -> SampleRequest:
    facts = {"ends_on": day(730), "rent_yuan_m2_month": 9.8, "contract_no": "续租-2026-01"}
    return SampleRequest(
        "renew_tenancy", await district.seen("read_tenancy", tenancy_id=await _tenancy(district)), facts
    )


@request
async def revitalized(_: District) -> SampleRequest:
    return SampleRequest("revitalized", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def delivery(district: District) -> SampleRequest:
    return SampleRequest("delivery", {"year": 2025, "park": district.park["id"], "group_by": "path"})


@request
async def growth(_: District) -> SampleRequest:
    return SampleRequest("growth", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def idle(district: District) -> SampleRequest:
    return SampleRequest("idle", {"on": "2025-06-30", "park": district.park["id"], "group_by": "basis"})


@request
async def idle_days(_: District) -> SampleRequest:
    return SampleRequest("idle_days", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def state_total(district: District) -> SampleRequest:
    total = {"kind": "land", "area_m2": 2_000_000, "source": "园区统计，2025 年末"}
    return SampleRequest("state_total", {"park_id": district.park["id"]}, total)


@request
async def close_year(district: District) -> SampleRequest:
    closing = {"year": 2024, "note": "年度统计已报区统计局"}
    park_id = (await district.done(await add_park(district)))["id"]  # a closed year stays closed
    return SampleRequest("close_year", {"park_id": park_id}, closing)


@request
async def list_closed_years(district: District) -> SampleRequest:
    query = await close_year(district)
    await district.done(query)
    return SampleRequest("list_closed_years", {"park_id": query.parameters["park_id"]})


@request
async def vacancy(district: District) -> SampleRequest:
    await district.done(await state_total(district))
    return SampleRequest("vacancy", {"on": "2025-06-30", "park": district.park["id"]})


@request
async def funnel(_: District) -> SampleRequest:
    return SampleRequest("funnel", {"from": day(-30), "to": day(0)})


@request
async def raise_request(district: District) -> SampleRequest:
    query = {
        "park_id": district.park["id"],
        "firm_id": district.firm_id,
        "topic": "power",
        "request": "二期设备进场，需增容 400 kVA",
    }
    return SampleRequest("raise_request", body=query)


@request
async def list_requests(district: District) -> SampleRequest:
    await district.done(await raise_request(district))
    return SampleRequest("list_requests", {"park": district.park["id"], "stage": "raised", "limit": 1})


@request
async def read_request(district: District) -> SampleRequest:
    return SampleRequest("read_request", {"request_id": (await district.done(await raise_request(district)))["id"]})


@request
async def step_request(district: District) -> SampleRequest:
    request_id = (await district.done(await raise_request(district)))["id"]
    sent = {"stage": "dispatched", "department": "供电所", "due_on": day(10)}
    return SampleRequest("step_request", await district.seen("read_request", request_id=request_id), sent)


@request
async def service_requests(district: District) -> SampleRequest:
    await district.done(await raise_request(district))
    return SampleRequest("service_requests", {"from": day(-30), "to": day(0), "park": district.park["id"]})


@request
async def set_officer(district: District) -> SampleRequest:
    officer = {"park_id": district.park["id"], "name": "示例专员", "phone": "023-0000 0000"}
    return SampleRequest("set_officer", {"firm_id": district.firm_id}, officer)


@request
async def firm_officers(district: District) -> SampleRequest:
    await district.done(await set_officer(district))
    return SampleRequest("firm_officers", {"firm_id": district.firm_id}, headers=district.keys[FIRM])


@request
async def erase_contact(district: District) -> SampleRequest:
    return SampleRequest(
        "erase_contact", {"contact_id": (await district.done(await set_officer(district)))["contact_id"]}
    )


@request
async def note_visit(district: District) -> SampleRequest:
    seen = {"park_id": district.park["id"], "visited_on": day(-1), "note": "生产线调试中，缺焊工 6 人"}
    return SampleRequest("note_visit", {"firm_id": district.firm_id}, seen)


@request
async def list_visits(district: District) -> SampleRequest:
    await district.done(await note_visit(district))
    return SampleRequest("list_visits", {"firm_id": district.firm_id, "park": district.park["id"], "limit": 1})


@request
async def outcome_list_paper(district: District) -> SampleRequest:
    return SampleRequest("outcome_list_paper", {"park": district.park["id"], "format": "csv"})


@request
async def outcome_paper(district: District) -> SampleRequest:
    return SampleRequest("outcome_paper", {"outcome_id": await _lease(district), "format": "xlsx"})


@request
async def statistics_paper(_: District) -> SampleRequest:
    return SampleRequest("statistics_paper", {"from": "2025-01-01", "to": "2025-06-30", "format": "csv"})


@request
async def month_paper(district: District) -> SampleRequest:
    return SampleRequest("month_paper", {"month": "2025-06", "park": district.park["id"], "format": "xlsx"})


@request
async def decision_sheet_paper(district: District) -> SampleRequest:
    ranking_id = (await district.done(await rank_demand(district)))["id"]
    return SampleRequest("decision_sheet_paper", {"ranking_id": ranking_id, "format": "xlsx"})


@request
async def follow_events(district: District) -> SampleRequest:
    return SampleRequest("follow_events", {"park": district.park["id"], "limit": 1})


@request
async def add_webhook(district: District) -> SampleRequest:
    park_id = (await district.done(await add_park(district)))["id"]  # a park has room for ten
    return SampleRequest("add_webhook", body={"url": district.hook_url, "park_id": park_id, "label": "招商平台"})


@request
async def list_webhooks(district: District) -> SampleRequest:
    hook = await district.done(await add_webhook(district))
    return SampleRequest("list_webhooks", {"park": hook["park_id"], "limit": 1})


@request
async def read_webhook(district: District) -> SampleRequest:
    return SampleRequest("read_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def rotate_secret(district: District) -> SampleRequest:
    return SampleRequest("rotate_secret", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def test_webhook(district: District) -> SampleRequest:
    return SampleRequest("test_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


@request
async def remove_webhook(district: District) -> SampleRequest:
    return SampleRequest("remove_webhook", {"webhook_id": (await district.done(await add_webhook(district)))["id"]})


async def propose_swap(district: District) -> SampleRequest:
    owner_id = (await district.done(await add_firm(district)))["id"]
    swap = {"path": "equity_swap", "asset_ids": [await _unit(district, is_published=True)], "firm_id": district.firm_id}
    return SampleRequest("open_outcome", body=swap | {"owner_firm_id": owner_id, "tax_yuan_year": 15_000_000})


async def appraise_swap(district: District) -> SampleRequest:
    swap = {"outcome_id": (await district.done(await propose_swap(district)))["id"], "If-Match": "*"}
    await district.done(SampleRequest("step_outcome", swap, {"stage": "due_diligence", "happened_on": day(0)}))
    valued = {"stage": "valuation", "happened_on": day(0), "appraiser": "示例评估", "appraisal_method": "成本法"}
    return SampleRequest(
        "step_outcome", swap, valued | {"appraised_yuan": 12_000_000, "appraisal_valid_until": day(364)}
    )


ALSO |= {"propose_swap": propose_swap, "appraise_swap": appraise_swap}


def _feature(square: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    ring = [[round(x, 6), round(y, 6)] for x, y in square["coordinates"][0]]
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _need() -> dict[str, Any]:
    need: dict[str, Any] = {"kinds": ["factory"], "accepted_paths": ["lease"], "product_codes": ["3872", "2929"]}
    need |= {"floor_area_m2_min": 1500, "floor_area_m2_pref": 1800, "floor_area_m2_max": 2200}
    need |= {"clear_height_m_min": 8, "power_kva_min": 400, "rent_yuan_m2_month_max": 12, "need_on": day(60)}
    need["attributes"] = {"products": ["LED 灯具"], "lease_years": 3}
    return need | {"importances": {"size": 3, "industry": 4, "cost": 5}}


async def _unit(district: District, *, is_published: bool = False) -> str:
    unit_id = str((await district.done(await register_asset(district)))["id"])
    if is_published:
        await district.done(SampleRequest("publish_asset", {"asset_id": unit_id, "If-Match": "*"}))
    return unit_id


async def _demand(district: District, *, listing: str = "draft") -> str:
    query = await post_demand(district)
    query.body["listing"] = listing
    return str((await district.done(query))["id"])


async def _supervised(district: District) -> dict[str, Any]:
    query = await sign_agreement(district)
    await district.done(query)
    return query.parameters


async def _tenancy(district: District) -> str:
    """A tenancy whose term ended yesterday."""
    body = {"path": "lease", "asset_ids": [await _unit(district, is_published=True)], "firm_id": district.firm_id}
    body |= {"opened_on": day(-400), "starts_on": day(-366), "ends_on": day(-1), "source": "租赁台账"}
    outcome_id = (await district.done(SampleRequest("open_outcome", body=body)))["id"]
    for facts in ({"stage": "signed", "signed_on": day(-390)}, {"stage": "handed_over", "handed_over_on": day(-366)}):
        await district.done(SampleRequest("step_outcome", {"outcome_id": outcome_id, "If-Match": "*"}, facts))
    query = SampleRequest("list_tenancies", {"park": district.park["id"], "asset": body["asset_ids"][0]})
    return str((await district.done(query))["items"][0]["id"])


async def _lease(district: District) -> str:
    return str((await district.done(await open_outcome(district)))["id"])
