"""The OpenAPI description, made from the routes, their query and body records, and the recorded examples.

A handler's name is its operation id, its docstring the English text; the Chinese names stand in `NAMES`.
"""

from __future__ import annotations

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.errors import MOST_FAULTS
from api.response import JSON
from domain.facts import TEXTS, bounds

REF = "#/components/schemas/{name}"
EXAMPLES = Path(__file__).parent / "examples.json"
ABOUT = (
    "盘活闲置产业用地与厂房：登记、需求、排序、成交、统计。错误按 RFC 9457 返回，语言由 Accept-Language 决定；"
    "写操作可带 Idempotency-Key，修改须带 If-Match。\n\n"
    "Idle industrial land and factory space put back to work: register, need, rank, close, count. Refusals are "
    "RFC 9457 problems in the language of Accept-Language; writes may carry Idempotency-Key, changes carry If-Match. "
    "Units stand in the names; days are days in Asia/Shanghai, instants are UTC."
)
TAGS = {
    "assets": "单元：地块、楼栋、楼层、分区 Units: plots, buildings, floors, bays",
    "parks": "园区与园中园 Parks and zones",
    "industries": "国民经济行业分类 GB/T 4754-2017 Industries",
    "firms": "企业 Firms",
    "demands": "需求 Needs",
    "rankings": "排序 Rankings",
    "outcomes": "成交：十三条路径、阶段、履约监管 Deals: thirteen paths, stages, supervision",
    "tenancies": "占用 Who is where, from when to when",
    "service requests": "企业吹哨 What firms ask of a park",
    "papers": "报表 Papers: sheets and pages",
    "statistics": "统计 Figures of the district",
    "schemes": "版本化参数 Versioned parameters",
    "events": "变更订阅 The change feed",
    "webhooks": "事件推送 Webhooks",
    "auth": "登录与密钥 Sign-in and keys",
    "health": "健康与指标 Health and metrics",
    "description": "接口说明 This description",
}
#: Operation → its Chinese name.
NAMES = {
    "asset_demands": "单元适配的需求",
    "unmet": "未满足需求",
    "list_assets": "查询单元",
    "register_asset": "登记单元",
    "read_asset": "读取单元",
    "amend_asset": "修改单元",
    "publish_asset": "发布单元",
    "withdraw_asset": "撤下单元",
    "void_asset": "作废草稿单元",
    "separate_assets": "说明图形重叠的单元各自独立",
    "asset_history": "单元历史",
    "idle_clock": "闲置土地时钟",
    "state_development": "填报开发情况",
    "asset_rights": "产权持有人",
    "list_parks": "园区列表",
    "add_park": "新增园区",
    "read_park": "读取园区",
    "add_zone": "新增园中园",
    "list_industries": "查询行业",
    "list_schemes": "参数版本列表",
    "read_scheme": "读取现行参数",
    "list_firms": "查询企业",
    "add_firm": "新增企业",
    "read_firm": "读取企业",
    "amend_firm": "修改企业",
    "list_mandates": "授权列表",
    "give_mandate": "授权园区代办",
    "withdraw_mandate": "撤回授权",
    "list_demands": "需求列表",
    "post_demand": "登记需求",
    "read_demand": "读取需求",
    "amend_demand": "修改需求",
    "publish_demand": "发布需求",
    "withdraw_demand": "撤下需求",
    "rank_need": "匿名排序",
    "list_rankings": "排序列表",
    "rank_demand": "为需求排序",
    "read_ranking": "读取排序",
    "replay_ranking": "重算排序",
    "compare_rankings": "比较排序",
    "explain_asset": "解释单元",
    "pin_unit": "置顶或搁置单元",
    "list_pins": "置顶与搁置列表",
    "unpin_unit": "撤销置顶或搁置",
    "record_interest": "记录意向",
    "list_interests": "意向列表",
    "refusals": "拒绝原因统计",
    "list_outcomes": "成交列表",
    "open_outcome": "开启成交",
    "read_outcome": "读取成交",
    "outcome_history": "成交历史",
    "step_outcome": "推进成交",
    "correct_idle_period": "更正闲置期",
    "sign_agreement": "签订监管协议",
    "correct_agreement": "更正监管协议",
    "withdraw_agreement": "撤回监管协议",
    "list_agreements": "监管协议与履约",
    "plan_milestone": "计划节点",
    "add_report": "填报实绩",
    "list_reports": "实绩列表",
    "add_approvals": "新增帮代办事项",
    "list_approvals": "帮代办清单",
    "amend_approval": "修改帮代办事项",
    "read_light": "红黄蓝绿",
    "read_timeline": "一企一图数据",
    "read_chart": "一企一图",
    "list_tenancies": "占用列表",
    "read_tenancy": "读取占用",
    "tenant_left": "确认承租方已搬离",
    "tenant_stays": "承租方继续使用（不定期）",
    "renew_tenancy": "续租",
    "revitalized": "盘活统计",
    "growth": "同比",
    "idle": "闲置存量",
    "idle_days": "闲置天数",
    "vacancy": "空置率",
    "funnel": "成交漏斗",
    "delivery": "承诺与兑现",
    "outcome_list_paper": "成交清单（表）",
    "outcome_paper": "盘活档案（一页）",
    "statistics_paper": "盘活统计（表）",
    "month_paper": "盘活月报",
    "decision_sheet_paper": "选址决策单",
    "service_requests": "企业诉求统计",
    "list_requests": "企业诉求列表",
    "raise_request": "提出诉求",
    "read_request": "读取诉求",
    "step_request": "转办、答复、办结诉求",
    "firm_officers": "企业服务专员",
    "set_officer": "指定服务专员",
    "erase_contact": "删除个人信息",
    "list_visits": "走访记录",
    "note_visit": "记录走访",
    "close_year": "年度关账",
    "list_closed_years": "已关账年度",
    "state_total": "填报园区总面积",
    "follow_events": "订阅变更",
    "list_webhooks": "推送列表",
    "add_webhook": "新增推送",
    "read_webhook": "读取推送",
    "remove_webhook": "删除推送",
    "rotate_secret": "更换推送密钥",
    "test_webhook": "测试推送",
    "log_in": "登录",
    "refresh": "刷新令牌",
    "log_out": "退出",
    "me": "当前账号",
    "list_keys": "密钥列表",
    "add_key": "新增密钥",
    "revoke_key": "撤销密钥",
    "live": "存活",
    "ready": "就绪",
    "metrics": "指标",
    "openapi": "本说明",
}
PROBLEM: dict[str, Any] = {
    "description": "拒绝：指明字段与正确写法 Refused: an RFC 9457 problem naming the field and what is right",
    "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors", "errors_total"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "maxItems": MOST_FAULTS,
            "description": "前 50 处问题 The first 50 faults of the request",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "errors_total": {
            "type": "integer",
            "description": "问题总数 How many faults there are, those not shown included",
        },
    },
}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "POST /api/v1/auth/login"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "POST /api/v1/auth/keys"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "读取时得到的 ETag（可列多个），或 * The ETag that was read, in a list if there are several, or *",
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "重复同一请求只执行一次，保留 7 天 The same request again does nothing twice, for 7 days",
}


