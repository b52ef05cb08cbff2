"""What people call a word of a vocabulary, what it means, and how they write it in a sheet.

Most words have a label that says both; the others have their meaning in `vocabularies`, which is short enough to be a
label but for those of `CALLED`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from domain.field import Vocabulary
from domain.fields import CHECK_METHODS, USES
from texts.lookup import Language, languages, tables

#: Vocabularies whose labels say what their words mean: the table in `labels`.
LABELLED: Final[Mapping[str, str]] = {
    "Kind": "kind", "Path": "path", "Stage": "stage", "Colour": "light", "LightReason": "light_reason",
    "Effluent": "effluent", "Connection": "connection", "Policy": "policy", "Equipment": "equipment",
    "RevivalVerdict": "verdict", "Fulfilment": "fulfilment", "Standing": "standing", "AnyStanding": "standing",
    "Formality": "formality", "PromisedName": "figure", "PromisedUnit": "unit", "AreaUnit": "unit",
    "TransferTax": "cost",
}  # fmt: skip
#: Vocabularies whose words have a label beside their meaning.
CALLED: Final[Mapping[str, str]] = {
    "Listing": "listing", "Availability": "availability", "DatePrecision": "date_precision",
    "HazardClass": "hazard_class",
}  # fmt: skip
#: Vocabularies that say of a word what another says.
AS_OTHERS: Final[Mapping[str, str]] = {"CurableRule": "Rule", "NewRole": "Role"}
#: Where the explanation of a word begins, after what it is called.
_EXPLANATION = re.compile(r"[，：（,:(]")
#: Vocabularies that are no enumeration of code.
LISTED: Final[Mapping[tuple[str, ...], str]] = {USES: "PlannedUseSystem", CHECK_METHODS: "CheckMethod"}


def meaning(vocabulary: str, word: str, language: Language) -> str:
    """What a word of a vocabulary means."""
    if vocabulary in LABELLED:
        return tables("labels", language)[LABELLED[vocabulary]][word]
    return tables("vocabularies", language)[AS_OTHERS.get(vocabulary, vocabulary)][word]


def words_of(words: Vocabulary, language: Language) -> dict[str, str]:
    """Each word of a field's vocabulary and what people call it in a cell."""
    name = LISTED[words] if isinstance(words, tuple) else words.__name__
    return {word: word_label(name, word, language) for word in words}


def word_label(vocabulary: str, word: str, language: Language) -> str:
    """What people call a word, or what it means where it has no shorter name."""
    if vocabulary in CALLED:
        return tables("labels", language)[CALLED[vocabulary]][word]
    return meaning(vocabulary, word, language)


def plain(text: str) -> str:
    """A text as it is compared: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def spelled(table: str) -> Mapping[str, str]:
    """Every spelling in a table of `spellings`, plain, and what it stands for, in all languages at once."""
    return {
        plain(spelling): key
        for language in languages()
        for key, spellings in tables("spellings", language)[table].items()
        for spelling in spellings.split()
    }


@cache
def word_spellings(vocabulary: str, words: tuple[str, ...]) -> Mapping[str, str]:
    """Every text that a word of a vocabulary may be written as, plain; what could be two words is none.

    A word itself and its whole label come before other spellings, these before a label without its explanation.
    """
    labels = {
        word: [text(vocabulary, word, language) for language in languages() for text in (word_label, meaning)]
        for word in words
    }
    written = [
        {word: [word, *labels[word]] for word in words},
        {word: _other_spellings(f"{vocabulary}.{word}") for word in words},
        {word: [_EXPLANATION.split(text)[0] for text in labels[word]] for word in words},
    ]
    spellings: dict[str, str] = {}
    for texts in written:
        spellings = _unambiguous(texts) | spellings
    return spellings


def _other_spellings(key: str) -> list[str]:
    return [text for language in languages() for text in tables("spellings", language)["word"].get(key, "").split()]


def _unambiguous(texts: Mapping[str, Iterable[str]]) -> dict[str, str]:
    words: defaultdict[str, set[str]] = defaultdict(set)
    for word, written in texts.items():
        for text in written:
            words[plain(text)].add(word)
    return {text: next(iter(meant)) for text, meant in words.items() if len(meant) == 1}
