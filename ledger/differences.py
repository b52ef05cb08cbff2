"""What a row of a ledger changes of the unit that is there, field by field, and where both changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.fields import ASSET
from domain.text import folded_code

#: Lists whose order says nothing.
UNORDERED = frozenset({"words", "codes", "names"})
#: Facts of a unit that never change; a row that says another is refused.
FIXED = ("level", "kind")
#: Stands for what nobody knows any more: the facts at a revision from before they were kept.
UNKNOWN = object()


@dataclass(frozen=True)
class FieldChange:
    """One fact: what it is now and what the file says; `seen` is what the file's reader saw, where that is known.

    A conflict: it changed here since the file was made, and the file changes it too.
    """

    field: str
    current: Any
    value: Any
    seen: Any = UNKNOWN
    is_conflict: bool = False


def changes(
    facts: Mapping[str, Any], current: Mapping[str, Any], seen: Mapping[str, Any] | None, *, is_newest: bool
) -> list[FieldChange]:
    """The facts of a row that differ from the unit's.

    `seen`: the unit's facts at the file's revision, None where they are not known; `is_newest`: the file has the newest
    revision, or none at all, and speaks for itself.
    """
    listed = []
    for name, value in _flat(facts):
        if name in FIXED:
            continue
        now = _stored(current, name)
        if is_same(name, value, now):
            continue
        if is_newest:
            listed.append(FieldChange(name, now, value))
            continue
        then = UNKNOWN if seen is None else _stored(seen, name)
        if then is not UNKNOWN and is_same(name, value, then):
            continue  # the file leaves it as it was; what changed here since stays
        is_conflict = then is UNKNOWN or not is_same(name, then, now)
        listed.append(FieldChange(name, now, value, then, is_conflict))
    return listed


def fixed_faults(facts: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """Facts that the row says otherwise and that never change."""
    return [name for name in FIXED if facts.get(name) is not None and facts[name] != current[name]]


def patch(listed: list[FieldChange]) -> dict[str, Any]:
    """The changes as a patch of facts."""
    facts: dict[str, Any] = {}
    for change in listed:
        if ASSET[change.field].store == "attributes":
            facts.setdefault("attributes", {})[change.field] = change.value
        else:
            facts[change.field] = change.value
    return facts


def _flat(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Facts by name, those among `attributes` like the others."""
    own = [(name, value) for name, value in facts.items() if name != "attributes"]
    return own + list((facts.get("attributes") or {}).items())


def _stored(facts: Mapping[str, Any], name: str) -> Any:
    """A fact as tables show it: of its whole where the unit states none."""
    if ASSET[name].store == "attributes":
        return facts["attributes"].get(name)
    own = facts.get(name)
    return (facts.get("inherited") or {}).get(name) if own is None else own


def is_same(name: str, value: Any, stored: Any) -> bool:
    """Whether two values of a field are one: figures by value, days as text, lists without their order."""
    if value is None or stored is None:
        return value in (None, [], {}, "") and stored in (None, [], {}, "")
    if name == "code":
        return folded_code(str(value)) == folded_code(str(stored)) and str(value).strip() == str(stored).strip()
    field = ASSET[name]
    if field.type in ("number", "integer"):
        try:
            return Decimal(str(value)) == Decimal(str(stored))
        except InvalidOperation:
            return False
    if field.type in UNORDERED and isinstance(value, list) and isinstance(stored, list):
        return sorted(map(str, value)) == sorted(map(str, stored))
    if isinstance(value, date):
        return value.isoformat() == str(stored)
    return bool(value == stored) or str(value) == str(stored)
