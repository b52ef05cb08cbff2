"""The fields of a stage's record: which of them it takes and needs, and what the value of each may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.facts import bounds
from domain.fields import OUTCOME
from outcomes.stages import REACHED_TODAY, Route, Stage
from outcomes.standing import Direction

#: What the record of any stage may hold beside its own day and the figures of its gate.
RECORD_FIELDS = ("precision", "evidence", "source", "reason")
#: Lists of records, each by the schema that the description of the API has of it.
LISTS = {"holders": "Holder", "tenants": "NotifiedTenant"}
SCHEMAS = "/api/v1/openapi.json#/components/schemas/"


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
    taken = needs | may | needs  # a gate may name a figure twice: then it is needed
    return [StageField(name, is_needed) for name, is_needed in taken.items()]


def schema(name: str) -> dict[str, Any]:
    """What the value of a field may be, as JSON Schema."""
    field = OUTCOME[name]
    match field.type:
        case "number":
            return {"type": ["number", "string"], "format": "decimal", **bounds(name)}
        case "text":
            return {"type": "string", **bounds(name)}
        case "word":
            return {"enum": list(field.words)}
        case "objects":
            return {"type": "array", "minItems": 1, "maxItems": field.most, "items": {"$ref": SCHEMAS + LISTS[name]}}
    return {"type": "string", "format": "date"}
