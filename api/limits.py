"""How often one address or account may ask for what is costly. Counted in each process; several add up."""

from __future__ import annotations

import time
from collections import OrderedDict

from domain.errors import TooMany

MOST_KEPT = 10_000


class Limits:
    """Buckets that fill again over a minute, one per budget and caller; the longest unused are forgotten."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def spend(self, budget: str, caller: str, per_minute: int) -> None:
        """Takes one. Raises TooMany, saying when the next is free; a budget of 0 has no limit."""
        if per_minute <= 0:
            return
        now = time.monotonic()
        left, seen_at = self._buckets.pop((budget, caller), (float(per_minute), now))
        left = min(float(per_minute), left + (now - seen_at) * per_minute / 60)
        self._buckets[budget, caller] = (max(left - 1, 0) if left >= 1 else left, now)
        if len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooMany("too_many", retry_after_s=max(1, round((1 - left) * 60 / per_minute)))
