"""The verdict of a hard rule on many units: which fail it, of which it is not known, and what lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from domain.fields import ASSET
from matching.scaled import Column, Ints, Mask

#: What may be unknown, by the name a reader may see and in the order an answer names it. `title` stands for all that
#: H12 reads: its parts are the staff's alone.
FIELDS = (
    "available_area_m2",
    "is_divisible",
    "min_divisible_m2",
    "clear_height_m",
    "clear_height_at",
    "floor_load_kn_m2",
    "power_kva",
    "fire_hazard_class",
    "product_codes",
    "negative_list",
    "is_chemical_park",
    "leading_industries",
    "allowed_paths",
    "rent_yuan_m2_month",
    "property_fee_yuan_m2_month",
    "price_yuan_m2",
    "contribution_yuan",
    "yearly_cost_yuan",
    "available_from",
    "title",
    "effluent_types",
    "effluent_free_t_d",
    "position",
    "tenants",
    "anchors",
    "equipment",
    "condition",
    "adjacent_m2",
    "policies",
    *(name for name, field in ASSET.items() if field.is_criterion),
)
assert len(FIELDS) <= 32, "what lacks is told by the bits of a uint32"
FIELD_BITS: Mapping[str, int] = MappingProxyType({name: 1 << place for place, name in enumerate(FIELDS)})


@dataclass(frozen=True)
class Verdict:
    """Shapes: masks aligned with the rows judged; `lacking` is a bit set of FIELDS, read where `unknown` holds.

    Empty: `unknown` None, everything is known.
    """

    failed: Mask
    unknown: Mask | None
    lacking: NDArray[np.uint32] | int | Callable[[Ints], NDArray[np.uint32]]

    def lacking_of(self, rows: Ints) -> NDArray[np.uint32]:
        """The fields unknown of some of the rows."""
        if self.unknown is None:
            return np.zeros(len(rows), np.uint32)
        if isinstance(self.lacking, int):
            return self.unknown[rows] * np.uint32(self.lacking)
        lacking = self.lacking(rows) if callable(self.lacking) else self.lacking[rows]
        return self.unknown[rows] * lacking


def unknown(column: Column) -> Mask | None:
    """Where a column is not known; None where it is throughout."""
    return None if column.is_known else ~column.known


def beyond(column: Column, breaks: Mask, field: str) -> Verdict:
    """A rule on one column: failed where its value breaks the bound, unknown where the value is."""
    return Verdict(breaks if column.is_known else breaks & column.known, unknown(column), FIELD_BITS[field])


def lacking(column: Column, field: str) -> NDArray[np.uint32] | int:
    """The bit of a field where a column is not known. Empty: 0 where it is throughout."""
    return 0 if column.is_known else np.where(column.known, 0, FIELD_BITS[field]).astype(np.uint32)


def field_bits(names: Iterable[str]) -> int:
    """The bit set of some fields."""
    return sum(FIELD_BITS[name] for name in set(names))


def field_names(bits: int) -> list[str]:
    """The fields of a bit set, in their fixed order."""
    return list(_field_names(bits))


@lru_cache(maxsize=4096)  # units that lack the same stand side by side
def _field_names(bits: int) -> tuple[str, ...]:
    return tuple(name for name, bit in FIELD_BITS.items() if bits & bit)
