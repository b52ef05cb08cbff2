"""What people call rules, criteria and words; the labels themselves stand in `texts/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

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
    return heading(name_within(entry_id, language))


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
