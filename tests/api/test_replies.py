"""How answers are sent: gzipped for those who accept it, whole for others, kept apart in caches."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    ("accepted", "is_gzipped"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("identity", False)],
)
@pytest.mark.parametrize("limit", [3, 1000])  # compressed at once, and aside
async def test_gzip_goes_to_those_who_accept_it(
    client: httpx.AsyncClient, accepted: str, is_gzipped: bool, limit: int
) -> None:
    plain = await client.get(f"/api/v1/assets?limit={limit}", headers={"Accept-Encoding": "identity"})
    sent = await client.get(f"/api/v1/assets?limit={limit}", headers={"Accept-Encoding": accepted})

    assert sent.json() == plain.json()
    assert (sent.headers.get("content-encoding") == "gzip") is is_gzipped
    assert (int(sent.headers["content-length"]) < int(plain.headers["content-length"])) is is_gzipped
    assert "accept-encoding" in sent.headers["vary"].lower()
    assert "authorization" in sent.headers["vary"].lower()


async def test_a_small_answer_is_left_alone(client: httpx.AsyncClient) -> None:
    sent = await client.get("/health/ready", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in sent.headers
