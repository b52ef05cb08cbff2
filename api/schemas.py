"""Schemas of what the service answers of the things whose fields are declared, for clients that are generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.json import schema_components

from api.outcome_bodies import NextStage
from domain.field import Field
from domain.fields import TABLES
from texts.lookup import field_label, languages, side_by_side

REF: Final = "#/components/schemas/{name}"
#: Operation → what it shows, and whether it shows a list of them.
SHOWN: Final[Mapping[str, tuple[str, bool]]] = {
    **{f"{act}_asset": ("asset", False) for act in ("register", "read", "amend", "publish", "withdraw")},
    **{f"{act}_demand": ("demand", False) for act in ("post", "read", "amend", "publish", "withdraw")},
    **{f"{act}_firm": ("firm", False) for act in ("add", "read", "amend")},
    **{f"{act}_park": ("park", False) for act in ("add", "read")},
    "add_zone": ("park", False),
    **{f"{act}_outcome": ("outcome", False) for act in ("open", "read", "step")},
    **dict.fromkeys(("correct_idle_period", "renew_tenancy"), ("outcome", False)),
    **{f"list_{thing}s": (thing, True) for thing in TABLES},
}
#: Shown as GeoJSON Features.
FEATURES: Final = frozenset({"asset", "park"})
#: What is shown beside the declared fields.
BESIDE: Final[Mapping[str, dict[str, Any]]] = {
    "park": {"zone_of": {"type": ["string", "null"], "format": "uuid"}},
    "outcome": {
        "light": {"type": ["string", "null"]},
        "assets": {"type": "array", "items": {"type": "object"}},
        "revivals": {"type": ["array", "null"], "items": {"type": "object"}},
        "milestones": {"type": "array", "items": {"type": "object"}},
        "next": {
            "type": "array",
            "items": {"$ref": REF.format(name="NextStage")},
            "description": side_by_side("description", "member", "next"),
        },
    },
}
#: Declared fields that an answer leaves out, or shows in another form.
NOT_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {"park": ("recorded_at",), "outcome": ("asset_ids",)}
TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "text": {"type": "string"},
    "word": {"type": "string"},
    "words": {"type": "array", "items": {"type": "string"}},
    "codes": {"type": "array", "items": {"type": "string"}},
    "texts": {"type": "array", "items": {"type": "string"}},
    "names": {"type": "array", "items": {"type": "string"}},
    "id": {"type": "string", "format": "uuid"},
    "outline": {"type": "object"},
    "object": {"type": "object"},
    "objects": {"type": "array", "items": {"type": "object"}},
}
GEOMETRY: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"type": {"const": "MultiPolygon"}, "coordinates": {"type": "array"}},
    "required": ["type", "coordinates"],
}


def shown_schema(operation: str, schemas: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of an operation's answer, entered into `schemas`; None where it shows none of these things."""
    if operation not in SHOWN:
        return None
    thing, is_list = SHOWN[operation]
    name = thing.capitalize()
    if thing == "outcome":
        schemas |= schema_components([NextStage], ref_template=REF)[1]
    schemas[name] = _feature(thing) if thing in FEATURES else _object(_members(thing, None))
    reference = {"$ref": REF.format(name=name)}
    if not is_list:
        return reference
    return _object({("features" if thing in FEATURES else "items"): {"type": "array", "items": reference}})


def _feature(thing: str) -> dict[str, Any]:
    own, staff = _members(thing, "public"), _members(thing, "staff")
    del own["geometry"], own["id"]
    members = {
        "type": {"const": "Feature"},
        "id": TYPES["id"],
        "geometry": GEOMETRY,
        "properties": _object(own),
    }
    return _object(members | ({"staff": _object(staff)} if staff else {}))


def _members(thing: str, reader: str | None) -> dict[str, Any]:
    """The fields of a thing that stand in its document, by name; those that some read, or all."""
    fields = [field for field in TABLES[thing].values() if reader is None or field.reader == reader]
    members = {
        field.name: _schema(thing, field) for field in fields if field.store != "attributes" and field.entry != "stage"
    }
    if "attributes" in members:
        listed = {field.name: _schema(thing, field) for field in fields if field.store == "attributes"}
        members["attributes"] |= {"properties": listed}
    hidden = NOT_SHOWN.get(thing, ())
    shown = {name: schema for name, schema in members.items() if name not in hidden}
    return shown if reader == "staff" else shown | BESIDE.get(thing, {})


def _schema(thing: str, field: Field) -> dict[str, Any]:
    """The type of a field, what it is called and what it means, in every language at once."""
    schema = dict(TYPES[field.type])
    if field.words:
        words = [str(word) for word in field.words]
        schema |= {"items": {"type": "string", "enum": words}} if field.type == "words" else {"enum": words}
    if not field.is_never_null and field.store == "column" and field.name != "id":
        schema["type"] = [schema["type"], "null"]
        schema |= {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    called = " ".join(field_label(thing, field.name, language) for language in languages())
    return schema | {"title": called, "description": side_by_side("fields", f"{thing}_meaning", field.name)}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members}
