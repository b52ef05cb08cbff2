"""The words on papers in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matching.sentences.labels import word_of
from texts.lookup import Language, field_label, label, tables


class ReportWords:
    """Words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = tables("reports", language)["report"]

    def __call__(self, key: str, **params: object) -> str:
        return self._texts[key].format(**params)

    def label(self, vocabulary: str, word: str | None) -> str | None:
        """A word of a vocabulary; one that it does not know is itself."""
        return None if word is None else label(vocabulary, word, self.language)

    def field(self, thing: str, name: str) -> str:
        return field_label(thing, name, self.language)

    def word(self, word: str | None) -> str | None:
        """A word for a path or a kind."""
        return None if word is None else word_of(word, self.language)

    def name(self, name_zh: str, name_en: str | None) -> str:
        """The name of a park or an industry; in Chinese where it has no other."""
        return name_zh if self.language == "zh" else name_en or name_zh

    def day(self, day: str | None, precision: str | None = "day") -> str | None:
        """A day as exactly as it is known."""
        if day is None:
            return None
        return {"year": day[:4], "month": day[:7]}.get(precision or "day", day)

    def joined(self, parts: Sequence[str | None]) -> str:
        return self("comma").join(part for part in parts if part)

    def area(self, asset: Mapping[str, Any]) -> str | None:
        """A stated area in its own unit."""
        if asset.get("stated_area") is None:
            return None
        return f"{asset['stated_area']} {self.label('unit', asset['stated_area_unit'])}"
