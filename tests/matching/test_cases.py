"""The two cases of the source page, walked through the whole model; invented figures are marked so there.

Source: model R1 §6. Of No. 18 only the tenants, the products, the month and "available" are told; 联畅 and 嘉申 are
told with 8 million of equipment, 200 million of output and 15 million of tax a year.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.matching.samples import DAY, need, only, ranked, rule, unit

WISHED = {"floor_area_m2_pref": Decimal(5000), "places": [{"lon": 105.72, "lat": 29.48}]}
WISHED |= {"equipment": [{"item": "crane_t", "at_least": 5}]}
STATED = {"size": 5, "industry": 5, "height": 3, "load": 3, "power": 4, "cost": 5, "timing": 4, "location": 3}
STATED |= {"equipment": 2, "condition": 2}


def test_number_18_fits_its_new_tenant_on_every_rule() -> None:
    result = only(ranked(need(importances=STATED, **WISHED), [unit(crane_t=Decimal(0), available_from=DAY)]))

    assert result["status"] == "fit"
    assert result["path"] == "lease"
    assert [e["id"] for e in result["hard"] if e["status"] not in ("pass", "not_applicable")] == []
    assert [e["id"] for e in result["soft"]] == list(STATED)
    weights = {name: importance**2 / 142 for name, importance in STATED.items()}
    assert {e["id"]: e["weight"] for e in result["soft"]} == pytest.approx(weights)
    d = {e["id"]: e["d"] for e in result["soft"]}
    assert (d["size"], d["height"], d["load"], d["timing"], d["equipment"]) == (1.0, 1.0, 1.0, 1.0, 0.0)
    assert d["power"] == pytest.approx(130 / 300)
    assert d["cost"] == pytest.approx(1 - (10 / 14 - 0.7) / 0.3)
    assert sum(e["contribution"] for e in result["soft"]) == result["score"] > 0


def test_number_18_is_announced_before_it_is_empty() -> None:
    later = unit(available_from=need()["need_on"].replace(month=8))

    result = only(ranked(need(), [later]))

    assert (result["status"], rule(result, "H11")["status"]) == ("fit", "pass")
    assert rule(result, "timing")["d"] == pytest.approx(1 - 31 / 90)


def swap(**changes: Any) -> dict[str, Any]:
    """The plant of 联畅, which its owner would contribute; the value asked is not told."""
    retrofit = {"rule": "H5", "up_to": 1000, "cost_yuan": 8_000_000, "days": 0, "source": "page", "payer": "firm"}
    facts = {"allowed_paths": ["equity_swap"], "rent_yuan_m2_month": None, "contribution_yuan": Decimal(20_000_000)}
    return unit(**facts, power_kva=Decimal(400), works=[retrofit], **changes)


def test_equity_swap_is_shown_to_no_one_who_would_only_lease_or_buy() -> None:
    lease_or_buy = ranked(need(accepted_paths=["lease", "sale"]), [swap()])
    swapped = ranked(need(accepted_paths=["lease", "sale", "equity_swap"]), [swap()])

    assert lease_or_buy["lists"]["factory"]["totals"]["out_by"]["H9"] == 1
    assert only(swapped)["path"] == "equity_swap"


def test_refit_of_8_million_counts_800_thousand_a_year() -> None:
    result = only(ranked(need(accepted_paths=["equity_swap"]), [swap()]))

    refit = result["yearly_cost_yuan"] - 20_000_000 * 0.08
    assert result["status"] == "fit_after_works"
    assert refit == 800_000
    assert refit / 200_000_000 == pytest.approx(0.004)
    assert round(refit / 15_000_000, 3) == 0.053


def test_unknown_value_of_a_contribution_is_an_unknown_cost() -> None:
    plant = swap() | {"contribution_yuan": None}

    result = only(ranked(need(accepted_paths=["equity_swap"], yearly_cost_yuan_max=Decimal(3_000_000)), [plant]))

    assert result["yearly_cost_yuan"] is None
    assert rule(result, "H10")["status"] == "unknown"
    assert "contribution_yuan" in result["unknown"]
