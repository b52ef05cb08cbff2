"""Firms, and what they need: posted, amended, published to the parks, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from actions.authorization import match_revision, new_id, only_park, require, require_hidden
from actions.geometry import read_outline
from actions.mandate import require_for_firm, write_for_firm
from domain import credit_code as codes
from domain.actor import MANDATES, OF_PARKS, Actor
from domain.answer import Answer, Once
from domain.attributes import DEMAND_ATTRIBUTES, attribute_faults
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.industry import is_code_shape
from domain.merge_patch import merged_outline, with_objects_merged
from domain.text import text_fault
from domain.words import Listing, Purpose, Role
from store import demand, firm, mandate, ranking
from store.db import NIL, Act, Database
from store.reference import templates, unknown_industries
from store.spelling import load_dictionary

#: Facts of a firm that rankings read as facts of the parks around it.
PARKS_READ = frozenset({"industry_code", "is_above_scale", "lon", "lat"})
WRITE = "demand.write"
CREDIT_CODES = ("credit_code", "parent_credit_code")
#: What a park that has a deal with a firm may say of it, to find out who is of one group.
PARENT_FACTS = frozenset({"parent_credit_code", "parent_credit_code_source"})


async def add_firm(
    db: Database,
    actor: Actor,
    *,
    name: str,
    credit_code: str | None = None,
    parent_credit_code: str | None = None,
    parent_credit_code_source: str | None = None,
    industry_code: str | None = None,
    is_above_scale: bool | None = None,
    lon: float | None = None,
    lat: float | None = None,
    park_id: UUID | None = None,
    illustrative: Sequence[str] = (),
    once: Once | None,
) -> Answer:
    """A new firm, kept by the park that registers it until its first account.

    Raises: Invalid for a credit code whose check digit is wrong, and for staff of several parks that name none;
    Conflict for a code that is taken.
    """
    park_id = only_park(actor) if park_id is None else park_id
    require(actor, "firm.add", park_id=park_id)
    if park_id is None and actor.role is Role.staff:
        raise Invalid("missing", "park_id")
    source = {"parent_credit_code_source": parent_credit_code_source}
    refuse(value_faults({"name": name, **source, "illustrative": list(illustrative)}))
    if (lon is None) != (lat is None):
        raise Invalid("lon_with_lat", "lon" if lon is None else "lat")
    register = _credit_codes({"credit_code": credit_code, "parent_credit_code": parent_credit_code})
    firm_id = new_id()
    await load_dictionary()
    async with db.write(actor, firm_id, once=once) as act:
        await act.fix_instant()
        await _check_industry(act, industry_code)
        facts = {"name": name, **register, "industry_code": industry_code}
        more = {"is_above_scale": is_above_scale, "lon": lon, "lat": lat, "registering_park_id": park_id, **source}
        await firm.insert(act, {**facts, **more, "id": firm_id, "illustrative": list(illustrative)})
        stated = {key: value for key, value in more.items() if value is not None}
        act.did("firm.added", "firm", firm_id, **facts, **stated)
        if is_above_scale:
            await firm.count_fact(act)
        act.answer = await _firm_answer(act, firm_id, status=201)
    return act.answer


async def amend_firm(
    db: Database, actor: Actor, firm_id: UUID, changed: Mapping[str, Any], *, if_match: str | None, once: Once | None
) -> Answer:
    """Changes a firm's name, credit code or industry; what is absent stays, None clears.

    Raises: Forbidden for staff without its mandate, who may say its parent where their park has a deal with it; Invalid
    where they do not say how they know.
    """
    verb = "firm.state_parent" if changed.keys() <= PARENT_FACTS else "firm.write"
    purposes = await require_for_firm(db, actor, verb, firm_id, unknown=NotFound("no_such"))
    if Purpose.firm in purposes:
        verb = "firm.write"  # a deal alone asks for a source: under the lock the mandate must hold still
    elif actor.role is Role.staff and changed.get("parent_credit_code_source") is None:
        raise Invalid("missing", "parent_credit_code_source")
    if "parent_credit_code" in changed:
        changed = {"parent_credit_code_source": None, **changed}  # the source of the former parent is none for this
    refuse(value_faults(changed))
    facts = {**changed, **_credit_codes({name: changed[name] for name in CREDIT_CODES if name in changed})}
    await load_dictionary()
    async with write_for_firm(db, actor, verb, firm_id, once=once) as act:
        revision = await firm.lock(act)
        if revision is None:
            raise NotFound("no_such")
        match_revision(if_match, revision)
        await _check_place(act, facts)
        await _check_industry(act, facts.get("industry_code"))
        await firm.amend(act, facts)
        act.did("firm.amended", "firm", firm_id, **facts)
        if facts.keys() & PARKS_READ:
            await firm.count_fact(act)
        act.answer = await _firm_answer(act, firm_id)
    return act.answer


async def _check_place(act: Act, changed: Mapping[str, Any]) -> None:
    """Raises Invalid naming the half of a place that neither the changes nor the record give."""
    if changed.keys().isdisjoint({"lon", "lat"}):
        return
    place = {**await firm.place(act), **changed}
    if (place["lon"] is None) != (place["lat"] is None):
        raise Invalid("lon_with_lat", "lon" if place["lon"] is None else "lat")


async def _check_industry(act: Act, code: str | None) -> None:
    if code is not None and (not is_code_shape(code) or await unknown_industries(act.conn, [code])):
        raise Invalid("unknown_industry", "industry_code", value=code)


def _credit_codes(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The codes of a firm and of its parent as stored. Raises Invalid saying what is wrong with each."""
    stored = {name: None if code is None else codes.normalise(code) for name, code in values.items()}
    faults = [(name, codes.fault(code)) for name, code in stored.items() if code is not None]
    refuse([Fault(fault.code, name, fault.params) for name, fault in faults if fault is not None])
    return stored


