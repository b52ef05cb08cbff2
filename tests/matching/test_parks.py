"""Entry (H7) and the leading industries: prefixes, broad codes, facts nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from matching import Chain, Need, ParkFacts
from matching.parks import Status, entry_to_park, entry_to_unit, lead
from tests.matching.samples import PARAMETERS, SECTIONS, need


def asks(*codes: str, **changes: Any) -> Need:
    return Need.from_fields(need(product_codes=list(codes), **changes))


def facts(
    negative: list[str] | None = None, leading: list[str] | None = None, chemical: bool | None = None
) -> ParkFacts:
    return ParkFacts(leading, negative, chemical)


@pytest.mark.parametrize(
    ("codes", "negative", "status", "decided_by"),
    [
        (["2614"], ["261"], Status.failed, ("261",)),
        (["2614"], ["26", "2614"], Status.failed, ("2614",)),
        (["3752", "2614"], ["26"], Status.failed, ("26",)),
        (["2614"], ["C"], Status.failed, ("C",)),
        (["3752"], ["26"], Status.passed, ()),
        (["3752"], [], Status.passed, ()),
        (["26"], ["2614"], Status.unknown, ("2614",)),
        (["3752"], None, Status.unknown, ()),
        ([], ["26"], Status.not_applicable, ()),
        (["9999"], ["C"], Status.unknown, ("C",)),
    ],
)
def test_negative_list(
    codes: list[str], negative: list[str] | None, status: Status, decided_by: tuple[str, ...]
) -> None:
    verdict = entry_to_park(asks(*codes), facts(negative), SECTIONS)

    assert (verdict.status, verdict.decided_by) == (status, decided_by)


@pytest.mark.parametrize(
    ("chemical", "status"), [(True, Status.passed), (False, Status.failed), (None, Status.unknown)]
)
def test_chemical_park_where_one_is_needed(chemical: bool | None, status: Status) -> None:
    assert entry_to_park(asks("3752", needs_chemical_park=True), facts([], None, chemical), SECTIONS).status == status
    assert entry_to_park(asks("3752"), facts([], None, chemical), SECTIONS).status == Status.passed


@pytest.mark.parametrize(
    ("allowed", "forbidden", "status"),
    [
        ([], [], Status.not_applicable),
        (["37"], [], Status.passed),
        (["29"], [], Status.failed),
        ([], ["37"], Status.failed),
        ([], ["29"], Status.passed),
        (["3752"], ["37"], Status.passed),
        (["37"], ["3752"], Status.failed),
        (["375"], ["375"], Status.failed),
        (["C"], ["375"], Status.failed),
    ],
)
def test_longest_entry_of_the_unit_decides(allowed: list[str], forbidden: list[str], status: Status) -> None:
    assert entry_to_unit(asks("3752"), (tuple(allowed), tuple(forbidden)), SECTIONS).status == status


@pytest.mark.parametrize(
    ("allowed", "forbidden"), [(["3752"], []), ([], ["3752"]), (["3752"], ["37"]), (["37"], ["3752"])]
)
def test_code_broader_than_the_list_is_unknown(allowed: list[str], forbidden: list[str]) -> None:
    verdict = entry_to_unit(asks("37"), (tuple(allowed), tuple(forbidden)), SECTIONS)

    assert (verdict.status, verdict.lacking) == (Status.unknown, ("product_codes",))


def test_lead_takes_the_nearest_pair_and_counts_further_codes_nine_tenths() -> None:
    chain = Chain.from_edges([("2929", "3752", 0.95)], "v")
    park = facts(leading=["2730", "3752"])

    assert lead(asks("3752"), park, PARAMETERS, chain, SECTIONS) == 1.0
    assert lead(asks("7510", "3752"), park, PARAMETERS, chain, SECTIONS) == 0.9
    assert lead(asks("2929", "3751"), park, PARAMETERS, chain, SECTIONS) == 0.95


def test_lead_is_unknown_without_leading_industries_or_codes() -> None:
    assert lead(asks("3752"), facts(leading=[]), PARAMETERS, None, SECTIONS) is None
    assert lead(asks("3752"), facts(leading=None), PARAMETERS, None, SECTIONS) is None
    assert lead(asks(), facts(leading=["3752"]), PARAMETERS, None, SECTIONS) is None
    assert lead(asks("7510"), facts(leading=["3752"]), PARAMETERS, None, SECTIONS) == 0.0
