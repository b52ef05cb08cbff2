"""What a firm would like of area, of places to be near, and of equipment: preferences of several figures each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.errors import Invalid
from domain.fields import LATITUDE, LONGITUDE
from domain.words import Equipment, Kind
from matching.demand.stated import ABOVE_NOTHING, is_finite, number, stated_names, typed, word
from matching.position import MILLIMETRE, unit_vector
from matching.scaled import is_number

#: Where a place lies: the first two, or the last two.
COORDINATES = ("lon", "lat", "x_m", "y_m")
GLOBE = (LONGITUDE, LATITUDE)

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
    def of(cls, fields: Any, path: str = "equipment.") -> EquipmentPreference:
        """Raises: Invalid on `equipment` for an item nobody knows, and on what else it states wrongly below `path`."""
        fields = stated_names(fields, [name.name for name in dataclasses.fields(cls)], path)
        item = word(fields.get("item"), "equipment", Equipment.__members__)
        if item is None:
            raise Invalid("missing", f"{path}item")
        return cls(item, _amount(fields, "at_least", path), _weight(fields, path))


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
    def of(cls, fields: Any, path: str = "places.") -> PlacePreference:
        """A place from its fields: lon and lat or x_m and y_m, and optionally weight, radius_m, is_required, name.

        Raises: Invalid on `places` for both kinds of coordinates, half a pair, or none, and on what else it states
        wrongly below `path`.
        """
        own = {field.name for field in dataclasses.fields(cls)} - {"vector"}
        fields = stated_names(fields, {*own, *COORDINATES}, path)
        return cls(
            _vector(fields, path),
            _weight(fields, path),
            _amount(fields, "radius_m", path),
            typed(fields.get("is_required"), f"{path}is_required", bool, "bool") is not False,
            typed(fields.get("name"), f"{path}name", str, "str"),
        )

    @property
    def requires_radius(self) -> bool:
        """Whether units further away are excluded."""
        return self.is_required and self.radius_m is not None


def _amount(fields: Mapping[str, Any], name: str, path: str) -> float | None:
    amount = number(fields.get(name), f"{path}{name}", ABOVE_NOTHING)
    return None if amount is None else float(amount)


def _weight(fields: Mapping[str, Any], path: str) -> float:
    weight = _amount(fields, "weight", path)
    return 1.0 if weight is None else weight


def _vector(fields: Mapping[str, Any], path: str) -> tuple[int, ...]:
    where = {name: fields[name] for name in COORDINATES if fields.get(name) is not None}
    if where.keys() == {"lon", "lat"}:
        lon, lat = (number(where[name], f"{path}{name}", bound) for name, bound in zip(where, GLOBE, strict=True))
        return unit_vector(float(lon), float(lat))
    if where.keys() != {"x_m", "y_m"} or not all(_is_in_plane(metres) for metres in where.values()):
        raise Invalid("coordinates", "places")
    return tuple(round(float(metres) * MILLIMETRE) for metres in where.values())


def _is_in_plane(metres: Any) -> bool:
    return is_number(type(metres)) and is_finite(metres) and abs(metres) * MILLIMETRE <= 2**53
