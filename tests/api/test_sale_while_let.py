"""A sale of space that is let, over HTTP: who is to be told before, and what is noted."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tests.api.story import Headers, box, firm_of, register
from tests.api.test_law import another_case, day, firm, notes_of
from tests.api.test_paths import WALKS, Case, opened


async def let_hall(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str, n: int = 0, **facts: Any
) -> tuple[Case, str, str]:
    """A hall let to a tenant for long, its tenant, and its owner."""
    about = {"allowed_paths": ["lease", "sublease", path], "title_is_registered": True, "mortgage": "none", **facts}
    lease = await opened(client, keys, park, "lease", 10 + n)
    hall = await register(
        client, lease.staff, park, f"L-{n}", box(park, n), **{"level": "building", **about}, is_seized=False
    )
    tenant, owner = await firm(lease, f"承租企业{n}"), await firm(lease, f"出卖人{n}")
    let = await another_case(
        lease, "lease", tenant, [hall["id"]], starts_on=day(-100), ends_on=day(400), opened_on=day(-100)
    )
    await let.through(
        {"stage": "signed", "signed_on": day(-100)}, {"stage": "handed_over", "handed_over_on": day(-100)}
    )
    let.unit = hall
    return let, tenant, owner


@pytest.mark.parametrize(
    ("path", "days", "article"), [("sale", 15, "民法典第726条"), ("judicial_auction", 5, "民法典第727条")]
)
async def test_a_sale_while_let_notes_what_was_told_to_the_tenant_and_goes_on(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], path: str, days: int, article: str
) -> None:
    let, tenant, owner = await let_hall(client, keys, park, path)
    buyer = await firm_of(client, keys)
    sale = await another_case(let, path, buyer, [let.unit["id"]], owner_firm_id=owner)
    assert await notes_of(sale) == []
    await sale.through(*WALKS[path][:2])

    noted = (await client.get(sale.place, headers=sale.staff)).json()["notes"]

    assert [item["code"] for item in noted] == ["tenant_not_notified"]
    assert noted[0]["article"].startswith(article)
    paper = f"/api/v1/papers/outcomes/{sale.outcome['id']}"
    sheet = await client.get(paper, headers=sale.staff, params={"format": "xlsx"})
    cells = [cell.value for row in load_workbook(io.BytesIO(sheet.content)).active.iter_rows() for cell in row]
    assert any("未见通知承租人" in str(value) and article in str(value) for value in cells)
    assert (await client.get(paper, headers=sale.staff)).content.startswith(b"%PDF-")
    facts = {"stage": "tenant_notified", "tenants": [{"firm_id": tenant}]}
    await sale.step(**facts, happened_on=day(1 - days))
    assert await notes_of(sale) == ["tenant_notified_late"]
    await sale.step(**facts, happened_on=day(-days))
    assert await notes_of(sale) == []
    late = facts | {"tenants": [{"firm_id": tenant, "answer": "waived", "answered_on": day(0)}]}
    await sale.step(**late, happened_on=day(0))
    assert await notes_of(sale) == []
    await sale.step(stage="tenant_notified", reason="并非书面通知")
    assert await notes_of(sale) == ["tenant_not_notified"]
    await sale.through(*WALKS[path][2:])
    assert await notes_of(sale) == ["tenant_not_notified"]


async def test_a_notice_goes_to_who_is_a_tenant(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    let, tenant, owner = await let_hall(client, keys, park, "sale")
    sale = await another_case(let, "sale", await firm_of(client, keys), [let.unit["id"]], owner_firm_id=owner)
    facts: dict[str, Any] = {"stage": "tenant_notified", "happened_on": day(-20)}

    await sale.refused("tenants", "missing", 422, **facts)
    await sale.refused("tenants.0.firm_id", "not_a_tenant", 422, **facts, tenants=[{"firm_id": owner}])
    early = facts | {"happened_on": day(-101)}
    await sale.refused("tenants.0.firm_id", "not_a_tenant", 422, **early, tenants=[{"firm_id": tenant}])
    answered = {"firm_id": tenant, "answer": "exercised", "answered_on": day(-21)}
    await sale.refused("tenants.0.answered_on", "dates_reversed", 422, **facts, tenants=[answered])
    await sale.step(**facts, tenants=[answered | {"answered_on": day(-5)}])
    await sale.through(*WALKS["sale"][:2])

    assert await notes_of(sale) == ["tenant_exercises"]


async def test_the_tenant_of_a_space_let_on_is_who_let_it_on_and_a_tenant_who_buys_needs_no_notice(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    let, tenant, owner = await let_hall(client, keys, park, "sale")
    sub = await another_case(
        let,
        "sublease",
        await firm(let, "次承租人"),
        [let.unit["id"]],
        owner_firm_id=tenant,
        starts_on=day(-50),
        ends_on=day(300),
    )
    await sub.through(
        {"stage": "signed", "signed_on": day(0), "consent_no": "同意-1"},
        {"stage": "handed_over", "handed_over_on": day(0)},
    )
    sale = await another_case(let, "sale", await firm_of(client, keys), [let.unit["id"]], owner_firm_id=owner)
    await sale.step(stage="tenant_notified", happened_on=day(-20), tenants=[{"firm_id": tenant}])
    await sale.through(*WALKS["sale"][:2])
    assert await notes_of(sale) == []
    await sale.step(stage="withdrawn", reason="承租人购买")

    bought = await another_case(let, "sale", tenant, [let.unit["id"]], owner_firm_id=owner)
    await bought.through(*WALKS["sale"][:2])

    assert await notes_of(bought) == []


async def test_let_land_carries_no_first_refusal(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any]
) -> None:
    """Civil Code 726 is about buildings."""
    let, _, owner = await let_hall(client, keys, park, "sale", level="plot")
    sale = await another_case(let, "sale", await firm_of(client, keys), [let.unit["id"]], owner_firm_id=owner)

    await sale.through(*WALKS["sale"][:2])

    assert await notes_of(sale) == []
