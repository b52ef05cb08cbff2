"""Texts in one language with those of another beside them: for what serves readers of both, as the chart does."""

from __future__ import annotations

from dataclasses import dataclass

from texts.lookup import Language, heading, label, tables


@dataclass(frozen=True)
class Bilingual:
    """The language that comes first, and the one beside it."""

    first: Language = "zh"
    second: Language = "en"

    def labels(self, vocabulary: str, word: str) -> tuple[str, str]:
        """What people call a word, in either language; the second stands alone."""
        return label(vocabulary, word, self.first), heading(label(vocabulary, word, self.second))

    def texts(self, key: str) -> tuple[str, str]:
        """A text of the chart, in either language."""
        return tables("chart", self.first)["chart"][key], tables("chart", self.second)["chart"][key]

    def joined(self, key: str) -> str:
        """A text of the chart in both languages at once."""
        return " ".join(self.texts(key))
