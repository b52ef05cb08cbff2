"""The OpenAPI description, made from the routes, their query and body records, and the recorded examples.

A handler's name is its operation id, its docstring the English text and, to its first stop, the English name; its names
in other languages and all other texts stand in `texts/*/description.toml`. Those that serve readers of any language at
once stand side by side.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from msgspec import Meta

from api.answers import ALSO_GEOJSON, ALSO_STATUS, ANSWERS, ASIDE, FEATURES
from api.record import Described
from api.response import GEOJSON, JSON
from api.schemas import DOCSTRINGS, REF, member_schema, schema_of
from domain.errors import MOST_FAULTS
from texts.lookup import languages, side_by_side, tables

BINARY = ("application/pdf", "application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
#: Bytes of any kind: a file that is sent or read.
OCTETS = "application/octet-stream"
#: What a form that is no JSON is made of: text, or bytes.
OTHER_MEDIA: dict[str, dict[str, Any]] = {
    **{media: {"type": "string"} for media in ("text/csv", "text/calendar", "text/event-stream", "text/plain")},
    "image/svg+xml": {"type": "string", "contentMediaType": "image/svg+xml"},
    **{media: {"type": "string", "format": "binary", "contentMediaType": media} for media in (*BINARY, OCTETS)},
}
EXAMPLES = Path(__file__).parent / "examples.json"


def _text(table: str, key: str, /, *, between: str = " ", **parameters: object) -> str:
    return side_by_side("description", table, key, between=between, **parameters)


PROBLEM: dict[str, Any] = {
    "description": _text("part", "refused"),
    "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
}


class ProblemFault(Described):
    """One thing wrong with one field."""

    field: str
    code: str
    message: str


class Problem(Described, kw_only=True):
    """A refusal. Source: RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: Annotated[list[ProblemFault], Meta(max_length=MOST_FAULTS)]
    errors_total: int


SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "POST /api/v1/auth/login"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "POST /api/v1/auth/keys"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": _text("header", "if_match"),
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": _text("header", "idempotency_key"),
}


#: Operation → the demo's account whose key it is tried with; left out: that of the staff of Shuangqiao.
DEMO_KEYS = {
    **dict.fromkeys(
        ("post_demand", "read_demand", "list_demands", "list_rankings", "rank_demand", "list_interests"), "demo-zhiding"
    ),
    **dict.fromkeys(("list_pins", "explain_asset", "read_request", "request_attachments"), "demo-zhiding"),
    **dict.fromkeys(("read_ranking", "compare_rankings", "replay_ranking", "decision_sheet_paper"), "demo-zhiding"),
    **{f"{act}_account": "demo-admin" for act in ("add", "read", "disable", "enable")},
    **dict.fromkeys(("list_accounts", "account_keys", "set_password", "set_account_parks"), "demo-admin"),
    **dict.fromkeys(("add_park", "amend_park"), "demo-admin"),
    **dict.fromkeys(("invite", "list_invitations", "withdraw_invitation"), "demo-zhiding"),
}


@cache
def described(app: Litestar, public_path: str = "") -> bytes:
    """OpenAPI 3.1 as JSON, made once per application; `public_path` is where it is found from outside."""
    schemas: dict[str, Any] = {}
    for record in (Problem, *ASIDE):
        schema_of(record, schemas)
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
            "info": {
                "title": _text("page", "service"),
                "version": "1",
                "description": _text("part", "about", between="\n\n"),
            },
            **({"servers": [{"url": public_path}]} if public_path else {}),
            "tags": [{"name": tag, "description": _text("tag", tag)} for tag in _tags()],
            "security": [{}, *({name: []} for name in SECURITY)],
            "paths": paths,
            "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": SECURITY},
        }
    )


#: What a parameter of a query names, by the parameter of an address that names the same.
SAME_RECORD = {"park": "park_id", "firm": "firm_id", "asset": "asset_id"}
#: The same where the parameter means something else in other operations.
SAME_RECORD_IN = {"compare_rankings": {"from": "earlier_ranking_id"}}


@lru_cache(maxsize=64)
def with_records(document: bytes, records: tuple[tuple[str, str], ...]) -> bytes:
    """The description with these records in the examples of its parameters, in place of those recorded elsewhere."""
    ids, made = dict(records), json.loads(document)
    for methods in made["paths"].values():
        for operation in methods.values():
            same = SAME_RECORD | SAME_RECORD_IN.get(operation["operationId"], {})
            for parameter in operation["parameters"]:
                name = same.get(parameter["name"], parameter["name"])
                if "example" in parameter and name in ids:
                    parameter["example"] = ids[name]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["example"] = _with_ids(content.get("example"), ids)
    return msgspec.json.encode(made)


