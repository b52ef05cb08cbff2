"""Since when a leaf stands idle on a day: one query for figures, for readers of a unit, and for the daily update."""

from __future__ import annotations

from datetime import datetime

from store.known import as_known
from store.sql import load

SQL = load("idle")


def leaves(as_of: datetime | None, *, and_leaf: str = "", and_revived: str = "", and_asset: str = "") -> str:
    """The query on every leaf of a park, or of all, as known at an instant; narrowed by more conditions."""
    return as_known(SQL.idle_leaves, as_of, and_leaf=and_leaf, and_revived=and_revived, and_asset=and_asset)


#: The leaves of the trees whose roots are $4, as known today.
LEAVES_OF_ROOTS = leaves(
    None,
    and_leaf="AND o.leaf_id IN (SELECT l.id FROM asset AS l WHERE l.park_id = $2 AND l.root_id = ANY ($4))",
    and_revived="AND r.leaf_id IN (SELECT l.id FROM asset AS l WHERE l.park_id = $2 AND l.root_id = ANY ($4))",
    and_asset="AND a.root_id = ANY ($4)",
)
#: Leaves that nobody is in and whose idle start is not known: time alone can bring one, an entered or a legal day.
LEAVES_WITHOUT_START = leaves(
    None, and_asset="AND a.idle_since IS NULL AND a.availability NOT IN ('occupied', 'to_verify')"
)
