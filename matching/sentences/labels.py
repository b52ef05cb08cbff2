"""What people call rules, criteria and words; the labels themselves stand in `texts/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter
from string import Formatter
from typing import Any

from matching.rules import LABELS
from texts.lookup import Language, heading, label, tables

#: The vocabularies of demands and units; no word stands in two of them.
VOCABULARIES = (
    "kind",
    "path",
    "hazard_class",
    "effluent",
    "connection",
    "policy",
    "equipment",
    "condition",
    "industry",
    "formality",
    "cost",
)


def name_of(entry_id: str, language: Language) -> str:
    """What people call a rule or a criterion."""
    return _names(language)[entry_id]


@cache
def _names(language: Language) -> Mapping[str, str]:
    return {entry_id: heading(name_within(entry_id, language)) for entry_id in LABELS}


def name_within(entry_id: str, language: Language) -> str:
    """The same within a sentence."""
    return tables("fields", language)["requirement"][LABELS[entry_id]]


def works_for(rule: str, language: Language) -> str:
    """What people call the works that cure a rule."""
    return label("works", LABELS[rule], language)


def word_of(word: str, language: Language) -> str:
    """What people call a word of the vocabularies; a word without a name is itself."""
    return _words(language).get(word, word)


@cache
def _words(language: Language) -> Mapping[str, str]:
    labels = tables("labels", language)
    return {word: text for vocabulary in VOCABULARIES for word, text in labels[vocabulary].items()}


def say(key: str, language: Language) -> str:
    """A text of the sentences about a ranking."""
    return tables("ranking", language)["sentence"][key]


def fill(key: str, language: Language, **values: object) -> str:
    """The same with its values. An answer fills a few texts hundreds of times: `str.format` would parse each anew."""
    template, in_order = _template(key, language)
    text: str = template % in_order(values)
    return text


def opened(key: str, language: Language, **known: str) -> str:
    """The same with some of its values; the others stay open, by name, in the older notation of `%`."""

    def part(text: str, name: str | None, spec: str | None) -> str:
        value = "" if name is None else known.get(name)
        return _literal(text) + (f"%({name}){spec or 's'}" if value is None else _literal(value))

    return "".join(part(text, name, spec) for text, name, spec, _ in Formatter().parse(say(key, language)))


def _literal(text: str) -> str:
    return text.replace("%", "%%")


@cache
def _template(key: str, language: Language) -> tuple[str, Callable[[Mapping[str, object]], Any]]:
    """A text in the older notation of `%`, and the values in its order.

    Raises: ValueError where a figure is written in a way which that does not know.
    """
    parsed = list(Formatter().parse(say(key, language)))
    if any(spec and not re.fullmatch(r"\.\df", spec) for _, _, spec, _ in parsed):
        raise ValueError(key)
    marks = ["" if name is None else f"%{spec or 's'}" for _, name, spec, _ in parsed]
    template = "".join(_literal(text) + mark for (text, *_), mark in zip(parsed, marks, strict=True))
    return template, itemgetter(*(name for _, name, _, _ in parsed if name is not None))
