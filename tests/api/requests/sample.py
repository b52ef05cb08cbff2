"""What the requests of every noun are made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.api.district import District, SampleRequest
from tests.conftest import TODAY

Make = Callable[[District], Awaitable[SampleRequest]]
#: Module → operation → what makes a request of it, as they follow each other there.
BY_MODULE: defaultdict[str, dict[str, Make]] = defaultdict(dict)


def request(make: Make) -> Make:
    BY_MODULE[make.__module__][make.__name__] = make
    return make


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def feature(square: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    ring = [[round(x, 6), round(y, 6)] for x, y in square["coordinates"][0]]
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": [ring]}}
