"""Mail addresses: one plain address and nothing that a mail header could be made of.

Source: RFC 5321 §4.1.2 (dot-string before the @), §4.5.3.1 (lengths); RFC 1123 §2.1 (names of hosts).
"""

from __future__ import annotations

import re

from domain.errors import Fault
from domain.text import text_fault

MOST_CHARS, MOST_LOCAL = 254, 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])")


def fault(text: str) -> Fault | None:
    """What is wrong with an address; None where it is right. The caller names the field.

    Codes: those of `text_fault`, so that a line break is named as such; `mail_form`.
    """
    hidden = text_fault(text, max_chars=MOST_CHARS)
    if hidden is not None:
        return hidden
    local, _, domain = text.rpartition("@")
    is_right = (
        len(local) <= MOST_LOCAL and _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None
    )
    return None if is_right else Fault("mail_form")