@cache
def described(app: Litestar) -> bytes:
    """OpenAPI 3.1 as JSON, made once per application."""
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    paths: dict[str, Any] = {}
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS"}:
                if "hidden" not in handler.opt:
                    operation = _operation(route, handler, method, schemas, examples)
                    paths.setdefault(route.path_format, {})[method.lower()] = operation
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Panhuo 盘活", "version": "1", "description": ABOUT},
            "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
            "security": [{}, *({name: []} for name in SECURITY)],
            "paths": paths,
            "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": SECURITY},
        }
    )


def _operation(
    route: HTTPRoute, handler: HTTPRouteHandler, method: str, schemas: dict[str, Any], examples: dict[str, Any]
) -> dict[str, Any]:
    name = handler.handler_name
    text = inspect.getdoc(handler.fn) or ""
    example = examples.get(name, {})
    parameters = _parameters(route, handler, method, schemas)
    for parameter in parameters:
        if (value := example.get("parameters", {}).get(parameter["name"])) is not None:
            parameter["example"] = value
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": f"{NAMES[name]} · {text.split('. ')[0].split('; ')[0].rstrip('.')}",
        "description": text,
        "tags": list(handler.tags or ()),
        "parameters": parameters,
        "responses": {
            str(handler.status_code): _response(handler, example.get("response"), schemas),
            "default": PROBLEM,
        },
    }
    for media in handler.opt.get("also", ()):
        operation["responses"][str(handler.status_code)].setdefault("content", {})[media] = {
            "schema": {"type": "string"}
        }
    if (body := handler.opt.get("body")) is not None:
        content: dict[str, Any] = {"schema": _schema(body, schemas)}
        if "body" in example:
            content["example"] = example["body"]
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _parameters(
    route: HTTPRoute, handler: HTTPRouteHandler, method: str, schemas: dict[str, Any]
) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        for name in route.path_parameters
    ]
    if (query := handler.opt.get("query")) is not None:
        (_,), parts = msgspec.json.schema_components([query], ref_template=REF)
        own = parts.pop(query.__name__)
        schemas |= parts
        parameters += [
            {"name": name, "in": "query", "required": name in own.get("required", []), "schema": _query_schema(shape)}
            for name, shape in own["properties"].items()
        ]
    if "if_match" in handler.opt:
        parameters.append(dict(IF_MATCH))
    if method != "GET" and "not_once" not in handler.opt:
        parameters.append(dict(ONCE))
    for name, text in handler.opt.get("headers", {}).items():
        parameters.append(
            {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": text}
        )
    return parameters


def _query_schema(shape: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema: what is left out is left out, so null is no value of it."""
    shape = {name: value for name, value in shape.items() if not (name == "default" and value is None)}
    if "anyOf" not in shape:
        return shape
    kinds = [kind for kind in shape.pop("anyOf") if kind != {"type": "null"}]
    return {**shape, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _schema(record: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    (schema,), parts = msgspec.json.schema_components([record], ref_template=REF)
    schemas |= {name: _bounded(part) for name, part in parts.items()}
    return schema


def _bounded(shape: Any, name: str = "") -> Any:
    """The decoder's schema of a field, with what the acts hold it to: a decimal is a number or its text, in a range."""
    if isinstance(shape, list):
        return [_bounded(item, name) for item in shape]
    if not isinstance(shape, dict):
        return shape
    if shape.get("format") == "decimal":
        return {**shape, "type": ["number", "string"], **bounds(name)}
    if shape.get("type") == "string" and name in TEXTS:
        return {**shape, **bounds(name)}
    return {
        key: {field: _bounded(member, field) for field, member in value.items()}
        if key == "properties"
        else _bounded(value, name)
        for key, value in shape.items()
    }


def _response(handler: HTTPRouteHandler, recorded: dict[str, Any] | None, schemas: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "完成 Done"}
    content: dict[str, Any] = {}
    if (answer := handler.opt.get("answer")) is not None:
        content["schema"] = _schema(answer, schemas)
    if recorded is not None:
        content["example"] = recorded["body"]
    if content:
        response["content"] = {JSON if recorded is None else recorded["media_type"]: content}
    return response
