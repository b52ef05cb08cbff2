"""The fields of a stage's record: which of them it takes and needs, and what the value of each may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.facts import NUMBERS, TEXTS, bounds
from domain.words import DatePrecision, Evidence
from outcomes.stages import REACHED_TODAY, Route, Stage
from outcomes.standing import Direction

#: What the record of any stage may hold beside its own day and the figures of its gate.
RECORD_FIELDS = ("precision", "evidence", "source", "reason")
#: Lists of records, each by the schema that the description of the API has of it.
LISTS = {"holders": "Holder", "tenants": "NotifiedTenant"}
MOST_LISTED = 200
SCHEMAS = "/api/v1/openapi.json#/components/schemas/"
_WORDS = {"precision": DatePrecision, "evidence": Evidence}


class StageField(NamedTuple):
    """A field of a stage's record.

    What is told without evidence (`not_stated`) may lack a needed one, save the day of a stage that counts, ends the
    deal, or is beside the route.
    """

    name: str
    is_needed: bool


def fields(route: Route, target: Stage, direction: Direction) -> Sequence[StageField]:
    """What a step takes: on to a stage its day, the figures of its gate and what any record holds; else a reason."""
    if direction in (Direction.back, Direction.exit):
        return [StageField("reason", True)]
    gate = route.gates[target]
    needs = {gate.day: target not in REACHED_TODAY} | dict.fromkeys(gate.needs, True)
    may = dict.fromkeys((*gate.may, *RECORD_FIELDS), False)
    return [StageField(name, is_needed) for name, is_needed in (needs | may | needs).items()]


def schema(name: str) -> dict[str, Any]:
    """What the value of a field may be, as JSON Schema."""
    if name in NUMBERS:
        return {"type": ["number", "string"], "format": "decimal", **bounds(name)}
    if name in TEXTS:
        return {"type": "string", **bounds(name)}
    if name in _WORDS:
        return {"enum": sorted(_WORDS[name])}
    if name in LISTS:
        return {"type": "array", "minItems": 1, "maxItems": MOST_LISTED, "items": {"$ref": SCHEMAS + LISTS[name]}}
    return {"type": "string", "format": "date"}
