"""The yardstick of the ranking: the least work that could answer, in plain numpy on one thread.

Seventeen narrow columns (51 bytes a unit), eleven hard predicates, ten soft scores, the best twenty, ties by id. A
yardstick and no model: nothing unknown, no works, no paths of their own, no reasons. Our figures are made of the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = dict[str, NDArray[Any]]
Criteria = dict[str, float]
NARROW = np.float32
WEIGHTS = np.array((22, 8, 6, 10, 14, 8, 12, 12, 4, 4), NARROW) / NARROW(100)
STRICT: Criteria = {
    "kind": 0, "least": 2500, "best": 3500, "most": 7000, "height": 7, "load": 500, "power": 800, "rent": 18,
    "rent_best": 10, "day": 120, "hazard": 3, "tenure": 1, "x": 9e4, "y": 1.1e5, "far": 8e4, "water": 150, "crane": 5,
}  # fmt: skip
LOOSE: Criteria = STRICT | {
    "least": 500, "best": 3000, "most": 30000, "height": 4, "load": 300, "power": 100, "rent": 40, "rent_best": 5,
    "day": 600, "hazard": 5,
}  # fmt: skip


def figures(count: int, seed: int = 7) -> Table:
    """Made-up units: m², m, kg/m², kVA, yuan/m²/month, days from today, metres."""
    rng = np.random.default_rng(seed)
    drawn: Table = {"id": np.arange(count, dtype=np.int32)}
    drawn["area"] = np.exp(rng.normal(8.3, 1.0, count)).astype(NARROW)
    drawn["height"] = rng.choice(np.array([3.6, 4.5, 6, 7.2, 8, 9, 10, 12, 15], NARROW), count)
    drawn["load"] = rng.choice(np.array([300, 500, 750, 1000, 1500, 2000, 3000], NARROW), count)
    drawn["power"] = np.exp(rng.normal(6, 1.0, count)).astype(NARROW)
    drawn["rent"] = rng.gamma(6, 2.5, count).astype(NARROW)
    drawn["day"] = rng.integers(0, 720, count).astype(np.int32)
    drawn["hazard"] = rng.choice(np.arange(1, 6, dtype=np.int8), count, p=[0.03, 0.07, 0.35, 0.4, 0.15])
    drawn["tenure"] = rng.integers(1, 16, count).astype(np.int8)
    drawn["kind"] = rng.integers(0, 3, count).astype(np.int8)
    drawn["x"], drawn["y"] = (rng.uniform(0, 2e5, count).astype(NARROW) for _ in range(2))
    drawn["park"] = rng.integers(0, 600, count).astype(np.int16)
    drawn["water"] = rng.gamma(3, 100, count).astype(NARROW)
    drawn["floors"] = rng.integers(1, 7, count).astype(np.int8)
    drawn["crane"] = rng.choice(np.array([0, 0, 0, 5, 10, 20, 32], NARROW), count)
    drawn["effluent"] = rng.integers(0, 2, count).astype(np.int8)
    return drawn


PARK_FIT = np.random.default_rng(3).uniform(0, 1, 600).astype(NARROW)


def passes(units: Table, criteria: Criteria) -> NDArray[np.bool_]:
    """The predicates that are left once kind, effluent and area are cut."""
    mask: NDArray[np.bool_] = (units["height"] >= NARROW(criteria["height"])) & (
        units["load"] >= NARROW(criteria["load"])
    )
    mask &= units["hazard"] <= int(criteria["hazard"])
    mask &= (units["tenure"] & int(criteria["tenure"])) != 0
    mask &= units["power"] >= NARROW(criteria["power"] / 2)
    mask &= units["day"] <= int(criteria["day"]) + 90
    mask &= units["rent"] <= NARROW(criteria["rent"] * 1.1)
    return mask


def bounds(criteria: Criteria) -> tuple[Any, Any]:
    return NARROW(criteria["least"] * 0.9), NARROW(criteria["most"] * 1.5)


def feasible(units: Table, criteria: Criteria) -> NDArray[np.bool_]:
    low, high = bounds(criteria)
    mask = passes(units, criteria)
    mask &= (units["kind"] == int(criteria["kind"])) & (units["effluent"] == 1)
    mask &= (units["area"] >= low) & (units["area"] <= high)
    return mask


def scores(units: Table, criteria: Criteria, rows: NDArray[Any]) -> NDArray[Any]:
    """The weighted geometric mean of ten desirabilities."""
    low, high = bounds(criteria)
    best, part = NARROW(criteria["best"]), {name: units[name][rows] for name in units if name not in ("id", "kind")}
    across, along = part["x"] - NARROW(criteria["x"]), part["y"] - NARROW(criteria["y"])
    last = NARROW(criteria["rent"] * 1.1)
    desired = (
        np.minimum((part["area"] - low) / (best - low), (high - part["area"]) / (high - best)),
        (part["height"] - NARROW(criteria["height"] * 0.9)) / NARROW(criteria["height"] * 0.3),
        (part["load"] - NARROW(criteria["load"] * 0.8)) / NARROW(criteria["load"] * 0.7),
        (part["power"] - NARROW(criteria["power"] * 0.5)) / NARROW(criteria["power"] * 0.7),
        (last - part["rent"]) / (last - NARROW(criteria["rent_best"])),
        (NARROW(criteria["day"] + 90) - part["day"].astype(NARROW)) / NARROW(90),
        NARROW(1) - np.sqrt(across * across + along * along) / NARROW(criteria["far"]),
        PARK_FIT[part["park"]],
        part["water"] / NARROW(criteria["water"]),
        part["crane"] / NARROW(criteria["crane"]),
    )
    logs = (weight * np.log(np.clip(d, NARROW(0.01), NARROW(1))) for weight, d in zip(WEIGHTS, desired, strict=True))
    total: NDArray[Any] = np.exp(sum(logs))
    return total


def best(ids: NDArray[Any], score: NDArray[Any], count: int = 20) -> NDArray[Any]:
    chosen = np.argpartition(-score, count - 1)[:count] if len(score) > count else np.arange(len(score))
    ordered: NDArray[Any] = ids[chosen][np.lexsort((ids[chosen], -score[chosen]))]
    return ordered


def rank(units: Table, criteria: Criteria) -> NDArray[Any]:
    """One demand over all units."""
    rows = np.flatnonzero(feasible(units, criteria))
    return best(units["id"][rows], scores(units, criteria, rows))


def relaxations(units: Table, criteria: Criteria) -> dict[int, int]:
    """The minimal sets of predicates that keep units out, as bit masks, and how many each keeps out."""
    broken: tuple[Callable[[], NDArray[np.bool_]], ...] = (
        lambda: units["kind"] != int(criteria["kind"]),
        lambda: units["area"] < NARROW(criteria["least"]),
        lambda: units["area"] > NARROW(criteria["most"]),
        lambda: units["height"] < NARROW(criteria["height"]),
        lambda: units["load"] < NARROW(criteria["load"]),
        lambda: units["hazard"] > int(criteria["hazard"]),
        lambda: (units["tenure"] & int(criteria["tenure"])) == 0,
        lambda: units["power"] < NARROW(criteria["power"]),
        lambda: units["day"] > int(criteria["day"]),
        lambda: units["rent"] > NARROW(criteria["rent"]),
        lambda: units["effluent"] != 1,
    )
    masks = np.zeros(len(units["id"]), np.uint16)
    for bit, breaks in enumerate(broken):
        masks |= breaks().astype(np.uint16) << bit
    counts = np.bincount(masks, minlength=1 << len(broken))
    kept: list[int] = []
    for mask in sorted(np.flatnonzero(counts).tolist(), key=lambda bits: (bits.bit_count(), bits)):
        if not any(mask & smaller == smaller for smaller in kept):
            kept.append(mask)
    return {mask: int(counts[mask]) for mask in kept}


def random_criteria(count: int, seed: int = 5) -> Iterator[Criteria]:
    """The criteria of many firms."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        least = float(np.exp(rng.normal(8.0, 0.8)))
        yield STRICT | {
            "kind": int(rng.integers(0, 3)), "least": least, "best": least * 1.4, "most": least * 2.8,
            "height": float(rng.choice([3.6, 6, 7.2, 9])), "load": float(rng.choice([300, 500, 1000])),
            "power": float(np.exp(rng.normal(5.5, 0.8))), "rent": float(rng.uniform(12, 30)), "rent_best": 8.0,
            "day": float(rng.integers(60, 500)), "hazard": int(rng.choice([3, 4, 5])),
            "tenure": int(rng.choice([1, 2, 4, 8])), "x": float(rng.uniform(0, 2e5)), "y": float(rng.uniform(0, 2e5)),
        }  # fmt: skip


def buckets(units: Table) -> dict[int, Table]:
    """A table per kind of what passes the fixed predicates, by area."""
    tables = {}
    for kind in range(3):
        rows = np.flatnonzero((units["kind"] == kind) & (units["effluent"] == 1))
        rows = rows[np.lexsort((units["id"][rows], units["area"][rows]))]
        tables[kind] = {name: np.ascontiguousarray(values[rows]) for name, values in units.items()}
    return tables


def rank_bucketed(tables: dict[int, Table], criteria: Criteria) -> NDArray[Any]:
    """One demand over the slice of its bucket."""
    table = tables[int(criteria["kind"])]
    low, high = bounds(criteria)
    cut = slice(np.searchsorted(table["area"], low, "left"), np.searchsorted(table["area"], high, "right"))
    part = {name: values[cut] for name, values in table.items()}
    rows = np.flatnonzero(passes(part, criteria))
    return best(part["id"][rows], scores(part, criteria, rows))
