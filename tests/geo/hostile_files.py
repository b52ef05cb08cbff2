"""Files as nobody should send them, always the same: cut, flipped, spliced, two kinds at once; and what becomes of it.

Run by itself it puts so many through what an upload does with them, in one process within limits, and prints a summary.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from PIL import Image

from domain.errors import Invalid
from domain.media import ENDINGS, HEAD_BYTES, PICTURES, media_type_of
from geo import pictures

#: What nobody may get out of a picture, or run.
MARKER = b"<script>HOSTILE()</script>"


def seeds() -> list[bytes]:
    """A file of every kind that is taken, and of some that are not."""
    made = []
    for form in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"):
        target = io.BytesIO()
        image = Image.new("RGB", (24, 16), "red")
        image.paste("blue", (0, 0, 12, 8))
        facts = Image.Exif()
        facts[0x010E] = MARKER.decode()
        image.save(target, form, **({"exif": facts} if form in ("JPEG", "PNG", "WEBP") else {}))
        made.append(target.getvalue())
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", MARKER)
    html, svg = b"<!doctype html>" + MARKER, b"<svg xmlns='http://www.w3.org/2000/svg'>" + MARKER + b"</svg>"
    heads = (b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0\0\0\x18ftypheic", b"AC1032", b"", b"PK\x03\x04")
    return [*made, package.getvalue(), html, svg, *(head + MARKER for head in heads), "普通的文字\n".encode() * 40]


def hostile_files(count: int) -> Iterator[bytes]:
    """So many files, the same at every call."""
    random, originals = Random(2026), seeds()
    for n in range(count):
        raw = bytearray(originals[n % len(originals)])
        other = originals[random.randrange(len(originals))]
        kind = n // len(originals) % 6
        if kind == 0:  # flipped
            for _ in range(random.randint(1, 12)):
                if raw:
                    raw[random.randrange(len(raw))] = random.randrange(256)
        elif kind == 1:  # cut
            del raw[random.randrange(len(raw) + 1) :]
        elif kind == 2:  # two at once
            raw += other
        elif kind == 3:  # one within another
            at = random.randrange(len(raw) + 1)
            raw[at:at] = other[: random.randrange(len(other) + 1)]
        elif kind == 4:  # under another's first bytes
            raw[: random.randint(1, 16)] = other[: random.randint(1, 16)]
        else:  # with what runs in a page behind it
            raw += MARKER
        yield bytes(raw)


def harm_of(raw: bytes, folder: Path) -> str:
    """What an upload makes of a file: refused, kept as what it is, or `harmful`."""
    media_type = media_type_of(raw[:HEAD_BYTES], raw[-HEAD_BYTES:])
    if media_type is None:
        return "refused"
    if media_type not in ENDINGS or media_type.endswith(("html", "xml")):
        return "harmful"
    if media_type not in PICTURES:
        return "kept"
    (folder / "sent").write_bytes(raw)
    try:
        pictures.answer(
            {"path": str(folder / "sent"), "format": pictures.FORMATS[media_type][0], "media_type": media_type}
        )
    except (Invalid, MemoryError):
        return "refused"
    written = [Path(size).read_bytes() for size in pictures.SIZES]
    return "harmful" if any(b"HOSTILE" in picture for picture in written) else "kept"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (pictures.LIMITS.memory_bytes,) * 2)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        counts = Counter(harm_of(raw, Path(name)) for raw in hostile_files(int(sys.argv[1])))
        print(json.dumps(counts))


if __name__ == "__main__":
    main()
