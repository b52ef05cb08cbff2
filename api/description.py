"""The OpenAPI description: the framework's, with the query and body records of each route put in."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

REF = "#/components/schemas/{name}"
PROBLEM: dict[str, Any] = {
    "description": "Refused: an RFC 9457 problem naming the field and what would be right",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "errors"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
                        },
                    },
                },
            }
        }
    },
}


@cache
def described(app: Litestar) -> bytes:
    """OpenAPI 3.1 as JSON, made once per application."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    components: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, handler in ((m, h) for h in route.route_handlers for m in h.http_methods):
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _fill(operation, handler.opt, components)
    return msgspec.json.encode(document)


def _fill(operation: dict[str, Any], opt: dict[str, Any], components: dict[str, Any]) -> None:
    operation["responses"]["default"] = PROBLEM
    operation["responses"].pop("400", None)
    if (query := opt.get("query")) is not None:
        (schema,), parts = msgspec.json.schema_components([query], ref_template=REF)
        own = parts.pop(query.__name__)
        components |= parts
        required = own.get("required", [])
        operation["parameters"] = operation.get("parameters", []) + [
            {"name": name, "in": "query", "required": name in required, "schema": shape}
            for name, shape in own["properties"].items()
        ]
    if (body := opt.get("body")) is not None:
        (schema,), parts = msgspec.json.schema_components([body], ref_template=REF)
        components |= parts
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
