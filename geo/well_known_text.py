"""Outlines and points as well-known text, as GIS programs write them. Source: OGC 06-103r4."""

from __future__ import annotations

import json
import re
from typing import Any

KINDS = {"POINT": "Point", "POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}
_HEAD = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(POINT|POLYGON|MULTIPOLYGON)\s*(?:Z\s*)?(\(.*\))\s*", re.IGNORECASE | re.DOTALL
)

#: Numbers with spaces between them, tried where one begins and nowhere else.
_POSITION = re.compile(r"(?<![-+.\deE])[-+.\deE]+(?:\s+[-+.\deE]+)+")


def from_text(text: str) -> dict[str, Any] | None:
    """A geometry as decoded GeoJSON, positions in their order; None where the text is none."""
    match = _HEAD.fullmatch(text)
    if match is None:
        return None
    if match[1].upper() == "POINT":
        body = f"[{_numbers(match[2].strip('() '))}]"
    else:
        body = _POSITION.sub(lambda position: f"[{_numbers(position[0])}]", match[2])
        body = body.replace("(", "[").replace(")", "]")
    try:
        return {"type": KINDS[match[1].upper()], "coordinates": json.loads(body)}
    except (ValueError, RecursionError):
        return None


def _numbers(position: str) -> str:
    return ",".join(position.split())
