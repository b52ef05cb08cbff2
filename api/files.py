"""Units from a survey file and back, by `panhuo import` and `panhuo export`."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from actions import listing
from actions.desk import Replayed
from actions.drawing import read
from api.assets import conditions
from api.bodies import READ_ONLY, AssetFeature, given
from api.messages import sentence
from api.queries import AssetQuery
from api.request import decoded, query_of
from domain.actor import ANONYMOUS, Actor
from domain.answer import Once
from domain.errors import Fault, Invalid, NotFound, Refusal
from geo.files import Feature, read_features, write_features
from store import account
from store.asset_search import After, search
from store.db import Database

#: What a file from `panhuo export` says of a unit and a new unit does not take.
NOT_TAKEN = READ_ONLY | {"id", "park_id", "zone_id", "listing"}
#: Properties that name another unit of the same file by its `id` there.
LINKS = ("parent_id", "plot_id")
PAGE = 1000


@dataclass(frozen=True)
class Row:
    """What became of one feature of a file. `asset_id` is None where it was refused, or only tried."""

    number: int
    code: str
    asset_id: str | None
    faults: tuple[Fault, ...]


def lines(row: Row) -> list[str]:
    """Why a feature was refused, fault by fault."""
    return [f"{fault.field}: {sentence(fault, 'zh')} {sentence(fault, 'en')}" for fault in row.faults]


def record(row: Row) -> dict[str, Any]:
    """What became of a feature, as JSON."""
    errors = [{"field": one.field, "code": one.code, "message": sentence(one, "zh")} for one in row.faults]
    return {"number": row.number, "code": row.code, "id": row.asset_id, "errors": errors}


async def bring_in(
    db: Database,
    login: str,
    park_id: UUID,
    path: Path,
    *,
    crs: str | None,
    only_try: bool,
    today: date,
    tell: Callable[[str, int, int], None],
) -> list[Row]:
    """Registers every feature of a file as a draft unit of a park, in the name of an account.

    Those refused are named, the others stay. Wholes come before their parts. The same file again repeats nothing.
    `only_try` reads fields and outlines and writes nothing; what depends on other units shows only when written.
    """
    actor = await account.named(db, login)
    if actor is None:
        raise NotFound("no_such", "as")
    features = await asyncio.to_thread(read_features, path, crs)
    digest = hashlib.sha256(await asyncio.to_thread(path.read_bytes)).hexdigest()
    news: dict[str, str | None] = {}
    rows = []
    for done, (number, feature) in enumerate(_wholes_first(features)):
        tell(path.name, done, len(features))
        properties = feature["properties"]
        code, old_id = str(properties.get("code", "")), str(properties.get("id", ""))
        try:
            body = _body(feature, park_id, news, keep_links=not only_try)
            if only_try:
                await read(body.geometry)
                rows.append(Row(number, code, None, ()))
                continue
            facts = {name: value for name, value in given(body.properties).items() if value is not None}
            asset_id = await _registered(db, actor, park_id, body.geometry, facts, f"{digest}-{number}", today)
        except Refusal as refusal:
            news[old_id] = None
            rows.append(Row(number, code, None, tuple(refusal.faults)))
        else:
            news[old_id] = asset_id
            rows.append(Row(number, code, asset_id, ()))
    tell(path.name, len(features), len(features))
    return sorted(rows, key=lambda row: row.number)


def _wholes_first(features: list[Feature]) -> list[tuple[int, Feature]]:
    """The features with their number from 1, each after those it names."""
    waiting = dict(enumerate(features, 1))
    ids = {str(one["properties"]["id"]) for one in features if "id" in one["properties"]}
    ordered: list[tuple[int, Feature]] = []
    while waiting:
        ready = [n for n, one in waiting.items() if not ids & {str(one["properties"].get(link)) for link in LINKS}]
        for number in ready or list(waiting):  # a circle is refused by the register
            ordered.append((number, waiting.pop(number)))
        ids -= {str(one["properties"].get("id")) for _, one in ordered}
    return ordered


def _body(feature: Feature, park_id: UUID, news: Mapping[str, str | None], *, keep_links: bool) -> AssetFeature:
    """The feature as the interface takes it. Raises Invalid naming a property that is not right."""
    properties = {name: value for name, value in feature["properties"].items() if name not in NOT_TAKEN}
    for link in LINKS:
        if link in properties:
            old = properties.pop(link)
            if keep_links and news.get(str(old)) is None and str(old) in news:
                raise Invalid("whole_refused", f"properties.{link}", whole=old)
            if keep_links:
                properties[link] = news.get(str(old), old)
    whole = {**feature, "properties": {**properties, "park_id": str(park_id)}}
    body: AssetFeature = decoded(msgspec.json.encode(whole), AssetFeature)
    return body


async def _registered(
    db: Database, actor: Actor, park_id: UUID, geometry: object, facts: dict[str, Any], key: str, today: date
) -> str:
    facts = {name: value for name, value in facts.items() if name not in ("park_id", "kind")}
    once = Once(f"import-{key}-{park_id}", hashlib.sha256(key.encode()).digest())
    try:
        answer = await listing.register_asset(db, actor, park_id, geometry, facts, once=once, today=today)
    except Replayed as again:
        answer = again.answer
    return str(json.loads(answer.body)["id"])


async def take_out(db: Database, path: Path, query: str) -> int:
    """Writes the units the public sees that meet a query of `GET /api/v1/assets` into a file; how many."""
    asked: AssetQuery = query_of(query.encode(), AssetQuery)
    features: list[Feature] = []
    after: After | None = None
    async with db.read(ANONYMOUS) as conn:
        while True:
            page = await search(
                conn, conditions(asked), typed=asked.q, sort=asked.sort, after=after, limit=PAGE, is_signed_in=False
            )
            features += [json.loads(text) for text in page.features]
            after = page.after
            if after is None:
                break
    rows = [{**one, "properties": {"id": one["id"], **one["properties"]}} for one in features]
    await asyncio.to_thread(write_features, path, rows)
    return len(rows)
