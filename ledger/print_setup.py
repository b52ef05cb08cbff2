"""How a sheet is printed: as its maker set it, or so that all its columns stand on as few pages as can be read.

Source: ECMA-376 part 1 §18.3.1.63, 18.3.1.64.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Papers by their number in a workbook.
A4: Final = 9
#: Characters across a page of A4 that lies, at a quarter of their size: smaller ones nobody reads.
READABLE: Final = 600
#: Rows of a sheet. Source: the limits of Excel.
MOST_ROWS: Final = 1_048_576
#: Top, left, bottom, right, from 0, all included.
Area = tuple[int, int, int, int]
_FIT = re.compile(rb"<(?:\w+:)?pageSetUpPr\b[^>]*\bfitToPage=[\"'](?:1|true)[\"']")
_SETUP = re.compile(rb"<(?:\w+:)?pageSetup\b([^>]*)")
_ATTRIBUTE = re.compile(rb"\b(\w+)=[\"'](\w*)[\"']")
_AREA = re.compile(r".*!\$?([A-Z]{1,2})\$?([1-9]\d{0,6}):\$?([A-Z]{1,2})\$?([1-9]\d{0,6})", re.DOTALL)


@dataclass(frozen=True)
class PrintSetup:
    """Paper, and what stands on it.

    `pages`: how many wide and how many high, 0: as many as it takes; None: by `scale`, percent. `area`: what is
    printed; None: all.
    """

    pages: tuple[int, int] | None = (1, 0)
    paper: int = A4
    is_landscape: bool = True
    scale: int = 100
    area: Area | None = None

    @property
    def properties_xml(self) -> str:
        """What a sheet begins with where its pages are counted."""
        return "" if self.pages is None else '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'

    @property
    def xml(self) -> str:
        wide, high = self.pages or (1, 1)
        sized = f'scale="{self.scale}"' if self.pages is None else f'fitToWidth="{wide}" fitToHeight="{high}"'
        turned = "landscape" if self.is_landscape else "portrait"
        return f'<pageSetup paperSize="{self.paper}" {sized} orientation="{turned}"/>'


def pages_wide(widths: Iterable[float]) -> int:
    """On how many pages columns of these widths, in characters, stand beside one another: one unless none reads it."""
    return max(1, -(-int(sum(widths)) // READABLE))


def setup_of(sheet: bytes, area: str | None) -> PrintSetup | None:
    """How the maker of a sheet had it printed, from its XML and the reference of its area.

    Empty: None where it is neither scaled nor fitted and has no area; programs write paper and orientation unasked. An
    area alone stands on one page across.
    """
    element = _SETUP.search(sheet)
    attributes = dict(_ATTRIBUTE.findall(element[1])) if element is not None else {}
    wide, high = _number(attributes, b"fitToWidth", 1), _number(attributes, b"fitToHeight", 1)
    pages = None if _FIT.search(sheet) is None else (wide, high)
    scale, printed = _number(attributes, b"scale", 100), None if area is None else _area(area)
    paper, orientation = _number(attributes, b"paperSize", A4), attributes.get(b"orientation")
    if pages is not None or (10 <= scale <= 400 and scale != 100):
        return PrintSetup(pages, paper, orientation == b"landscape", scale, printed)
    return None if printed is None else PrintSetup(paper=paper, is_landscape=orientation != b"portrait", area=printed)


def _number(attributes: Mapping[bytes, bytes], name: bytes, default: int) -> int:
    text = attributes.get(name, b"")
    return int(text) if text.isdigit() and len(text) < 5 else default


def _area(reference: str) -> Area | None:
    """The rectangle of a reference; one of several, of whole rows or columns, or beyond a sheet is none."""
    match = _AREA.fullmatch(reference)
    if match is None or "," in reference or int(match[4]) > MOST_ROWS:
        return None
    return int(match[2]) - 1, _column(match[1]), int(match[4]) - 1, _column(match[3])


def _column(text: str) -> int:
    n = 0
    for letter in text:
        n = n * 26 + ord(letter) - 64
    return n - 1


def setup_from(document: Mapping[str, Any] | None) -> PrintSetup | None:
    """The setup that a document of JSON holds, as `asdict` made it."""
    if document is None:
        return None
    pages, area = ((None if part is None else tuple(part)) for part in (document["pages"], document["area"]))
    return PrintSetup(**{**document, "pages": pages, "area": area})
