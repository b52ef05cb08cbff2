"""The documents of things whose fields are declared, made from these; no member of them is named twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, defstruct

from api.answers.geometry import MultiPolygon
from api.record import Described, answering
from domain.field import Field
from domain.fields import TABLES
from domain.words import Effluent, Equipment
from matching.rules import CRITERIA, CURABLE
from outcomes.stages import Stage


class RuleWorks(Described, kw_only=True):
    """Works that cure a rule: what they bring the unit to, for what cost, in how many days."""

    up_to: float
    cost_yuan: float
    days: int
    source: str
    payer: str
    effluent_types: list[Effluent] | UnsetType = UNSET


class KnownWorks(RuleWorks, kw_only=True):
    """A known cure of a unit."""

    rule: Literal[tuple(rule.id for rule in CURABLE)]  # type: ignore[valid-type]


class WishedPlace(Described, kw_only=True):
    """A place to be near."""

    lon: float
    lat: float
    weight: float
    radius_m: float | UnsetType | None = UNSET
    is_required: bool | UnsetType = UNSET
    name: str | UnsetType | None = UNSET


class WishedEquipment(Described, kw_only=True):
    """Equipment wished."""

    item: Equipment
    at_least: float | UnsetType | None = UNSET
    weight: float


@answering((name, float | UnsetType, UNSET) for name in CRITERIA)
class StatedImportances(Described):
    """How much each criterion matters, 0 to 5, where it is stated."""


class Finding(Struct, kw_only=True):
    """A fault found in the facts of a unit, with what belongs to it."""

    code: str
    field: str


class LegalNote(Struct, kw_only=True):
    """What the law asks for and the record lacks, with its article."""

    code: str


#: How a value is shown, by the type of its field; `RECORDS`: of fields that have a record of their own.
PLAIN: dict[str, Any] = {
    "number": float, "integer": int, "flag": bool, "day": date, "instant": datetime, "text": str, "id": UUID,
    "ids": list[UUID], "codes": list[str], "texts": list[str], "names": list[str],
}  # fmt: skip
RECORDS: dict[tuple[str, str], Any] = {
    ("asset", "works"): list[KnownWorks],
    ("asset", "issues"): list[Finding],
    ("demand", "places"): list[WishedPlace],
    ("demand", "equipment"): list[WishedEquipment],
    ("demand", "importances"): StatedImportances,
    ("demand", "within"): MultiPolygon,
    ("outcome", "stage"): Stage,
    ("outcome", "notes"): list[LegalNote],
}


#: Stated of every thing.
ALWAYS = frozenset(
    (
        "id",
        "park_id",
        "root_id",
        "is_leaf",
        "is_lapsed",
        "level",
        "kind",
        "listing",
        "availability",
        "revision",
        "recorded_at",
        "version",
        "path",
        "paths_version",
        "stage",
        "illustrative",
        "inherited",
        "issues",
        "notes",
        "opened_on",
    )
)


def members_of(thing: str, *readers: str, without: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The fields that stand in the document of a thing, of these readers or of all."""
    listed = [
        (field.name, _type(thing, field) | UnsetType, UNSET)
        for field in TABLES[thing].values()
        if field.store == "attributes"
    ]
    for field in TABLES[thing].values():
        is_shown = field.store == "column" and field.entry != "stage" and field.name not in without
        if not is_shown or (readers and field.reader not in readers):
            continue
        if field.name == "attributes":
            shown = document(f"{thing.capitalize()}Attributes", "Further facts.", iter(listed))
            yield ("attributes", shown | UnsetType, UNSET) if _is_left_out(thing, field) else ("attributes", shown)
            continue
        shown = _type(thing, field)
        shown = shown if field.is_never_null or field.name in ALWAYS else shown | None
        yield (field.name, shown | UnsetType, UNSET) if _is_left_out(thing, field) else (field.name, shown)


def _is_left_out(thing: str, field: Field) -> bool:
    """Whether readers of the document are not all readers of the field: those of a public need are not."""
    return thing == "demand" and field.reader != "public"


def _type(thing: str, field: Field) -> Any:
    if (thing, field.name) in RECORDS:
        return RECORDS[thing, field.name]
    if field.type in ("word", "words"):
        word = Literal[field.words] if isinstance(field.words, tuple) else field.words
        return list[word] if field.type == "words" else word  # type: ignore[valid-type]
    return PLAIN[field.type]


def document(name: str, about: str, members: Iterator[tuple[Any, ...]], base: type[Struct] = Described) -> Any:
    return defstruct(name, list(members), bases=(base,), namespace={"__doc__": about}, kw_only=True, module=__name__)


def page_of(record: Any, name: str) -> Any:
    """A page of things: the items, and the address of the following page or null."""
    members = [("items", list[record]), ("next", str | None)]
    return document(name, "A page.", iter(members))
