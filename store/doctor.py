"""What `panhuo doctor` looks at: rules no constraint can hold, and stored states that follow from facts."""

from __future__ import annotations

from datetime import date

from store.db import Database
from store.flat import FLAT
from store.sql import fill, load

SQL = load("doctor")
#: Name of a check → whether it needs to know the day.
CHECKS = {
    "constraints": False,
    "outlines": False,
    "unplaced": False,
    "zones": False,
    "areas": False,
    "overlaps": False,
    "wholes": False,
    "availability": True,
    "holdings": False,
    "deals": False,
    "promises": False,
    "claims": True,
    "space": True,
    "codes": False,
    "revivals": False,
    "features": False,
    "unchangeable": False,
}
QUERIES = vars(SQL) | {"features": fill(SQL.features, flat=FLAT)}


async def findings(db: Database, check: str, *, today: date, most: int) -> list[str]:
    """What one check finds wrong, the first `most`. Empty: nothing."""
    parameters: list[object] = [most, today] if CHECKS[check] else [most]
    async with db.system() as conn:
        return [row["what"] for row in await conn.fetch(QUERIES[check], *parameters)]
