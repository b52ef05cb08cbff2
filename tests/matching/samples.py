"""Units and demands to rank: one of each that fits in every point, and crowds that often meet a bound exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from domain.words import Connection
from domain.words import Path as Way
from matching import Catalogue, Chain, Model, Parameters, ParkProfile, rank, relatedness

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "fixtures/reference/matching_2.json").read_text(encoding="utf-8"))
PARAMETERS = Parameters.from_document(DOCUMENT)
#: The version after: other curves, and what it does differently.
SECOND = Parameters.from_document(json.loads((ROOT / "fixtures/reference/matching_4.json").read_text(encoding="utf-8")))
#: The version before: seven criteria, industry by leading industries alone.
SPINE = Parameters.from_document(json.loads((ROOT / "fixtures/reference/matching_1.json").read_text(encoding="utf-8")))
#: The same importance for the criteria of that version.
ALIKE = dict.fromkeys(("size", "industry", "height", "load", "power", "cost", "timing"), 3)
DAY = date(2025, 6, 1)
SECTIONS = {"26": "C", "27": "C", "29": "C", "37": "C", "75": "M"}
EDGES = [("3752", "3751", 1.0), ("2929", "3752", 0.7), ("261", "29", 0.5)]
CHAIN = Chain.from_edges(EDGES, "sample")
PARKS: dict[str, dict[str, Any]] = {
    "moto": {"leading_industries": ["3751", "3752"], "negative_list": ["2614"], "is_chemical_park": False}
    | {"tenants": ["3752", "3751", "3752", "2929", "7520"], "anchors": [("3751", 9000.0), ("3752", 31_000.0)]}
    | {"policies": ["rent_relief", "fast_approval"]},
    "pharma": {"leading_industries": ["2730"], "negative_list": [], "is_chemical_park": True}
    | {"tenants": [], "anchors": [("2730", 0.0), ("2929", 29_999.5)], "policies": []},
    "unsaid": {"leading_industries": None, "negative_list": None, "is_chemical_park": None},
}


MODEL = Model(PARAMETERS, DAY, PARKS, CHAIN, SECTIONS)


def unit(**changes: Any) -> dict[str, Any]:
    """A factory floor that fits `need()` in every point."""
    return {
        "id": "u1",
        "root_id": None,
        "park_id": "moto",
        "facts_key": None,
        "kind": "factory",
        "available_area_m2": Decimal(5000),
        "area_m2": None,
        "measured_area_m2": None,
        "is_divisible": False,
        "min_divisible_m2": None,
        "clear_height_m": Decimal(8),
        "clear_height_at": "under_beam",
        "floor_load_kn_m2": Decimal(10),
        "power_kva": Decimal(630),
        "expandable_kva": None,
        "fire_hazard_class": "C",
        "allowed_paths": ["lease"],
        "allowed_industries": [],
        "forbidden_industries": [],
        "rent_yuan_m2_month": Decimal(10),
        "property_fee_yuan_m2_month": Decimal(0),
        "price_yuan_m2": None,
        "contribution_yuan": None,
        "available_from": DAY,
        "idle_since": date(2025, 1, 1),
        "title_is_registered": True,
        "mortgage": "none",
        "is_seized": False,
        "works": [],
        "effluent_types": ["sanitary", "process"],
        "effluent_free_t_d": Decimal(50),
        "lon": 105.72,
        "lat": 29.48,
        "condition_grade": 4,
        "built_year": 2015,
        "crane_t": Decimal(10),
        "span_m": Decimal(24),
        "adjacent_m2": Decimal(2000),
        "fittings": {"has_sprinklers": True, "gas_m3_d": 500},
    } | changes


def need(**changes: Any) -> dict[str, Any]:
    """A maker of motorcycle covers looking for a hall; a change to None takes the wish back."""
    fields = {
        "kinds": ["factory"],
        "floor_area_m2_min": Decimal(4200),
        "floor_area_m2_max": Decimal(5500),
        "clear_height_m_min": Decimal(6),
        "floor_load_kn_m2_min": Decimal(8),
        "power_kva_min": Decimal(500),
        "fire_hazard_class": "C",
        "product_codes": ["3752", "2929"],
        "accepted_paths": ["lease"],
        "rent_yuan_m2_month_max": Decimal(14),
        "need_on": date(2025, 7, 1),
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def columns(units: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The units as a database gives them."""
    more = [name for name in (units[0] if units else ()) if name not in unit()]
    return {name: [row[name] for row in units] for name in (*unit(), *more)}


