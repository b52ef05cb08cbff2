"""The words on papers in one language."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.instants import SHANGHAI
from domain.quantity import two_places
from matching.sentences.labels import word_of
from reports.paper import Cell, KnownDay
from texts.lookup import Language, field_label, label, tables

YUAN_PER_WAN = 10_000

#: Who signs a paper of the office.
OFFICE = ("prepared_by", "reviewed_by", "issued_by")


class ReportWords:
    """Words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._tables = tables("reports", language)

    def __call__(self, key: str, **params: object) -> str:
        return self._tables["report"][key].format(**params)

    def label(self, vocabulary: str, word: str | None) -> str | None:
        """A word of a vocabulary; one that it does not know is itself."""
        return None if word is None else label(vocabulary, word, self.language)

    def field(self, thing: str, name: str) -> str:
        return field_label(thing, name, self.language)

    def word(self, word: str | None) -> str | None:
        """A word for a path or a kind."""
        return None if word is None else word_of(word, self.language)

    def name(self, name_zh: str, name_en: str | None) -> str:
        """The name of a park; in Chinese where it has no other."""
        return name_zh if self.language == "zh" else name_en or name_zh

    def industry(self, code: str, name_zh: str | None) -> str:
        """An industry by name: the one on record where it is read in Chinese, else that of its division."""
        divisions = tables("industries", self.language)["division"]
        name = name_zh if self.language == "zh" and name_zh else divisions.get(code[:2])
        return name or code

    def from_table(self, table: str, word: str) -> str:
        """A word of a vocabulary that papers alone have."""
        return self._tables[table][word]

    def month(self, month: int) -> str:
        return self.from_table("month", str(month))

    def in_words(self, day: date) -> str:
        """A day in words."""
        return self("date_in_words", year=day.year, month=self.month(day.month), day=day.day)

    def period(self, first: date, last: date) -> str:
        """A period in words: a year, half a year, a quarter, a month, else its first and last day."""
        months = last.month - first.month + 1
        is_whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1] and first.year == last.year
        begins_anew = is_whole and (first.month - 1) % months == 0
        match months if begins_anew else 0:
            case 12:
                return self("year_in_words", year=first.year)
            case 6 | 3:
                part = f"{'half' if months == 6 else 'quarter'}_{(first.month - 1) // months + 1}"
                return self.from_table("part_of_year", part).format(year=first.year)
            case 1:
                return self("month_in_words", year=first.year, month=self.month(first.month))
        if first == last:
            return self.in_words(first)
        return self("from_to", first=self.in_words(first), last=self.in_words(last))

    def known_on(self, as_of: datetime | None, today: date) -> str:
        """As of when what stands on a paper was known: today, the end of a day, or an instant of it."""
        if as_of is None:
            return self("known_on", day=self.in_words(today))
        at = as_of.astimezone(SHANGHAI)
        return self("known_on", day=self.in_words(at.date()) + ("" if at.time() == time.max else f" {at:%H:%M}"))

    def day(self, day: str | None, precision: str | None = "day") -> KnownDay | None:
        """A day as exactly as it is known."""
        return None if day is None else KnownDay(date.fromisoformat(day), precision or "day")

    def amount(self, value: Any, unit: str) -> tuple[Cell, str]:
        """A value and its unit as papers have them: money in units of 10,000 yuan, people whole."""
        if unit == "yuan":
            return wan(value), self("wan_yuan")
        number = None if value is None else Decimal(str(value))
        if number is not None:
            number = number.quantize(Decimal(1)) if unit == "person" else two_places(number)
        return number, self.label("unit", unit) or ""

    def joined(self, parts: Sequence[str | None]) -> str:
        return self("comma").join(part for part in parts if part)

    def area(self, asset: Mapping[str, Any]) -> str | None:
        """A stated area in its own unit."""
        if asset.get("stated_area") is None:
            return None
        return f"{Decimal(str(asset['stated_area'])):,f} {self.label('unit', asset['stated_area_unit'])}"

    def signatures(self, roles: Sequence[str] = OFFICE) -> list[list[Cell]]:
        """Who signs, each with a line for the day."""
        return [[self(role), self("date")] for role in roles]


def wan(yuan: Any) -> Decimal | None:
    """Yuan in units of 10,000 (万元), two decimals."""
    return None if yuan is None else two_places(Decimal(str(yuan)) / YUAN_PER_WAN)


def months_in(first: date, last: date) -> list[date]:
    """The first day of every month that a period touches."""
    days = [first.replace(day=1)]
    while (following := (days[-1] + timedelta(days=31)).replace(day=1)) <= last:
        days.append(following)
    return days
