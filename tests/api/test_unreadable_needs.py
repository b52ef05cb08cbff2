"""Needs that a ranking cannot read are refused by their field, over HTTP as in the library, and never scored."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

RANKINGS = "/api/v1/rankings"
HERE = {"lon": 105.7, "lat": 29.5}
#: What a need states beside its kind, and the field and code of the refusal.
NEEDS: list[tuple[dict[str, Any], str, str]] = [
    ({"clear_heigth_m_min": 6}, "clear_heigth_m_min", "unknown_field"),
    ({"places": [HERE | {"radius": 500}]}, "places.0.radius", "unknown_field"),
    ({"product_codes": "3752"}, "product_codes", "wrong_type"),
    ({"accepted_paths": "lease"}, "accepted_paths", "wrong_type"),
    ({"product_codes": [3752]}, "product_codes.0", "wrong_type"),
    ({"places": [HERE | {"weight": 0}]}, "places.0.weight", "out_of_range"),
    ({"places": [HERE | {"radius_m": 0}]}, "places.0.radius_m", "out_of_range"),
    ({"places": [HERE | {"radius_m": 500, "is_required": 0}]}, "places.0.is_required", "wrong_type"),
    ({"places": [HERE | {"lat": 91}]}, "places.0.lat", "out_of_range"),
    ({"places": [{"lon": 181, "lat": 0}]}, "places.0.lon", "out_of_range"),
    ({"equipment": [{"item": "crane_t", "weight": 0}]}, "equipment.0.weight", "out_of_range"),
    ({"equipment": [{"item": "crane_t", "at_least": -5}]}, "equipment.0.at_least", "out_of_range"),
    ({"rent_yuan_m2_month_max": -1}, "rent_yuan_m2_month_max", "out_of_range"),
    ({"floor_area_m2_min": -5}, "floor_area_m2_min", "out_of_range"),
    ({"floor_area_m2_min": 500, "floor_area_m2_max": 400}, "floor_area_m2_max", "bounds_reversed"),
    ({"floor_area_m2_min": 500, "floor_area_m2_pref": 400}, "floor_area_m2_pref", "bounds_reversed"),
    ({"power_kva_min": 500, "power_kva_pref": 400}, "power_kva_pref", "bounds_reversed"),
    ({"importances": {"size": 6}}, "importances.size", "out_of_range"),
    ({"importances": {"luck": 1}}, "importances.luck", "unknown_field"),
    ({"timing_tolerance_days": -1}, "timing_tolerance_days", "out_of_range"),
    ({"effluent_types": ["lava"]}, "effluent_types.0", "not_in_vocabulary"),
    ({"power_kva_min": "much"}, "power_kva_min", "wrong_type"),
]


@pytest.mark.parametrize(("stated", "field", "code"), NEEDS)
async def test_a_need_that_cannot_be_read_is_refused_by_its_field(
    client: httpx.AsyncClient, stated: dict[str, Any], field: str, code: str
) -> None:
    answer = await client.post(RANKINGS, json={"kinds": ["factory"]} | stated)

    assert (answer.status_code, [(e["field"], e["code"]) for e in answer.json()["errors"]]) == (422, [(field, code)])


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("near=1", "near")]
)
async def test_arguments_of_a_ranking_are_refused_by_name(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.post(f"{RANKINGS}?{query}", json={"kinds": ["factory"]})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
