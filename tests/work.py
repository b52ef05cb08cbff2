"""How much work something does, told by the calls it makes: the same on every machine, however busy."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Calls:
    """Calls and returns of functions of this thread, those written in C among them."""

    count: int = 0


@contextmanager
def counting_calls() -> Iterator[Calls]:
    calls = Calls()

    def counted(*_: object) -> None:
        calls.count += 1

    sys.setprofile(counted)
    try:
        yield calls
    finally:
        sys.setprofile(None)
