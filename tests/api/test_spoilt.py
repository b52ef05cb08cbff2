"""Each value of each request, spoilt in every way: refused by name or rightly taken, never a fault of the server's, and
what is refused is not written.

The requests and what may stand in them come from the description of the interface.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import httpx
import pytest

from api import webhook
from tests.api.district import District, SampleRequest
from tests.api.requests import ALSO, REQUESTS
from tests.api.spoiling import Spoilt, spoilt
from tests.api.test_bad_input import StaffClient, staff_client

__all__ = ["staff_client"]

MAKES = {**REQUESTS, **ALSO}
SLOWEST_S = 10


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKES)
async def test_each_value(
    district: District, staff_client: StaffClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TESTS_PER_MINUTE", 1000)

    faults = await faults_of(district, staff_client, name)

    assert faults == []


async def faults_of(district: District, staff_client: StaffClient, name: str) -> list[str]:
    """What is wrong with the answers to all that can be spoilt of a request."""
    query = await MAKES[name](district)
    method, path, facts = district.operation(query.operation)
    cases = sorted(spoilt(query, facts, district.document["components"]), key=lambda case: case.may_pass)
    if not path.startswith("/api/v1"):  # probes of a supervisor may say what they like
        cases = []
    before, faults = await staff_client.rows(), []
    for n, case in enumerate(cases):
        answer = await _sent(district, query, case)
        faults += _faults(case, answer)
        if answer.is_success and method != "GET":
            query = await MAKES[name](district)
            before = await staff_client.rows()
        elif case.may_pass or n + 1 == len(cases) or cases[n + 1].may_pass:
            faults += [] if await staff_client.rows() == before else [f"{case}: rows were written"]
    assert (await district.send(query)).is_success, "what was refused changed something"
    return faults


async def _sent(district: District, request: SampleRequest, case: Spoilt) -> httpx.Response:
    changed, text = case.applied_to(request)
    async with asyncio.timeout(SLOWEST_S):
        return await district.send(changed, text=text)


def _faults(case: Spoilt, answer: httpx.Response) -> list[str]:
    about = f"{case.place} {case.name} {case.what}: {answer.status_code} {answer.text[:300]}"
    if answer.is_success:
        return [] if case.may_pass else [about]
    if not 400 <= answer.status_code < 500 or answer.headers["content-type"] != "application/problem+json":
        return [about]
    fault = answer.json()["errors"][0]
    return [] if _names(case, answer.status_code, fault) else [about]


def _names(case: Spoilt, status: int, fault: Mapping[str, str]) -> bool:
    """Whether a refusal names what was spoilt, in its field or, of two that go together, in its sentence."""
    if case.place == "path":  # there is no such address, or no such record
        return status == 404
    if case.place in ("body", "query") and case.what == "half a character":  # then the whole is no text
        return fault["field"] == case.place
    if case.place == "body" and status == 401:  # whoever guesses is not told which of the two is wrong
        return fault["field"] == ""
    named = re.sub(r"\[(\d+)\]", r".\1", fault["field"])
    name = case.path[-1]
    if fault["code"] in ("one_of_two", "one_of_these") and case.name.startswith(named):  # the list is what is too much
        return True
    if case.place == "body" and re.fullmatch(rf"(asset_ids|rows)\.\d+\.{name}", named):  # of one of many units
        return True
    is_named = isinstance(name, str) and re.search(rf"\b{name}\b", fault["message"], re.ASCII) is not None
    if f"{named}.".startswith(f"{case.name}.") or is_named:
        return True
    is_whole = "geometry." in case.name or case.what == "over every number"  # one shape; read as one
    return (is_whole and case.name.startswith(f"{named}.")) or (
        case.what == "missing" and named == (case.name.rpartition(".")[0] or "body")  # of a change that says no more
    )
