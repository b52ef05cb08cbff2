"""Entry (H7) and the leading industries: prefixes, broad codes, facts nobody knows."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from matching import Chain, Demand, Model, Parameters, ParkProfile
from matching.parks import Facts
from matching.rules.entry_list import EntryStatus, entry_to_park, entry_to_unit
from matching.rules.industry import fits
from matching.rules.verdict import field_names
from tests.matching.samples import DAY, PARAMETERS, SECTIONS, SPINE, need


class Fit(NamedTuple):
    value: float
    lead: float | None
    density: float | None
    anchor: float | None
    lacking: tuple[str, ...]


def asks(*codes: str, **changes: Any) -> Demand:
    return Demand.from_fields(need(product_codes=list(codes), **changes))


def facts(
    negative: list[str] | None = None, leading: list[str] | None = None, chemical: bool | None = None
) -> ParkProfile:
    return ParkProfile(leading, negative, chemical)


def fit_of(demand: Demand, park: dict[str, Any], parameters: Parameters = PARAMETERS) -> Fit:
    return fit(demand, ParkProfile.of(park), Model(parameters, DAY, sections=SECTIONS))


def fit(demand: Demand, park: ParkProfile, model: Model) -> Fit:
    of_parks = fits(demand, model, Facts([park]))
    lacking = tuple(field_names(int(of_parks.lacking[0])))
    return Fit(value=float(of_parks.value[0]), lacking=lacking, **of_parks.parts(0))


def lead(demand: Demand, park: ParkProfile, parameters: Parameters, chain: Chain | None, sections: Any) -> float | None:
    return fit(demand, park, Model(parameters, DAY, None, chain, sections)).lead


@pytest.mark.parametrize(
    ("codes", "negative", "status", "decided_by"),
    [
        (["2614"], ["261"], EntryStatus.failed, ("261",)),
        (["2614"], ["26", "2614"], EntryStatus.failed, ("2614",)),
        (["3752", "2614"], ["26"], EntryStatus.failed, ("26",)),
        (["2614"], ["C"], EntryStatus.failed, ("C",)),
        (["3752"], ["26"], EntryStatus.passed, ()),
        (["3752"], [], EntryStatus.passed, ()),
        (["26"], ["2614"], EntryStatus.unknown, ("2614",)),
        (["3752"], None, EntryStatus.unknown, ()),
        ([], ["26"], EntryStatus.not_applicable, ()),
        (["9999"], ["C"], EntryStatus.unknown, ("C",)),
    ],
)
def test_negative_list(
    codes: list[str], negative: list[str] | None, status: EntryStatus, decided_by: tuple[str, ...]
) -> None:
    verdict = entry_to_park(asks(*codes), facts(negative), SECTIONS)

    assert (verdict.status, verdict.decided_by) == (status, decided_by)


@pytest.mark.parametrize(
    ("chemical", "status"), [(True, EntryStatus.passed), (False, EntryStatus.failed), (None, EntryStatus.unknown)]
)
def test_chemical_park_where_one_is_needed(chemical: bool | None, status: EntryStatus) -> None:
    assert entry_to_park(asks("3752", needs_chemical_park=True), facts([], None, chemical), SECTIONS).status == status
    assert entry_to_park(asks("3752"), facts([], None, chemical), SECTIONS).status == EntryStatus.passed


@pytest.mark.parametrize(
    ("allowed", "forbidden", "status"),
    [
        ([], [], EntryStatus.not_applicable),
        (["37"], [], EntryStatus.passed),
        (["29"], [], EntryStatus.failed),
        ([], ["37"], EntryStatus.failed),
        ([], ["29"], EntryStatus.passed),
        (["3752"], ["37"], EntryStatus.passed),
        (["37"], ["3752"], EntryStatus.failed),
        (["375"], ["375"], EntryStatus.failed),
        (["C"], ["375"], EntryStatus.failed),
    ],
)
def test_longest_entry_of_the_unit_decides(allowed: list[str], forbidden: list[str], status: EntryStatus) -> None:
    assert entry_to_unit(asks("3752"), (tuple(allowed), tuple(forbidden), ()), SECTIONS).status == status


@pytest.mark.parametrize(
    ("allowed", "forbidden"), [(["3752"], []), ([], ["3752"]), (["3752"], ["37"]), (["37"], ["3752"])]
)
def test_code_broader_than_the_list_is_unknown(allowed: list[str], forbidden: list[str]) -> None:
    verdict = entry_to_unit(asks("37"), (tuple(allowed), tuple(forbidden), ()), SECTIONS)

    assert (verdict.status, verdict.lacking) == (EntryStatus.unknown, ("product_codes",))


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


def test_density_counts_near_tenants_and_saturates() -> None:
    density = fit_of(asks("3752"), {"tenants": ["3752", "3751", "3752", "2929", "37"]}).density

    assert density == pytest.approx(3.5 / 6.5)  # 1, 0.85, 1 and 0.65; plastics lie in another division
    assert fit_of(asks("3752"), {"tenants": [("3752", 2), ("3751", 1), ("37", 1)]}).density == density
    assert fit_of(asks("3752"), {"tenants": []}).density == 0.0


@pytest.mark.parametrize(("far_m", "expected"), [(0, 1.0), (15_000, 0.5), (30_000, 0.2), (30_000.1, 0.0)])
def test_anchor_fades_with_distance_and_ends_at_its_reach(far_m: float, expected: float) -> None:
    park = {"anchors": [("3752", far_m), ("7510", 0.0)]}

    assert fit_of(asks("3752"), park).anchor == pytest.approx(expected)


def test_parts_nobody_knows_take_three_tenths_and_are_named() -> None:
    result = fit_of(asks("3752"), {"leading_industries": ["3752"], "anchors": []})

    assert (result.lead, result.density, result.anchor) == (1.0, None, 0.0)
    assert result.value == pytest.approx(0.4 * 1 + 0.4 * 0.3 + 0.2 * 0)
    assert result.lacking == ("tenants",)


def test_the_first_version_counts_leading_industries_alone() -> None:
    park = {"leading_industries": ["3751"], "tenants": ["3752"], "anchors": [("3752", 0.0)]}

    result = fit_of(asks("3752"), park, SPINE)

    assert (result.value, result.density, result.anchor, result.lacking) == (0.85, None, None, ())
