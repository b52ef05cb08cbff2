"""The OpenAPI description, made from the routes, their query and body records, and the recorded examples.

A handler's name is its operation id, its docstring the English text; its names in other languages and all other texts
stand in `texts/*/description.toml`. Those that serve readers of any language at once stand side by side.
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

from api.response import JSON
from api.schemas import REF, shown_schema
from domain.errors import MOST_FAULTS
from domain.facts import TEXTS, bounds
from texts.lookup import Language, languages, side_by_side, tables

EXAMPLES = Path(__file__).parent / "examples.json"
#: In the language of docstrings an operation is called by the first sentence of its handler's.
DOCSTRINGS: Language = "en"


def _text(table: str, key: str, /, *, between: str = " ", **parameters: object) -> str:
    return side_by_side("description", table, key, between=between, **parameters)


PROBLEM: dict[str, Any] = {
    "description": _text("part", "refused"),
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
            "description": _text("part", "faults", most=MOST_FAULTS),
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "errors_total": {"type": "integer", "description": _text("part", "faults_total")},
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
    "description": _text("header", "if_match"),
}
ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": _text("header", "idempotency_key"),
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
            "info": {
                "title": _text("page", "service"),
                "version": "1",
                "description": _text("part", "about", between="\n\n"),
            },
            "tags": [{"name": tag, "description": _text("tag", tag)} for tag in _tags()],
            "security": [{}, *({name: []} for name in SECURITY)],
            "paths": paths,
            "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": SECURITY},
        }
    )


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
        "description": text,
        "tags": list(handler.tags or ()),
        "parameters": parameters,
        "responses": {
            str(handler.status_code): _response(example.get("response"), shown_schema(name, schemas)),
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


def _summary(name: str, docstring: str) -> str:
    """What an operation is called, in every language."""
    sentence = docstring.split(". ")[0].split("; ")[0].rstrip(".")
    names = (
        sentence if language == DOCSTRINGS else tables("description", language)["operation"][name]
        for language in languages()
    )
    return " · ".join(names)


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
    for name, key in handler.opt.get("headers", {}).items():
        shape = {"required": False, "schema": {"type": "string"}}
        parameters.append({"name": name, "in": "header", **shape, "description": _text("header", key)})
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


def _response(recorded: dict[str, Any] | None, schema: dict[str, Any] | None) -> dict[str, Any]:
    """An answer with its schema, and one that was recorded."""
    response: dict[str, Any] = {"description": _text("part", "done")}
    content = {} if schema is None else {"schema": schema}
    if recorded is not None:
        content["example"] = recorded["body"]
    if content:
        response["content"] = {JSON if recorded is None else recorded["media_type"]: content}
    return response
