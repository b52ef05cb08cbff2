"""What the law refuses and what is noted: days of leases, investment in granted land, notice to tenants."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from actions.stage_effects import EFFECTS
from domain.errors import Refusal
from domain.words import Evidence, Path
from fixtures import reference
from outcomes import law
from outcomes.stages import routes

ROUTES = routes(reference.rules("paths"), EFFECTS)
ON_LAND = routes(reference.rules("paths"), EFFECTS, has_land=True)
FIRST = date(2026, 1, 1)


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.faults[0].code


@pytest.mark.parametrize("path", [Path.lease, Path.sublease, Path.part_use, Path.temporary_use])
def test_twenty_years_are_the_most(path: Path) -> None:
    rules = ROUTES[path].law
    law.term(FIRST, date(2045, 12, 31), rules, land_ends_on=None)
    law.term(FIRST, None, rules, land_ends_on=None)

    with pytest.raises(Refusal) as refused:
        law.term(FIRST, date(2046, 1, 1), rules, land_ends_on=None)

    assert code_of(refused) == "too_long"
    assert refused.value.faults[0].params == {
        "years": 20,
        "latest": date(2045, 12, 31),
        "article": "民法典第705条 Civil Code art. 705",
    }


def test_land_is_used_temporarily_for_two_years_and_a_hall_as_long_as_it_is_let() -> None:
    law.term(FIRST, date(2027, 12, 31), ON_LAND[Path.temporary_use].law, land_ends_on=None)
    law.term(FIRST, date(2028, 1, 1), ROUTES[Path.temporary_use].law, land_ends_on=None)

    with pytest.raises(Refusal) as refused:
        law.term(FIRST, date(2028, 1, 1), ON_LAND[Path.temporary_use].law, land_ends_on=None)

    assert code_of(refused) == "too_long"
    assert ON_LAND[Path.lease].law["term"]["longest_years"] == 20


@pytest.mark.parametrize(
    ("ends", "code"), [({"land_ends_on": date(2030, 6, 30)}, "beyond_the_land"), ({}, "beyond_the_head_lease")]
)
def test_nothing_is_let_longer_than_one_has_it(ends: dict[str, Any], code: str) -> None:
    limits = {"land_ends_on": None, "head_ends_on": date(2030, 6, 30), **ends}
    rules = ROUTES[Path.sublease].law
    law.term(FIRST, date(2030, 6, 30), rules, **limits)

    with pytest.raises(Refusal) as refused:
        law.term(FIRST, date(2030, 7, 1), rules, **limits)
    with pytest.raises(Refusal):
        law.term(date(2030, 7, 1), None, rules, **limits)

    assert code_of(refused) == code


def unit(right: str | None, share: str | None, *, kind: str = "land", is_built: bool = False) -> dict[str, Any]:
    share_of = None if share is None else Decimal(share)
    return {"kind": kind, "land_right": right, "invested_share": share_of, "is_built": is_built}


@pytest.mark.parametrize("path", [Path.sale, Path.equity_swap])
@pytest.mark.parametrize(
    ("about", "evidence", "code", "notes"),
    [
        (unit("granted", "0.2499"), "stated", "invested_too_little", []),
        (unit("granted", "0.2499"), "not_stated", "invested_too_little", []),
        (unit("granted", "0.25"), "stated", None, []),
        (unit("granted", None), "stated", "invested_unknown", []),
        (unit("granted", None), "not_stated", None, ["invested_share_unknown"]),
        (unit("allocated", "0"), "stated", None, []),
        (unit(None, "0.1"), "stated", None, ["land_right_unknown"]),
        (unit(None, None), "stated", None, ["land_right_unknown"]),
        (unit(None, None), "not_stated", None, ["invested_share_unknown"]),
        (unit("granted", None, is_built=True), "stated", None, []),
        (unit("granted", "0.1", is_built=True), "stated", "invested_too_little", []),
        (unit("granted", "0.1", kind="factory", is_built=True), "stated", None, []),
        (unit("granted", None, kind="factory"), "stated", "invested_unknown", []),
    ],
)
def test_granted_land_passes_once_a_quarter_is_invested(
    path: Path, about: dict[str, Any], evidence: str, code: str | None, notes: list[str]
) -> None:
    rules = ROUTES[path].law
    if code is None:
        assert law.investment([about, about], rules, evidence=Evidence(evidence)) == notes
        return

    with pytest.raises(Refusal) as refused:
        law.investment([about], rules, evidence=Evidence(evidence))

    fault = refused.value.faults[0]
    assert (fault.code, fault.field) == (code, "asset_ids.0")
    assert "第39条" in str(fault.params["article"])


def test_other_paths_ask_for_no_investment() -> None:
    asking = {path for path, route in ROUTES.items() if "invested" in route.law}

    assert asking == {Path.sale, Path.equity_swap}
    assert law.investment([unit("granted", "0")], ROUTES[Path.judicial_auction].law, evidence=Evidence.stated) == []


TENANT, OTHER = UUID(int=1), UUID(int=2)
CONTRACT = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("sitting", "answers", "days_before", "notes"),
    [
        ([], {}, None, []),
        ([TENANT], {}, None, ["tenant_not_notified"]),
        ([TENANT], {TENANT: None}, 15, []),
        ([TENANT], {TENANT: None}, 14, ["tenant_notified_late"]),
        ([TENANT], {TENANT: "none"}, 14, ["tenant_notified_late"]),
        ([TENANT], {TENANT: "waived"}, 1, []),
        ([TENANT], {TENANT: "exercised"}, 20, ["tenant_exercises"]),
        ([TENANT, OTHER], {TENANT: "waived"}, 20, ["tenant_not_notified"]),
        ([TENANT, OTHER], {TENANT: "exercised", OTHER: None}, 1, ["tenant_exercises", "tenant_notified_late"]),
    ],
)
def test_what_is_noted_of_a_sale_while_let(
    sitting: list[UUID], answers: dict[UUID, str | None], days_before: int | None, notes: list[str]
) -> None:
    notified_on = None if days_before is None else CONTRACT - timedelta(days=days_before)

    assert law.tenant_notes(sitting, answers, notified_on, by=CONTRACT, days=15) == notes


def test_an_answer_comes_from_a_tenant_after_the_notice() -> None:
    facts: list[dict[str, Any]] = [
        {"firm_id": TENANT, "answer": "waived", "answered_on": FIRST - timedelta(days=1)},
        {"firm_id": TENANT, "answered_on": FIRST + timedelta(days=9)},
        {"firm_id": OTHER},
    ]

    with pytest.raises(Refusal) as refused:
        law.notices(facts, [TENANT], FIRST, FIRST + timedelta(days=5))

    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("tenants.0.answered_on", "dates_reversed"),
        ("tenants.1.firm_id", "listed_twice"),
        ("tenants.1.answered_on", "goes_together"),
        ("tenants.1.answered_on", "in_the_future"),
        ("tenants.2.firm_id", "not_a_tenant"),
    ]
    law.notices([{"firm_id": TENANT, "answer": "none", "answered_on": FIRST}], [TENANT], FIRST, FIRST)
