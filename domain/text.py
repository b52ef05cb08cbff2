"""Text that people enter: what may be stored, and in which form.

Stored text is NFC and holds no character that cannot be seen or that turns its neighbours around.
Source: Unicode TR 36, UTS 39.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from domain.errors import Fault

#: Controls (Cc), formats such as bidi and zero-width (Cf), surrogates (Cs), line and paragraph separators (Zl, Zp).
FAULT_OF_CATEGORY = {
    "Cc": "text_control",
    "Cf": "text_hidden",
    "Cs": "text_surrogate",
    "Zl": "text_control",
    "Zp": "text_control",
}
LINE_CHARACTERS = frozenset("\t\n\r")
#: Characters of the longest text there is.
LONGEST = 4000
MOST_MARKS = 30
#: Characters that XML cannot hold. Source: XML 1.0 §2.2.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Read back as the character of that number. Source: ECMA-376 part 1 §22.9.2.19 (ST_Xstring).
_ESCAPE = re.compile(r"_(?=[xX][0-9A-Fa-f]{4}_)")


def text_fault(text: str, *, max_chars: int, is_multiline: bool = False) -> Fault | None:
    """Why the text cannot be stored; None where it can. The caller names the field.

    Codes: `text_too_long` {chars, max_chars}; `text_marks` {most, position}; `text_control`, `text_hidden`,
    `text_surrogate`, each {character, position} with the character as `U+202E` and the position counted from 1.
    """
    if len(text) > max_chars:
        return Fault("text_too_long", params={"chars": len(text), "max_chars": max_chars})
    for position, character in enumerate(text, start=1):
        code = FAULT_OF_CATEGORY.get(unicodedata.category(character))
        if code is not None and not (is_multiline and character in LINE_CHARACTERS):
            return Fault(code, params={"character": f"U+{ord(character):04X}", "position": position})
    piled_at = marks_piled_at(text)
    if piled_at is not None:
        return Fault("text_marks", params={"most": MOST_MARKS, "position": piled_at})
    chars = len(unicodedata.normalize("NFC", text))
    if chars > max_chars:  # a few characters grow under NFC
        return Fault("text_too_long", params={"chars": chars, "max_chars": max_chars})
    return None


def folded_code(code: str) -> str:
    """A code as the database compares codes: width, case and spaces around it do not count."""
    return unicodedata.normalize("NFKC", code).strip(" ").lower()


def composed(text: str) -> str:
    """The text in NFC. Empty: one that cannot be stored, by its length or the marks piled up in it, stays as it is."""
    if text.isascii() or len(text) > LONGEST or marks_piled_at(text) is not None:
        return text
    return unicodedata.normalize("NFC", text)


def marks_piled_at(text: str) -> int | None:
    """Where more combining marks follow each other than any script needs, from 1. Source: UAX 15, stream-safe text.

    To compose them takes time by the square of their number.
    """
    piled = 0
    for position, character in enumerate(text, start=1):
        piled = piled + 1 if unicodedata.combining(character) else 0
        if piled > MOST_MARKS:
            return position
    return None


def without_controls(text: str) -> str:
    """The text without the characters that no XML can hold."""
    return _NOT_IN_XML.sub("", text)


def in_workbook(text: str) -> str:
    """The text as a workbook keeps it, so that it is read as it was."""
    return _ESCAPE.sub("_x005F_", without_controls(text))


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """A name that a workbook may give a sheet: without some characters, short, and like no other."""
    plain = in_workbook(re.sub(r"[\[\]:*?/\\']", " ", title)).replace("_x005F_", " ")
    name = " ".join(plain.split())[:31].strip() or "1"
    others = {other.lower() for other in taken}
    numbered = (f"{name[:27]} {n}" for n in range(2, len(taken) + 3))
    return name if name.lower() not in others else next(each for each in numbered if each.lower() not in others)
