"""What people call each field, as headings are compared: names that are certain, cut, and in pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from domain.field import Field
from domain.fields import ASSET, POSITION
from ledger.columns import CODES, PARK_COLUMNS, WKT
from texts.lookup import field_label, languages, tables

#: What a guess rests on, from the surest: the caller's word; a label of the field or its name; another heading of its
#: declaration; the first ten letters of one; its pinyin; its end; nothing.
Ground = Literal["mapping", "label", "heading", "cut", "pinyin", "part", "unknown"]
TARGETS: Mapping[str, Field] = ASSET | POSITION
#: Fields whose cells name another record by its code, name or id: which one, the act says.
REFERENCES = ("park_id", "zone_id", "parent_id", "plot_id")
#: Columns of the service's own tables that say in other words what a field says: the field.
BESIDE: Mapping[str, str] = {
    **{column: name for name, column in CODES.items()},
    **dict.fromkeys(PARK_COLUMNS, "park_id"),
}
#: A DBF cuts names at ten bytes.
CUT = 10
BRACKETS = re.compile(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]")
_SIGNS = re.compile(r"[\s_\-*:#?!.，。、]+")
HANZI = re.compile(r"[\u4e00-\u9fff]")


def comparable(text: str) -> str:
    """A heading as it is compared: width, case, spaces and signs do not count."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def without_brackets(text: str) -> str:
    """A heading as it is compared, and what stands in brackets left out."""
    return comparable(BRACKETS.sub("", unicodedata.normalize("NFKC", text)))


@cache
def certain_names() -> Mapping[str, tuple[str, Ground]]:
    """Each name of a field as it is compared, with the field; labels come before other headings."""
    names: dict[str, tuple[str, Ground]] = {}
    for field in TARGETS.values():
        for heading in field.headings:
            names[comparable(heading)] = (field.name, "heading")
    for field in TARGETS.values():
        for label in (field.name, *_labels(field)):
            names[comparable(label)] = (field.name, "label")
    for column, name in BESIDE.items():
        for label in (column, *(tables("reports", language)["column"][column] for language in languages())):
            names[comparable(label)] = (name, "label")
    return names | {comparable(WKT): ("geometry", "label")}


def _labels(field: Field) -> list[str]:
    if field.name in POSITION:
        return [tables("spellings", language)["position"][field.name] for language in languages()]
    return [field_label("asset", field.name, language) for language in languages()]


@cache
def cut_names() -> Mapping[str, tuple[str, ...]]:
    """Names as a DBF cuts them at ten bytes, in the encodings it may be in."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for text, name in _all_names():
        for codec in ("utf-8", "gb18030"):
            cut = text.encode(codec)[:CUT].decode(codec, "ignore")
            if cut != text:
                fields[comparable(cut)].append(name)
    return {cut: tuple(dict.fromkeys(names)) for cut, names in fields.items()}


@cache
def pinyin_names() -> Mapping[str, tuple[str, ...]]:
    """Chinese names in pinyin, whole and by their initials."""
    from pypinyin import Style, lazy_pinyin

    fields: defaultdict[str, list[str]] = defaultdict(list)
    for text, name in _all_names():
        bare = without_brackets(text)
        if len(bare) > 1 and all(map(HANZI.match, bare)):
            syllables = lazy_pinyin(bare, style=Style.NORMAL)
            for key in ("".join(syllables), "".join(syllable[0] for syllable in syllables)):
                fields[key].append(name)
    return {key: tuple(dict.fromkeys(names)) for key, names in fields.items()}


def _all_names() -> Iterator[tuple[str, str]]:
    for field in TARGETS.values():
        for text in (field.name, *_labels(field), *field.headings):
            yield text, field.name
