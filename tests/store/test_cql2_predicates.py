"""Filters in CQL2 on PostGIS: OGC's own predicates and their counts, values that are bound, nothing that cannot run."""

from __future__ import annotations

import json
import math
import os
import random
import unicodedata
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import asyncpg
import geopandas
import numpy as np
import pyproj
import pytest
import pytest_asyncio
import shapely

from domain.errors import Malformed
from geo.cql2 import FilterLanguage, parse
from geo.cql2_geometry import Transform
from store.cql2 import FUNCTIONS, MOST_CALCULATIONS, FilterColumn, compiled
from store.sql import fill
from tests.conftest import address, superuser

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "cql2"
COUNTRIES, PLACES, RIVERS = (
    "ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines",
)  # fmt: skip
#: Predicates whose number in the table is not that of the file → how many names begin so, letters without marks. OGC
#: wrote them anew for another city than København and kept the numbers.
STALE = {
    "ACCENTI(name) LIKE accenti('Ch%')": "Ch",
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": "chis",
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": "chis",
}
#: Columns of the file that it holds in another type.
TYPES = {"date": "date", "start": "timestamp", "end": "timestamp", "boolean": "boolean"}
SQL_TYPES = {"text": "text", "number": "float8", "integer": "bigint", "date": "date", "timestamp": "timestamptz",
             "boolean": "boolean", "geometry": "geometry(Geometry, 4326)"}  # fmt: skip
