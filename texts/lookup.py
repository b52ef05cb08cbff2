"""What people read, by language, subject and key: a folder a language, in it a file a subject, in it tables of texts.

A language is a folder here and nothing else. Each text stands in every language and names the same `{parameters}`;
`tests/texts/test_texts.py` holds that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
Language = str
#: Spoken where the caller asks for none that is here.
FIRST: Language = "zh"


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is, the first one first."""
    return tuple(sorted({file.parent.name for file in FOLDER.glob("*/*.toml")}, key=lambda name: (name != FIRST, name)))


@cache
def tables(subject: str, language: Language) -> Mapping[str, Mapping[str, str]]:
    """The texts of a subject by table and key."""
    return tomllib.loads((FOLDER / language / f"{subject}.toml").read_text(encoding="utf-8"))


def side_by_side(subject: str, table: str, key: str, /, *, between: str = " ", **parameters: object) -> str:
    """A text in every language at once, the first one first: for a terminal or a document that all readers share."""
    return between.join(tables(subject, language)[table][key].format(**parameters) for language in languages())


def label(vocabulary: str, word: str, language: Language) -> str:
    """What people call a word of a vocabulary, as it stands within a sentence; one without a label is itself."""
    return tables("labels", language)[vocabulary].get(word, word)


def field_label(thing: str, name: str, language: Language) -> str:
    """What people call a field of a thing, within a sentence; what is no field of it is itself."""
    return tables("fields", language)[thing].get(name, name)


def heading(text: str) -> str:
    """A label where it stands alone."""
    return text[:1].upper() + text[1:]


def tag(language: Language) -> str:
    """The language as HTTP names it. Source: RFC 5646."""
    return "zh-CN" if language == "zh" else language


def language_of(accept_language: str | None) -> Language:
    """The first language unless another one here is preferred; `q` weights are obeyed. Source: RFC 9110 §12.5.4."""
    best: tuple[float, Language] = (0.0, FIRST)
    for part in (accept_language or "").split(","):
        name, _, weight = "".join(part.lower().split()).partition(";q=")
        try:
            q = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name[:2] in languages() and q > best[0]:
            best = (q, name[:2])
    return best[1]
