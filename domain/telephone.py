"""Telephone numbers of mainland China as people write them, and as they are kept.

Source: 电信网编号计划 (2017), MIIT: mobile numbers have 11 digits from 13 to 19, area codes begin with 0, numbers in an
area have 7 or 8 digits from 2 to 8 on, 400 and 800 stand before seven digits.
"""

from __future__ import annotations

import re
import unicodedata

from domain.errors import Fault
from domain.text import text_fault

MOST_CHARS = 40
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*(?:分机|号)?\s*(\d{1,6})$", re.I)
_COUNTRY = re.compile(r"(?:\+|00)\s*86(?!\d{0,3}$)")
_SEPARATORS = re.compile(r"[\s().·-]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_TOLL = re.compile(r"([48]00)(\d{3})(\d{4})")
#: Cities with area codes of two digits after the 0 have numbers of eight; 026 and 011 to 019 are given to none.
_LANDLINE = re.compile(r"(0(?:10|2[0-57-9]))([2-8]\d{7})|(0[3-9]\d{2})([2-8]\d{6,7})")
_LOCAL = re.compile(r"[2-8]\d{6,7}")


def normalise(text: str) -> str:
    """A number as it is kept: `13812345678`, `023-43331234-801`, `400-123-4567`. Raises ValueError for none."""
    number, extension = _parts(text)
    digits = _plain(number)
    written = _written(digits)
    if written is None and extension == "":
        number, _, extension = number.rpartition("-")
        written = _written(_plain(number)) if re.fullmatch(r"\s*\d{1,6}\s*", extension) else None
    if written is None:
        raise ValueError("no telephone number of mainland China")
    return f"{written}-{extension.strip()}" if extension else written


def _parts(text: str) -> tuple[str, str]:
    """The number and its extension in words or signs; of one behind a hyphen nobody knows yet."""
    plain = unicodedata.normalize("NFKC", text).strip()
    extension = _EXTENSION.search(plain)
    return (plain, "") if extension is None else (plain[: extension.start()].rstrip(" ,-"), extension[1])


def _plain(number: str) -> str:
    """The digits with the 0 of the area code, as they are dialled within the country."""
    country = _COUNTRY.match(number)
    if country is None:
        return _SEPARATORS.sub("", number)
    digits = _SEPARATORS.sub("", number[country.end() :])
    is_area = not digits.startswith("0") and _MOBILE.fullmatch(digits) is None and _TOLL.fullmatch(digits) is None
    return f"0{digits}" if is_area else digits


def _written(digits: str) -> str | None:
    if not digits.isascii():
        return None
    if _MOBILE.fullmatch(digits) is not None:
        return digits
    if (toll := _TOLL.fullmatch(digits)) is not None:
        return "-".join(toll.groups())
    landline = _LANDLINE.fullmatch(digits)
    return None if landline is None else "-".join(part for part in landline.groups() if part is not None)


def fault(text: str) -> Fault | None:
    """What is wrong with a number as somebody wrote it; None where it is right. The caller names the field.

    Codes: those of `text_fault`; `telephone_area_code` for a number without one; `telephone_form` for all else.
    """
    hidden = text_fault(text, max_chars=MOST_CHARS)
    if hidden is not None:
        return hidden
    try:
        normalise(text)
    except ValueError:
        is_local = _LOCAL.fullmatch(_plain(_parts(text)[0])) is not None
        return Fault("telephone_area_code" if is_local else "telephone_form")
    return None
