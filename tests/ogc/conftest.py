"""What tests of /ogc share: a park and its staff."""

from __future__ import annotations

import httpx
import pytest

from tests.api.story import Headers
from tests.ogc.editing import Feature


@pytest.fixture
async def park(client: httpx.AsyncClient) -> Feature:
    """The park 双桥经开区."""
    parks = (await client.get("/api/v1/parks")).json()["features"]
    return next(park for park in parks if park["properties"]["code"] == "shuangqiao")


@pytest.fixture
def staff(keys: dict[str, Headers]) -> Headers:
    return keys["demo-shuangqiao"]
