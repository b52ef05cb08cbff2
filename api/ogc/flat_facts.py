"""Flat properties of a unit, as GIS clients send them, become the facts that its acts take, by the table of fields.

What is sent as it is shown changes nothing, whoever may write it: clients send whole features, and with them what a
unit takes from its whole and what follows from other facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from api.ogc.schemas import JOINED, OF_KNOWN, required, written_properties
from domain.collections import Collection
from domain.errors import Fault, Invalid, Refusal
from domain.field import Entry, Field

LISTS: Final = JOINED - {"object", "objects"}
#: Clients keep instants to the millisecond, and not always their zone.
TO_THE_MS: Final = "%Y-%m-%dT%H:%M:%S.%f"


def replacing(collection: Collection, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a whole feature: those that can be written and are left out are null."""
    return {**dict.fromkeys(written_properties(collection, OF_KNOWN)), **sent}


def changed_facts(
    collection: Collection, sent: Mapping[str, Any], shown: Mapping[str, Any], entries: frozenset[Entry]
) -> dict[str, Any]:
    """The facts that these properties change of a unit shown with those; of a new one nothing is shown yet.

    Raises: Invalid for each property that is none, that nobody writes, that no longer changes, or that is never null.
    """
    facts: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    faults: list[Fault] = []
    needed = required(collection, entries)
    for name, value in sent.items():
        field, at = collection.properties.get(name), f"properties.{name[:64]}"
        if field is None:
            faults.append(Fault("unknown_field", at))
        elif _is_same(field, value, shown.get(name)):
            continue
        elif field.entry not in entries:
            faults.append(Fault("stated_once" if field.entry == "once" else "read_only", at))
        elif value is None and name in needed:
            faults.append(Fault("missing", at))
        else:
            try:
                (attributes if field.store == "attributes" else facts)[name] = _unflattened(field, value)
            except Invalid as refusal:
                faults += [Fault(fault.code, at, fault.params) for fault in refusal.faults]
    if faults:
        raise Invalid.of(faults)
    return facts | ({"attributes": attributes} if attributes else {})


def _is_same(field: Field, sent: object, shown: object) -> bool:
    first, second = _comparable(field, sent), _comparable(field, shown)
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-12)
    return type(first) is type(second) and first == second


def _comparable(field: Field, value: object) -> object:
    """A property so that two that mean the same are equal; what is not of its type as it is."""
    if value is None:
        return [] if field.is_never_null and field.type in JOINED else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e300 else value
    if not isinstance(value, str):
        return value
    try:
        if field.type in JOINED:
            return _unflattened(field, value)
        if field.type == "instant":
            at = datetime.fromisoformat(value)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
            return at.strftime(TO_THE_MS)[:-3]
    except (Invalid, ValueError, OverflowError):
        pass
    return value


def _unflattened(field: Field, value: object) -> object:
    """A property as the fact is stated. Raises Invalid for what is no text of several values."""
    if field.type not in JOINED:
        return value
    if value is None:
        return [] if field.is_never_null else None
    if not isinstance(value, str):
        raise Invalid("wrong_type", expected=["str"])
    if field.type in LISTS:
        return [part for item in value.split(",") if (part := item.strip())]
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        raise Invalid("no_json_text") from fault


def in_flat_names(collection: Collection, refusal: Refusal) -> Refusal:
    """The same refusal, its fields called as the collection calls them: `properties.address`, not that of a record."""
    faults = [Fault(fault.code, _flat_path(collection, fault.field), fault.params) for fault in refusal.faults]
    return type(refusal).of(faults)


def _flat_path(collection: Collection, path: str) -> str:
    head, *rest = path.split(".")
    if head in collection.properties:
        head, rest = "properties", [head, *rest]
    if head != "properties" or not rest:
        return path
    if rest[0] == "attributes" and len(rest) > 1:
        rest = rest[1:]
    field = collection.properties.get(rest[0])
    if field is not None and field.type in LISTS:
        rest = rest[:1]
    return ".".join([head, *rest])
