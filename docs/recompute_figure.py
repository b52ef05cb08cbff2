#!/usr/bin/env python3
"""Recomputes the revitalised area from the records behind it, and from nothing else. 由明细复算盘活数。

    curl -H 'X-API-Key: KEY' 'http://127.0.0.1:8000/api/v1/stats/revitalized?from=2025-01-01&to=2025-06-30\
    &explain=records' | python3 docs/recompute_figure.py

Unless the key is an admin's, name a park too (`&park=ID`). Each record that counts is held against the rule of
`docs/counting.md` by what it carries itself: an idle period with a ground, of at least `--idle-days` days before the
first day it can have been revived on; a firm other than the last user; no leaf twice a calendar year. Prints both
figures, then what does not fit. Exit status: 0 where the records give the figure, else 1 不符则退出码为 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MU_PER_M2, MU_PER_HA, M2_PER_HA = Decimal(3) / 2000, 15, 10_000
#: Paths by which the last user may be the one that the space is counted for, with the clause that says so.
OWN_RESTART = {"owner_restart": "7a"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", help="the answer of stats/revitalized with explain=records; default: stdin")
    parser.add_argument("--idle-days", type=int, default=30, help="idle_days_min of the scheme `revival`")
    given = parser.parse_args()
    with open(given.file, encoding="utf-8") if given.file else sys.stdin as stream:
        answer = json.load(stream, parse_float=Decimal)
    faults = [*_whole(answer), *_faults(answer["records"], given.idle_days)]
    land, factory = recomputed(answer["records"])
    told = Decimal(answer["land"]["area_mu"]), Decimal(answer["factory"]["area_m2"])
    print(f"土地 land: {land} 亩 mu（公布 told: {told[0]}）；厂房 factory: {factory} m²（公布 told: {told[1]}）")
    for fault in faults:
        print(fault)
    return 1 if faults or (land, factory) != told else 0


def recomputed(records: list[dict[str, Any]]) -> tuple[Decimal, Decimal]:
    """Land in mu and factory space in m², two decimals, of the records that count."""
    sums = {"land": Decimal(0), "factory": Decimal(0)}
    for record in _counted(records):
        if record["stated_area"] is not None:
            sums[record["kind"]] += _area(record)
    return tuple(one.quantize(Decimal("0.01"), ROUND_HALF_UP) for one in (sums["land"], sums["factory"]))  # type: ignore[return-value]


def _counted(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["verdict"] == "counted"]


def _area(record: dict[str, Any]) -> Decimal:
    """The stated area in the unit its kind is reported in."""
    area, unit = Decimal(record["stated_area"]), record["stated_area_unit"]
    if record["kind"] == "land":
        return area * {"mu": Decimal(1), "ha": Decimal(MU_PER_HA), "m2": MU_PER_M2}[unit]
    return area / MU_PER_M2 if unit == "mu" else area * {"ha": M2_PER_HA, "m2": 1}[unit]


def _whole(answer: dict[str, Any]) -> Iterator[str]:
    if answer.get("records_are_cut"):
        yield "明细不完整，请分园区或分期查询 the records are cut: ask by park or for shorter periods"


def _faults(records: list[dict[str, Any]], idle_days: int) -> Iterator[str]:
    """What of the records that count does not fit the rule."""
    seen: dict[tuple[str, int], str] = {}
    for record in _counted(records):
        revived_on = date.fromisoformat(record["revived_on"])
        for leaf in record["leaves"]:
            about = f"{record['outcome_id']} {leaf['leaf_id']}: "
            if leaf["idle_since"] is None or leaf["idle_ground"] is None:
                yield about + "无闲置记录 no idle period"
            elif (revived_on - date.fromisoformat(leaf["idle_since"])).days < idle_days:
                yield about + f"空置不足 {idle_days} 天 idle for less than {idle_days} days"
            is_own = OWN_RESTART.get(record["path"]) == leaf["clause"]
            if leaf["firm_before_id"] == record["firm_id"] and not is_own:
                yield about + "原企业续用 the last user goes on"
            if not leaf["clause"].startswith("7"):
                yield about + f"条款 {leaf['clause']} 不计入 clause {leaf['clause']} does not count"
            other = seen.setdefault((leaf["leaf_id"], revived_on.year), record["outcome_id"])
            if other != record["outcome_id"]:
                yield about + f"同年已计入 counted that year already: {other}"


if __name__ == "__main__":
    sys.exit(main())
