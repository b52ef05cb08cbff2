"""What can be wrong with each value of a request, by what the description tells of its parameters and fields."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from tests.api.district import SampleRequest

FORMATS = validator_for({}, Draft202012Validator).FORMAT_CHECKER
#: JSON texts that stand in for a value of any kind.
VALUES = {
    "null": "null",
    "an id of nothing": '"00000000-0000-4000-8000-000000000001"',
    "empty": '""',
    "a word": '"nowhere"',
    "a number": "7",
    "a fraction": "0.12345678901",
    "below all": "-1",
    "true": "true",
    "a list": "[]",
    "an object": "{}",
    "a list in a list": "[[7]]",
    "over every number": "1e400",
    "a huge number": str(10**30),
    "a huge number as text": f'"{10**30}"',
    "NaN": '"NaN"',
    "infinity": '"-Infinity"',
    "NUL": '"a\\u0000b"',
    "half a character": '"a\\ud800b"',
    "turned around": '"a\\u202eb"',
    "ten thousand accents": json.dumps("a" + "\u0301" * 10_000),
    "an emoji": json.dumps("\U0001f3ed"),
    "100 kB": json.dumps("x" * 100_000),
}
#: What no text of a record may hold: characters that cannot be stored, or cannot be seen.
UNSEEN = ("NUL", "half a character", "turned around")
#: The id of a feature is its sender's, and is not kept.
FEATURE_ID = ("id",)
#: An address without its last part is another; no server lets a NUL in a header through.
NOWHERE = (("path", "empty"), ("header", "NUL"))
UNKNOWN = "no_such_name"
#: The client sends no address of 64 kB.
LONGEST_PARAMETER = 60_000
_SPOT = "\x01spot\x01"


Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Spoilt:
    """One value of a request, changed: to what, where it stands, and whether it may still be taken.

    `text` is the parameter's text or the field's JSON text; None: nothing is there.
    """

    what: str
    place: str
    path: Path
    text: str | None
    may_pass: bool

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))

    def applied_to(self, request: SampleRequest) -> tuple[SampleRequest, str | None]:
        """The request so changed, and its body's text where the change is there."""
        if self.place == "body":
            return request, _with(request.body, self.path, self.text)
        parameters = {name: value for name, value in request.parameters.items() if name != self.path[0]}
        return replace(request, parameters=parameters | ({} if self.text is None else {self.name: self.text})), None


def spoilt(request: SampleRequest, facts: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Spoilt]:
    """Every change of one value of a request that is right."""
    for parameter in facts["parameters"]:
        yield from _parameters(parameter, components)
    yield Spoilt("unknown", "query", (UNKNOWN,), "1", False)
    content = facts.get("requestBody", {}).get("content", {})
    if "application/json" in content:  # forms are spoilt in tests/api/test_imports.py
        yield from _bodies(request.body, content["application/json"]["schema"], components)


def _parameters(parameter: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Spoilt]:
    name, place, schema = parameter["name"], parameter["in"], {**parameter["schema"], "components": components}
    if place != "path":
        yield Spoilt("missing", place, (name,), None, not parameter["required"])
    for what, text in {**VALUES, **_beyond(schema)}.items():
        value = json.loads(text)
        if isinstance(value, list | dict) or (place, what) in NOWHERE:
            continue
        body = (value if isinstance(value, str) else text)[:LONGEST_PARAMETER]
        is_text = place == "header" or what not in ("NUL", "half a character")
        may_pass = place != "path" and is_text and _fits(_read(body, schema), schema)
        yield Spoilt(what, place, (name,), body, may_pass)


