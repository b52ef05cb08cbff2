"""Text that people enter: what may be stored, and in which form.

Stored text is NFC and holds no character that cannot be seen or that turns its neighbours around.
Source: Unicode TR 36, UTS 39.
"""

from __future__ import annotations

import re
import unicodedata

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


def composed(json_text: str) -> str:
    """A JSON text with every string in NFC, also where it writes characters as escapes."""
    if json_text.isascii() and "\\u" not in json_text:
        return json_text
    return unicodedata.normalize("NFC", _ESCAPE.sub(_plain, json_text))


#: An escape of JSON; an escaped backslash is one of its own.
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
#: From here on a character may combine with another; halves of a pair stay as they are written.
_COMBINES, _HALVES = 0x300, range(0xD800, 0xE000)


def _plain(escape: re.Match[str]) -> str:
    code = int(escape[1] or "0", 16)
    return chr(code) if code >= _COMBINES and code not in _HALVES else escape[0]
