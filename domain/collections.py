"""The collections that GIS clients read under /ogc: what is in each, its shape, and its properties.

A property is one value: lists are texts with commas between, records are JSON texts, attributes are properties of their
own. Source: OGC handbook §5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from domain.field import Field, Fields, table
from domain.fields import ASSET, PARK
from domain.words import AreaUnit, DatePrecision, Kind, Path

#: What a feature of a collection is.
Thing = Literal["asset", "park", "revitalization"]
#: Its geometry: the outline, a point on it or in its place, or none.
Shape = Literal["outline", "point", "none"]
#: How the id of a collection ends, by its shape.
SHAPES: Final[tuple[tuple[str, Shape], ...]] = (("", "outline"), ("-points", "point"), ("-unplaced", "none"))

#: Properties of a unit that are no facts of it.
BESIDE: Final[Fields] = table(
    Field(name="park_code", type="text", entry="derived"),
    Field(name="park_name", type="text", entry="derived"),
    Field(name="changed_at", type="instant", entry="derived"),
)
#: Facts of a unit that are no properties: those that a feature has elsewhere, what no unit of a list has, and what
#: `lapsed_on` says.
ELSEWHERE: Final = frozenset({"id", "geometry", "attributes", "retired_on", "is_lapsed"})
REVITALIZATION: Final[Fields] = table(
    Field(name="park_code", type="text", entry="derived"),
    Field(name="park_name", type="text", entry="derived"),
    Field(name="kind", type="word", words=Kind, entry="derived"),
    Field(name="path", type="word", words=Path, entry="derived"),
    Field(name="revived_on", type="day", entry="derived"),
    Field(name="revived_on_precision", type="word", words=DatePrecision, entry="derived"),
    Field(name="stated_area", type="number", entry="derived"),
    Field(name="stated_area_unit", type="word", words=AreaUnit, entry="derived"),
    Field(name="clause", type="text", entry="derived"),
    Field(name="is_illustrative", type="flag", entry="derived"),
    Field(name="unit_code", type="text", entry="derived"),
    Field(name="unit_name", type="text", entry="derived"),
)
#: What a feature of a tile says of a thing beside its id: what a map is coloured, labelled and asked by. A tile of many
#: units is as large as what each says, so the rest is read by the id.
ON_MAP: Final[dict[Thing, tuple[str, ...]]] = {
    "asset": ("code", "name", "level", "availability", "area_mu", "area_m2"),
    "park": ("zone_of", "code", "name_zh", "name_en"),
    "revitalization": ("kind", "path", "revived_on", "stated_area", "stated_area_unit", "unit_name"),
}
OF_PARK: Final[Fields] = table(
    Field(name="zone_of", type="id", entry="derived"),
    *(field for name, field in PARK.items() if name not in {"id", "geometry", "recorded_at"}),
)


def unit_properties(kind: Kind) -> Fields:
    """The properties of units of a kind, in the order in which they are shown."""
    own = (field for name, field in ASSET.items() if name not in ELSEWHERE)
    return table(*(field for field in own if field.reader == "public" and kind in field.kinds), *BESIDE.values())


@dataclass(frozen=True, kw_only=True, eq=False)
class Collection:
    """A collection: what is in it, and of units their kind and whether it holds those on offer alone. Each is itself.

    `instant`: the property that `datetime` asks about.
    """

    id: str
    thing: Thing
    shape: Shape
    kind: Kind | None = None
    is_on_offer: bool = False
    instant: str | None = None
    properties: Fields

    @property
    def is_written(self) -> bool:
        """Whether staff may add and change its features."""
        return self.thing == "asset" and not self.is_on_offer

    @property
    def sisters(self) -> list[Collection]:
        """The collections of the same things, each in another shape; itself first."""
        stem = self.id.removesuffix(next(ending for ending, shape in SHAPES if shape == self.shape))
        others = [COLLECTIONS[f"{stem}{ending}"] for ending, _ in SHAPES if f"{stem}{ending}" in COLLECTIONS]
        return [self, *(other for other in others if other is not self)]

    @property
    def has_tiles(self) -> bool:
        """Whether its features lie anywhere."""
        return self.shape != "none"

    @property
    def on_map(self) -> Fields:
        """The properties that its tiles have of a feature."""
        return {name: self.properties[name] for name in ON_MAP[self.thing]}

    @property
    def geometry_type(self) -> str | None:
        """The one GeoJSON type of its geometries."""
        return {"outline": "MultiPolygon", "point": "Point", "none": None}[self.shape]


def _units(kind: Kind, *, is_on_offer: bool) -> list[Collection]:
    return [
        Collection(
            id=f"{'idle-' if is_on_offer else ''}{kind.value}{ending}",
            thing="asset",
            shape=shape,
            kind=kind,
            is_on_offer=is_on_offer,
            instant="changed_at",
            properties=unit_properties(kind),
        )
        for ending, shape in (SHAPES[:2] if is_on_offer else SHAPES)
    ]


def _revitalizations(ending: str, shape: Shape) -> Collection:
    return Collection(
        id=f"revitalizations{ending}",
        thing="revitalization",
        shape=shape,
        instant="revived_on",
        properties=REVITALIZATION,
    )


#: Every collection by its id, in the order of lists.
COLLECTIONS: Final[dict[str, Collection]] = {
    collection.id: collection
    for collection in (
        *_units(Kind.land, is_on_offer=True),
        *_units(Kind.factory, is_on_offer=True),
        *_units(Kind.land, is_on_offer=False),
        *_units(Kind.factory, is_on_offer=False),
        Collection(id="parks", thing="park", shape="outline", properties=OF_PARK),
        *(_revitalizations(ending, shape) for ending, shape in SHAPES),
    )
}
