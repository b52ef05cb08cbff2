"""Named queries: the text of a `.sql` file by name.

A file is a list of `-- name: <name>` lines, each followed by one sentence of comment and one statement.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

_NAME = re.compile(r"^-- name: ([a-z_0-9]+)$", re.MULTILINE)


@cache
def load(noun: str) -> SimpleNamespace:
    """The queries of `store/<noun>.sql` as attributes, comments stripped."""
    parts = _NAME.split((Path(__file__).parent / f"{noun}.sql").read_text(encoding="utf-8"))
    names, bodies = parts[1::2], parts[2::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{noun}.sql names a query twice")
    return SimpleNamespace(**{name: _statement(body) for name, body in zip(names, bodies, strict=True)})


def _statement(body: str) -> str:
    lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    return "\n".join(lines).rstrip().rstrip(";")
