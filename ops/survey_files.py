"""Units from a survey file and back, by `panhuo import` and `panhuo export`."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from actions import asset as asset_actions
from actions.authorization import Replayed, require
from api.asset import conditions
from api.bodies import READ_ONLY, AssetFeature, NewAsset, sent_fields
from api.errors import MOST_FAULTS
from api.queries import AssetQuery
from api.request import decoded, query_of
from domain.actor import ANONYMOUS, Actor
from domain.answer import Once
from domain.errors import Conflict, Fault, Invalid, NotFound, Refusal
from domain.instants import SHANGHAI
from geo.files import Feature, read_survey, write_features
from store import account, asset, park
from store.asset_search import After, search
from store.db import Database
from texts.refusal_sentences import every_sentence, sentence

#: What a file from `panhuo export` says of a unit and a new unit does not take.
NOT_TAKEN = READ_ONLY | {"id", "park_id", "zone_id", "listing"}
#: Properties that name another unit of the same file by its `id` there.
LINKS = ("parent_id", "plot_id")
#: Stands for the id of a whole that was tried and taken back.
TRIED = "00000000-0000-0000-0000-000000000000"
PAGE = 1000


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
STRUCTURED = _fields_of(msgspec.inspect.ListType, msgspec.inspect.DictType, msgspec.inspect.BoolType)


@dataclass(frozen=True)
class FeatureResult:
    """What became of one feature of a file. `asset_id` is None where it was refused, or only tried.

    `was_there`: the same file had registered it before. `issues` are kept beside its record, and no refusals.
    """

    number: int
    code: str
    asset_id: str | None
    faults: tuple[Fault, ...]
    issues: tuple[Fault, ...] = ()
    was_there: bool = False


@dataclass(frozen=True)
class FileResult:
    """What became of a file: how it was read, and its features in their order."""

    notes: tuple[Fault, ...]
    rows: list[FeatureResult]


def lines(faults: Iterable[Fault]) -> list[str]:
    """Faults, issues or notes as people read them, one a line."""
    return [f"{fault.field}: {text}" if fault.field else text for fault in faults for text in [every_sentence(fault)]]


def record(row: FeatureResult) -> dict[str, Any]:
    """What became of a feature, as JSON."""
    return {
        "number": row.number,
        "code": row.code,
        "id": row.asset_id,
        "was_there": row.was_there,
        "errors": records(row.faults),
        "issues": records(row.issues),
    }


def records(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Faults, issues or notes, as JSON."""
    return [{"field": fault.field, "code": fault.code, "message": sentence(fault, "zh")} for fault in faults]


