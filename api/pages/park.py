"""The page of a park with what it has on offer, and the first page of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.pages.frame import PageRequest, path_of, rendered
from api.pages.unit import cell, fact_label, park_name
from api.shown_value import NUMERIC
from domain.actor import ANONYMOUS
from domain.fields import ASSET
from domain.words import Kind
from store import unit_page
from texts.lookup import heading, label, tables
from texts.words import words_of

#: Columns of a list, after the unit itself.
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    Kind.land: ("area_mu", "price_yuan_m2"),
    Kind.factory: ("level", "area_m2", "rent_yuan_m2_month"),
}


async def park_page_of(page: PageRequest, park_id: UUID) -> bytes:
    """The page of a park, as HTML."""
    async with page.context.db.read(ANONYMOUS) as conn:
        feature = await unit_page.park_facts(conn, park_id)
        rows = await unit_page.on_offer(conn, park_id)
    properties = feature["properties"]
    name = park_name(page, properties)
    og = [("type", "website"), ("title", name), ("url", page.address(path_of(properties["code"])))]
    return rendered(
        page, "park.html", name, og,
        about=properties["name_en"] if page.language == "zh" else properties["name_zh"],
        in_all=f"{rows[0]['in_all'] if rows else 0:,}",
        groups=[_group(page, properties["code"], kind, [row for row in rows if row["kind"] == kind])
                for kind in (Kind.land, Kind.factory) if any(row["kind"] == kind for row in rows)],
        data=page.context.state.link(f"/api/v1/assets?park={properties['code']}"),
    )  # fmt: skip


def _group(page: PageRequest, park_code: str, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    fields = [ASSET[name] for name in COLUMNS[kind]]
    units = [f" {label('unit', field.unit, page.language)}" if field.unit else "" for field in fields]
    headings = [fact_label(page, field.name) + unit
                for field, unit in zip(fields, units, strict=True)]  # fmt: skip
    return {
        "heading": heading(words_of(Kind, page.language)[kind]),
        "sum": f"{len(rows):,}",
        "headings": [fact_label(page, "name"), *headings],
        "numeric": [n for n, field in enumerate(fields, 1) if field.type in NUMERIC],
        "rows": [
            {"name": f"{row['name'] or row['code']}", "href": page.link(path_of(park_code, row["code"])),
             "is_illustrative": bool(row["illustrative"]),
             "cells": [cell(page, row, name) for name in COLUMNS[kind]]}
            for row in rows
        ],
    }  # fmt: skip


async def front_page_of(page: PageRequest) -> bytes:
    """What is here, and where to go."""
    async with page.context.db.read(ANONYMOUS) as conn:
        rows = await unit_page.parks(conn)
    texts, places = page.texts, tables("pages", page.language)["place"]
    parks = [
        {"name": park_name(page, row), "href": page.link(path_of(row["code"])),
         "about": texts["park_about"].format(n=f"{row['n']:,}", land=f"{row['land_mu'] or 0:,.2f}",
                                             factory=f"{row['factory_m2'] or 0:,.0f}")}
        for row in rows
    ]  # fmt: skip
    others = [
        {"name": places["ogc"], "about": places["ogc_about"], "href": page.context.state.link("/ogc?f=html")},
        {"name": places["docs"], "about": places["docs_about"], "href": page.context.state.link("/docs")},
    ]
    og = [("type", "website"), ("title", texts["front_title"]), ("url", page.address("/"))]
    return rendered(page, "front.html", texts["front_title"], og, parks=parks, places=others)
