"""`panhuo import` and `panhuo export`: what is typed becomes an act, what became of it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from actions.survey_file import FeatureResult, FileResult, export_survey, import_survey
from api.asset import conditions
from api.queries import AssetQuery
from api.request import query_of
from api.survey_file import new_unit
from domain.errors import Fault, NotFound
from store import account
from store.db import Database
from texts.refusal_sentences import every_sentence, sentence


async def import_file(db: Database, login: str, park_id: UUID, path: Path, **options: Any) -> FileResult:
    """Registers the features of a file in the name of an account; `options` are those of the act."""
    actor = await account.named(db, login)
    if actor is None:
        raise NotFound("no_such", "as")
    return await import_survey(db, actor, park_id, path, lambda feature: new_unit(feature, park_id), **options)


async def export_file(db: Database, path: Path, query: str) -> int:
    """Writes the units the public sees that meet a query of `GET /api/v1/assets` into a file; how many."""
    parsed: AssetQuery = query_of(query.encode(), AssetQuery)
    return await export_survey(db, path, conditions(parsed), typed=parsed.q, sort=parsed.sort)


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
