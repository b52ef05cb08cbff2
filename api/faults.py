"""All faults of a body or a query at once. The decoder stops at the first, so what it refuses is judged again here,
field by field, by the same records; a request that is right never comes here.

Values that are right by themselves are judged by the rules of their act too, as far as these need no database.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Raw, Struct, ValidationError, inspect

from actions.asset import fact_faults
from actions.demand import demand_faults
from api.bodies import READ_ONLY, AssetFacts, AssetFeature, AssetPatch, DemandFacts, OgcFeature, OgcPatch
from domain.errors import Fault, Invalid
from domain.facts import TEXTS, value_faults
from domain.words import Level

#: Types whose values the decoder judges as a whole.
PLAIN: dict[type[inspect.Type], Any] = {
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.DecimalType: Decimal,
    inspect.StrType: str,
    inspect.BoolType: bool,
    inspect.DateType: date,
    inspect.UUIDType: UUID,
    inspect.AnyType: Any,
}
#: Type → its name for people; the words stand in `texts/refusal_sentences.py`.
NAMES: dict[type[inspect.Type], str] = {
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.DecimalType: "decimal",
    inspect.StrType: "str",
    inspect.BoolType: "bool",
    inspect.DateType: "date",
    inspect.UUIDType: "uuid",
    inspect.ListType: "array",
    inspect.DictType: "object",
    inspect.StructType: "object",
}
#: Fields that hold an outline, and the records whose outline may be a point or nothing.
OUTLINES = ("geometry", "within")
UNITS = (AssetFeature, AssetPatch)
#: Records whose geometry is read later, as a header says in which system it is.
IN_ANY_SYSTEM = (OgcFeature, OgcPatch)
LONGEST_NAME = 64
_TOO_LARGE = re.compile("out of range")
BAD: Final = object()
Read = Callable[[Any, Any], Any]
Rule = Callable[[Mapping[str, Any], str], list[Fault]]


def body_faults(raw: bytes, record: Any) -> list[Fault]:
    """What is wrong with a body that is JSON and no such record; each fault at its own path."""
    faults: list[Fault] = []
    _value(_type_of(record), raw, "", _of_json, faults)
    return _each_once(faults) or [Fault("value_form", "body")]


def query_faults(values: Mapping[str, str], record: Any) -> list[Fault]:
    """What is wrong with the parameters of a query; unknown ones are left to the caller."""
    faults: list[Fault] = []
    info = _type_of(record)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        if field.encode_name in values:
            _value(field.type, values[field.encode_name], field.encode_name, _of_text, faults)
        elif field.required:
            faults.append(Fault("missing", field.encode_name))
    return faults


_type_of = cache(inspect.type_info)


def _of_json(raw: Any, record_type: Any) -> Any:
    return msgspec.json.decode(raw, type=record_type)


def _of_text(text: Any, record_type: Any) -> Any:
    return msgspec.convert(text, record_type, strict=False)


def _each_once(faults: Sequence[Fault]) -> list[Fault]:
    return list({(fault.field, fault.code): fault for fault in reversed(faults)}.values())[::-1]


def _value(info: inspect.Type, raw: Any, path: str, read: Read, faults: list[Fault]) -> Any:
    """The value at a path, BAD where it is not right; what is wrong with it comes to the faults."""
    before = len(faults)
    explained = None
    if isinstance(info, inspect.Metadata):
        explained = (info.extra or {}).get("fault")
        info = info.type
    match info:
        case inspect.UnionType():
            return _of_union(info, raw, path, read, faults)
        case inspect.StructType():
            return _of_struct(info, raw, path, faults)
        case inspect.ListType():
            return _of_list(info, raw, path, faults)
        case inspect.DictType():
            return _of_dict(raw, path, faults)
        case inspect.EnumType() | inspect.LiteralType():
            words = list(info.values) if isinstance(info, inspect.LiteralType) else [word.value for word in info.cls]
            value = _tried(Any, raw, read)
            if value not in words:
                faults.append(Fault("not_in_vocabulary", path or "body", {"allowed": words}))
                return BAD
            return value if isinstance(info, inspect.LiteralType) else info.cls(value)
    value = _plain(info, raw, path or "body", read, faults)
    if value is not BAD:
        faults += _bound_faults(info, value, path or "body", explained)
    return value if len(faults) == before else BAD


def _tried(record_type: Any, raw: Any, read: Read) -> Any:
    try:
        return read(raw, record_type)
    except ValidationError:
        return BAD


def _plain(info: inspect.Type, raw: Any, path: str, read: Read, faults: list[Fault]) -> Any:
    try:
        return read(raw, PLAIN[type(info)])
    except ValidationError as fault:
        is_too_large = _TOO_LARGE.search(str(fault)) is not None
        faults.append(Fault("not_a_number", path) if is_too_large else _other_type(path, [info]))
        return BAD


def _other_type(path: str, kinds: Sequence[inspect.Type]) -> Fault:
    return Fault("wrong_type", path or "body", {"expected": [NAMES[type(kind)] for kind in kinds]})


def _bound_faults(info: inspect.Type, value: Any, path: str, explained: str | None) -> list[Fault]:
    """What is wrong with a value of the right type: its range, length or pattern."""
    if isinstance(info, inspect.StrType):
        if info.min_length and not value:
            return [Fault("empty", path)]
        if info.max_length is not None and len(value) > info.max_length:
            most = min(info.max_length, TEXTS.get(path.rpartition(".")[2], info.max_length))
            return [Fault("text_too_long", path, {"chars": len(value), "max_chars": most})]
        if info.pattern is not None and re.search(info.pattern, value) is None:
            assert explained is not None, f"{path}: a pattern names the fault that says it in words"
            return [Fault(explained, path)]
    if isinstance(info, inspect.IntType | inspect.FloatType):
        if isinstance(value, float) and not math.isfinite(value):  # a whole number can be larger than any float
            return [Fault("not_a_number", path)]
        least = info.ge if info.ge is not None else info.gt
        is_low = (info.ge is not None and value < info.ge) or (info.gt is not None and value <= info.gt)
        if is_low or (info.le is not None and value > info.le):
            code = "out_of_range" if info.gt is None else "out_of_range_above"
            return [
                Fault(code, path, {"least": f"{least:.15g}", "most": "?" if info.le is None else f"{info.le:.15g}"})
            ]
    return []


def _of_union(info: inspect.UnionType, raw: Any, path: str, read: Read, faults: list[Fault]) -> Any:
    kinds = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
    if len(kinds) < len(info.types) and read is _of_json and _tried(None, raw, read) is None:
        return None
    if isinstance(kinds[0], inspect.StructType) and kinds[0].tag_field is not None:
        return _of_tagged(kinds, raw, path, faults)
    if len(kinds) == 1:
        return _value(kinds[0], raw, path, read, faults)
    for kind in kinds:
        if (value := _value(kind, raw, path, read, [])) is not BAD:
            return value
    faults.append(_other_type(path, kinds))
    return BAD


def _of_tagged(kinds: Sequence[Any], raw: Any, path: str, faults: list[Fault]) -> Any:
    """One of several records, which a member names; where it names none, what they have in common is judged."""
    name = kinds[0].tag_field
    members = _members(raw, path, faults)
    if members is None:
        return BAD
    by_tag = {kind.tag: kind for kind in kinds}
    tag = None if name not in members else _tried(Any, members[name], _of_json)
    if isinstance(tag, str) and tag in by_tag:
        return _of_struct(by_tag[tag], raw, path, faults)
    at = _below(path, name)
    faults.append(
        Fault("not_in_vocabulary", at, {"allowed": list(by_tag)}) if name in members else Fault("missing", at)
    )
    shared = set.intersection(*({field.encode_name for field in kind.fields} for kind in kinds))
    _judged(kinds[0], {name: member for name, member in members.items() if name in shared}, path, faults, only=shared)
    return BAD


def _of_struct(info: inspect.StructType, raw: Any, path: str, faults: list[Fault]) -> Any:
    members = _members(raw, path, faults)
    return BAD if members is None else _judged(info, members, path, faults)


def _members(raw: Any, path: str, faults: list[Fault]) -> dict[str, Raw] | None:
    members = _tried(dict[str, Raw], raw, _of_json)
    if members is BAD:
        faults.append(Fault("wrong_type", path or "body", {"expected": ["object"]}))
        return None
    known: dict[str, Raw] = members
    return known


def _judged(
    info: inspect.StructType,
    members: Mapping[str, Raw],
    path: str,
    faults: list[Fault],
    *,
    only: set[str] | None = None,
) -> Any:
    """The members of a record as values, what is wrong with any left out."""
    fields = {field.encode_name: field for field in info.fields if only is None or field.encode_name in only}
    before, bad, facts = len(faults), set(), {}
    for name, raw in members.items():
        at = _below(path, name[:LONGEST_NAME])
        if name in fields:
            value = _value(fields[name].type, raw, at, _of_json, faults)
            if value is BAD:
                bad.add(name)
            else:
                facts[name] = value
                faults += _geometry_faults(info.cls, name, value, at, is_required=fields[name].required)
        elif name != info.tag_field:
            faults.append(Fault("read_only" if name in READ_ONLY else "unknown_field", at))
    missing = {field.encode_name for field in fields.values() if field.required} - members.keys()
    faults += [Fault("missing", _below(path, name)) for name in fields if name in missing]
    faults += _rule_faults(info.cls, facts, bad | missing, f"{path}." if path else "")
    return facts if len(faults) == before else BAD


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _geometry_faults(record: type[Struct], name: str, value: Any, path: str, *, is_required: bool) -> list[Fault]:
    if name not in OUTLINES or record in IN_ANY_SYSTEM or (value is None and not is_required):
        return []
    from geo.geometry import read_geometry  # as in `actions/geometry`
    from geo.outline import read_outline

    read = read_geometry if record in UNITS else read_outline
    try:
        read(value, field=path)
    except Invalid as refusal:
        return list(refusal.faults)
    return []


def _rule_faults(record: type[Struct], facts: Mapping[str, Any], bad: set[str], prefix: str) -> list[Fault]:
    """What the rules of an act say of its values; a rule about two needs both to be right."""
    rule = next((rule for known, rule in RULES.items() if issubclass(record, known)), value_faults)
    return [
        fault
        for fault in rule(facts, prefix)
        if fault.field.removeprefix(prefix).partition(".")[0] not in bad and fault.params.get("other") not in bad
    ]


def _asset_rule(facts: Mapping[str, Any], prefix: str) -> list[Fault]:
    level = facts.get("level")
    return fact_faults(facts, None if level is None else Level(level), prefix)


RULES: Mapping[type[Struct], Rule] = {AssetFacts: _asset_rule, DemandFacts: demand_faults}


def _of_list(info: inspect.ListType, raw: Any, path: str, faults: list[Fault]) -> Any:
    """The items of a list; those of one that is too long are not looked at."""
    items = _tried(list[Raw], raw, _of_json)
    if items is BAD:
        faults.append(_other_type(path, [info]))
        return BAD
    if info.min_length and not items:
        faults.append(Fault("empty", path or "body"))
        return BAD
    if info.max_length is not None and len(items) > info.max_length:
        faults.append(Fault("too_many_items", path or "body", {"most": info.max_length}))
        return BAD
    before = len(faults)
    values = [_value(info.item_type, item, _below(path, str(n)), _of_json, faults) for n, item in enumerate(items)]
    return values if len(faults) == before else BAD


def _of_dict(raw: Any, path: str, faults: list[Fault]) -> Any:
    """The members of an object whose names a rule knows; a name that is too long is none it knows."""
    members = _members(raw, path, faults)
    if members is None:
        return BAD
    values = {
        name: _value(inspect.AnyType(), member, _below(path, name[:LONGEST_NAME]), _of_json, faults)
        for name, member in members.items()
    }
    return {name: value for name, value in values.items() if value is not BAD}
