"""Arbitrary tables, demands, parks and documents: an answer, or a refusal that names what it refuses, and nothing else.

Mostly of the declared types and at the ends of their bounds, so that what is answered is tried as well.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.fields import DEMAND
from matching import Parameters, rank, rank_many
from matching.catalogue.columns import COLUMNS, NAMES, Figure, Grade, SteppedFigure, Word, Words
from matching.position import PLANE, POSITION
from matching.ranking.judging import Standing
from matching.rules import CRITERIA
from tests.matching.samples import AREA, DOCUMENT, MODEL, PARAMETERS, ROOT, columns, need, unit
from tests.matching.test_hostile import CURE, NAT, numbered

NEWEST = Parameters.from_document(json.loads((ROOT / "fixtures/reference/matching_4.json").read_text(encoding="utf-8")))


def now_and_then(plain: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly the one, so that a table of several columns is answered as often as it is refused."""
    return st.integers(0, 39).flatmap(lambda dice: other if dice == 0 else plain)


WORDS = st.sampled_from(
    ["lease", "sale", "C", "land", "factory", "process", "under_hook", "none", "3752", "size", "H5"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=4), WORDS, st.dates(),
    st.binary(max_size=3), st.sampled_from([NAT, np.int8(-3), np.float32(2.5), 10**400, 1j, UUID(int=1), date.max]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | WORDS, inner, max_size=3)
)


def numbers_of(spec: Any) -> st.SearchStrategy[Any]:
    """Figures a column holds, its ends among them."""
    least, most = max(spec.least, -1e9), min(spec.most, 1e9)
    whole = st.integers(math.ceil(least), math.floor(most))
    figures = whole if isinstance(spec, Grade | SteppedFigure) else whole | st.floats(least, most)
    return st.none() | st.sampled_from([math.ceil(least), math.floor(most)]) | figures