def ranked(demand: Mapping[str, Any], units: Sequence[Mapping[str, Any]], **options: Any) -> dict[str, Any]:
    """The answer's document with the sample's parks, chain and day."""
    changes = {name: options.pop(name) for name in ("parameters", "parks", "chain", "day") if name in options}
    catalogue = Catalogue.from_columns(columns(units))
    return rank(demand, catalogue, replace(MODEL, **changes), **options).to_document()


def related(a: str, b: str, parameters: Parameters = PARAMETERS) -> float:
    """How near two codes are under the sample's chain."""
    return relatedness(a, b, parameters, CHAIN, sections=SECTIONS)


def only(document: Mapping[str, Any], kind: str = "factory") -> dict[str, Any]:
    """The one result of a list."""
    (result,) = document["lists"][kind]["results"]
    return dict(result)


def rule(result: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One entry of a result by its id, hard or soft."""
    (entry,) = (entry for entry in (*result["hard"], *result["soft"]) if entry["id"] == name)
    return dict(entry)


def crowd(random: Random, count: int, *, unknown: float = 0.05) -> list[dict[str, Any]]:
    """Units whose figures stand on few values, so that bounds are met exactly and ties happen."""

    def pick(*values: Any) -> Any:
        return None if random.random() < unknown else random.choice(values)

    def money(*values: str) -> Any:
        return pick(*(Decimal(value) for value in values))

    def paths() -> list[str] | None:
        return pick(
            ["lease"],
            ["lease"],
            ["lease", "sale"],
            ["sale", "equity_swap"],
            ["sublease", "merger"],
            [str(p) for p in Way],
        )

    return [
        unit(
            id=f"u{place:04d}",
            park_id=random.choice(["moto", "moto", "pharma", "pharma", "unsaid", "strange"]),
            kind=random.choice(["land", "factory", "factory"]),
            available_area_m2=money("4199.99", "4200", "4620", "4999.99", "5000.01", "5300", "5500", "5500.01", "9000"),
            area_m2=money("4300", "5200"),
            measured_area_m2=money("5100.55"),
            is_divisible=pick(True, False, False),
            min_divisible_m2=money("500", "1000", "4000"),
            clear_height_m=money("5.99", "6", "6.5", "7", "7.5", "8"),
            clear_height_at=pick("under_beam", "under_hook"),
            floor_load_kn_m2=money("5", "7.99", "8", "9", "9.6", "15", "20"),
            power_kva=money("400", "500", "630.5", "799.9", "800", "1250"),
            expandable_kva=money("450", "800", "1250"),
            fire_hazard_class=pick("B", "C", "C", "C", "C", "D"),
            allowed_paths=paths(),
            allowed_industries=random.choice([[], [], [], [], ["37", "29"], ["3752"]]),
            forbidden_industries=random.choice([[], [], [], [], ["292"], ["37"]]),
            rent_yuan_m2_month=money("8", "9", "10.5", "12", "13.99", "14", "14.01"),
            property_fee_yuan_m2_month=money("0", "0.5", "2"),
            price_yuan_m2=money("1800", "2500", "2500.01"),
            contribution_yuan=money("4000000", "12000000"),
            available_from=pick(*(date(2025, 5, 1) + timedelta(days) for days in (0, 20, 40, 61, 70, 100, 121, 122))),
            idle_since=pick(date(2024, 1, 1), date(2025, 1, 1)),
            title_is_registered=pick(True, True, False),
            mortgage=pick("none", "released", "consented", "unreleased"),
            is_seized=pick(False, False, True),
            works=random.choice([[], [], _retrofits(random), [*_retrofits(random), *_retrofits(random)]]),
            effluent_types=pick(["sanitary"], ["sanitary", "process"], ["sanitary", "process", "heavy_metal"], []),
            effluent_free_t_d=money("0", "0.1", "40", "100"),
            lon=pick(105.7, 105.75, 105.8, 105.8, 106.0),
            condition_grade=pick(None, None, 1, 3, 5),
            built_year=pick(None, 1950, 2001, 2024, 2030),
            crane_t=money("0", "5", "10", "20"),
            span_m=money("12", "24"),
            adjacent_m2=money("0", "999.99", "3000", "5000"),
            fittings=random.choice([{}, {"has_sprinklers": False}, {"has_sprinklers": True, "gas_m3_d": 300}]),
            lat=pick(29.4, 29.45, 29.5, 29.5, 29.6),
        )
        for place in range(count)
    ]


def connected(random: Random, units: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same units with what they are connected to, of some nobody knows."""

    def connections() -> list[str] | None:
        return random.choice([None, random.sample(list(Connection), random.randint(0, 7))])

    more = ({"connections": connections(), "is_levelled": random.choice([None, False, True])} for _ in units)
    return [{**row, **facts} for row, facts in zip(units, more, strict=True)]


def second_demand(random: Random) -> dict[str, Any]:
    """A demand of which some bounds are mentioned, and what R2 judges in another way."""
    demand = random_demand(random)
    if demand.get("places"):
        demand["places"] = [place | {"is_required": random.choice([True, False])} for place in demand["places"]]
    if random.random() < 0.3:
        demand["accepted_paths"] = random.choice([["built_to_suit"], ["built_to_suit", "equity_swap", "merger"]])
    return demand


def _retrofits(random: Random) -> list[dict[str, Any]]:
    load = {"rule": "H4", "up_to": Decimal(random.choice(["7", "8", "20"]))}
    power = {"rule": "H5", "up_to": random.choice([None, Decimal(700), Decimal(1000)])}
    terms = {"cost_yuan": Decimal(random.choice(["0", "250000", "1200000.5"])), "days": random.choice([0, 20, 75])}
    drain = {"rule": "H8", "up_to": Decimal(random.choice(["0.1", "40", "200"]))}
    drain["effluent_types"] = random.choice([[], ["process"], ["process", "heavy_metal"]])
    return [
        kind | terms | {"source": "survey", "payer": random.choice(["park", "firm", None])}
        for kind in (load, power, drain)
    ]


#: A square with a dent whose corners lie on the crowd's own places, and a hole around one of them.
RING = [[105.7, 29.4], [105.8, 29.4], [105.75, 29.45], [105.8, 29.5], [105.8, 29.6], [105.7, 29.6], [105.7, 29.4]]
HOLE = [[105.74, 29.49], [105.76, 29.49], [105.76, 29.51], [105.74, 29.51], [105.74, 29.49]]
AREA = {"type": "Polygon", "coordinates": [RING, HOLE]}
NEAR = [{"lon": 105.75, "lat": 29.5, "radius_m": 8000.0, "weight": 2.0}, {"lon": 106.1, "lat": 29.7, "name": "port"}]


FITTED = [
    {"item": "crane_t", "at_least": 16, "weight": 2},
    {"item": "gas_m3_d", "at_least": 400},
    {"item": "has_sprinklers", "weight": 0.5},
]


def random_demand(random: Random) -> dict[str, Any]:
    """A demand with some of its bounds mentioned."""

    def maybe(*values: Any) -> Any:
        return None if random.random() < 0.25 else random.choice(values)

    return need(
        kinds=random.choice([["factory"], ["land"], ["land", "factory"]]),
        land_area_m2_min=maybe(Decimal(4200)),
        land_area_m2_max=maybe(Decimal(5500)),
        floor_area_m2_min=maybe(Decimal(4200)),
        floor_area_m2_pref=maybe(Decimal(4500), Decimal(5000)),
        floor_area_m2_max=maybe(Decimal(5500)),
        clear_height_m_min=maybe(Decimal(6)),
        clear_height_at=maybe("under_beam", "under_hook"),
        floor_load_kn_m2_min=maybe(Decimal(8)),
        power_kva_min=maybe(Decimal(500)),
        fire_hazard_class=maybe("C", "D"),
        product_codes=maybe(["3752", "2929"], ["2730"], ["29"], ["2614", "3752"]),
        needs_chemical_park=random.random() < 0.15 or None,
        accepted_paths=maybe(["lease"], ["lease", "sale"], ["sale", "equity_swap"], ["sublease", "merger", "part_use"]),
        rent_yuan_m2_month_max=maybe(Decimal(14)),
        price_yuan_m2_max=maybe(Decimal(2500)),
        yearly_cost_yuan_max=maybe(Decimal(700000), None),
        need_on=maybe(date(2025, 7, 1)),
        timing_tolerance_days=maybe(0, 30, 60),
        effluent_types=maybe(["sanitary"], ["sanitary", "process"], None, None),
        effluent_t_d_min=maybe(Decimal(40), None, None),
        within=maybe(AREA, None, None),
        equipment=maybe(FITTED, FITTED[1:], None, None),
        expansion_m2=maybe(Decimal(3000), None),
        policies=maybe(["rent_relief"], ["rent_relief", "loan_interest"], None),
        template=maybe("metalwork", None, None),
        places=maybe(NEAR, NEAR[1:], None),
        importances=maybe(
            {},
            {"size": 5, "industry": 5, "cost": 4, "timing": 1},
            {"industry": 1, "load": 2, "power": 0},
            dict.fromkeys(("location", "equipment", "condition", "expansion", "policy", "size", "industry"), 2),
        ),
    )


def facts_of(parks: Mapping[str, Mapping[str, Any]]) -> dict[str, ParkProfile]:
    """The same parks as records."""
    return {key: ParkProfile.of(facts) for key, facts in parks.items()}
