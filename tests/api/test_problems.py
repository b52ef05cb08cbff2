"""Every problem that the service answers leads to a page that says what it means and how to mend it."""

from __future__ import annotations

import re
from html import escape

import httpx
import pytest

from api.errors import STATUS
from api.problems import KINDS
from texts.lookup import tables

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_type_has_a_page_in_both_languages(client: httpx.AsyncClient, kind: str) -> None:
    zh = (await client.get(f"/problems/{kind}")).json()
    en = (await client.get(f"/problems/{kind}", headers={"Accept-Language": "en"})).json()
    page = await client.get(f"/problems/{kind}", headers=BROWSER)

    assert (zh["type"], zh["status"], en["status"]) == (f"/problems/{kind}", KINDS[kind], KINDS[kind])
    for name in ("title", "meaning", "remedy"):
        assert re.search(r"[\u4e00-\u9fff]", zh[name]), name
        assert not re.search(r"[\u4e00-\u9fff]", en[name]), name
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    shown = re.sub(r"</?code>", "`", page.text)
    assert escape(zh["meaning"]) in shown
    assert escape(zh["remedy"]) in shown


def test_every_kind_that_is_refused_is_one_of_them() -> None:
    titles = tables("refusals", "zh")

    assert {kind for _, kind in STATUS.values()} <= set(KINDS)
    assert set(KINDS) == set(titles["title"]) == set(titles["meaning"]) == set(titles["remedy"])


async def test_a_refusal_leads_to_its_page_and_each_fault_to_its_own(client: httpx.AsyncClient) -> None:
    refused = (await client.get("/api/v1/assets?limit=0&colour=red")).json()

    page = await client.get(refused["type"])
    fault = await client.get(f"/problems/{refused['errors'][0]['code']}")

    assert (page.status_code, page.json()["title"]) == (200, refused["title"])
    assert fault.status_code == 200
    assert (await client.get("/problems/no-such")).status_code == 404
    assert (await client.get("/problems/%3Cscript%3E", headers=BROWSER)).status_code == 404
