"""The pictures of the README are drawn from the demo: pages of the service's own papers, and its chart of a firm.

`make pictures` draws them anew. The day is fixed, so that they are the same on any other.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest
import pytest_asyncio

from api import report, request
from reports.paper import Paper
from reports.pdf import drawings_of
from tests.api.story import Headers

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Picture → the day it is of: the half year is over; the firm has reported a year and more.
DAYS = {
    "half-year.svg": datetime(2025, 7, 1, 1, tzinfo=UTC),
    "decision-sheet.svg": datetime(2025, 7, 1, 1, tzinfo=UTC),
    "firm-chart.svg": datetime(2026, 7, 1, 1, tzinfo=UTC),
}
MOST_BYTES = 150_000
#: The id of a ranking, another in every database.
ID = "01990000-0000-7000-8000-000000000001"
#: What an SVG means without saying it.
DEFAULTS = (
    ' fill-rule="nonzero"', ' stroke-linecap="butt"', ' stroke-linejoin="miter"', ' stroke-miterlimit="4"', ' x="0"',
    ' y="0"', ' xmlns:h5="http://www.w3.org/1999/xhtml"', ' xmlns:xlink="http://www.w3.org/1999/xlink"',
)  # fmt: skip
_RUN = re.compile(r'<g transform="([^"]+)">((?:<use href="#\w+"(?: x="[^"]+")?(?: y="[^"]+")?( fill="[^>]+)/>)+)</g>')


def compact(page: str, paper: Paper) -> str:
    """The same page in fewer bytes: short names, two decimals, a colour once for a run of letters.

    Letters are outlines; a title and what the first part says stand beside them for who cannot see.
    """
    names: dict[str, str] = {}
    text = page.replace("xlink:href", "href")
    text = re.sub(r"\bg[0-9A-F]{16,}\b", lambda name: names.setdefault(name[0], f"g{len(names)}"), text)
    text = re.sub(r"-?\d+\.\d+", lambda number: _short(float(number[0])), text)
    for default in DEFAULTS:
        text = text.replace(default, "")
    text = _RUN.sub(lambda run: f'<g transform="{run[1]}"{run[3]}>{run[2].replace(run[3] + "/>", "/>")}</g>', text)
    text = re.sub(r' d="([^"]+)"', lambda path: f' d="{_short_path(path[1])}"', text)
    cells = [paper.shown(cell) for row in paper.parts[0].rows for cell in row]
    words = f"<title>{escape(paper.title)} · {escape(paper.subtitle)}</title><desc>{escape(' · '.join(cells))}</desc>"
    return text.replace(">", f">{words}\n", 1).replace("</symbol>", "</symbol>\n").strip() + "\n"


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _short_path(path: str) -> str:
    text = re.sub(r"\s*([A-Za-z])\s*", r"\1", path)
    text = re.sub(r"(?<![\d.])(-?)0(?=\.\d)", r"\1", text)
    return text.replace(" -", "-")


@pytest_asyncio.fixture(loop_scope="session")
async def pictures(
    client: httpx.AsyncClient, keys: dict[str, Headers], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, str]]:
    """The three pictures, drawn now."""
    papers: list[Paper] = []

    def kept(paper: Paper) -> bytes:
        papers.append(paper)
        return b"%PDF-"

    async def ask(name: str, method: str, address: str, login: str, **more: Any) -> httpx.Response:
        class Then(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Any:
                return DAYS[name].astimezone(tz)

        monkeypatch.setattr(request, "datetime", Then)
        headers = keys[login] | more.pop("headers", {})
        answer = await client.request(method, f"/api/v1{address}", headers=headers, **more)
        assert answer.is_success, answer.text
        return answer

    monkeypatch.setitem(report.MEDIA, "pdf", (report.MEDIA["pdf"][0], kept))
    half = {"from": "2025-01-01", "to": "2025-06-30", "format": "pdf"}
    await ask("half-year.svg", "GET", "/papers/statistics", "demo-leader", params=half)
    place = ("decision-sheet.svg", "GET", "/demands", "demo-zhiding")
    demand = (await ask(*place)).json()["items"][0]["id"]
    ranking = (await ask(place[0], "POST", f"/demands/{demand}/rankings", place[3])).json()["id"]
    english = {"Accept-Language": "en"}
    await ask(*place[:2], f"/rankings/{ranking}/decision-sheet", place[3], headers=english)
    outcomes = (await ask("firm-chart.svg", "GET", "/outcomes", "demo-shuangqiao")).json()["items"]
    swap = next(outcome["id"] for outcome in outcomes if outcome["output_yuan_year"] == 200_000_000)
    chart = await ask("firm-chart.svg", "GET", f"/outcomes/{swap}/chart.svg", "demo-shuangqiao")

    half_year, sheet = papers
    sheet = replace(sheet, foot=sheet.foot.replace(ranking, ID))
    pages = {"half-year.svg": half_year, "decision-sheet.svg": sheet}
    drawn = {name: compact(drawings_of(paper)[0], paper) for name, paper in pages.items()}
    yield drawn | {"firm-chart.svg": chart.text + "\n"}


async def test_the_pictures_are_those_of_the_demo(pictures: dict[str, str], pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--pictures"):
        FOLDER.mkdir(exist_ok=True)
        for name, text in pictures.items():
            (FOLDER / name).write_text(text, encoding="utf-8")

    drawn = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert drawn.keys() == pictures.keys() == DAYS.keys()
    assert [name for name, text in pictures.items() if drawn[name] != text] == [], "run `make pictures`"
    assert [name for name, text in drawn.items() if len(text.encode()) > MOST_BYTES] == []


def test_the_readme_shows_each_picture_and_says_what_is_on_it() -> None:
    shown = re.findall(r'<img src="docs/pictures/([^"]+)"[^>]* alt="([^"]{20,})"', README)

    assert [name for name, _ in shown] == list(DAYS)
    assert all((FOLDER / name).is_file() for name, _ in shown)
    figures = re.findall(r"([\d,.]+) (?:亩|㎡)", dict(shown)["half-year.svg"])
    answer = README.split("```json")[1]
    assert figures == ["857.00", "38,000.00"]
    picture = (FOLDER / "half-year.svg").read_text(encoding="utf-8")
    assert [figure.replace(",", "") in answer and f"· {figure} ·" in picture for figure in figures] == [True, True]
