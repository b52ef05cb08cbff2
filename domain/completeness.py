"""Which important facts of a unit are known and which are missing, by its level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.field import Field
from domain.fields import ASSET
from domain.words import Level

#: Level → the facts that its units are complete with, in the order in which they are shown.
COMPLETING: Final[Mapping[Level, tuple[Field, ...]]] = {
    level: tuple(field for field in ASSET.values() if level in field.completes) for level in Level
}


@dataclass(frozen=True)
class Completeness:
    """The names of the facts that are known and of those that are missing; `percent` is 100 where none is."""

    known: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        return 100 * len(self.known) // (len(self.known) + len(self.missing))

    def document(self) -> dict[str, object]:
        return {"percent": self.percent, "known": list(self.known), "missing": list(self.missing)}


def completeness(feature: Mapping[str, Any]) -> Completeness:
    """Of a unit as its Feature shows it: what a part takes from its whole is known of it."""
    fields = COMPLETING[Level(feature["properties"]["level"])]
    missing = frozenset(_missing(fields, feature))
    return Completeness(
        tuple(field.name for field in fields if field.name not in missing),
        tuple(field.name for field in fields if field.name in missing),
    )


def _missing(fields: tuple[Field, ...], feature: Mapping[str, Any]) -> Iterator[str]:
    properties = feature["properties"]
    for field in fields:
        if field.store == "geometry":
            is_known = feature["geometry"] is not None and feature["geometry"]["type"] != "Point"
        else:
            place = properties["attributes"] if field.store == "attributes" else properties
            is_known = place.get(field.name) not in (None, [])
        if not is_known:
            yield field.name