def _with_ids(example: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(example, dict):
        return {
            name: ids[name] if name in ids and isinstance(value, str) else _with_ids(value, ids)
            for name, value in example.items()
        }
    return [_with_ids(item, ids) for item in example] if isinstance(example, list) else example


def _tags() -> list[str]:
    """The parts of the interface, in the order in which its pages show them."""
    return list(tables("description", languages()[0])["tag"])


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
        "summary": _summary(name, text),
        "description": f"{text}\n\n{_text('part', 'key', login=DEMO_KEYS.get(name, 'demo-shuangqiao'))}",
        "tags": list(handler.tags or ()),
        "parameters": parameters,
        "responses": {
            str(handler.status_code): (done := _response(handler, example.get("response"), schemas)),
            **({str(ALSO_STATUS[name]): done} if name in ALSO_STATUS else {}),
            "default": PROBLEM,
        },
    }
    if (body := handler.opt.get("body")) is not None:
        content: dict[str, Any] = {"schema": schema_of(body, schemas, is_read=True)}
        if "body" in example:
            content["example"] = example["body"]
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    if (form := handler.opt.get("form")) is not None:
        content = {"schema": schema_of(form, schemas, is_read=True), "encoding": FORM_PARTS}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": content}}
    if "file" in handler.opt:
        operation["requestBody"] = {"required": True, "content": {OCTETS: {"schema": OTHER_MEDIA[OCTETS]}}}
    return operation


#: Parts of a form that are no plain texts.
FORM_PARTS = {"reading": {"contentType": "application/json"}}


def _summary(name: str, docstring: str) -> str:
    """What an operation is called, in every language."""
    sentence = re.split(r"[.;]\s", docstring, maxsplit=1)[0].rstrip(".")
    names = (
        sentence if language == DOCSTRINGS else tables("description", language)["operation"][name]
        for language in languages()
    )
    return " · ".join(names)


def _parameters(
    route: HTTPRoute, handler: HTTPRouteHandler, method: str, schemas: dict[str, Any]
) -> list[dict[str, Any]]:
    parameters = [
        _parameter(name, "path", {"type": "string", **({"format": "uuid"} if kind.type is UUID else {})}, schemas)
        for name, kind in route.path_parameters.items()
    ]
    if (query := handler.opt.get("query")) is not None:
        parts: dict[str, Any] = {}
        record = schema_of(query, parts)["$ref"].rpartition("/")[2]
        own = parts.pop(record)
        schemas |= parts
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in own.get("required", []),
                **_described(_query_schema(shape)),
            }
            for name, shape in own["properties"].items()
        ]
    if "if_match" in handler.opt:
        parameters.append(dict(IF_MATCH))
    if method != "GET" and "not_once" not in handler.opt:
        parameters.append(dict(ONCE))
    for name, key in handler.opt.get("headers", {}).items():
        shape = {"required": False, "schema": {"type": "string"}}
        parameters.append({"name": name, "in": "header", **shape, "description": _text("header", key)})
    return parameters


def _parameter(name: str, place: str, schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    shape = member_schema("", name, schema, schemas)
    return {"name": name, "in": place, "required": True, **_described(shape)}


def _described(shape: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema, its description beside it."""
    about = {"description": shape["description"]} if "description" in shape else {}
    return {**about, "schema": {key: value for key, value in shape.items() if key != "description"}}


def _query_schema(shape: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema: what is left out is left out, so null is no value of it."""
    shape = {name: value for name, value in shape.items() if not (name == "default" and value is None)}
    if "anyOf" not in shape:
        return shape
    kinds = [kind for kind in shape.pop("anyOf") if kind != {"type": "null"}]
    return {**shape, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _response(handler: HTTPRouteHandler, recorded: dict[str, Any] | None, schemas: dict[str, Any]) -> dict[str, Any]:
    """An answer in each of its forms, and one that was recorded."""
    name, content = handler.handler_name, {}
    if (record := ANSWERS.get(name)) is not None:
        content[GEOJSON if record in FEATURES else JSON] = {"schema": schema_of(record, schemas)}
    for media in handler.opt.get("also", ()):
        content[media] = {"schema": schema_of(ALSO_GEOJSON[name], schemas) if media == GEOJSON else OTHER_MEDIA[media]}
    if recorded is not None:
        content.setdefault(recorded["media_type"], {"schema": {"type": "object"}})["example"] = recorded["body"]
    return {"description": _text("part", "done"), **({"content": content} if content else {})}
