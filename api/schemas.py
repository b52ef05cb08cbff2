"""Schemas of records for clients that are generated: names of vocabularies, meanings, units, bounds.

The decoder of a record gives its form; what a member means stands in `texts/*/fields.toml` where it is a declared field
of a thing, else in `texts/*/members.toml`, by its name, or by record and name where one name means two things. What a
record is stands there too, but in the language of docstrings, where it is the record's own.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from api.outcome_bodies import NewOutcome
from api.vocabularies import VOCABULARIES, component, explained, name_of
from domain.facts import TEXTS, bounds
from domain.field import Field
from domain.fields import TABLES
from texts.lookup import Language, field_label, languages, side_by_side, tables

REF: Final = "#/components/schemas/{name}"
#: In this language a record is described by its docstring, and an operation called by its handler's.
DOCSTRINGS: Final[Language] = "en"
#: Records whose members are fields of a thing, where their name does not say of which.
THINGS: Final[Mapping[str, str]] = {
    "AnonymousNeed": "demand",
    **dict.fromkeys(("Step", "NewRenewal", *(record.__name__ for record in get_args(NewOutcome))), "outcome"),
}
#: Vocabularies by whose words members are called.
BY_WORD: Final = ("Rule", "Criterion", "Kind", "RevivalVerdict", "TransferTax")
#: Whose field says what a member means that has no text of its own, the first that has one of this name.
MEANING_FROM: Final = ("outcome", "asset", "demand", "firm", "park")
#: The end of a name → the unit of what it names; the first that matches, the key of its label.
UNITS: Final[Mapping[str, str]] = {
    "_yuan_m2_month": "yuan/m2/month", "_yuan_m2": "yuan/m2", "_yuan_year": "yuan/year", "_yuan": "yuan",
    "_kn_m2": "kN/m2", "_m2": "m2", "_mu": "mu", "_kva": "kVA", "_t_d": "t/d", "_days": "day", "_months": "month",
    "_m": "m", "lon": "degree", "lat": "degree",
}  # fmt: skip
#: How a parameter that bounds a field ends → the key of what it means.
DERIVED: Final[Mapping[str, str]] = {"_min": "least", "_max": "most", "_after": "after", "_before": "before"}
BOUNDS: Final = ("_min", "_max", "_pref", "_before", "_to_close")


def schema_of(record: Any, schemas: dict[str, Any], *, is_read: bool = False) -> dict[str, Any]:
    """The schema of a record; what it refers to is entered into `schemas`. One that is read has the bounds of acts."""
    (schema,), parts = msgspec.json.schema_components([record], ref_template=REF)
    for name, part in parts.items():
        made = component(name) if name in VOCABULARIES else _record(name, part, schemas, is_read)
        if schemas.setdefault(name, made) != made:
            raise ValueError(f"two records are called {name}")
    named: dict[str, Any] = _named(schema, schemas)
    return named


def _record(name: str, part: dict[str, Any], schemas: dict[str, Any], is_read: bool) -> dict[str, Any]:
    if "properties" not in part:
        return part
    members = {
        member: member_schema(name, member, _bounded(shape, member) if is_read else shape, schemas)
        for member, shape in part["properties"].items()
    }
    return {**part, "description": _about(name, part.get("description", "")), "properties": members}


def _about(record: str, docstring: str) -> str:
    """What a record is, in every language. Empty: nothing in one where nobody said it."""
    texts = (
        inspect.cleandoc(docstring) if language == DOCSTRINGS else tables("members", language)["record"].get(record)
        for language in languages()
    )
    return " ".join(filter(None, texts))


def member_schema(record: str, name: str, shape: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of a member or parameter, with what it is called, means and is measured in."""
    shaped: dict[str, Any] = _named(shape, schemas)
    field = _field(record, name)
    unit = unit_of(name) if field is None else field.unit
    about = {"description": meaning} if (meaning := _meaning(record, name, field)) else {}
    if unit:
        shown = " / ".join(dict.fromkeys(tables("labels", language)["unit"][unit] for language in languages()))
        about["description"] = f"{about.get('description', '')} [{shown}]".strip()
        about["x-unit"] = unit
    if field is not None and f"{record}.{name}" not in _members():
        about["title"] = " ".join(field_label(_thing(record), name, language) for language in languages())
    return {**about, **shaped} if "description" in shaped else {**shaped, **about}


def unit_of(name: str) -> str:
    """The unit that a name ends with. Empty: none."""
    for end in BOUNDS:
        name = name.removesuffix(end)
    return next((unit for end, unit in UNITS.items() if name.endswith(end)), "")


def _thing(record: str) -> str:
    return THINGS.get(record) or next((thing for thing in TABLES if thing.capitalize() in record), "")


def _field(record: str, name: str) -> Field | None:
    return TABLES.get(_thing(record), {}).get(name)


def _members() -> Mapping[str, str]:
    return tables("members", languages()[0])["member"]


def _meaning(record: str, name: str, field: Field | None) -> str | None:
    """What a member means, in every language. Empty: None where nobody said it."""
    if f"{record}.{name}" in _members():
        return side_by_side("members", "member", f"{record}.{name}")
    if field is not None:
        return side_by_side("fields", f"{_thing(record)}_meaning", name)
    for end, key in DERIVED.items():
        if name.endswith(end) and (bounded := _field(record, name.removesuffix(end))) is not None:
            return " ".join(
                tables("members", language)["derived"][key].format(
                    field=field_label(_thing(record), bounded.name, language)
                )
                for language in languages()
            )
    if name in _members():
        return side_by_side("members", "member", name)
    if (
        vocabulary := next((vocabulary for vocabulary in BY_WORD if name in VOCABULARIES[vocabulary]), None)
    ) is not None:
        return explained(vocabulary, name)
    other = next((thing for thing in MEANING_FROM if name in TABLES[thing]), None)
    return None if other is None else side_by_side("fields", f"{other}_meaning", name)


def _named(shape: Any, schemas: dict[str, Any]) -> Any:
    """A schema whose vocabularies are components; null beside one, and one word alone, are said as they are."""
    if isinstance(shape, list):
        return [_named(item, schemas) for item in shape]
    if not isinstance(shape, dict):
        return shape
    made = {key: _named(value, schemas) for key, value in shape.items()}
    listed = made.get("enum")
    if not isinstance(listed, list):
        return made
    if len(listed) == 1:
        return {"const": listed[0], **{key: value for key, value in made.items() if key != "enum"}}
    name = name_of(listed)
    if name is None:
        return made
    schemas[name] = component(name)
    rest = {key: value for key, value in made.items() if key not in ("enum", "type")}
    return {"$ref": REF.format(name=name), **rest}


def _bounded(shape: Any, name: str = "") -> Any:
    """The decoder's schema of a field, with what the acts hold it to: a decimal is a number or its text, in a range."""
    if isinstance(shape, list):
        return [_bounded(item, name) for item in shape]
    if not isinstance(shape, dict):
        return shape
    if shape.get("format") == "decimal" and "pattern" not in shape:
        return {**shape, "type": ["number", "string"], **bounds(name)}
    if shape.get("type") == "string" and name in TEXTS and "format" not in shape:
        return {**shape, **bounds(name)}
    return {key: _bounded(value, name) for key, value in shape.items()}
