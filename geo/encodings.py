"""In which encoding the texts of a survey file are: read strictly, and only as what reads as Chinese.

A shapefile need not say its encoding, and one that says it may be wrong: wrong bytes decode in silence (GBK as
Latin-1). So a guess counts only where every text of the file decodes and the whole reads as Chinese; else the caller
is asked.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass

from domain.errors import Invalid

UTF_8, GB = "utf-8", "gb18030"
#: What survey programs call the Chinese code pages; all of them are parts of GB 18030. Source: GB 18030-2022.
CHINESE_PAGES = re.compile(r"936|gbk|gb.?2312|gb.?18030", re.IGNORECASE)
#: dBASE language drivers of simplified Chinese. Source: dBASE table header, byte 29.
CHINESE_DRIVERS = frozenset({0x4D, 0x7A})
#: Hanzi, their punctuation, and the signs that stand beside them in tables: degrees, times, Greek, circled numbers.
_HANZI = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_BESIDE = re.compile(
    "[\x00-\x7f\u00a7\u00b0-\u00b7\u00d7\u00f7\u0391-\u03c9\u2010-\u203b\u2100-\u217f\u2190-\u22ff\u2460-\u24ff"
    "\u2500-\u26ff\u3000-\u33ff\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]*"
)
#: Hanzi of everyday use among those of a text; what other code pages give when read as GBK is mostly rare.
LEAST_COMMON_SHARE = 0.75
#: Two replacement characters of UTF-8, read as GBK: what stood there is gone.
LOST = "锟斤拷"
#: Fewer letters with accents are what they are.
LEAST_GARBLED = 4


@dataclass(frozen=True)
class Encoding:
    """A codec, and the texts that end within a character: their field was too short."""

    codec: str
    cut: int = 0


def encoding_of(texts: Collection[bytes], *, declared: str | None, requested: str | None, file: str) -> Encoding:
    """How these texts are to be decoded. `declared` is what the file says, `requested` what the caller says.

    Raises: Invalid naming `encoding` where the caller's does not fit, where the file's does not, or none is certain.
    """
    foreign = [text for text in texts if not text.isascii()]
    if requested is not None:
        codec = known_codec(requested)
        if codec is None or _decoded(foreign, codec) is None:
            raise Invalid("encoding_wrong", "encoding", encoding=requested, file=file)
        return _judged(foreign, codec)
    if not foreign:
        return Encoding(UTF_8)
    declared_codec = None if declared is None else known_codec(declared)
    if declared_codec == UTF_8 and _decoded(foreign, UTF_8) is not None:
        return _judged(foreign, UTF_8)
    likely = [codec for codec in (UTF_8, GB) if _reads(_decoded(foreign, codec), codec)]
    if declared_codec is not None:
        codec = declared_codec if declared_codec in likely[:1] else None
    else:  # what is UTF-8 and no Chinese in it may be GBK by chance, and the reverse
        codec = likely[0] if UTF_8 in likely or (likely and _decoded(foreign, UTF_8) is None) else None
    if codec is not None and (declared is None or declared_codec is not None):
        return _judged(foreign, codec)
    raise Invalid(
        "encoding_unclear", "encoding", file=file, declared=declared or "-", likely=[name_of(c) for c in likely] or "-"
    )


def known_codec(name: str) -> str | None:
    """Python's name of a code page as `.cpg` files and people write it; None where it is none."""
    name = name.strip()
    if CHINESE_PAGES.search(name):
        return GB
    try:
        return codecs.lookup("utf-8" if "65001" in name else re.sub(r"^(ansi|oem)\s*", "cp", name.lower())).name
    except LookupError:
        return None


def name_of(codec: str) -> str:
    return {GB: "GBK", UTF_8: "UTF-8"}.get(codec, codec)


def decoded_text(raw: bytes, codec: str) -> str:
    """A text of a file whose encoding is known; a last character that was cut in two is left out."""
    return codecs.getincrementaldecoder(codec)("strict").decode(raw)


def garbled(text: str) -> str | None:
    """What a text was before some program read its bytes in a wrong encoding; None where it is in order."""
    if "\ufffd" in text or LOST in text:
        return "?"
    if (before := _read_as_gb(text)) is not None:
        return before
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    if sum(byte > 127 for byte in raw) < LEAST_GARBLED:
        return None
    for codec in (UTF_8, GB):
        before = _decoded([raw], codec)
        if _reads(before, codec):
            return before
    return None


def _read_as_gb(text: str) -> str | None:
    """What a text in UTF-8 was that was read as GBK; None where it reads as Chinese as it stands."""
    if text.isascii() or _reads(text, GB):
        return None
    try:
        before = _decoded([text.encode(GB)], UTF_8)
    except UnicodeEncodeError:  # half a character
        return None
    return before if _reads(before, UTF_8) and before is not None and len(before) < len(text) else None


def _judged(texts: Collection[bytes], codec: str) -> Encoding:
    return Encoding(codec, sum(decoded_text(text, codec).encode(codec) != text for text in texts))


def _decoded(texts: Collection[bytes], codec: str) -> str | None:
    try:
        return "".join(decoded_text(text, codec) for text in texts)
    except UnicodeDecodeError:
        return None


def _reads(text: str | None, codec: str) -> bool:
    if text is None or _BESIDE.fullmatch(text) is None:
        return False
    hanzi = _HANZI.findall(text)
    if codec == UTF_8 or not hanzi:
        return bool(hanzi)
    return sum(_is_common(character) for character in hanzi) >= LEAST_COMMON_SHARE * len(hanzi)


def _is_common(hanzi: str) -> bool:
    try:
        return len(hanzi.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
