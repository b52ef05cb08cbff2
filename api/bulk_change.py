"""Many units changed at once, over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, post
from msgspec import UNSET, structs

from actions import bulk_change
from actions.authorization import new_id
from actions.batch import UnitRow
from actions.bulk_change import MOST_UNITS, UnitChange, UnitSelection
from api.asset import ROUTE, selected
from api.bodies import BulkChange, NewUnit, UnitPatch, sent_fields
from api.check import read_check
from api.request import RequestContext, request_context
from api.response import Reply, written
from domain.errors import Fault, Invalid, Malformed
from domain.facts import refuse, value_faults
from domain.text import LONGEST, text_fault
from domain.words import Listing
from texts.refusal_sentences import sentence

LISTINGS = {"publish": Listing.published, "withdraw": Listing.withdrawn, "amend": None, "check": None}
#: Headers the route reads, and the keys of their texts in its description.
HEADERS_READ = {"If-Match": "if_match_of_trial"}
#: A thousand rows of sixteen facts.
OPTIONS = {"body": BulkChange, "headers": HEADERS_READ, "most_members": 20_000}


@post(f"{ROUTE}/changes", opt=OPTIONS, status_code=200, tags=["assets"])
async def change_assets(request: Request[Any, Any, Any]) -> Reply:
    """Publishes, withdraws, checks or changes many units of a park, all or none; needs If-Match but for a dry run.

    At most 1,000 units, by ids, by filter, or as rows with a patch each. With `dry_run` it says what would happen, each
    unit with its faults, and keeps nothing; its `token` (also the ETag) is the If-Match of the act itself, which is
    refused once anything of the selection is another. Rows that all name their revision need no If-Match.
    """
    context = await request_context(request)
    body: BulkChange = context.body
    _check_members(body)
    facts = {} if body.properties is UNSET else sent_fields(body.properties)
    check = None if body.check is UNSET else read_check(context, body.check)
    change = UnitChange(LISTINGS[body.act], facts, check)
    selection = await _selection(context, body)
    arguments = (context.db, context.actor, body.park_id, selection, change)
    if not body.dry_run:
        answer = await bulk_change.change_units(
            *arguments, if_match=context.if_match, once=context.once, today=context.today
        )
        return written(answer)
    result = await bulk_change.try_change(*arguments, today=context.today)
    shown = bulk_change.document(result, change)
    for row, judged in zip(shown["rows"], result.rows, strict=True):
        row["faults"] = [
            {"field": fault.field, "code": fault.code, "message": sentence(fault, context.language)}
            for fault in judged.faults
        ]
    return Reply(msgspec.json.encode(shown), tag=result.tag)


def _check_members(body: BulkChange) -> None:
    """Raises Invalid where what is said does not go together."""
    if (body.act == "check") != (body.check is not UNSET):
        raise Invalid("missing" if body.act == "check" else "not_with", "check", other=f"act={body.act}")
    has_rows = body.rows is not UNSET or body.new_units is not UNSET
    if has_rows:
        _check_rows(body)
    if (body.asset_ids is not UNSET) + (body.filter is not UNSET) + has_rows != 1:
        raise Invalid("one_of_these", "asset_ids", allowed=["asset_ids", "filter", "rows", "new_units"])
    if not has_rows and (body.act == "amend") != (body.properties is not UNSET and bool(sent_fields(body.properties))):
        raise Invalid("missing" if body.act == "amend" else "not_with", "properties", other=f"act={body.act}")


def _check_rows(body: BulkChange) -> None:
    rows = body.rows or []
    faults = []
    for n, row in enumerate(rows):
        faults += _code_faults(f"rows.{n}.code", row.code)
        if (row.asset_id is UNSET) == (row.code is UNSET):
            faults.append(Fault("one_of_two", f"rows.{n}.asset_id", {"other": "code"}))
        if row.geometry is UNSET and (row.properties is UNSET or not sent_fields(row.properties)):
            faults.append(Fault("missing", f"rows.{n}.properties"))
    for n, unit in enumerate(body.new_units or []):
        for code, own in (("parent_code", "parent_id"), ("plot_code", "plot_id")):
            faults += _code_faults(f"new_units.{n}.{code}", getattr(unit, code))
            if getattr(unit, code) is not UNSET and getattr(unit.properties, own) is not UNSET:
                faults.append(Fault("one_of_two", f"new_units.{n}.{code}", {"other": own}))
    if len(rows) + len(body.new_units or []) > MOST_UNITS:
        faults.append(Fault("too_many_units", "new_units", {"most": MOST_UNITS}))
    faults += [Fault("not_with", "rows", {"other": f"act={body.act}"})] if body.act != "amend" else []
    faults += [Fault("not_with", "properties", {"other": "rows"})] if body.properties is not UNSET else []
    refuse(faults)


def _code_faults(path: str, code: object) -> list[Fault]:
    """What keeps a text from being a code that can be looked for."""
    fault = text_fault(code, max_chars=LONGEST) if isinstance(code, str) else None
    return [] if fault is None else [Fault(fault.code, path, fault.params)]


async def _selection(context: RequestContext, body: BulkChange) -> UnitSelection:
    if body.rows is not UNSET or body.new_units is not UNSET:
        patched = [_patched(n, row) for n, row in enumerate(body.rows or [])]
        return UnitSelection(rows=patched + [_new(n, unit) for n, unit in enumerate(body.new_units or [])])
    if body.filter is UNSET:
        return UnitSelection(list(body.asset_ids or ()))
    values = {name: value for name, value in structs.asdict(body.filter).items() if value is not None}
    texts = [(name, text_fault(text, max_chars=LONGEST)) for name, text in values.items() if isinstance(text, str)]
    faults = [Fault(fault.code, f"filter.{name}", fault.params) for name, fault in texts if fault is not None]
    refuse(faults + value_faults(values, "filter."))
    try:
        conditions = (await selected(context.db, context.actor, body.filter)).filters
    except Malformed as refusal:
        faults = [Fault(fault.code, f"filter.{fault.field}", fault.params) for fault in refusal.faults]
        raise Invalid.of(faults) from refusal
    return UnitSelection(None, conditions, body.filter.q)


def _patched(n: int, row: UnitPatch) -> UnitRow:
    facts = {} if row.properties is UNSET else sent_fields(row.properties)
    facts |= {} if row.geometry is UNSET else {"geometry": row.geometry}
    names = {name: value for name in ("asset_id", "code", "revision") if (value := getattr(row, name)) is not UNSET}
    return UnitRow(facts, **names, path=f"rows.{n}", facts_path=f"rows.{n}.properties.")


def _new(n: int, unit: NewUnit) -> UnitRow:
    codes = {"parent_id": unit.parent_code, "plot_id": unit.plot_code}
    return UnitRow(
        sent_fields(unit.properties) | {"geometry": unit.geometry},
        new_id(),
        is_new=True,
        codes={link: code for link, code in codes.items() if code is not UNSET},
        path=f"new_units.{n}",
        facts_path=f"new_units.{n}.properties.",
    )


ROUTES = [change_assets]
