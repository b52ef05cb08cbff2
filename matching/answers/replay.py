"""What a ranking rested on, as plain JSON values, and whether ranking again from them gives the same answer.

Kept are the rows that can have been shown, with the tables and park facts they point to. Counts over the whole
catalogue are recorded facts and not compared; nor is the place a unit would take once confirmed, which is one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.catalogue.catalogue import Catalogue, own_lists
from matching.catalogue.retrofits import Retrofits
from matching.catalogue.table import Units
from matching.parks import ParkProfile
from matching.scaled import Column, column

#: Columns that are places in a table of the catalogue, and that table.
TABLES = MappingProxyType({"facts": "facts_keys", "policy": "policies"})
#: What a replay compares: of the answer, and of each result.
COMPARED = ("model_version", "chain_version", "day", "missing")
COMPARED_RESULT = (
    "asset_ids",
    "score",
    "points",
    "status",
    "path",
    "taken_m2",
    "yearly_cost_yuan",
    "hard",
    "soft",
    "unknown",
)
MOST_DIFFERENCES = 50


def packed(catalogue: Catalogue, ids: Sequence[str]) -> dict[str, Any]:
    """Some rows of a catalogue and what they point to. Empty: an id that is not in it is left out."""
    taken = catalogue.take(ids)
    columns = {name: _plain(values) for name, values in taken.columns.items()}
    tables: dict[str, Any] = {}
    for name, table in TABLES.items():
        entries = getattr(taken, table)
        if name in taken:
            used, index = np.unique(taken[name].values, return_inverse=True)
            columns[name] = {"dtype": str(taken[name].values.dtype), "values": index.tolist()}
            entries = [entries[place] for place in used]
        tables[table] = list(entries) if name in taken else []
    return {"ids": list(taken.ids), "columns": columns, **tables, "works": _plain_works(taken.retrofits)}


def _plain(values: Column) -> dict[str, Any]:
    pairs = zip(values.values.tolist(), values.known.tolist(), strict=True)
    return {"dtype": str(values.values.dtype), "values": [value if known else None for value, known in pairs]}


def _plain_works(retrofits: Retrofits) -> dict[str, Any]:
    parts = {field.name: getattr(retrofits, field.name) for field in fields(retrofits)}
    return {name: part.tolist() if isinstance(part, np.ndarray) else list(part) for name, part in parts.items()}


def unpacked(document: Mapping[str, Any]) -> Catalogue:
    """The catalogue of the rows that were kept."""
    retrofits: dict[str, Any] = {
        name: tuple(part) if name in ("rule", "source", "payer") else np.array(part, np.int64)
        for name, part in document["works"].items()
    }
    whole = Units.of(
        np.array(document["ids"], np.str_),
        {name: _column(packed) for name, packed in document["columns"].items()},
        tuple(document["facts_keys"]),
        tuple(own_lists(allowed, forbidden, dict(fittings)) for allowed, forbidden, fittings in document["policies"]),
        Retrofits(**retrofits),
    )
    return Catalogue.of(whole)


def _column(packed: Mapping[str, Any]) -> Column:
    known = np.array([value is not None for value in packed["values"]], np.bool_)
    values = np.array([0 if value is None else value for value in packed["values"]], packed["dtype"])
    return column(values, known)


def park_facts(parks: Mapping[str, ParkProfile], keys: Sequence[str]) -> dict[str, Any]:
    """The facts of these parks and zones alone; one nobody knows is left out."""
    return {key: asdict(ParkProfile.of(parks[key])) for key in keys if key in parks}


def differences(stored: Mapping[str, Any], again: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where two answers differ in what a replay compares: the field and both values, at most so many."""
    differing: list[dict[str, Any]] = []
    for field, old, new in _differing(_compared(stored), _compared(again), ""):
        differing.append({"field": field, "stored": old, "replayed": new})
        if len(differing) == MOST_DIFFERENCES:
            break
    return differing


def _compared(answer: Mapping[str, Any]) -> dict[str, Any]:
    lists = {
        kind: {"results": [{name: result.get(name) for name in COMPARED_RESULT} for result in part["results"]]}
        for kind, part in answer["lists"].items()
    }
    return {**{name: answer.get(name) for name in COMPARED}, "lists": lists}


def _differing(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _differing(old.get(name), new.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (first, second) in enumerate(zip(old, new, strict=True)):
            yield from _differing(first, second, f"{path}.{place}")
    elif old != new:
        yield path, old, new
