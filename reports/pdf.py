"""A paper as PDF: typst, without a network; the paper's texts travel as data and are never read as markup.

One font sets every paper, and it comes with the locked packages: a page looks the same on every machine, and none of
the system's fonts is looked at.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from domain.errors import Unavailable
from reports.paper import Cell, KnownDay, Paper, Part

TEMPLATE = Path(__file__).with_name("paper.typ")
#: The package that carries the font, the file in it, and what the font calls itself.
PACKAGE, FILE, FONT = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf", "Noto Sans SC"
#: Pages are set one after the other: a page costs a core for about 0.2 s.
_TYPESETTING = threading.Lock()


def font_file() -> Path | None:
    """The Chinese font that papers are set in. None: it is not there."""
    spec = find_spec(PACKAGE)
    places = () if spec is None else spec.submodule_search_locations or ()
    return next((file for place in places if (file := Path(place) / FILE).is_file()), None)


def pdf_of(paper: Paper) -> bytes:
    """The paper on A4. Raises Unavailable where the font is not there."""
    made: bytes = _set(paper, format="pdf", timestamp=datetime.now(UTC).replace(microsecond=0))
    return made


def pictures_of(paper: Paper, *, ppi: float = 80) -> list[bytes]:
    """Its pages as PNG."""
    return _pages(_set(paper, format="png", ppi=ppi))


def drawings_of(paper: Paper) -> list[str]:
    """Its pages as SVG, letters as outlines: they look the same without the font."""
    return [page.decode() for page in _pages(_set(paper, format="svg"))]


def _pages(made: Any) -> list[bytes]:
    return made if isinstance(made, list) else [made]


def _set(paper: Paper, **options: Any) -> Any:
    return typeset(TEMPLATE, "paper", _data(paper), **options)


def typeset(template: Path, name: str, data: Mapping[str, Any], **options: Any) -> Any:
    """What typst makes of a template, whose data has this name. Raises Unavailable where the font is not there."""
    import typst  # loaded by a process that prints, and by no other: 81 MB

    with _TYPESETTING, tempfile.TemporaryDirectory() as empty:
        return typst.compile(
            template.read_bytes(),
            root=empty,
            font_paths=_fonts(),
            sys_inputs={name: json.dumps(data, ensure_ascii=False)},
            **options,
        )


@cache
def _fonts() -> Any:
    import typst

    file = font_file()
    if file is None:
        raise Unavailable("no_chinese_font")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[file.parent])


def _data(paper: Paper) -> Mapping[str, Any]:
    texts = {name: getattr(paper, name) for name in ("title", "subtitle", "issuer", "foot", "flag", "language")}
    return {
        **texts,
        "is_one_page": paper.is_one_page,
        "font": FONT,
        "parts": [_part(paper, part) for part in paper.parts],
    }


def _part(paper: Paper, part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "heading": part.heading,
        "columns": list(part.columns),
        "widths": list(part.widths),
        "note": part.note,
        "is_numeric": part.is_numeric,
        "rows": [[_cell(paper, cell) for cell in row] for row in part.rows],
        "total": [_cell(paper, cell) for cell in part.total],
        "drawn": list(part.drawn),
        "pictures": list(part.pictures),
    }


def _cell(paper: Paper, value: Cell) -> dict[str, Any]:
    is_number = not isinstance(value, str | KnownDay) and value is not None
    number = value if isinstance(value, int | float) else float(value) if is_number else 0  # type: ignore[arg-type]
    return {"text": paper.shown(value), "is_number": is_number, "number": number}
