"""Queries on what is known today, or was at an instant: `x{known}` is the table, or its view with the past.

`{at:x}` is what was known then of `x`; the instant is `$1`, null for today. Of the table alone the planner knows how
many rows and keys it holds; of a view over two it would guess.
"""

from __future__ import annotations

import re
from datetime import datetime

_AT = re.compile(r"\{at:(\w)\}")


def as_known(query: str, as_of: datetime | None) -> str:
    """The query on what is known today (None), or was at the instant."""
    if as_of is None:
        return _AT.sub("$1::timestamptz IS NULL", query.replace("{known}", ""))
    return _AT.sub(r"\1.recorded_at <= $1 AND \1.superseded_at > $1", query.replace("{known}", "_known"))
