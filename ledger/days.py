"""Days as people write them, and how exactly each is known.

An instant is the day it falls on in Asia/Shanghai. A month or a year is its first day. Where year, month and day could
be read in several orders, the caller says which: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from domain.errors import Fault
from domain.facts import FIRST_DAY, LAST_DAY
from domain.instants import SHANGHAI
from domain.words import DatePrecision

DateOrder = Literal["ymd", "mdy", "dmy"]
ORDERS: tuple[DateOrder, ...] = ("ymd", "mdy", "dmy")
Day = tuple[date, DatePrecision]
#: Day 0 of spreadsheet programs: with it the days from 1 March 1900 on are right. Source: ECMA-376 part 1, §18.17.4.1.
SERIAL_0 = date(1899, 12, 30)
#: Serials of 1930 to 2100; smaller numbers are years, larger ones digits of a date.
SERIALS = range(10_959, 73_051)
YEARS = range(FIRST_DAY.year, LAST_DAY.year + 1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Two digits of a year stand for one of 1970 to 2069.
CENTURY_TURN = 70
_LETTERS = re.compile(r"[a-z]+")
_NUMBERS = re.compile(r"\d+")
#: Signs between the parts of a day, the words for year, month and day among them.
_PARTED = re.compile(r"\d{1,4}(?:[-/.年月日号,\s]+\d{1,4}){0,2}[年月日号.]*")
_TIME = re.compile(r"(?<=\d)[t\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_CHINESE = re.compile(r"(\d{4})年(?:(\d{1,2})月(?:份)?(?:(\d{1,2})[日号]?)?)?")


def day_of(value: float | int | str | date, order: DateOrder | None) -> Day | Fault:
    """The day that a cell means, or why it means none. Codes: `cell_not_day`, `date_order_needed`, `out_of_range`."""
    if isinstance(value, datetime):
        value = value if value.tzinfo is None else value.astimezone(SHANGHAI)
        return _checked(value.date(), DatePrecision.day)
    if isinstance(value, date):
        return _checked(value, DatePrecision.day)
    if isinstance(value, str):
        return text_day(value, order)
    return _number(value)


def _number(value: float) -> Day | Fault:
    """A number of a cell: a serial day, a year, or the digits of a month or day."""
    if int(value) in SERIALS:
        return _checked(SERIAL_0 + timedelta(days=int(value)), DatePrecision.day)
    return _digits(str(int(value))) if value == int(value) else Fault("cell_not_day")


def _digits(digits: str) -> Day | Fault:
    year, rest = int(digits[:4]), digits[4:]
    if len(digits) not in (4, 6, 8) or year not in YEARS:
        return Fault("cell_not_day")
    return _parts(year, *(int(rest[n : n + 2]) for n in range(0, len(rest), 2)))


@lru_cache(maxsize=65_536)
def text_day(text: str, order: DateOrder | None) -> Day | Fault:
    """The day that a text means, or why it means none."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if len(plain) > 40:
        return Fault("cell_not_day")
    if (match := _CHINESE.fullmatch("".join(plain.split()))) is not None:
        return _parts(*(int(part) for part in match.groups() if part is not None))
    try:
        if len(plain) > 10:
            at = datetime.fromisoformat(plain.upper())
            return day_of(at, order)
    except (ValueError, OverflowError):
        pass
    plain = _TIME.sub("", plain)
    words = _LETTERS.findall(plain)
    if words:
        return _english(plain, words)
    if plain.isdecimal():
        return _number(int(plain)) if len(plain) <= 8 else Fault("cell_not_day")
    if _PARTED.fullmatch(plain) is None:
        return Fault("cell_not_day")
    numbers = _NUMBERS.findall(plain)
    if len(numbers) == 1:
        return _number(int(numbers[0]))
    if len(numbers[0]) == 4:
        return _parts(*map(int, numbers))
    if len(numbers) == 2:
        return _parts(int(numbers[1]), int(numbers[0])) if len(numbers[1]) == 4 else Fault("cell_not_day")
    return _three(numbers, order)


def _three(numbers: list[str], order: DateOrder | None) -> Day | Fault:
    """Three numbers, the first no year of four digits: in the one order that gives a day, or the stated one."""
    days = {}
    for known in ORDERS if order is None else (order,):
        if len(numbers[2]) == 4 and known == "ymd":
            continue
        year, month, day = (numbers[known.index(part)] for part in "ymd")
        parsed = _parts(_full_year(year), int(month), int(day))
        if not isinstance(parsed, Fault):
            days[known] = parsed
    if len(set(days.values())) > 1:
        return Fault("date_order_needed", "", {"orders": list(days)})
    return next(iter(days.values()), Fault("cell_not_day"))


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= CENTURY_TURN else 2000)


def _english(plain: str, words: list[str]) -> Day | Fault:
    """A month by its English name, with a year and perhaps a day."""
    months = [MONTHS.index(word[:3]) + 1 for word in words if word[:3] in MONTHS]
    numbers = _NUMBERS.findall(plain)
    years = [number for number in numbers if len(number) == 4]
    if len(months) != 1 or len(years) != 1 or len(numbers) > 2 or len(words) > 2:
        return Fault("cell_not_day")
    days = [int(number) for number in numbers if len(number) < 4]
    return _parts(int(years[0]), months[0], *days)


def _parts(year: int, month: int | None = None, day: int | None = None) -> Day | Fault:
    try:
        known = date(year, month or 1, day or 1)
    except ValueError:
        return Fault("cell_not_day")
    if month == 0 or day == 0:
        return Fault("cell_not_day")
    if month is None:
        return _checked(known, DatePrecision.year)
    return _checked(known, DatePrecision.month if day is None else DatePrecision.day)


def _checked(day: date, precision: DatePrecision) -> Day | Fault:
    if not FIRST_DAY <= day <= LAST_DAY:
        return Fault("out_of_range", "", {"least": str(FIRST_DAY), "most": str(LAST_DAY)})
    return day, precision
