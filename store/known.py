"""Queries on what is known today, or was at an instant: `x{known}` is the table, or its view with the past.

`{at_x}` is what was known then of the alias `x`; the instant is `$1`, null for today. Of the table alone the planner
knows how many rows and keys it holds; of a view over two it would guess.
"""

from __future__ import annotations

from datetime import datetime

from store.sql import fill, places


def as_known(query: str, as_of: datetime | None, **parts: str) -> str:
    """The query on what is known today (None), or was at the instant; its other places filled with `parts`."""
    then = "$1::timestamptz IS NULL" if as_of is None else "{x}.recorded_at <= $1 AND {x}.superseded_at > $1"
    known = {place: then.replace("{x}", place[3:]) for place in places(query) if place.startswith("at_")}
    if "known" in places(query):
        known["known"] = "" if as_of is None else "_known"
    return fill(query, **known, **parts)