#: A table of our own: a row of ordinary values, one of the extreme, one of nothing.
OWN = {
    "名称": FilterColumn("name", "text"),
    "amount": FilterColumn("amount", "number"),
    "storeys": FilterColumn("storeys", "integer"),
    "is_serviced": FilterColumn("is_serviced", "boolean"),
    "built_on": FilterColumn("built_on", "date"),
    "listed_at": FilterColumn("listed_at", "timestamp"),
    "geometry": FilterColumn("geom", "geometry"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def conn() -> AsyncIterator[asyncpg.Connection]:
    """A database of the module's own with a table of ours, and a connection that may do anything."""
    if "PANHUO_TEST_ADMIN_URL" not in os.environ:
        pytest.skip("no test cluster: run `make test`")
    name = f"panhuo_cql2_{uuid.uuid4().hex[:12]}"
    await superuser(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(address(None, name))
    await connection.execute("CREATE EXTENSION postgis")
    await connection.execute(
        "CREATE TABLE unit (name text, amount float8, storeys integer, is_serviced boolean, built_on date, "
        "listed_at timestamptz, geom geometry(Geometry, 4326))"
    )
    await connection.execute(
        "INSERT INTO unit VALUES ('龙水 Straße 50%_\\', 0.1, 3, true, '2022-04-16', '2022-04-16T17:30:00Z', "
        "'SRID=4326;POINT(105.7 29.6)'), "
        "('', 'Infinity', -2147483648, false, 'infinity', '-infinity', "
        "'SRID=4326;POLYGON((179 0, 180 0, 180 1, 179 1, 179 0))'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    yield connection
    await connection.close()
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def layers(conn: asyncpg.Connection) -> dict[str, dict[str, FilterColumn]]:
    """The three layers of OGC's file as tables of these columns."""
    if not VECTORS.exists():
        pytest.skip("OGC's predicates are not beside this checkout")
    return {layer: await _load(conn, layer) for layer in (COUNTRIES, PLACES, RIVERS)}


async def _load(conn: asyncpg.Connection, layer: str) -> dict[str, FilterColumn]:
    frame = geopandas.read_file(VECTORS / "ne110m4cql2.gpkg", layer=layer).rename_geometry("geom")
    types: dict[str, Any] = {}
    values: dict[str, list[object]] = {}
    for name in frame.columns:
        kind = frame[name].dtype.kind
        types[name] = TYPES.get(name, {"i": "integer", "f": "number"}.get(kind, "text"))
        values[name] = [None if value is None or value != value else value for value in frame[name].tolist()]
    types["geom"] = "geometry"
    values["geom"] = [shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True) for shape in frame.geometry]
    for name in types.keys() & TYPES.keys():
        values[name] = [None if value is None else _own_type(types[name], value) for value in values[name]]
    columns = {name: FilterColumn(f'"{name}"', kind) for name, kind in types.items()}
    declared = ", ".join(f"{column.sql} {SQL_TYPES[column.type]}" for column in columns.values())
    await conn.execute(f"CREATE TABLE {layer} ({declared}); CREATE INDEX ON {layer} USING gist (geom)")
    marks = ", ".join(
        f"ST_GeomFromEWKB(${n}::bytea)" if column.type == "geometry" else f"${n}"
        for n, column in enumerate(columns.values(), start=1)
    )
    await conn.executemany(f"INSERT INTO {layer} VALUES ({marks})", list(zip(*values.values(), strict=True)))
    return columns


def _own_type(kind: str, value: Any) -> object:
    if kind == "boolean":
        return bool(value)
    return value.date() if kind == "date" else value.to_pydatetime().replace(tzinfo=UTC)


def statement(condition: str, values: Sequence[object], table: str, shown: str = "count(*)") -> str:
    places = {f"p{n}": f"${n}" for n in range(1, len(values) + 1)}
    return f"SELECT {shown} FROM {table} WHERE {fill(condition, **places)}"


async def count(
    conn: asyncpg.Connection,
    text: str,
    columns: dict[str, FilterColumn] = OWN,
    table: str = "unit",
    language: FilterLanguage = "cql2-text",
    transform: Transform | None = None,
) -> int:
    condition, values = compiled(parse(text, language), columns, transform=transform)
    return int(await conn.fetchval(statement(condition, values, table), *values))


@pytest.mark.handbook
async def test_every_predicate_of_ogc_selects_as_many_features_as_it_should(
    conn: asyncpg.Connection, layers: dict[str, dict[str, FilterColumn]]
) -> None:
    rows = json.loads((VECTORS / "predicates.json").read_text(encoding="utf-8"))

    counts = [await count(conn, row["predicate"], layers[row["collection"]], row["collection"]) for row in rows]

    names = [
        "".join(letter for letter in unicodedata.normalize("NFD", row["name"]) if not unicodedata.combining(letter))
        for row in await conn.fetch(f"SELECT name FROM {PLACES}")
    ]
    right = {
        text: sum(name.startswith(start) or (start.islower() and name.lower().startswith(start)) for name in names)
        for text, start in STALE.items()
    }
    expected = [right.get(row["predicate"], row["count"]) for row in rows]
    assert [row["predicate"] for row, n, m in zip(rows, counts, expected, strict=True) if n != m] == []
    assert right == dict(zip(STALE, (3, 1, 1), strict=True))
    assert len(rows) == 274


@pytest.mark.handbook
async def test_a_spatial_predicate_uses_the_index(
    conn: asyncpg.Connection, layers: dict[str, dict[str, FilterColumn]]
) -> None:
    plans = {}
    for text in ("S_INTERSECTS(geom, BBOX(0,40,10,50))", "S_WITHIN(geom, BBOX(0,40,10,50))"):
        condition, values = compiled(parse(text, "cql2-text"), layers[COUNTRIES])
        async with conn.transaction():
            await conn.execute("SET LOCAL enable_seqscan = off")
            plan = await conn.fetch(f"EXPLAIN {statement(condition, values, COUNTRIES)}", *values)
        plans[text] = any("_geom_idx" in row[0] for row in plan)

    assert plans == dict.fromkeys(plans, True)


@pytest.mark.handbook
async def test_a_filter_with_the_axes_swapped_or_in_metres_finds_the_same(
    conn: asyncpg.Connection, layers: dict[str, dict[str, FilterColumn]]
) -> None:
    def swapped(positions: np.ndarray) -> np.ndarray:
        return positions[:, ::-1]

    to_degrees = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
    to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)

    def from_metres(positions: np.ndarray) -> np.ndarray:
        return np.column_stack(to_degrees.transform(positions[:, 0], positions[:, 1]))

    (west, south), (east, north) = to_metres.transform(0, 40), to_metres.transform(10, 50)
    columns, table = layers[COUNTRIES], COUNTRIES

    assert await count(conn, "S_INTERSECTS(geom, BBOX(0,40,10,50))", columns, table) == 8
    assert await count(conn, "S_INTERSECTS(geom, BBOX(40,0,50,10))", columns, table, transform=swapped) == 8
    box = f"S_INTERSECTS(geom, BBOX({west},{south},{east},{north}))"
    assert await count(conn, box, columns, table, transform=from_metres) == 8
    # across 180 degrees, latitude first
    assert await count(conn, "S_INTERSECTS(geom, BBOX(-90,150,90,-150))", columns, table, transform=swapped) == 10
    assert await count(conn, "S_INTERSECTS(geom, POINT(49.92 7.02))", columns, table, transform=swapped) == 1


def test_a_geometry_outside_the_system_of_the_filter_is_refused() -> None:
    def nowhere(positions: np.ndarray) -> np.ndarray:
        return np.full_like(positions, math.inf)

    with pytest.raises(Malformed, match="filter_outside_crs"):
        compiled(parse("S_INTERSECTS(geometry, POINT(1 1))", "cql2-text"), OWN, transform=nowhere)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("名称 LIKE '%50\\%%'", 1),
        ("名称 LIKE '%50\\_%'", 0),
        ("名称 LIKE '%\\\\'", 1),
        ("CASEI(名称) LIKE CASEI('%STRASSE%')", 1),
        ("CASEI(\"名称\") = CASEI('龙水 STRASSE 50%_\\')", 1),
        ("名称 < 'a' AND 名称 >= ''", 1),
        ("amount = 0.1", 1),
        ("amount = 1/10", 1),
        ("storeys = 7 div 2", 1),
        ("storeys = 7 / 2", 0),
        ("2^3^2 = 512 AND storeys = 3", 1),
        ("amount / 0 IS NULL", 3),
        ("amount % 0 = 1 OR storeys div 0 = 1", 0),
        ("(0-storeys)^0.5 IS NULL AND amount^1e300 IS NULL AND 0^(0-1) IS NULL", 2),
        ("storeys^0 = 1", 2),
        ("NOT (storeys = 3)", 1),
        ("is_serviced", 1),
        ("is_serviced = (storeys > 2)", 2),
        ("is_serviced IS NULL", 1),
        ("storeys IN (3, 4.5)", 1),
        # 2022-04-16T17:30Z is the 17th in Shanghai
        ("listed_at = DATE('2022-04-17')", 1),
        ("built_on < listed_at", 1),
        ("T_EQUALS(listed_at, DATE('2022-04-17'))", 1),
        ("T_INTERSECTS(listed_at, INTERVAL('2022-04-17', '..'))", 1),
        ("T_BEFORE(built_on, INTERVAL('..', '..'))", 0),
        ("T_DURING(INTERVAL(built_on, built_on), INTERVAL('..', '..'))", 1),
        ("listed_at >= TIMESTAMP('2022-04-16T17:30:00.000Z')", 1),
        ("listed_at >= TIMESTAMP('2022-04-17T01:30:00+08:00')", 1),
        ("listed_at >= TIMESTAMP('0000-01-01T00:00:00Z')", 2),
        ("listed_at <= TIMESTAMP('9999-12-31T00:00:00Z')", 2),
        ("built_on <= DATE('9999-12-31') AND built_on > DATE('0000-01-01')", 2),
        ("T_INTERSECTS(built_on, INTERVAL('0000-01-01', '9999-12-31'))", 2),
        ("listed_at > TIMESTAMP('0002-01-01T00:00:00+14:00')", 1),
        ("listed_at < TIMESTAMP('9998-12-31T23:59:59-14:00')", 2),
        ("S_INTERSECTS(geometry, BBOX(170,-10,-170,10))", 1),
        ("S_INTERSECTS(geometry, BBOX(105.7,29.6,105.7,29.6))", 1),
        ("S_INTERSECTS(geometry, BBOX(105,29.6,106,29.6))", 1),
        ("S_INTERSECTS(geometry, BBOX(105,29,0,106,30,100))", 1),
        ("S_INTERSECTS(geometry, BBOX(-180,-90,180,90))", 2),
        ("S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(1 1, 2 2)))", 2),
        ("S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT Z(105.7 29.6 300), MULTIPOINT(1 1, 2 2)))", 1),
        ("S_EQUALS(POINT(1 2), POINT(1 2))", 3),
        ("geometry IS NULL", 1),
        ("TRUE", 3),
        ("-storeys = -3 AND -2^2 = 4", 1),
    ],
)  # fmt: skip
async def test_what_a_filter_selects(conn: asyncpg.Connection, text: str, rows: int) -> None:
    assert await count(conn, text) == rows


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("name = 'x'", "filter_property", {"name": "name", "known": sorted(OWN)}),
        ("pg_sleep(10) = 1", "filter_function", {"name": "pg_sleep", "known": FUNCTIONS}),
        ("A_CONTAINS(名称, ('a', 'b'))", "filter_function", {"name": "a_contains", "known": FUNCTIONS}),
        ("名称 = 5", "filter_type", {"operator": "=", "subject": "5", "got": "number", "expected": ["text"]}),
        ("storeys IN (1, 'b')", "filter_type",
         {"operator": "IN", "subject": "'b'", "got": "text", "expected": ["number"]}),
        ("built_on > '2022-04-16'", "filter_type",
         {"operator": ">", "subject": "'2022-04-16'", "got": "text", "expected": ["date"]}),
        ("geometry = geometry", "filter_type", {"operator": "=", "subject": "geometry", "got": "geometry",
                                                "expected": ["text", "number", "date", "timestamp"]}),
        ("amount + 名称 = 1", "filter_type",
         {"operator": "+", "subject": "名称", "got": "text", "expected": ["number"]}),
        ("storeys", "filter_type",
         {"operator": "filter", "subject": "storeys", "got": "number", "expected": ["boolean"]}),
        ("S_INTERSECTS(geometry, 名称)", "filter_type",
         {"operator": "s_intersects", "subject": "名称", "got": "text", "expected": ["geometry"]}),
        ("T_AFTER(storeys, built_on)", "filter_type",
         {"operator": "t_after", "subject": "storeys", "got": "number", "expected": ["date", "timestamp"]}),
        ("INTERVAL('..','..') IS NULL", "filter_type",
         {"operator": "IS NULL", "subject": "INTERVAL", "got": "interval",
          "expected": ["text", "number", "date", "geometry"]}),
        ("T_DURING(built_on, INTERVAL('..','..'))", "filter_needs_intervals", {"name": "t_during"}),
        ("T_AFTER(built_on, INTERVAL('..'))", "filter_interval", {}),
        ("built_on = DATE('2022-02-30')", "filter_instant", {"value": "2022-02-30"}),
        ("built_on = DATE('2022-04-16T00:00:00Z')", "filter_instant", {"value": "2022-04-16T00:00:00Z"}),
        ("built_on = DATE('٢٠٢٢-04-16')", "filter_instant", {"value": "٢٠٢٢-04-16"}),
        ("listed_at = TIMESTAMP('2022-04-16T00:00:00')", "filter_instant", {"value": "2022-04-16T00:00:00"}),
        ("名称 LIKE 'x\\'", "filter_pattern", {}),
        ("名称 LIKE 名称", "filter_pattern", {}),
        ("名称 LIKE CASEI(ACCENTI('x\\'))", "filter_pattern", {}),
        ("casei(名称, 名称) = 'x'", "filter_arguments", {"name": "casei", "count": 1, "got": 2}),
        ("S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(1 1, 2 2)))", "filter_mixed", {}),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))", "shape_invalid", {"lon": 1.0, "lat": 1.0}),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 2 2)))", "filter_positions", {"type": "Polygon"}),
        ("S_INTERSECTS(geometry, LINESTRING(0 0))", "filter_positions", {"type": "LineString"}),
        ("S_INTERSECTS(geometry, BBOX(0, 1, 2))", "filter_bbox", {}),
        ("S_INTERSECTS(geometry, BBOX(0, 2, 1, 1))", "bbox_order", {}),
        ("1" + "+1" * 30 + " = storeys" + "+1" * 35, "filter_calculations", {"most": MOST_CALCULATIONS}),
    ],
)  # fmt: skip
def test_what_a_filter_cannot_mean_is_refused_by_name(text: str, code: str, params: dict[str, object]) -> None:
    with pytest.raises(Malformed) as refusal:
        compiled(parse(text, "cql2-text"), OWN)

    assert [(fault.code, fault.field, dict(fault.params)) for fault in refusal.value.faults] == [
        (code, "filter", params)
    ]


