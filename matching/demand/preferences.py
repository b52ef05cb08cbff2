"""What a firm would like of area, of places to be near, and of equipment: preferences of several figures each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.errors import Invalid
from domain.words import Equipment, Kind
from matching.position import MILLIMETRE, unit_vector

#: Which field names of a demand state an area of which kind.
AREA_PREFIXES: Mapping[str, str] = MappingProxyType({Kind.land: "land_area_m2", Kind.factory: "floor_area_m2"})


@dataclass(frozen=True)
class AreaPreference:
    """Least, preferred and greatest area of one kind, in 0.01 m²; None is not mentioned."""

    least: int | None
    preferred: int | None
    greatest: int | None

    @classmethod
    def of(cls, least: int | None, preferred: int | None, greatest: int | None) -> AreaPreference:
        """The wish with its default preference: 1.1 × least, else greatest / 1.1. Source: model R1 §5.1."""
        if preferred is None and least is not None:
            preferred = round(least * 11 / 10)
        elif preferred is None and greatest is not None:
            preferred = round(greatest * 10 / 11)
        return cls(least, preferred, greatest)


@dataclass(frozen=True)
class EquipmentPreference:
    """Equipment a firm wishes: a capacity of at least so much; None: that it is there at all."""

    item: str
    at_least: float | None
    weight: float

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> EquipmentPreference:
        """Raises: Invalid on `equipment` for an item nobody knows."""
        if fields["item"] not in set(Equipment):
            raise Invalid("not_in_vocabulary", "equipment", allowed=[str(item) for item in Equipment])
        least, weight = fields.get("at_least"), fields.get("weight")
        return cls(
            str(fields["item"]), None if least is None else float(least), 1.0 if weight is None else float(weight)
        )


@dataclass(frozen=True)
class PlacePreference:
    """A place a firm wants to be near. Units: `radius_m` None where none is stated; `weight` above 0.

    A radius that is not required excludes nothing: it is the distance at which nearness counts a quarter.

    Shapes: `vector` holds three steps for a place in degrees, two for one in a plane.
    """

    vector: tuple[int, ...]
    weight: float
    radius_m: float | None
    is_required: bool
    name: str | None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> PlacePreference:
        """A place from its fields: lon and lat or x_m and y_m, and optionally weight, radius_m, is_required, name.

        Raises: Invalid on `places` for both kinds of coordinates, half a pair, or none.
        """
        radius_m = fields.get("radius_m")
        weight = fields.get("weight")
        return cls(
            _vector(fields),
            1.0 if weight is None else float(weight),
            None if radius_m is None else float(radius_m),
            fields.get("is_required") is not False,
            fields.get("name"),
        )

    @property
    def requires_radius(self) -> bool:
        """Whether units further away are excluded."""
        return self.is_required and self.radius_m is not None


def _vector(fields: Mapping[str, Any]) -> tuple[int, ...]:
    coordinates = {name: float(fields[name]) for name in ("lon", "lat", "x_m", "y_m") if fields.get(name) is not None}
    if coordinates.keys() == {"lon", "lat"}:
        return unit_vector(coordinates["lon"], coordinates["lat"])
    steps = [metres * MILLIMETRE for metres in coordinates.values()]
    if coordinates.keys() != {"x_m", "y_m"} or not all(abs(step) <= 2**53 for step in steps):
        raise Invalid("coordinates", "places")
    return tuple(round(step) for step in steps)
