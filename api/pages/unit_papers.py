"""A unit on paper: a sheet of A4, and a picture to pass on; both of what its page shows."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

from api.pages.frame import PageRequest, path_of
from api.pages.unit import KEY, UnitFacts, figure, groups, park_name, plan_of, read_unit
from domain.fields import ASSET
from domain.words import Kind
from reports.paper import Paper, Part
from reports.pdf import pdf_of
from reports.poster import Poster, PosterFigure, picture_of
from reports.qr import qr_svg
from texts.lookup import heading, tables
from texts.words import words_of

SHEET: Final = "application/pdf"
POSTER: Final = "image/png"
#: Figures on a poster.
SHOWN = 6
#: Colours of a plan on paper.
PLAN_STYLE: Final = (
    "<style>.plan{background:#e9edf1}.park{fill:#fff;stroke:#7c8795;stroke-width:1.5;stroke-dasharray:6 4}"
    ".other{fill:none;stroke:#7c8795}.unit{fill:#0a6175;fill-opacity:.25;stroke:#0a6175;stroke-width:2.5}"
    ".scale path,.north path{fill:none;stroke:#46525f;stroke-width:2}text{fill:#46525f;font-size:14px}</style>"
)


async def sheet_of(page: PageRequest, asset_id: UUID) -> bytes:
    """The sheet, as PDF. Raises Unavailable where the font is not there."""
    return await asyncio.to_thread(pdf_of, unit_sheet(page, await read_unit(page.context.db, asset_id)))


def unit_sheet(page: PageRequest, facts: UnitFacts) -> Paper:
    """A unit on one page."""
    properties, texts = facts.properties, page.texts
    own = page.address(path_of(facts.row["park_code"], properties["code"]))
    figures = [figure(page, facts, ASSET[name]) for name in KEY[properties["kind"]]]
    drawn = _on_paper(plan_of(page, facts))
    parts = [Part("figures", texts["key_figures"], [
        (fact["label"], fact["value"], "" if fact["is_unknown"] else fact["unit"]) for fact in figures])]  # fmt: skip
    if drawn:
        parts.append(Part("pictures", texts["plan"], [], pictures=(drawn, qr_svg(own)), note=own))
    for group in groups(page, facts):
        cells = [cell for fact in group["facts"] for cell in (fact["label"], f"{fact['value']} {fact['unit']}".strip())]
        rows = [tuple(cells[n : n + 2]) for n in range(0, len(cells), 2)]
        parts.append(Part("pairs", group["heading"], rows))
    return Paper(
        name=f"{facts.row['park_code']}-{properties['code']}",
        title=facts.name,
        subtitle=_place(page, facts),
        parts=parts,
        foot=f"{own} · {page.context.today}",
        flag=tables("pages", page.language)["poster"]["illustrative"] if facts.invented else "",
        language=page.language,
        unknown=texts["unknown"],
        is_one_page=True,
    )


async def poster_of(page: PageRequest, asset_id: UUID) -> bytes:
    """The poster, as PNG. Raises Unavailable where the font is not there."""
    return await asyncio.to_thread(picture_of, unit_poster(page, await read_unit(page.context.db, asset_id)))


def unit_poster(page: PageRequest, facts: UnitFacts) -> Poster:
    properties, texts = facts.properties, tables("pages", page.language)["poster"]
    own = page.address(path_of(facts.row["park_code"], properties["code"]))
    figures = [figure(page, facts, ASSET[name]) for name in KEY[properties["kind"]]]
    known = [fact for fact in figures if not fact["is_unknown"]][:SHOWN]
    return Poster(
        name=facts.name,
        place=_place(page, facts),
        slogan=texts["slogan"],
        figures=[PosterFigure(fact["label"], fact["value"], fact["unit"]) for fact in known],
        plan=_on_paper(plan_of(page, facts)) or "",
        code=qr_svg(own),
        scan=texts["scan"],
        address=own,
        flag=texts["illustrative"] if facts.invented else "",
        language=page.language,
    )


def _place(page: PageRequest, facts: UnitFacts) -> str:
    kind: Any = words_of(Kind, page.language)[facts.properties["kind"]]
    return f"{park_name(page, facts.row)} · {heading(kind)} · {facts.properties['code']}"


def _on_paper(drawn: str | None) -> str | None:
    """A plan with its colours."""
    return None if drawn is None else drawn.replace("</title>", f"</title>{PLAN_STYLE}", 1)
