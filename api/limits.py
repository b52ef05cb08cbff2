"""How often one address or account may ask for what is costly. Counted in each process; several add up."""

from __future__ import annotations

import time
from collections import OrderedDict

from domain.errors import TooMany

MOST_KEPT = 10_000


class Limits:
    """Buckets that fill again over a time, one per budget and caller; the longest unused are forgotten."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def spend(self, budget: str, caller: str, most: int, *, window_s: float = 60.0) -> None:
        """Takes one of so many in a time. Raises TooMany, saying when the next is free; 0 has no limit."""
        if most <= 0:
            return
        now = time.monotonic()
        left, seen_at = self._buckets.pop((budget, caller), (float(most), now))
        left = min(float(most), left + (now - seen_at) * most / window_s)
        self._buckets[budget, caller] = (max(left - 1, 0) if left >= 1 else left, now)
        if len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooMany("too_many", retry_after_s=max(1, round((1 - left) * window_s / most)))
