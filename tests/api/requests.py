"""A request of every operation that is answered as it should be: the examples of the description are made of them, and
the bad inputs start from them.

One function an operation; each makes what it needs anew, so that it can be asked any number of times.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.api.district import FIRM, STAFF, Asked, District
from tests.api.story import box
from tests.conftest import TODAY

Make = Callable[[District], Awaitable[Asked]]
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
async def live(_: District) -> Asked:
    return Asked("live")


@request
async def ready(_: District) -> Asked:
    return Asked("ready")


@request
async def metrics(_: District) -> Asked:
    return Asked("metrics")


@request
async def openapi(_: District) -> Asked:
    return Asked("openapi")


@request
async def log_in(of: District) -> Asked:
    return Asked("log_in", body={"login": STAFF, "password": of.accounts[STAFF]["password"]}, headers={})


@request
async def refresh(of: District) -> Asked:
    tokens = await of.done(await log_in(of))
    return Asked("refresh", body={"refresh_token": tokens["refresh_token"]}, headers={})


@request
async def me(of: District) -> Asked:
    return Asked("me", headers=of.keys[STAFF])


@request
async def add_key(_: District) -> Asked:
    return Asked("add_key", body={"label": "园区平台对接", "expires_on": day(365)})


@request
async def list_keys(_: District) -> Asked:
    return Asked("list_keys")


@request
async def revoke_key(of: District) -> Asked:
    return Asked("revoke_key", {"key_id": (await of.done(await add_key(of)))["id"]})


@request
async def log_out(of: District) -> Asked:
    token = (await of.done(await log_in(of)))["access_token"]
    return Asked("log_out", headers={"Authorization": f"Bearer {token}"})


@request
async def list_industries(_: District) -> Asked:
    return Asked("list_industries", {"q": "375", "limit": 2})


@request
async def list_schemes(_: District) -> Asked:
    return Asked("list_schemes")


@request
async def read_scheme(_: District) -> Asked:
    return Asked("read_scheme", {"kind": "matching"})


@request
async def list_parks(_: District) -> Asked:
    return Asked("list_parks", {"limit": 1})


@request
async def read_park(of: District) -> Asked:
    return Asked("read_park", {"park_id": of.park["id"]})


@request
async def add_park(of: District) -> Asked:
    facts = {"code": of.code("park"), "name_zh": "示例产业园", "name_en": "Example Industrial Park"}
    facts |= {"leading_industries": ["3752"], "negative_list": ["25"], "is_chemical_park": False}
    return Asked("add_park", body=_feature(box(of.park, -80), facts))


@request
async def add_zone(of: District) -> Asked:
    facts = {"code": of.code("zone"), "name_zh": "摩托车零部件园", "leading_industries": ["3752"]}
    return Asked("add_zone", {"park_id": of.park["id"]}, _feature(box(of.park, 0), facts))


@request
async def list_assets(_: District) -> Asked:
    about = {"kind": "factory", "availability": "available", "area_m2_min": 1000, "path": "lease"}
    return Asked("list_assets", about | {"sort": "-area_m2", "limit": 1})


@request
async def register_asset(of: District) -> Asked:
    facts = {"park_id": of.park["id"], "level": "building", "code": of.code("SQ-F-9"), "name": "9 号标准厂房"}
    facts |= {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9.2, "clear_height_at": "under_beam"}
    facts |= {"floor_load_kn_m2": 10, "power_kva": 630, "fire_hazard_class": "D", "rent_yuan_m2_month": 9.5}
    facts |= {"allowed_paths": ["lease", "equity_swap"], "available_from": day(0), "idle_basis": "vacant_building"}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False}
    works = {"rule": "H5", "up_to": 1000, "cost_yuan": 120000, "days": 40, "source": "报价单", "payer": "业主"}
    facts |= {"works": [works], "attributes": {"dock_doors": 2, "has_sprinklers": True, "structure": "门式刚架"}}
    return Asked("register_asset", body=_feature(of.square(), facts))


@request
async def read_asset(of: District) -> Asked:
    return Asked("read_asset", {"asset_id": await _unit(of)})


@request
async def amend_asset(of: District) -> Asked:
    changed = {"properties": {"rent_yuan_m2_month": 8.8, "available_from": None}}
    return Asked("amend_asset", await of.seen("read_asset", asset_id=await _unit(of)), changed)


@request
async def publish_asset(of: District) -> Asked:
    return Asked("publish_asset", await of.seen("read_asset", asset_id=await _unit(of)))


@request
async def withdraw_asset(of: District) -> Asked:
    return Asked("withdraw_asset", await of.seen("read_asset", asset_id=await _unit(of, is_published=True)))


@request
async def void_asset(of: District) -> Asked:
    return Asked("void_asset", await of.seen("read_asset", asset_id=await _unit(of)) | {"reason": "重复登记"})


@request
async def separate_assets(of: District) -> Asked:
    said = {"other_id": await _unit(of), "reason": "两栋相邻，旧测绘图纸有误差"}
    return Asked("separate_assets", {"asset_id": await _unit(of)}, said)


@request
async def asset_history(of: District) -> Asked:
    return Asked("asset_history", {"asset_id": await _unit(of)})


@request
async def asset_rights(of: District) -> Asked:
    deals = await of.done(Asked("list_outcomes", {"park": of.park["id"], "stage": "trial_production"}))
    unit_id = deals["items"][0]["assets"][0]["asset_id"]
    return Asked("asset_rights", {"asset_id": unit_id, "on": "2024-07-01"})


@request
async def state_development(of: District) -> Asked:
    plot = {"park_id": of.park["id"], "level": "plot", "code": of.code("SQ-L"), "name": "示例地块", "kind": "land"}
    plot_id = (await of.done(Asked("register_asset", body=_feature(of.square(), plot))))["id"]
    facts = {"source": "出让合同与巡查记录", "agreed_start_on": "2022-03-01", "has_started": False}
    first = Asked("state_development", {"asset_id": plot_id, "If-Match": "*"}, facts)
    await of.done(first)
    facts |= {"land_price_yuan": 12_000_000, "determination_no": "足规资闲认〔2024〕3号", "determined_on": "2024-05-20"}
    return Asked("state_development", await of.seen("idle_clock", asset_id=plot_id), facts | {"cause": "holder"})


@request
async def idle_clock(of: District) -> Asked:
    asked = await state_development(of)
    await of.done(asked)
    return Asked("idle_clock", {"asset_id": asked.parameters["asset_id"], "on": "2025-06-30"})


@request
async def add_firm(_: District) -> Asked:
    body = {"name": "重庆示例灯具有限公司", "industry_code": "3872", "is_above_scale": True, "lon": 105.72, "lat": 29.7}
    return Asked("add_firm", body=body)


@request
async def list_firms(_: District) -> Asked:
    return Asked("list_firms", {"q": "智鼎", "limit": 1})


@request
async def read_firm(of: District) -> Asked:
    return Asked("read_firm", {"firm_id": (await of.done(await add_firm(of)))["id"]})


@request
async def amend_firm(of: District) -> Asked:
    firm_id = (await of.done(await add_firm(of)))["id"]
    return Asked("amend_firm", await of.seen("read_firm", firm_id=firm_id), {"industry_code": "3874"})


@request
async def give_mandate(of: District) -> Asked:
    firm_id = (await of.done(await add_firm(of)))["id"]
    told = {"park_id": of.park["id"], "purposes": ["firm", "demands"], "ends_on": day(365), "source": "授权委托书原件"}
    return Asked("give_mandate", {"firm_id": firm_id}, told)


@request
async def list_mandates(of: District) -> Asked:
    asked = await give_mandate(of)
    await of.done(asked)
    return Asked("list_mandates", {"firm": asked.parameters["firm_id"], "park": of.park["id"], "limit": 1})


@request
async def withdraw_mandate(of: District) -> Asked:
    asked = await give_mandate(of)
    return Asked("withdraw_mandate", asked.parameters | {"mandate_id": (await of.done(asked))["id"]})


@request
async def post_demand(of: District) -> Asked:
    need = _need() | {"title": "灯具塑料件厂房", "firm_id": of.firm_id, "listing": "draft", "audience": "parks"}
    return Asked("post_demand", body=need)


@request
async def list_demands(of: District) -> Asked:
    return Asked("list_demands", {"firm": of.firm_id, "limit": 1})


@request
async def read_demand(of: District) -> Asked:
    return Asked("read_demand", {"demand_id": await _demand(of, listing="published")})


@request
async def amend_demand(of: District) -> Asked:
    changed = {"floor_area_m2_max": 2500, "need_on": None}
    return Asked("amend_demand", await of.seen("read_demand", demand_id=await _demand(of)), changed)


@request
async def publish_demand(of: District) -> Asked:
    return Asked("publish_demand", await of.seen("read_demand", demand_id=await _demand(of)))


@request
async def withdraw_demand(of: District) -> Asked:
    return Asked("withdraw_demand", await of.seen("read_demand", demand_id=await _demand(of, listing="published")))


@request
async def rank_need(_: District) -> Asked:
    return Asked("rank_need", {"limit": 1}, _need())


@request
async def rank_demand(of: District) -> Asked:
    return Asked("rank_demand", {"demand_id": await _demand(of), "limit": 1})


@request
async def list_rankings(of: District) -> Asked:
    asked = await rank_demand(of)
    await of.done(asked)
    return Asked("list_rankings", asked.parameters)


@request
async def read_ranking(of: District) -> Asked:
    return Asked("read_ranking", {"ranking_id": (await of.done(await rank_demand(of)))["id"]})


@request
async def replay_ranking(of: District) -> Asked:
    return Asked("replay_ranking", {"ranking_id": (await of.done(await rank_demand(of)))["id"]})


@request
async def compare_rankings(of: District) -> Asked:
    asked = await rank_demand(of)
    first, second = [(await of.done(asked))["id"] for _ in range(2)]
    return Asked("compare_rankings", {"ranking_id": second, "from": first})


@request
async def explain_asset(of: District) -> Asked:
    return Asked("explain_asset", {"demand_id": await _demand(of), "asset_id": await _unit(of), "limit": 1})


@request
async def pin_unit(of: District) -> Asked:
    told = {"asset_id": await _unit(of, is_published=True), "placement": "pinned", "reason": "紧邻同行企业，可即租即用"}
    told["note"] = "业主愿意让价"
    return Asked("pin_unit", {"demand_id": await _demand(of, listing="published")}, told)


@request
async def list_pins(of: District) -> Asked:
    asked = await pin_unit(of)
    await of.done(asked)
    return Asked("list_pins", asked.parameters)


@request
async def unpin_unit(of: District) -> Asked:
    asked = await pin_unit(of)
    await of.done(asked)
    return Asked("unpin_unit", {**asked.parameters, "asset_id": asked.body["asset_id"]})


@request
async def record_interest(of: District) -> Asked:
    ranking = await of.done(await rank_demand(of))
    result = ranking["lists"]["factory"]["results"][0]
    told = {"ranking_id": ranking["id"], "asset_id": result["asset_ids"][0], "act": "refused", "happened_on": day(0)}
    told |= {"refused_for": "H10", "note": "租金高于预算"}
    return Asked("record_interest", {"demand_id": ranking["demand"]["id"]}, told)


@request
async def list_interests(of: District) -> Asked:
    asked = await record_interest(of)
    await of.done(asked)
    return Asked("list_interests", asked.parameters | {"limit": 1})


@request
async def refusals(of: District) -> Asked:
    await of.done(await record_interest(of))
    return Asked("refusals", {"from": day(-30), "to": day(0)})


@request
async def asset_demands(of: District) -> Asked:
    return Asked("asset_demands", {"asset_id": await _unit(of), "limit": 1})


@request
async def unmet(_: District) -> Asked:
    return Asked("unmet")


@request
async def open_outcome(of: District) -> Asked:
    lease = {"path": "lease", "asset_ids": [await _unit(of, is_published=True)], "firm_id": of.firm_id}
    lease |= {"starts_on": day(0), "ends_on": day(1095), "output_yuan_year": 30_000_000, "tax_yuan_year": 1_200_000}
    return Asked("open_outcome", body=lease)


@request
async def list_outcomes(of: District) -> Asked:
    return Asked("list_outcomes", {"park": of.park["id"], "stage": "handed_over", "limit": 1})


@request
async def read_outcome(of: District) -> Asked:
    return Asked("read_outcome", {"outcome_id": await _lease(of)})


@request
async def step_outcome(of: District) -> Asked:
    signed = {"stage": "signed", "signed_on": day(0), "rent_yuan_m2_month": 9}
    return Asked("step_outcome", await of.seen("read_outcome", outcome_id=await _lease(of)), signed)


@request
async def correct_idle_period(of: District) -> Asked:
    page = await of.done(Asked("list_outcomes", {"park": of.park["id"], "stage": "handed_over", "limit": 1}))
    (one,) = page["items"]
    body = {
        "asset_id": one["assets"][0]["asset_id"],
        "stated_idle_since": day(-2000),
        "stated_idle_since_precision": "month",
        "idle_basis": "vacant_building",
        "source": "园区台账",
        "reason": "原记录把停用月份写错",
    }
    return Asked("correct_idle_period", {"outcome_id": one["id"], "If-Match": "*"}, body)


@request
async def outcome_history(of: District) -> Asked:
    return Asked("outcome_history", {"outcome_id": await _lease(of)})


@request
async def sign_agreement(of: District) -> Asked:
    promised = {"name": "tax", "value": 1_200_000, "unit": "yuan", "per": "year", "starts_on": "2026-07-01"}
    invested = {"name": "investment", "value": 8_000_000, "unit": "yuan", "per": "total", "due_on": day(700)}
    agreed = {"signed_on": day(0), "document_no": "监管-2026-01", "source": "履约监管协议原件", "ends_on": day(1095)}
    agreed |= {"indicators": [promised, invested], "signed_on_precision": "day"}
    agreed |= {"milestones": [{"stage": "trial_production", "planned_on": day(120), "precision": "month"}]}
    return Asked("sign_agreement", {"outcome_id": await _lease(of)}, agreed)


@request
async def correct_agreement(of: District) -> Asked:
    asked = await sign_agreement(of)
    agreement_id = (await of.done(asked))["id"]
    body = {name: value for name, value in asked.body.items() if name != "milestones"}
    body |= {"document_no": "监管-2026-01（更正）", "reason": "税收承诺录入有误"}
    body["indicators"] = [asked.body["indicators"][0] | {"value": 1_500_000}, asked.body["indicators"][1]]
    return Asked("correct_agreement", asked.parameters | {"agreement_id": agreement_id}, body)


@request
async def withdraw_agreement(of: District) -> Asked:
    asked = await sign_agreement(of)
    agreement_id = (await of.done(asked))["id"]
    return Asked("withdraw_agreement", asked.parameters | {"agreement_id": agreement_id}, {"reason": "重复录入"})


@request
async def list_agreements(of: District) -> Asked:
    return Asked("list_agreements", await _supervised(of))


@request
async def plan_milestone(of: District) -> Asked:
    return Asked("plan_milestone", await _supervised(of), {"stage": "handed_over", "planned_on": day(30)})


@request
async def add_report(of: District) -> Asked:
    asked = await sign_agreement(of)
    asked.body["signed_on"], asked.body["indicators"][0]["starts_on"] = "2025-01-01", "2025-01-01"
    indicator_id = (await of.done(asked))["indicators"][0]["id"]
    told = {"indicator_id": indicator_id, "year": 2025, "quarter": 2, "value": 310_000, "unit": "yuan"}
    return Asked("add_report", asked.parameters, told | {"source": "税务部门季报"})


@request
async def list_reports(of: District) -> Asked:
    asked = await add_report(of)
    await of.done(asked)
    return Asked("list_reports", asked.parameters)


@request
async def add_approvals(of: District) -> Asked:
    items = [{"item": "project_filing"}, {"item": "wastewater", "name": "污水接管许可"}]
    agent_id = (await of.done(Asked("me", headers=of.keys[STAFF])))["id"]
    return Asked("add_approvals", {"outcome_id": await _lease(of)}, {"items": items, "agent_id": agent_id})


@request
async def list_approvals(of: District) -> Asked:
    asked = await add_approvals(of)
    await of.done(asked)
    return Asked("list_approvals", asked.parameters)


@request
async def amend_approval(of: District) -> Asked:
    place = {"outcome_id": (await of.done(await list_approvals(of)))["outcome_id"]}
    told = (await of.done(Asked("list_approvals", place)))["approvals"][0]
    changed = {"applied_on": day(-20), "done_on": day(0), "result": "approved", "document_no": "备-1"}
    return Asked("amend_approval", place | {"approval_id": told["id"], "If-Match": '"1"'}, changed)


@request
async def read_light(of: District) -> Asked:
    return Asked("read_light", await _supervised(of))


@request
async def read_timeline(of: District) -> Asked:
    return Asked("read_timeline", await _supervised(of) | {"format": "json"})


@request
async def read_chart(of: District) -> Asked:
    return Asked("read_chart", await _supervised(of))


@request
async def list_tenancies(of: District) -> Asked:
    return Asked("list_tenancies", {"park": of.park["id"], "limit": 1})


@request
async def read_tenancy(of: District) -> Asked:
    return Asked("read_tenancy", {"tenancy_id": await _tenancy(of)})


@request
async def tenant_left(of: District) -> Asked:
    told = {"left_on": day(0), "source": "交接清单"}
    return Asked("tenant_left", await of.seen("read_tenancy", tenancy_id=await _tenancy(of)), told)


@request
async def tenant_stays(of: District) -> Asked:
    told = {"source": "现场核实，租金照付"}
    return Asked("tenant_stays", await of.seen("read_tenancy", tenancy_id=await _tenancy(of)), told)


@request
async def renew_tenancy(of: District) -> Asked:
    told = {"ends_on": day(730), "rent_yuan_m2_month": 9.8, "contract_no": "续租-2026-01"}
    return Asked("renew_tenancy", await of.seen("read_tenancy", tenancy_id=await _tenancy(of)), told)


@request
async def revitalized(_: District) -> Asked:
    return Asked("revitalized", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def delivery(of: District) -> Asked:
    return Asked("delivery", {"year": 2025, "park": of.park["id"], "group_by": "path"})


@request
async def growth(_: District) -> Asked:
    return Asked("growth", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def idle(of: District) -> Asked:
    return Asked("idle", {"on": "2025-06-30", "park": of.park["id"], "group_by": "basis"})


@request
async def idle_days(_: District) -> Asked:
    return Asked("idle_days", {"from": "2025-01-01", "to": "2025-06-30"})


@request
async def state_total(of: District) -> Asked:
    total = {"kind": "land", "area_m2": 2_000_000, "source": "园区统计，2025 年末"}
    return Asked("state_total", {"park_id": of.park["id"]}, total)


@request
async def close_year(of: District) -> Asked:
    closing = {"year": 2024, "note": "年度统计已报区统计局"}
    park_id = (await of.done(await add_park(of)))["id"]  # a closed year stays closed
    return Asked("close_year", {"park_id": park_id}, closing)


@request
async def list_closed_years(of: District) -> Asked:
    asked = await close_year(of)
    await of.done(asked)
    return Asked("list_closed_years", {"park_id": asked.parameters["park_id"]})


@request
async def vacancy(of: District) -> Asked:
    await of.done(await state_total(of))
    return Asked("vacancy", {"on": "2025-06-30", "park": of.park["id"]})


@request
async def funnel(_: District) -> Asked:
    return Asked("funnel", {"from": day(-30), "to": day(0)})


@request
async def raise_request(of: District) -> Asked:
    asked = {
        "park_id": of.park["id"],
        "firm_id": of.firm_id,
        "topic": "power",
        "request": "二期设备进场，需增容 400 kVA",
    }
    return Asked("raise_request", body=asked)


@request
async def list_requests(of: District) -> Asked:
    await of.done(await raise_request(of))
    return Asked("list_requests", {"park": of.park["id"], "stage": "raised", "limit": 1})


@request
async def read_request(of: District) -> Asked:
    return Asked("read_request", {"request_id": (await of.done(await raise_request(of)))["id"]})


@request
async def step_request(of: District) -> Asked:
    request_id = (await of.done(await raise_request(of)))["id"]
    sent = {"stage": "dispatched", "department": "供电所", "due_on": day(10)}
    return Asked("step_request", await of.seen("read_request", request_id=request_id), sent)


@request
async def service_requests(of: District) -> Asked:
    await of.done(await raise_request(of))
    return Asked("service_requests", {"from": day(-30), "to": day(0), "park": of.park["id"]})


@request
async def set_officer(of: District) -> Asked:
    officer = {"park_id": of.park["id"], "name": "示例专员", "phone": "023-0000 0000"}
    return Asked("set_officer", {"firm_id": of.firm_id}, officer)


@request
async def firm_officers(of: District) -> Asked:
    await of.done(await set_officer(of))
    return Asked("firm_officers", {"firm_id": of.firm_id}, headers=of.keys[FIRM])


@request
async def erase_contact(of: District) -> Asked:
    return Asked("erase_contact", {"contact_id": (await of.done(await set_officer(of)))["contact_id"]})


@request
async def note_visit(of: District) -> Asked:
    seen = {"park_id": of.park["id"], "visited_on": day(-1), "note": "生产线调试中，缺焊工 6 人"}
    return Asked("note_visit", {"firm_id": of.firm_id}, seen)


@request
async def list_visits(of: District) -> Asked:
    await of.done(await note_visit(of))
    return Asked("list_visits", {"firm_id": of.firm_id, "park": of.park["id"], "limit": 1})


@request
async def outcome_list_paper(of: District) -> Asked:
    return Asked("outcome_list_paper", {"park": of.park["id"], "format": "csv"})


@request
async def outcome_paper(of: District) -> Asked:
    return Asked("outcome_paper", {"outcome_id": await _lease(of), "format": "xlsx"})


@request
async def statistics_paper(_: District) -> Asked:
    return Asked("statistics_paper", {"from": "2025-01-01", "to": "2025-06-30", "format": "csv"})


@request
async def month_paper(of: District) -> Asked:
    return Asked("month_paper", {"month": "2025-06", "park": of.park["id"], "format": "xlsx"})


@request
async def decision_sheet_paper(of: District) -> Asked:
    ranking_id = (await of.done(await rank_demand(of)))["id"]
    return Asked("decision_sheet_paper", {"ranking_id": ranking_id, "format": "xlsx"})


@request
async def follow_events(of: District) -> Asked:
    return Asked("follow_events", {"park": of.park["id"], "limit": 1})


@request
async def add_webhook(of: District) -> Asked:
    park_id = (await of.done(await add_park(of)))["id"]  # a park has room for ten
    return Asked("add_webhook", body={"url": of.hook_url, "park_id": park_id, "label": "招商平台"})


@request
async def list_webhooks(of: District) -> Asked:
    hook = await of.done(await add_webhook(of))
    return Asked("list_webhooks", {"park": hook["park_id"], "limit": 1})


@request
async def read_webhook(of: District) -> Asked:
    return Asked("read_webhook", {"webhook_id": (await of.done(await add_webhook(of)))["id"]})


@request
async def rotate_secret(of: District) -> Asked:
    return Asked("rotate_secret", {"webhook_id": (await of.done(await add_webhook(of)))["id"]})


@request
async def test_webhook(of: District) -> Asked:
    return Asked("test_webhook", {"webhook_id": (await of.done(await add_webhook(of)))["id"]})


@request
async def remove_webhook(of: District) -> Asked:
    return Asked("remove_webhook", {"webhook_id": (await of.done(await add_webhook(of)))["id"]})


async def propose_swap(of: District) -> Asked:
    owner_id = (await of.done(await add_firm(of)))["id"]
    swap = {"path": "equity_swap", "asset_ids": [await _unit(of, is_published=True)], "firm_id": of.firm_id}
    return Asked("open_outcome", body=swap | {"owner_firm_id": owner_id, "tax_yuan_year": 15_000_000})


async def appraise_swap(of: District) -> Asked:
    swap = {"outcome_id": (await of.done(await propose_swap(of)))["id"], "If-Match": "*"}
    await of.done(Asked("step_outcome", swap, {"stage": "due_diligence", "happened_on": day(0)}))
    valued = {"stage": "valuation", "happened_on": day(0), "appraiser": "示例评估", "appraisal_method": "成本法"}
    return Asked("step_outcome", swap, valued | {"appraised_yuan": 12_000_000, "appraisal_valid_until": day(364)})


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


async def _unit(of: District, *, is_published: bool = False) -> str:
    unit_id = str((await of.done(await register_asset(of)))["id"])
    if is_published:
        await of.done(Asked("publish_asset", {"asset_id": unit_id, "If-Match": "*"}))
    return unit_id


async def _demand(of: District, *, listing: str = "draft") -> str:
    asked = await post_demand(of)
    asked.body["listing"] = listing
    return str((await of.done(asked))["id"])


async def _supervised(of: District) -> dict[str, Any]:
    asked = await sign_agreement(of)
    await of.done(asked)
    return asked.parameters


async def _tenancy(of: District) -> str:
    """A tenancy whose term ended yesterday."""
    body = {"path": "lease", "asset_ids": [await _unit(of, is_published=True)], "firm_id": of.firm_id}
    body |= {"opened_on": day(-400), "starts_on": day(-366), "ends_on": day(-1), "source": "租赁台账"}
    outcome_id = (await of.done(Asked("open_outcome", body=body)))["id"]
    for told in ({"stage": "signed", "signed_on": day(-390)}, {"stage": "handed_over", "handed_over_on": day(-366)}):
        await of.done(Asked("step_outcome", {"outcome_id": outcome_id, "If-Match": "*"}, told))
    asked = Asked("list_tenancies", {"park": of.park["id"], "asset": body["asset_ids"][0]})
    return str((await of.done(asked))["items"][0]["id"])


async def _lease(of: District) -> str:
    return str((await of.done(await open_outcome(of)))["id"])
