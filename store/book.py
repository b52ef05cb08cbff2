"""What parks state of themselves for their figures."""

from __future__ import annotations

from decimal import Decimal

from store.db import Act
from store.sql import load

SQL = load("book")


async def state_total(act: Act, kind: str, area_m2: Decimal, source: str) -> None:
    await act.conn.execute(SQL.state_total, act.scope_id, kind, area_m2, source)
