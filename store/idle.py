"""Since when a leaf stands idle on a day: one query for figures, for readers of a unit, and for the daily update."""

from __future__ import annotations

from store.known import as_known
from store.sql import load

SQL = load("idle")
_PLACES = ("{and_leaf}", "{and_revived}", "{and_asset}")


def _narrowed(leaf: str, revived: str, asset: str) -> str:
    query: str = SQL.idle_leaves
    for place, text in zip(_PLACES, (leaf, revived, asset), strict=True):
        query = query.replace(place, text)
    return query


#: Every leaf of a park, or of all.
LEAVES = _narrowed("", "", "")
#: The leaves of the trees whose roots are $4, as known today.
LEAVES_OF_ROOTS = as_known(
    _narrowed(
        "AND o.leaf_id IN (SELECT l.id FROM asset AS l WHERE l.park_id = $2 AND l.root_id = ANY ($4))",
        "AND r.leaf_id IN (SELECT l.id FROM asset AS l WHERE l.park_id = $2 AND l.root_id = ANY ($4))",
        "AND a.root_id = ANY ($4)",
    ),
    None,
)
#: Leaves that nobody is in and whose idle start is not known: time alone can bring one, an entered or a legal day.
LEAVES_WITHOUT_START = as_known(
    _narrowed("", "", "AND a.idle_since IS NULL AND a.availability NOT IN ('occupied', 'to_verify')"), None
)
