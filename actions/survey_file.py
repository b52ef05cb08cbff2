"""Units come into the register from a survey file, and go out into one.

How a feature of a file becomes a new unit, its caller says (`decode`): the interface's bodies are not known here.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from actions import asset as asset_actions
from actions.authorization import Replayed, require
from domain.actor import ANONYMOUS, Actor
from domain.answer import Once
from domain.errors import MOST_FAULTS, Conflict, Fault, Invalid, NotFound, Refusal
from domain.facts import refuse
from domain.text import folded_code
from geo.files import Feature, read_survey, write_features
from store import asset, park
from store.asset_search import After, Condition, search
from store.db import Database

#: Properties that name another unit of the same file by its `id` there.
LINKS = ("parent_id", "plot_id")
#: Stands for the id of a whole that was tried and taken back.
TRIED = "00000000-0000-0000-0000-000000000000"
PAGE = 1000
#: Geometry and facts of a new unit, from its feature. Raises Refusal naming what is not right.
Decode = Callable[[Feature], tuple[object, dict[str, Any]]]


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


@dataclass(frozen=True)
class _ImportContext:
    db: Database
    actor: Actor
    park_id: UUID
    decode: Decode
    key: str
    today: date
    is_trial: bool
    #: Ids that several features of the file have.
    doubled: Collection[str]
    #: Id in the file → id of the unit, None where it was refused; codes registered so far.
    asset_ids: dict[str, str | None] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)


async def import_survey(
    db: Database,
    actor: Actor,
    park_id: UUID,
    path: Path,
    decode: Decode,
    *,
    is_trial: bool,
    today: date,
    on_progress: Callable[[str, int, int], None],
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> FileResult:
    """Registers every feature of a file as a draft unit of a park.

    Those refused are named, the others stay. Wholes come before their parts. The same file again repeats nothing.
    A trial writes nothing and says what would be refused: each unit is registered and taken back at once; of a part
    whose whole is in the file too, what depends on the whole shows only when both are written.
    """
    if not await park.is_there(db, park_id):
        raise NotFound("no_such_park", "park")
    require(actor, "asset.write", park_id=park_id)
    survey = await asyncio.to_thread(functools.partial(read_survey, path, crs=crs, layer=layer, encoding=encoding))
    names = Counter(_id(feature["properties"].get("id")) for feature in survey.features)
    doubled = {name for name, count in names.items() if count > 1} - {""}
    context = _ImportContext(db, actor, park_id, decode, survey.key, today, is_trial, doubled)
    rows = []
    for done, (number, feature) in enumerate(_wholes_first(survey.features)):
        on_progress(path.name, done, len(survey.features))
        rows.append(await _imported(context, number, feature, survey.row_faults.get(number, ())))
    on_progress(path.name, len(survey.features), len(survey.features))
    return FileResult(survey.notes, sorted(rows, key=lambda row: row.number))


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


async def _imported(
    context: _ImportContext, number: int, feature: Feature, row_faults: tuple[Fault, ...]
) -> FeatureResult:
    """What becomes of one feature; its id in the file is kept for those that name it."""
    properties = feature["properties"]
    try:
        refuse(list(row_faults))
        geometry, facts = context.decode(_linked(context, feature))
        if context.is_trial and folded_code(facts["code"]) in context.codes:  # what is taken back leaves its code free
            raise Conflict("taken", "properties.code")
        row = await _registered(context, number, geometry, facts)
    except Refusal as refusal:
        row = FeatureResult(number, str(properties.get("code", "")), None, _shown_faults(refusal.faults))
    else:
        context.codes.add(folded_code(row.code))
    if (name := _id(properties.get("id"))) != "":
        context.asset_ids[name] = TRIED if context.is_trial and not row.faults else row.asset_id
    return row


def _linked(context: _ImportContext, feature: Feature) -> Feature:
    """The feature with the ids of units in place of those of the file. Raises Invalid where it names none of them."""
    links = {link: feature["properties"][link] for link in LINKS if link in feature["properties"]}
    for link, old in links.items():
        if _id(old) in context.doubled:
            raise Invalid("id_doubled", f"properties.{link}", whole=old)
        if context.asset_ids.get(_id(old), "") is None:
            raise Invalid("whole_refused", f"properties.{link}", whole=old)
        links[link] = context.asset_ids.get(_id(old), old)
    return {**feature, "properties": {**feature["properties"], **links}}


async def _registered(context: _ImportContext, number: int, geometry: object, facts: dict[str, Any]) -> FeatureResult:
    """Registers one feature, or tries to. A unit that came from this file and was voided since is registered anew."""
    where = (context.db, context.actor, context.park_id, geometry)
    if any(str(facts.get(link)) == TRIED for link in LINKS):
        place = await asset_actions.check_part(*where, facts)
        return FeatureResult(number, facts["code"], None, (), () if place is None else place.issues)
    key = f"import-{context.key}-{number}-{context.park_id}"
    while True:
        once, was_there = Once(key, hashlib.sha256(key.encode()).digest()), False
        try:
            answer = await asset_actions.register_asset(
                *where, facts, once=once, today=context.today, is_trial=context.is_trial
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
    is_new = context.is_trial and not was_there
    return FeatureResult(number, facts["code"], None if is_new else feature["id"], (), issues, was_there)


def _shown_faults(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """As many faults of a row as a refusal shows, and how many more there are."""
    more = len(faults) - MOST_FAULTS
    return faults if more <= 0 else (*faults[:MOST_FAULTS], Fault("more_faults", "", {"count": more}))


async def export_survey(
    db: Database,
    actor: Actor,
    path: Path,
    conditions: Sequence[Condition],
    *,
    typed: str | None,
    sort: str | None,
    park_id: UUID | None,
) -> int:
    """Writes the units the actor sees that meet the conditions of a search into a new file; how many."""
    features: list[Feature] = []
    after: After | None = None
    about: dict[str, Any] = {"typed": typed, "sort": sort, "limit": PAGE, "is_signed_in": actor is not ANONYMOUS}
    async with db.read(actor, park_id=park_id) as conn:
        while True:
            page = await search(conn, conditions, after=after, **about)
            features += [_with_staff_facts(json.loads(text)) for text in page.features]
            after = page.after
            if after is None:
                break
    await asyncio.to_thread(write_features, path, features)
    return len(features)


def _with_staff_facts(feature: Feature) -> Feature:
    """A feature of the interface with its id and what staff read of it among its properties."""
    own = {name: value for name, value in feature.items() if name != "staff"}
    return {**own, "properties": {"id": feature["id"], **feature["properties"], **(feature.get("staff") or {})}}
