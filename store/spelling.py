"""Names as people type them: characters, pinyin in full or by initials, slips of the pen.

A name becomes a vector in which every character stands at its place with its readings and their initials, marked `+`:
行 is `行 +xing +hang +x +h`, but `行 +hang +h` in 银行, which the dictionary of phrases knows. A query is a phrase of
such words, so characters, pinyin and initials may follow one another, and a character read in two ways needs no second
row. `^` marks the first character of a name or code, `=` a whole code. Words hold letters and digits alone: nothing a
person types reaches the query language. The dictionary is imported where it is used: it takes 57 MB, which a process
that is never asked for a sound does not need.
"""

from __future__ import annotations

import asyncio
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product

MOST_READINGS = 2  # where no phrase decides; the rest are rare: 厂 is an in old names of huts only
LONGEST_CODE = 400  # a word of a vector holds 2,046 bytes; one character may become 18 in its plain form
LONGEST_SYLLABLE = 6  # zhuang
MOST_SPLITS = 8  # xian is xian or xi an; a run of such letters doubles with each
MOST_PHRASES = 16
SHORTEST_SPELLING = 4  # below it every name has a part that is alike
_RUNS = re.compile(r"[a-z]+|[^a-z]")
_PIECES = re.compile(r"[a-z0-9]+|[^a-z0-9]")
_VOWEL = re.compile("[aeiouv]")
_V = re.compile("[üǖǘǚǜ]")
#: What is typed where no v is: no syllable has these letters but with ü.
_TYPED = {"lue": "lve", "nue": "nve"}
_LEGAL_FORM = re.compile(r"(?<=.)(股份)?(有限)?(责任)?公司$")


@dataclass(frozen=True)
class TextQueries:
    """A typed text as tsqueries: `ranked` from the best down, none meeting a row of another; `all` meets them all.

    `loose` is for when none does: the same characters anywhere, as 18号厂房 for 18号标准厂房.
    """

    ranked: tuple[str, ...]
    all: str
    loose: str
    spelling: str | None


def vector(name: str, code: str | None) -> str:
    """What is searched of a row, as the text of a tsvector."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    at = 1
    for text in (name, code or ""):
        characters = _characters(text)
        if characters:
            places["^" + characters[0]].append(at)
        for character, sounds in zip(characters, _sounds(characters), strict=True):
            for word in (character, *sounds):
                places[word].append(at)
            at += 1
        at += 1  # no phrase runs from the name into the code
    if code:
        places["=" + _characters(code)[:LONGEST_CODE]].append(at)
    return " ".join(f"'{word}':{','.join(map(str, positions))}" for word, positions in places.items())


async def load_dictionary() -> None:
    """Before an act that names something opens: the first time takes seconds, longer than a transaction may idle."""
    if "pypinyin" not in sys.modules:
        await asyncio.to_thread(vector, "厂", None)


def searched(name: str | None, code: str | None) -> dict[str, str]:
    """The derived columns of a row by name; a name that is missing is the table's to refuse."""
    return {"search": vector(name or "", code), "spelling": spelling(name or "")}


def spelling(name: str) -> str:
    """The likeliest pinyin of a name in one piece, without 有限公司, which most firms share."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(_LEGAL_FORM.sub("", _characters(name)), style=Style.NORMAL))


def text_queries(text: str) -> TextQueries | None:
    """The queries a typed text may mean. Empty: None where it holds no letter or digit."""
    tokens = [token for part in text.split() if (token := _characters(part))]
    if not tokens:
        return None
    code = f"'={''.join(tokens)[:LONGEST_CODE]}'"
    part = " & ".join(_phrase(f"'{character}'" for character in token) for token in tokens)
    first = f"'^{tokens[0][0]}'"
    start = " & ".join([_phrase([first, *(f"'{character}'" for character in tokens[0][1:])]), part])
    ranked = [code, f"{start} & !{code}", f"{part} & !({start}) & !{code}"]
    sound = part
    if re.search("[a-z]", part) and len(code) > len("'=c'"):  # a single letter begins everything
        sound = " & ".join(f"({' | '.join(_readings_of(token))})" for token in tokens)
        ranked.append(f"{sound} & !({part})")
    spelt = spelling("".join(tokens))
    pieces = {_phrase(f"'{character}'" for character in piece) for token in tokens for piece in _PIECES.findall(token)}
    return TextQueries(
        tuple(ranked), sound, " & ".join(sorted(pieces)), spelt if len(spelt) >= SHORTEST_SPELLING else None
    )


def _characters(text: str) -> str:
    """Letters and digits in one form: width, case, spaces and signs do not count; ü is typed v."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("ü", "v")
    return "".join(character for character in plain if character.isalnum())


