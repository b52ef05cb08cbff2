"""Features as the columns of a table: the JSON texts of the members that are wanted, of a portion of rows at a time.

Members are decoded by records of what is wanted alone. Where one stands follows from its field: in the feature itself,
among its `attributes`, or in what the staff of its park read beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from domain.fields import TABLES
from ledger.columns import CODES, NULL, PARK_COLUMNS, POINT, WKT, Portion

#: Members that say where a row lies, wanted or not; its park is the first that is there, a park itself by its id.
PLACES: Final = ("park_id", "zone_of", "zone_id")
_NULL: Final = Raw(NULL)


class FeatureReader:
    """Reads the columns of a thing from its rows: `feature`, perhaps `staff_facts`, and members beside them.

    `parks`: the id of each park and zone, as JSON → its `PARK_COLUMNS`.
    """

    def __init__(self, thing: str, names: Iterable[str], parks: Mapping[bytes, Mapping[str, bytes]]) -> None:
        fields, self._names, self._parks = TABLES.get(thing, {}), dict.fromkeys(names), parks
        self._attributes = [name for name in self._names if name in fields and fields[name].store == "attributes"]
        self._staff = [name for name in self._names if name in fields and fields[name].reader == "staff"]
        elsewhere = {"id", *PARK_COLUMNS, *POINT, *CODES.values(), WKT, *self._attributes, *self._staff}
        self._own = [name for name in dict.fromkeys((*self._names, *PLACES)) if name not in elsewhere]
        facts = (
            _record(self._own, ("attributes", _record(self._attributes))) if self._attributes else _record(self._own)
        )
        self._feature: Decoder[Any] = Decoder(_record(["id", "geometry"], ("properties", facts)))
        self._beside = Decoder(_record(self._staff))

    def columns(self, rows: Sequence[Any]) -> Portion:
        """The members of all rows by column, `id` and `geometry` among them. `rows`: at least one."""
        features = [*map(self._feature.decode, [row["feature"] for row in rows])]
        facts = [feature.properties for feature in features]
        columns = _columns(self._own, facts)
        if self._attributes:
            columns |= _columns(self._attributes, [fact.attributes for fact in facts])
        if self._staff:
            columns |= _columns(self._staff, [self._beside.decode(row.get("staff_facts") or b"{}") for row in rows])
        for name in self._names.keys() & rows[0].keys():
            columns[name] = [msgspec.json.encode(row[name]) for row in rows]
        columns |= _columns(["id", "geometry"], features)
        return columns | self._places(columns)

    def _places(self, columns: Portion) -> dict[str, Sequence[bytes]]:
        """The columns that say where rows lie: those of their parks, the codes of their zones, their points."""
        ids = zip(columns["park_id"], columns["zone_of"], columns["id"], strict=True)
        parks = [self._parks[next(raw for raw in row if raw != NULL)] for row in ids]
        places: dict[str, Sequence[bytes]] = {name: [park[name] for park in parks] for name in PARK_COLUMNS}
        places["zone_code"] = [NULL if raw == NULL else self._parks[raw]["park_code"] for raw in columns["zone_id"]]
        if not self._names.keys().isdisjoint(POINT):
            places |= zip(POINT, zip(*map(_point, columns["geometry"]), strict=True), strict=True)
        return places


def _record(names: Sequence[str], *inner: tuple[str, type[Struct]]) -> type[Struct]:
    """A record of these members, each its JSON text, null where it is left out; behind them those that have others."""
    return defstruct("Wanted", [*((name, Raw, _NULL) for name in names), *inner], kw_only=True, gc=False)


def _columns(names: Sequence[str], records: Sequence[Struct]) -> dict[str, Sequence[bytes]]:
    raws = zip(*map(astuple, records), strict=True)
    return {name: _texts(column) for name, column in zip(names, raws, strict=False)}


def _texts(raws: Sequence[Raw]) -> Sequence[bytes]:
    """Their bytes, one object where all are the same.

    By one text that is split: asking each for its own takes twice as long. What the database makes holds no NUL.
    """
    first = bytes(raws[0])
    if raws[-1] is raws[0] and raws.count(raws[0]) == len(raws):  # left out of all rows
        return [first] * len(raws)
    text = b"\0".join(raws)
    if bytes(raws[-1]) == first and text == b"\0".join(alike := [first] * len(raws)):
        return alike
    return text.split(b"\0")


def _point(geometry: bytes) -> tuple[bytes, bytes]:
    """Longitude and latitude of a geometry that is a point; of an outline none is as good as another."""
    if not geometry.startswith(b'{"type":"Point"'):
        return NULL, NULL
    longitude, latitude = msgspec.json.decode(geometry)["coordinates"]
    return msgspec.json.encode(longitude), msgspec.json.encode(latitude)
