"""统一社会信用代码, the 18-character code of every organisation: 17 characters and a check character.

Source: GB 32100-2015. 31 characters carry values 0…30; position i weighs 3^(i−1) mod 31; I, O, Z, S, V are not used.
"""

from __future__ import annotations

import unicodedata

from domain.errors import Fault

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
#: Letters the standard leaves out because they are misread, and what was probably meant.
LOOK_ALIKES = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}


def normalise(text: str) -> str:
    """The code as stored: half-width, upper case, no blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def fault(code: str) -> Fault | None:
    """What is wrong with a normalised code, the first thing only; None where it is right.

    Codes: `credit_code_length` {length}; `credit_code_letter` {letter, position, meant}, a look-alike;
    `credit_code_character` {character, position}; `credit_code_check` {given, expected}.
    """
    if len(code) != 18:
        return Fault("credit_code_length", params={"length": len(code)})
    for position, character in enumerate(code, start=1):
        if character in LOOK_ALIKES:
            meant = LOOK_ALIKES[character]
            return Fault("credit_code_letter", params={"letter": character, "position": position, "meant": meant})
        if character not in ALPHABET:
            return Fault("credit_code_character", params={"character": character, "position": position})
    expected = check_digit(code[:17])
    if code[17] != expected:
        return Fault("credit_code_check", params={"given": code[17], "expected": expected})
    return None


def check_digit(first_17: str) -> str:
    """The 18th character, which the trade calls a digit, that belongs to 17 characters of the alphabet."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first_17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def with_check_digit(first_17: str) -> str:
    """A whole, valid code from its first 17 characters.

    Raises: ValueError where they are not 17 characters of the alphabet.
    """
    return first_17 + check_digit(first_17)