async def import_file(
    db: Database,
    login: str,
    park_id: UUID,
    path: Path,
    *,
    only_try: bool,
    today: date,
    on_progress: Callable[[str, int, int], None],
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> FileResult:
    """Registers every feature of a file as a draft unit of a park, in the name of an account.

    Those refused are named, the others stay. Wholes come before their parts. The same file again repeats nothing.
    `only_try` writes nothing and says what would be refused: each unit is registered and taken back at once; of a part
    whose whole is in the file too, what depends on the whole shows only when both are written.
    """
    actor = await account.named(db, login)
    if actor is None:
        raise NotFound("no_such", "as")
    if not await park.is_there(db, park_id):
        raise NotFound("no_such_park", "park")
    require(actor, "asset.write", park_id=park_id)
    survey = await asyncio.to_thread(functools.partial(read_survey, path, crs=crs, layer=layer, encoding=encoding))
    context = _ImportContext(db, actor, park_id, survey.key, today, only_try)
    news: dict[str, str | None] = {}
    names = Counter(_id(feature["properties"].get("id")) for feature in survey.features)
    doubled = {name for name, count in names.items() if count > 1} - {""}
    codes: set[str] = set()
    rows = []
    for done, (number, feature) in enumerate(_wholes_first(survey.features)):
        on_progress(path.name, done, len(survey.features))
        properties = feature["properties"]
        try:
            if number in survey.row_faults:
                raise Invalid.of(survey.row_faults[number])
            body = _body(_typed(feature), park_id, news, doubled)
            if only_try and _folded(body.properties.code) in codes:  # what is taken back leaves its code free
                raise Conflict("taken", "properties.code")
            row = await _registered(context, number, body)
        except Refusal as refusal:
            row = FeatureResult(number, str(properties.get("code", "")), None, _shown_faults(refusal.faults))
        else:
            codes.add(_folded(row.code))
        if (name := _id(properties.get("id"))) != "":
            news[name] = TRIED if only_try and not row.faults else row.asset_id
        rows.append(row)
    on_progress(path.name, len(survey.features), len(survey.features))
    return FileResult(survey.notes, sorted(rows, key=lambda row: row.number))


def _shown_faults(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """As many faults of a row as a refusal shows, and how many more there are."""
    more = len(faults) - MOST_FAULTS
    return faults if more <= 0 else (*faults[:MOST_FAULTS], Fault("more_faults", "", {"count": more}))


def _wholes_first(features: list[Feature]) -> list[tuple[int, Feature]]:
    """The features with their number from 1, each after those it names; last those of a circle, which are refused."""
    ids = {_id(feature["properties"].get("id")) for feature in features} - {""}
    missing = {
        n: ids & {_id(feature["properties"].get(link)) for link in LINKS} for n, feature in enumerate(features, 1)
    }
    named_by: dict[str, list[int]] = {}
    for number, named in missing.items():
        for name in named:
            named_by.setdefault(name, []).append(number)
    ordered = [number for number, named in missing.items() if not named]
    for number in ordered:  # grows as it is walked
        name = _id(features[number - 1]["properties"].get("id"))
        for other in named_by.pop(name, ()):
            missing[other].discard(name)
            if not missing[other]:
                ordered.append(other)
    ordered += [number for number, named in missing.items() if named]
    return [(number, features[number - 1]) for number in ordered]


def _id(value: object) -> str:
    """An id in a file, as others name it: text or a number, of which 7 and 7.0 are one. Empty: there is none."""
    if value is None:
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _typed(feature: Feature) -> Feature:
    """The feature with values as the interface has them: lists from their text, the day in Shanghai of an instant."""
    properties = {
        name: _parsed(value) if name in STRUCTURED else _day(value) if name in DAYS else value
        for name, value in feature["properties"].items()
    }
    return {**feature, "properties": properties}


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


def _folded(code: str) -> str:
    """A code as the database compares codes."""
    return unicodedata.normalize("NFKC", code).strip(" ").lower()


def _body(feature: Feature, park_id: UUID, news: Mapping[str, str | None], doubled: Collection[str]) -> AssetFeature:
    """The feature as the interface takes it. Raises Invalid naming a property that is not right."""
    properties = {name: value for name, value in feature["properties"].items() if name not in NOT_TAKEN}
    for link in LINKS:
        if link in properties:
            old = properties[link]
            if _id(old) in doubled:
                raise Invalid("id_doubled", f"properties.{link}", whole=old)
            if news.get(_id(old)) is None and _id(old) in news:
                raise Invalid("whole_refused", f"properties.{link}", whole=old)
            properties[link] = news.get(_id(old), old)
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
    return body


@dataclass(frozen=True)
class _ImportContext:
    db: Database
    actor: Actor
    park_id: UUID
    key: str
    today: date
    only_try: bool


async def _registered(context: _ImportContext, number: int, body: AssetFeature) -> FeatureResult:
    """Registers one feature, or tries to. A unit that came from this file and was voided since is registered anew."""
    facts = {
        name: value for name, value in sent_fields(body.properties).items() if value is not None and name != "park_id"
    }
    where = (context.db, context.actor, context.park_id, body.geometry)
    if any(str(facts.get(link)) == TRIED for link in LINKS):
        outline = await asset_actions.check_part(*where, facts)
        return FeatureResult(number, facts["code"], None, (), outline.issues)
    key = f"import-{context.key}-{number}-{context.park_id}"
    while True:
        once, was_there = Once(key, hashlib.sha256(key.encode()).digest()), False
        try:
            answer = await asset_actions.register_asset(
                *where, facts, once=once, today=context.today, is_trial=context.only_try
            )
        except asset_actions.TrialPassed as tried:
            answer = tried.answer
        except Replayed as again:
            answer, was_there = again.answer, True
        feature = json.loads(answer.body)
        if not was_there or await asset.home(context.db, UUID(feature["id"])) is not None:
            break
        key = f"import-{context.key}-{number}-{feature['id']}"
    kept = feature["properties"].get("issues", [])
    issues = tuple(Fault(issue["code"], issue.get("field", ""), issue) for issue in kept)
    is_new = context.only_try and not was_there
    return FeatureResult(number, facts["code"], None if is_new else feature["id"], (), issues, was_there)


async def export_file(db: Database, path: Path, query: str) -> int:
    """Writes the units the public sees that meet a query of `GET /api/v1/assets` into a file; how many."""
    parsed: AssetQuery = query_of(query.encode(), AssetQuery)
    features: list[Feature] = []
    after: After | None = None
    async with db.read(ANONYMOUS) as conn:
        while True:
            page = await search(
                conn, conditions(parsed), typed=parsed.q, sort=parsed.sort, after=after, limit=PAGE, is_signed_in=False
            )
            features += [json.loads(text) for text in page.features]
            after = page.after
            if after is None:
                break
    rows = [{**feature, "properties": {"id": feature["id"], **feature["properties"]}} for feature in features]
    await asyncio.to_thread(write_features, path, rows)
    return len(rows)