def _sounds(characters: str) -> list[set[str]]:
    """For each character its readings and their initials; a letter or digit is its own."""
    from pypinyin import Style, pinyin

    readings_by_character = pinyin(characters, Style.NORMAL, heteronym=True, errors=list)  # type: ignore[arg-type]  # a list: one item a character
    return [
        {
            "+" + sound
            for reading in readings[:MOST_READINGS]
            for full in (_plain(reading),)
            for sound in (full, full[:1])
        }
        for readings in readings_by_character
    ]


def _plain(syllable: str) -> str:
    """Letters a to z alone: a few readings carry a mark over a consonant."""
    return "".join(character for character in unicodedata.normalize("NFD", syllable) if character.isalnum())


def _phrase(words: Iterator[str] | list[str]) -> str:
    return f"({' <-> '.join(words)})"


def _readings_of(token: str) -> list[str]:
    """Phrases a token may stand for: letters as they are, as syllables of which the last may break off, as initials."""
    runs = _RUNS.findall(token)
    choices = [_choices(run, is_last=n == len(runs)) for n, run in enumerate(runs, start=1)]
    as_typed = _phrase(f"'{character}'" for character in token)
    phrases = (_phrase([word for run in chosen for word in run]) for chosen in product(*choices))
    return list(dict.fromkeys([as_typed, *islice(phrases, MOST_PHRASES)]))


def _choices(run: str, *, is_last: bool) -> list[list[str]]:
    if not "a" <= run[0] <= "z":
        return [[f"'{run}'"]]
    return [*islice(_splits(run, is_last), MOST_SPLITS), [f"'+{letter}'" for letter in run]]


def _splits(run: str, may_break_off: bool) -> Iterator[list[str]]:
    """Letters split into syllables in every possible manner, the longest syllables first."""
    readable = {len(run)}  # from here to the end there is a way: without it, wrong turns double with each syllable
    for at in reversed(range(len(run))):
        ends = (at + n for n in range(1, LONGEST_SYLLABLE + 1))
        if (may_break_off and run[at:] in _beginnings()) or any(
            end in readable and run[at:end] in _syllables() for end in ends
        ):
            readable.add(at)

    def read(at: int) -> Iterator[list[str]]:
        if at == len(run):
            yield []
        elif may_break_off and run[at:] in _beginnings():
            yield [f"'+{_TYPED.get(run[at:], run[at:])}':*"]
        for end in range(min(at + LONGEST_SYLLABLE, len(run) - may_break_off), at, -1):
            if end in readable and run[at:end] in _syllables():
                syllable = _TYPED.get(run[at:end], run[at:end])
                yield from ([f"'+{syllable}'", *rest] for rest in read(end))

    return read(0)


@cache
def _syllables() -> frozenset[str]:
    """Every syllable as it is typed, without its tone; interjections such as m have no vowel."""
    from pypinyin.constants import PINYIN_DICT

    toned = {syllable for readings in PINYIN_DICT.values() for syllable in readings.split(",")}
    return (
        frozenset(syllable for sound in toned if _VOWEL.search(syllable := _plain(_V.sub("v", sound)))) | _TYPED.keys()
    )


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(syllable[:n] for syllable in _syllables() for n in range(1, len(syllable) + 1))
