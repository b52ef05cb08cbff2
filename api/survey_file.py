"""A feature of a survey file as the interface takes a new unit: tables know fewer kinds of values than JSON."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.bodies import AssetFeature, NewAsset, sent_fields
from api.request import decoded
from domain.errors import Invalid
from domain.fields import ASSET
from domain.instants import SHANGHAI
from geo.files import Feature

#: What a file from `panhuo export` says of a unit and a new unit does not take.
NOT_TAKEN = {name for name, field in ASSET.items() if field.entry == "derived"} | {"staff", "park_id", "zone_id"}


def _fields_of(*kinds: type) -> frozenset[str]:
    """Facts of a new unit whose values are of these kinds."""
    record = msgspec.inspect.type_info(NewAsset)
    assert isinstance(record, msgspec.inspect.StructType)
    names = set()
    for field in record.fields:
        types = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        if any(isinstance(field_type, kinds) for field_type in types):
            names.add(field.encode_name)
    return frozenset(names)


DAYS = _fields_of(msgspec.inspect.DateType)
#: Tables know no such values: a file carries them as their JSON text.
STRUCTURED = _fields_of(msgspec.inspect.ListType, msgspec.inspect.DictType, msgspec.inspect.BoolType) | {"inherited"}


def new_unit(feature: Feature, park_id: UUID) -> tuple[object, dict[str, Any]]:
    """Geometry and facts of a new unit of a park. Raises Invalid naming a property that is not right."""
    properties = _typed(feature)
    inherited = properties.get("inherited")
    of_whole = [name for name in inherited if isinstance(name, str)] if isinstance(inherited, list) else []
    properties = {name: value for name, value in properties.items() if name not in NOT_TAKEN.union(of_whole)}
    whole = {**feature, "properties": {**properties, "park_id": str(park_id)}}
    try:
        raw = msgspec.json.encode(whole)
    except UnicodeEncodeError as fault:  # half a character, which JSON can escape and no text can hold
        raise Invalid("text_garbled", "properties", text=ascii(fault.object)[:40], likely="?") from fault
    except OverflowError as fault:
        raise Invalid("not_a_number", "properties") from fault
    except RecursionError as fault:
        raise Invalid("json_too_deep", "properties") from fault
    body: AssetFeature = decoded(raw, AssetFeature)
    sent = sent_fields(body.properties)
    return body.geometry, {name: value for name, value in sent.items() if value is not None and name != "park_id"}


def _typed(feature: Feature) -> dict[str, Any]:
    """The properties with values as the interface has them: lists from their text, an instant's day in Shanghai."""
    return {
        name: _parsed(value) if name in STRUCTURED else _day(value) if name in DAYS else value
        for name, value in feature["properties"].items()
    }


def _parsed(value: object) -> object:
    if isinstance(value, str):
        try:
            return json.loads(value, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError):
            return value
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _day(value: object) -> object:
    """A day may stand as an instant, as tables have it. What is none stays, to be refused."""
    if not isinstance(value, str) or len(value) <= len("2025-06-30"):
        return value
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo is None else at.astimezone(SHANGHAI)).date().isoformat()
    except (ValueError, OverflowError):  # the latter at either end of the calendar
        return value
