"""Text that people enter: what may be stored, and the key by which two spellings of a name are one.

Stored text is NFC and holds no character that cannot be seen or that turns its neighbours around.
Source: Unicode TR 36, UTS 39.
"""

from __future__ import annotations

import re
import unicodedata

from domain.errors import Fault, Invalid

#: Controls (Cc), formats such as bidi and zero-width (Cf), surrogates (Cs), line and paragraph separators (Zl, Zp).
FAULT_OF_CATEGORY = {
    "Cc": "text_control",
    "Cf": "text_hidden",
    "Cs": "text_surrogate",
    "Zl": "text_control",
    "Zp": "text_control",
}
LINE_CHARACTERS = frozenset("\t\n\r")


def text_fault(text: str, *, max_chars: int, is_multiline: bool = False) -> Fault | None:
    """Why the text cannot be stored; None where it can. The caller names the field.

    Codes: `text_too_long` {chars, max_chars}; `text_control`, `text_hidden`, `text_surrogate`, each
    {character, position} with the character as `U+202E` and the position counted from 1.
    """
    if len(text) > max_chars:
        return Fault("text_too_long", params={"chars": len(text), "max_chars": max_chars})
    for position, character in enumerate(text, start=1):
        code = FAULT_OF_CATEGORY.get(unicodedata.category(character))
        if code is not None and not (is_multiline and character in LINE_CHARACTERS):
            return Fault(code, params={"character": f"U+{ord(character):04X}", "position": position})
    composed = len(unicodedata.normalize("NFC", text))
    if composed > max_chars:  # a few characters grow under NFC
        return Fault("text_too_long", params={"chars": composed, "max_chars": max_chars})
    return None


def clean(text: str, *, field: str, max_chars: int, is_multiline: bool = False) -> str:
    """The text as stored: NFC.

    Raises: Invalid with the fault of `text_fault`.
    """
    fault = text_fault(text, max_chars=max_chars, is_multiline=is_multiline)
    if fault is not None:
        raise Invalid.of([Fault(fault.code, field, fault.params)])
    return unicodedata.normalize("NFC", text)


def name_key(name: str) -> str:
    """What two spellings of one name share: full and half width, case and spacing do not count."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()))