@pytest.mark.parametrize(
    "value",
    ["'; DROP TABLE unit; --", "' OR '1'='1", "\\'; SELECT pg_sleep(10); --", "{p1}", "$1", "$$; DROP TABLE unit; $$"],
)
async def test_a_value_stays_a_value(conn: asyncpg.Connection, value: str) -> None:
    literal = "'" + value.replace("'", "''") + "'"
    text = f"名称 = {literal} OR CASEI(名称) IN ({literal})"

    condition, values = compiled(parse(text, "cql2-text"), OWN)

    assert values == [value, value]
    assert value == "{p1}" or value not in condition
    assert await count(conn, text) == 0
    assert await conn.fetchval("SELECT count(*) FROM unit") == 3


@pytest.mark.parametrize("name", ['名称"; DROP TABLE unit; --', "name", "unit.name", "1=1) OR (1=1", "__class__"])
def test_a_name_that_is_not_declared_never_becomes_sql(name: str) -> None:
    quoted = name.replace('"', '""')
    for node in (
        parse(f"\"{quoted}\" = 'x'", "cql2-text"),
        {"op": name, "args": ["x", "y"]},
        {"op": "=", "args": [{"property": name}, "x"]},
    ):
        with pytest.raises(Malformed, match=r"filter_property|filter_function"):
            compiled(node, OWN)