async def post_demand(
    db: Database, actor: Actor, firm_id: UUID, facts: Mapping[str, Any], *, once: Once | None
) -> Answer:
    """A firm's new need, private until it is published; `listing` may say published at once.

    Staff post for a firm only what the parks may read: Invalid where they would post a draft.
    """
    await require_for_firm(db, actor, WRITE, firm_id, unknown=Invalid("unknown_reference", "firm_id"))
    if actor.role is Role.staff and facts.get("listing") != Listing.published:
        raise Invalid("staff_post_published", "listing")
    drawn = await read_within(facts)
    demand_id = new_id()
    async with write_for_firm(db, actor, WRITE, firm_id, once=once) as act:
        if await firm.lock(act) is None:
            raise Invalid("unknown_reference", "firm_id")
        await _check_codes(act, facts)
        await demand.insert(act, {**facts, **drawn, "firm_id": firm_id, "id": demand_id})
        act.did("demand.posted", "demand", demand_id, **_event_facts(facts))
        act.answer = await _demand_answer(act, demand_id, status=201)
    return act.answer


async def amend_demand(
    db: Database, actor: Actor, demand_id: UUID, changed: Mapping[str, Any], *, if_match: str | None, once: Once | None
) -> Answer:
    """A new version of a need: what is absent stays, None clears, attributes and importances are merged one by one."""
    firm_id = await demand_home(db, actor, demand_id)
    async with write_for_firm(db, actor, WRITE, firm_id, once=once) as act:
        before = await _locked(act, demand_id, if_match)
        changed = with_objects_merged(changed, before, ("attributes", "importances"))
        if before["has_within"] and isinstance(changed.get("within"), dict):
            changed["within"] = merged_outline(changed["within"])
            if changed["within"] is None:
                del changed["within"]
        refuse(_fact_faults(changed) + _order_faults({**before, **changed}))
        drawn = await read_within(changed)
        await _check_codes(act, changed)
        await demand.amend(act, demand_id, {**changed, **drawn})
        act.did("demand.amended", "demand", demand_id, **_event_facts(changed))
        act.answer = await _demand_answer(act, demand_id)
    return act.answer


async def list_demand(
    db: Database, actor: Actor, demand_id: UUID, listing: Listing, *, if_match: str | None, once: Once | None
) -> Answer:
    """Publishes or withdraws a need. Raises Conflict for one that is so already."""
    firm_id = await demand_home(db, actor, demand_id)
    async with write_for_firm(db, actor, WRITE, firm_id, once=once) as act:
        before = await _locked(act, demand_id, if_match)
        if before["listing"] == listing:
            raise Conflict("already_so", "listing", listing=listing.value)
        await demand.list_as(act, demand_id, listing.value)
        act.did(f"demand.{listing.value}", "demand", demand_id)
        act.answer = await _demand_answer(act, demand_id)
    return act.answer


async def demand_home(db: Database, actor: Actor, demand_id: UUID, *, verb: str = WRITE, field: str = "") -> UUID:
    """The firm whose need it is. Raises NotFound where the caller may not know of it, else Forbidden.

    A need that is hidden and one that is not there take the same statements; so below.
    """
    firm_id = await demand.home(db, demand_id)
    purposes: frozenset[str] | None = None
    async with db.read(actor) as conn:
        is_visible = await demand.visible(conn, demand_id) is not None
        if actor.role is Role.staff and verb in MANDATES:
            purposes = await mandate.held(conn, NIL if firm_id is None else firm_id)
    if firm_id is None or (actor.role in OF_PARKS and not is_visible):
        raise NotFound("no_such", field)
    try:
        require_hidden(actor, verb, is_visible=is_visible, firm_id=firm_id, mandates=purposes or ())
    except NotFound as hidden:
        raise NotFound("no_such", field) from hidden
    return firm_id


