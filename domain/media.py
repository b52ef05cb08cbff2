"""What a file is by its bytes, never by its name; and the names under which it may be saved.

Nothing is opened here but text: of anything else the first bytes speak, and of an Office file the names of its parts.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from domain.errors import Fault
from domain.text import text_fault

#: Bytes at either end that are looked at.
HEAD_BYTES: Final = 1 << 16
#: Pictures that every browser shows, and that are made smaller.
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
HEIC, TEXT, OLE, PDF, DWG = "image/heic", "text/plain", "application/x-ole-storage", "application/pdf", "image/vnd.dwg"
_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument."
#: A part that each kind of Office file has, and no other.
_PARTS: Final[Mapping[bytes, str]] = {
    b"word/document": f"{_OPEN_XML}wordprocessingml.document",
    b"xl/workbook": f"{_OPEN_XML}spreadsheetml.sheet",
    b"ppt/presentation": f"{_OPEN_XML}presentationml.presentation",
}
#: Media type → the endings under which it is saved, the first where the name has none of them: what opens a file on the
#: reader's machine goes by its ending.
ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    HEIC: (".heic", ".heif"),
    PDF: (".pdf",),
    DWG: (".dwg",),
    f"{_OPEN_XML}wordprocessingml.document": (".docx",),
    f"{_OPEN_XML}spreadsheetml.sheet": (".xlsx",),
    f"{_OPEN_XML}presentationml.presentation": (".pptx",),
    OLE: (".doc", ".xls", ".ppt", ".wps", ".et", ".dps"),
    TEXT: (".txt", ".csv", ".md", ".dxf"),
}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
#: Controls that texts hold.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_MARKUP = re.compile(r"^\s*<|<\s*(?:!doctype|html|svg|script|\?xml)", re.I)
MOST_NAME_CHARS: Final = 200


def media_type_of(head: bytes, tail: bytes) -> str | None:
    """The media type of a file that begins and ends so; None for one that is not taken, markup among them."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    if head.startswith(b"%PDF-"):
        return PDF
    if re.match(rb"AC10\d\d", head):
        return DWG
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLE
    if head.startswith(b"PK\x03\x04"):
        return next((media_type for part, media_type in _PARTS.items() if part in head or part in tail), None)
    return TEXT if _is_text(head) and _is_text(tail, is_cut=True) else None


def _is_text(part: bytes, *, is_cut: bool = False) -> bool:
    """Whether a part of a file is UTF-8 of characters that texts hold, and no markup. `is_cut`: it may begin midway."""
    if is_cut:
        while part[:1] and part[0] & 0xC0 == 0x80:
            part = part[1:]
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(part)
    except UnicodeDecodeError:
        return False
    return _NO_TEXT.search(text) is None and _MARKUP.search(text) is None


def file_name_fault(name: str) -> Fault | None:
    """Why a file may not be called so; None where it may: no folders, no controls, NFC."""
    fault = text_fault(name, max_chars=MOST_NAME_CHARS)
    if fault is not None:
        return fault
    if re.search(r"[/\\]", name) or not name.strip(" ."):
        return Fault("file_name_form")
    return None if unicodedata.is_normalized("NFC", name) else Fault("file_name_form")


def saved_name(name: str, media_type: str) -> str:
    """The name under which a file is saved: with an ending of what it is."""
    endings = ENDINGS[media_type]
    return name if name.lower().endswith(endings) else f"{name}{endings[0]}"
