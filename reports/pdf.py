"""A paper as PDF: typst, without a network; the paper's texts travel as data and are never read as markup."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.errors import Unavailable
from reports.paper import Paper

TEMPLATE = Path(__file__).with_name("paper.typ")
#: Set in this order: the first that the machine has.
FONTS = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei")
#: Pages are set one after the other: a page costs a core for about 0.2 s.
_TYPESETTING = threading.Lock()


def pdf_of(paper: Paper) -> bytes:
    """The paper on A4. Raises Unavailable where the machine has no Chinese font."""
    made: bytes = _set(paper, format="pdf", timestamp=datetime.now(UTC).replace(microsecond=0))
    return made


def pictures_of(paper: Paper, *, ppi: float = 80) -> list[bytes]:
    """Its pages as PNG."""
    made = _set(paper, format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _set(paper: Paper, **options: Any) -> Any:
    import typst  # loaded by a process that prints, and by no other: 81 MB

    with _TYPESETTING, tempfile.TemporaryDirectory() as empty:
        return typst.compile(
            _template(),
            root=empty,
            sys_inputs={"paper": json.dumps(_data(paper), ensure_ascii=False)},
            **options,
        )


@cache
def _template() -> bytes:
    import typst

    families = {name.lower() for name in typst.Fonts().families()}
    if not any(name.lower() in families for name in FONTS):
        raise Unavailable("no_chinese_font")
    return TEMPLATE.read_bytes()


def _data(paper: Paper) -> Mapping[str, Any]:
    parts = [
        {
            "kind": part.kind,
            "heading": part.heading,
            "columns": list(part.columns),
            "widths": list(part.widths),
            "note": part.note,
            "is_numeric": part.is_numeric,
            "rows": [[_cell(paper, cell) for cell in row] for row in part.rows],
        }
        for part in paper.parts
    ]
    texts = {name: getattr(paper, name) for name in ("title", "subtitle", "foot", "flag", "language")}
    return {**texts, "fonts": list(FONTS), "parts": parts}


def _cell(paper: Paper, value: Any) -> dict[str, Any]:
    return {"text": paper.shown(value), "is_number": not isinstance(value, str) and value is not None}