async def ranking_home(db: Database, actor: Actor, ranking_id: UUID, *, field: str = "") -> tuple[UUID, UUID]:
    """The firm that a ranking was made for, and its need. Raises NotFound where the caller may not read it."""
    demand_id = await ranking.home(db, ranking_id)
    firm_id = await demand_home(db, actor, demand_id or NIL, verb="ranking.read", field=field)
    return firm_id, demand_id or NIL


def demand_faults(facts: Mapping[str, Any], path: str = "") -> list[Fault]:
    """What is wrong with the values of a need, and what contradicts itself."""
    return _fact_faults(facts, path) + _order_faults(facts, path)


def _fact_faults(facts: Mapping[str, Any], path: str = "") -> list[Fault]:
    faults = value_faults(facts, path)
    faults += attribute_faults(facts.get("attributes") or {}, DEMAND_ATTRIBUTES, f"{path}attributes")
    for n, place in enumerate(facts.get("places") or []):
        fault = None if place.get("name") is None else text_fault(place["name"], max_chars=100)
        faults += [] if fault is None else [Fault(fault.code, f"{path}places.{n}.name", fault.params)]
    faults += _equipment_faults(facts.get("equipment") or [], path)
    importances = facts.get("importances") or {}
    if importances and not any(importances.values()):
        faults.append(Fault("nothing_weighs", f"{path}importances"))
    return faults


def _equipment_faults(items: Sequence[Mapping[str, Any]], path: str) -> list[Fault]:
    """A capacity needs `at_least`; equipment that is there or not may have none."""
    faults = []
    for n, item in enumerate(items):
        is_flag = str(item["item"]).startswith("has_")
        if is_flag != (item.get("at_least") is None):
            code = "only_capacities" if is_flag else "missing"
            faults.append(Fault(code, f"{path}equipment.{n}.at_least"))
    return faults


def _event_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they stand in an event: of an area, that there is one."""
    return {name: value is not None if name == "within" else value for name, value in facts.items()}


async def read_within(facts: Mapping[str, Any]) -> dict[str, str]:
    """The area a need names, as stored; empty where it names none. Raises Invalid for all that is wrong with a need."""
    faults = demand_faults(facts)
    if facts.get("within") is None:
        refuse(faults)
        return {}
    return {"within": (await read_outline(facts["within"], field="within", beside=faults)).ewkb.hex()}


def _order_faults(facts: Mapping[str, Any], path: str = "") -> list[Fault]:
    """Bounds of one figure that contradict each other; what is no number has its own fault."""
    faults = []
    for figure in ("land_area_m2", "floor_area_m2", "power_kva"):
        bounds = [(f"{figure}_{end}", facts.get(f"{figure}_{end}")) for end in ("min", "pref", "max")]
        stated = [(name, value) for name, value in bounds if value is not None and value.is_finite()]
        for (low, least), (high, most) in pairwise(stated):
            if least > most:
                faults.append(Fault("bounds_reversed", f"{path}{high}", {"other": low}))
    return faults


async def _check_codes(act: Act, facts: Mapping[str, Any]) -> None:
    unknown = await unknown_industries(act.conn, facts["product_codes"]) if facts.get("product_codes") else []
    if unknown:
        raise Invalid("unknown_industry", "product_codes", value=", ".join(unknown))
    if facts.get("template") is not None and facts["template"] not in (known := await templates(act.conn)):
        raise Invalid("not_in_vocabulary", "template", allowed=known)


async def _locked(act: Act, demand_id: UUID, if_match: str | None) -> Any:
    row = await demand.lock(act, demand_id)
    if row is None:
        raise NotFound("no_such")
    match_revision(if_match, row["revision"])
    return row


async def _firm_answer(act: Act, firm_id: UUID, *, status: int = 200) -> Answer:
    visible = await firm.visible(act.conn, firm_id)
    if visible is None:
        raise NotFound("no_such")
    return Answer(visible[0], status, entity_tag(*visible), f"/api/v1/firms/{firm_id}" if status == 201 else None)


async def _demand_answer(act: Act, demand_id: UUID, *, status: int = 200) -> Answer:
    visible = await demand.own(act, demand_id)
    return Answer(visible[0], status, entity_tag(*visible), f"/api/v1/demands/{demand_id}" if status == 201 else None)