class Filters:
    """Trees made at random, mostly of the right types: what gets through must run."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def tree(self, kind: str, depth: int) -> Any:
        if self.random.random() < 0.04:
            kind = self.random.choice(["text", "number", "boolean", "date", "timestamp", "geometry", "interval"])
        return getattr(self, f"_{kind}")(depth)

    def trees(self, kind: str, depth: int, n: int) -> list[Any]:
        return [self.tree(kind, depth) for _ in range(n)]

    def _text(self, depth: int) -> Any:
        if depth > 0 and self.random.random() < 0.4:
            return {"op": self.random.choice(["casei", "accenti"]), "args": [self._text(depth - 1)]}
        texts = ["", "x", "%", "_", "\\", "\\\\%", "é", "ß", "한글", "'", "{p1}", "$1", "\u0301", "龙水", "\U0001f3ed"]
        return self.random.choice([{"property": "名称"}, self.random.choice(texts)])

    def _number(self, depth: int) -> Any:
        if depth > 0 and self.random.random() < 0.6:
            operator = self.random.choice(["+", "-", "*", "/", "%", "div", "^", "^", "^"])
            return {"op": operator, "args": self.trees("number", depth - 1, 2)}
        numbers = [0, 1, -1, 2, 0.5, -0.5, 1e308, -1e308, 1e-308, 5e-324, 2**63, 9**18, 1000, 0.1]
        properties = [{"property": "amount"}, {"property": "storeys"}]
        return self.random.choice([*properties, self.random.choice(numbers)])

    def _date(self, depth: int) -> Any:
        day = self.random.choice(["0000-02-29", "0001-01-01", "0002-01-01", "2022-04-16", "9998-12-31", "9999-12-31"])
        return self.random.choice([{"property": "built_on"}, {"date": day}])

    def _timestamp(self, depth: int) -> Any:
        day = self._date(0).get("date", "2022-04-16")
        at = self.random.choice(["00:00:00Z", "23:59:59.999999999Z", "23:59:59-23:59", "00:00:00+23:59"])
        return self.random.choice([{"property": "listed_at"}, {"timestamp": f"{day}T{at}"}])

    def _interval(self, depth: int) -> Any:
        ends = [self.random.choice([self._date(0), self._timestamp(0), ".."]) for _ in range(2)]
        return {"interval": [end.get("date", end) if isinstance(end, dict) else end for end in ends]}

    def _geometry(self, depth: int) -> Any:
        def position() -> list[float]:
            return [self.random.choice([0, 180, -180, 105.7, 1e300, -90, 29.6, self.random.uniform(-180, 180)])
                    for _ in range(self.random.choice([2, 2, 2, 3]))]  # fmt: skip

        if depth > 0 and self.random.random() < 0.2:
            return {"type": "GeometryCollection", "geometries": self.trees("geometry", depth - 1, 2)}
        ring = [position() for _ in range(self.random.randint(1, 5))]
        return self.random.choice(
            [
                {"property": "geometry"},
                {"bbox": [*position()[:2], *position()[:2]]},
                {"type": "Point", "coordinates": position()},
                {"type": "MultiPoint", "coordinates": ring},
                {"type": "LineString", "coordinates": ring},
                {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
                {"type": "MultiPolygon", "coordinates": [[[*ring, ring[0]]]]},
            ]
        )

    def _boolean(self, depth: int) -> Any:
        if depth <= 0:
            return self.random.choice([True, False, {"property": "is_serviced"}])
        kind = self.random.choice(["text", "number", "boolean", "date", "timestamp"])
        operator = self.random.choice(
            ["and", "or", "not", "isNull", "like", "in", "between", "=", "<>", "<", ">=", *FUNCTIONS]
        )
        match operator:
            case "and" | "or":
                return {"op": operator, "args": self.trees("boolean", depth - 1, self.random.randint(1, 3))}
            case "not":
                return {"op": operator, "args": self.trees("boolean", depth - 1, 1)}
            case "isNull":
                return {"op": operator, "args": self.trees(kind, depth - 1, 1)}
            case "like":
                return {"op": operator, "args": self.trees("text", depth - 1, 2)}
            case "in":
                return {"op": operator, "args": [self.tree(kind, depth - 1), self.trees(kind, depth - 1, 2)]}
            case "between":
                return {"op": operator, "args": self.trees(kind, depth - 1, 3)}
            case "casei" | "accenti":
                return {"op": "=", "args": self.trees("text", depth - 1, 2)}
        if operator.startswith("s_"):
            return {"op": operator, "args": self.trees("geometry", depth - 1, 2)}
        if operator.startswith("t_"):
            kinds = self.random.choices(["date", "timestamp", "interval", "interval"], k=2)
            return {"op": operator, "args": [self.tree(of_kind, depth) for of_kind in kinds]}
        return {"op": operator, "args": self.trees(kind, depth - 1, 2)}


async def test_what_is_not_refused_runs(conn: asyncpg.Connection) -> None:
    filters, outcomes, failed = Filters(20), {"ran": 0, "refused": 0}, []

    for _ in range(3000):
        text = json.dumps(filters.tree("boolean", 5))
        try:
            condition, values = compiled(parse(text, "cql2-json"), OWN)
        except Malformed:
            outcomes["refused"] += 1
            continue
        try:
            await conn.fetchval(statement(condition, values, "unit"), *values)
        except Exception as fault:
            failed.append((str(fault), text))
        outcomes["ran"] += 1

    assert failed == []
    assert outcomes["ran"] > 800 < outcomes["refused"]