def values_of(name: str) -> st.SearchStrategy[Any]:
    """What a column may hold, by how it is declared."""
    spec = COLUMNS.get(name)
    codes = st.lists(st.sampled_from(["37", "3752", "29", "C"]), max_size=3)
    if isinstance(spec, Figure):
        return numbers_of(spec)
    if isinstance(spec, Word):
        return st.none() | st.sampled_from(list(spec.codes))
    if isinstance(spec, Words):
        return st.none() | st.lists(st.sampled_from(list(spec.bits)), max_size=4)
    if name in ("available_from", "idle_since"):
        return st.none() | st.dates() | st.integers(0, 40_000) | st.sampled_from([NAT, "2025-06-01", date.max])
    return {
        "fittings": st.none() | st.dictionaries(st.sampled_from(["has_sprinklers", "gas_m3_d"]), st.floats(0, 1e12)),
        "works": st.none() | st.lists(st.sampled_from([CURE, CURE | {"rule": "H4", "up_to": None, "days": 3 * 10**6}])),
        "lon": st.none() | st.floats(-180, 180), "lat": st.none() | st.floats(-90, 90),
        "x_m": st.none() | st.floats(-1e12, 1e12), "y_m": st.none() | st.floats(-1e12, 1e12),
        "park_id": st.sampled_from([None, "moto", "pharma", UUID(int=1), 7]),
        "facts_key": st.sampled_from([None, "moto"]),
        "root_id": st.none() | st.text(max_size=3) | st.integers(0, 5),
    }.get(name, codes if "industries" in name else numbers_of(COLUMNS["adjacent_m2"]))  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Some columns of some units; a value or a whole column is now and then anything at all."""
    count = draw(st.integers(0, 4))
    names = sorted(NAMES - {"id", *POSITION, *PLANE, "root_id"})
    table: dict[str, Any] = {"id": draw(st.permutations([f"u{place}" for place in range(count)]))}
    for name in {"power_kva": None} | dict.fromkeys(draw(st.lists(st.sampled_from(names), unique=True, max_size=12))):
        values = st.lists(values_of(name), min_size=count, max_size=count)
        table[name] = draw(now_and_then(values, st.lists(ANYTHING, min_size=count, max_size=count) | ANYTHING))
    for name, other in (("lon", "lat"), ("x_m", "y_m")):
        if draw(now_and_then(st.just((name in table) != (other in table)), st.just(False))):
            table.pop(name, None), table.pop(other, None)
    if "lon" in table and draw(now_and_then(st.just(True), st.just(False))):
        table.pop("x_m", None), table.pop("y_m", None)
    return table


def stated_of(name: str) -> st.SearchStrategy[Any]:
    """What a field of a demand may state."""
    field = DEMAND[name]
    if field.steps is not None and field.bound is not None:
        least, most = float(field.bound.least), float(field.bound.most)
        return st.sampled_from([0, least, most]) | st.floats(least, most)
    weight = st.floats(1e-6, 1e9)
    named = {
        "places": st.lists(st.fixed_dictionaries(
            {"lon": st.floats(-180, 180), "lat": st.floats(-90, 90)},
            optional={"weight": weight, "radius_m": weight, "is_required": st.booleans()}
        ), max_size=3),
        "equipment": st.lists(st.fixed_dictionaries(
            {"item": st.sampled_from(["crane_t", "has_sprinklers", "gas_m3_d"])},
            optional={"weight": weight, "at_least": weight},
        ), max_size=3),
        "importances": st.dictionaries(st.sampled_from(list(CRITERIA)), st.floats(0, 5)),
        "product_codes": st.lists(st.sampled_from(["3752", "29", "C"]), max_size=3),
        "need_on": st.dates(), "timing_tolerance_days": st.integers(0, 3650), "within": st.just(AREA),
        "needs_chemical_park": st.booleans(), "template": st.sampled_from(["metalwork", "vehicles"]),
    }  # fmt: skip
    if name in named:
        return named[name]
    words = st.sampled_from([str(word) for word in field.words] or ["anything"])
    return words if field.type == "word" else st.lists(words, max_size=3)


READ = sorted(
    {name for name, field in DEMAND.items() if field.steps is not None}
    | {"places", "equipment", "importances", "product_codes", "need_on", "timing_tolerance_days", "within", "template"}
    | {"needs_chemical_park", "clear_height_at", "fire_hazard_class", "accepted_paths", "effluent_types", "policies"}
)


@st.composite
def demands(draw: st.DrawFn) -> dict[str, Any]:
    """Some fields of a demand, ordered where they have an order; one is now and then anything at all."""
    demand: dict[str, Any] = {
        "kinds": draw(now_and_then(st.sampled_from([["factory"], ["factory", "land"]]), ANYTHING))
    }
    demand["power_kva_min"] = 500  # so that something weighs
    for name in draw(st.lists(st.sampled_from(READ), unique=True, max_size=9)):
        demand[name] = draw(now_and_then(stated_of(name), ANYTHING))
    return demand | draw(now_and_then(st.just({}), st.dictionaries(st.text(max_size=4), ANYTHING, max_size=1)))


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "leading_industries": now_and_then(st.sampled_from([None, [], ["3752"], ["C", "29"]]), ANYTHING),
        "negative_list": now_and_then(st.sampled_from([None, [], ["2614"]]), ANYTHING),
        "is_chemical_park": now_and_then(st.none() | st.booleans(), ANYTHING),
        "tenants": now_and_then(st.sampled_from([None, ["3752"], [("29", 10**12)]]), ANYTHING),
        "anchors": now_and_then(st.sampled_from([None, [("3752", 0), ("29", 1e300)]]), ANYTHING),
        "policies": now_and_then(st.sampled_from([None, ["rent_relief"]]), ANYTHING),
    },
)
PROFILES = st.none() | st.fixed_dictionaries({"moto": FACTS, "pharma": now_and_then(FACTS, ANYTHING)})
NAMED = sorted({*NAMES, *DEMAND, "columns", "demand", "parks", "limit", "day"})


def answered(function: Any, *arguments: Any, **options: Any) -> Any:
    """What it gives, or None where it refuses by name; anything else it raises is a fault of its own."""
    try:
        with np.errstate(all="raise", under="ignore"):
            return function(*arguments, **options)
    except Invalid as refused:
        assert all(fault.field.split(".")[0] in NAMED or fault.code == "unknown_field" for fault in refused.faults)
    except ValueError as refused:
        assert any(name in str(refused) for name in NAMED), refused
    return None


def lists_of(answer: Any) -> list[tuple[str, str, str, int]]:
    """What `rank` shows, as `rank_many` gives it."""
    return [
        (kind, result["asset_ids"][0], result["status"], result["score"])
        for kind, part in answer.lists.items()
        for result in part.results
    ]


EXAMPLES = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@EXAMPLES
@given(tables(), demands(), PROFILES, st.sampled_from([PARAMETERS, NEWEST]))
def test_anything_is_answered_or_refused_by_name(table: Any, demand: Any, parks: Any, parameters: Parameters) -> None:
    model = answered(replace, MODEL, parks=parks, parameters=parameters)
    if model is None:
        return

    alone = answered(rank, demand, table, model, near_misses=True)
    together = answered(rank_many, [demand], table, model)

    assert (alone is None) == (together is None)
    if alone is not None:
        json.dumps(alone.to_document(), allow_nan=False, default=str)
        shown = [Standing(status).name for status in together.status.tolist()]
        listed = zip(together.kind.tolist(), together.unit.tolist(), shown, together.score.tolist(), strict=True)
        assert lists_of(alone) == list(listed)
        assert all(0 <= score <= 10**9 for score in together.score.tolist())


@EXAMPLES
@given(st.dictionaries(st.sampled_from([*DOCUMENT["numbers"]]), st.floats(0, 2) | SCALARS, max_size=3), demands())
def test_numbers_of_any_size_are_refused_by_name_or_score_within_bounds(values: Any, demand: Any) -> None:
    try:
        parameters = Parameters.from_document(numbered(**values))
    except ValueError as refused:
        assert any(name in str(refused) for name in DOCUMENT["numbers"])
        return

    answer = answered(
        rank_many, [demand, need()], columns([unit(), unit(id="u2", crane_t=0)]), replace(MODEL, parameters=parameters)
    )

    assert answer is None or all(0 <= score <= 10**9 for score in answer.score.tolist())


@EXAMPLES
@given(st.dictionaries(st.sampled_from([*DOCUMENT, "luck"]), ANYTHING, max_size=3) | ANYTHING)
def test_any_document_is_refused_by_name_or_read(document: Any) -> None:
    try:
        Parameters.from_document(DOCUMENT | document if isinstance(document, dict) else document)
    except ValueError as refused:
        assert any(name in str(refused) for name in ("document", *DOCUMENT, *DOCUMENT["numbers"], "template"))
