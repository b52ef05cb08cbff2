"""A picture of a unit to pass on, with the code that opens its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from reports.pdf import FONT, typeset
from texts.lookup import Language

TEMPLATE = Path(__file__).with_name("poster.typ")
#: 270 × 360 points at this many dots an inch are 1080 × 1440.
PPI = 288


@dataclass(frozen=True)
class PosterFigure:
    """A label, a value and its unit."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True)
class Poster:
    """What stands on a poster; `plan` and `code` are SVG, `plan` empty where nobody said where the unit lies."""

    name: str
    place: str
    slogan: str
    figures: Sequence[PosterFigure]
    plan: str
    code: str
    scan: str
    address: str
    flag: str
    language: Language


def picture_of(poster: Poster) -> bytes:
    """The poster as PNG, 1080 × 1440."""
    made: bytes = typeset(TEMPLATE, "poster", {**asdict(poster), "font": FONT}, format="png", ppi=PPI)
    return made