def _read(body: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text as the value it means."""
    if schema.get("type") == "boolean":
        return {"true": True, "false": False, "1": True, "0": False}.get(body.lower(), body)
    try:
        kinds = schema.get("type", "")  # of a decimal a number or its text
        return {"integer": int, "number": float}.get(kinds if isinstance(kinds, str) else "", str)(body)
    except ValueError:
        return body


def _bodies(body: Any, schema: Any, components: Mapping[str, Any]) -> Iterator[Spoilt]:
    for path, shape, is_required, is_there in _fields(body, schema, components):
        for what, text in {**VALUES, **_beyond(shape)}.items():
            is_kept = path != FEATURE_ID
            may_pass = (what not in UNSEEN or not is_kept) and _fits(
                json.loads(text), {**shape, "components": components}
            )
            yield Spoilt(what, "body", path, text, may_pass)
        if isinstance(path[-1], str) and is_there:
            yield Spoilt("missing", "body", path, None, not is_required)
    for path in _objects(body):
        yield Spoilt("unknown", "body", (*path, UNKNOWN), "1", False)


def _fields(
    value: Any, schema: Any, components: Mapping[str, Any], path: Path = ()
) -> Iterator[tuple[Path, dict[str, Any], bool, bool]]:
    """Each field told below a value, and each part of what is left open: path, schema, is it required, is it there."""
    shape = _shape(value, schema, components)
    if value is None and shape.get("type") != "array":  # an object that is not there has no fields to spoil
        return
    own = value if isinstance(value, dict) else {}
    facts: dict[str, Any] = {**{name: {} for name in own}, **shape.get("properties", {})}
    for name, part in facts.items():
        yield (*path, name), part, name in shape.get("required", []), name in own
        yield from _fields(own.get(name), part, components, (*path, name))
    if shape.get("type") == "array" or isinstance(value, list):
        item = shape.get("items", {})
        yield (*path, 0), item, True, bool(value)
        yield from _fields(value[0] if value else None, item, components, (*path, 0))


def _shape(value: Any, schema: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """The schema itself, its reference followed; of several the one that the value is of."""
    if "$ref" in schema:
        return _shape(value, components["schemas"][schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        open_to = [item for item in schema["anyOf"] if item != {"type": "null"}]
        fitting = [item for item in open_to if _fits(value, {**item, "components": components})]
        return _shape(value, (fitting or open_to)[0], components)
    return dict(schema)


def _objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all objects in a body, save those inside an outline: GeoJSON may say more than we read."""
    if isinstance(value, dict):
        yield path
        for name, part in value.items():
            if name != "geometry":
                yield from _objects(part, (*path, name))
    if isinstance(value, list) and value:
        yield from _objects(value[0], (*path, 0))


def _beyond(schema: Mapping[str, Any]) -> dict[str, str]:
    """Values just outside what a schema allows."""
    results = {}
    for part in (schema, *schema.get("anyOf", ())):
        if "minimum" in part:
            results["below its range"] = json.dumps(part["minimum"] - 1)
        if "maximum" in part:
            results["above its range"] = json.dumps(part["maximum"] + 1)
        if "maxLength" in part:
            results["longer than it may be"] = json.dumps("x" * (part["maxLength"] + 1))
        if "maxItems" in part:
            results["one too many"] = json.dumps([""] * (part["maxItems"] + 1))
    return results


def _with(body: Any, path: Path, text: str | None) -> str:
    """The body as JSON text with another text at one place; None: with nothing there."""
    whole = copy.deepcopy(body)
    at = whole
    for n, key in enumerate(path[:-1]):
        empty: Any = [] if isinstance(path[n + 1], int) else {}
        if isinstance(at, list) and not at:
            at.append(empty)
        elif isinstance(at, dict):
            at.setdefault(key, empty)
        at = at[key]
    if text is None:
        at.pop(path[-1], None)
    elif isinstance(at, list) and not at:
        at.append(_SPOT)
    else:
        at[path[-1]] = _SPOT
    return json.dumps(whole).replace(json.dumps(_SPOT), text or "")


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a value is what the description says, a decimal in its range as text too."""
    if not Draft202012Validator(schema, format_checker=FORMATS).is_valid(value):
        return False
    parts = (schema, *schema.get("anyOf", ()))
    bounds = next((part for part in parts if part.get("format") == "decimal"), None)
    return bounds is None or value is None or _is_amount(value, bounds)


def _is_amount(value: Any, bounds: Mapping[str, Any]) -> bool:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return False
    least, most = bounds.get("minimum", -math.inf), bounds.get("maximum", 1e15)
    return amount.is_finite() and least <= amount <= most
