"""Entity tags of HTTP, as answers carry them and conditions name them. Source: RFC 9110 §8.8.3, §13.1.

A tag of ours is the revision of a record and, after a point, a hash of what was shown of it: a light changes by the day
and a reader of another park sees less, at one revision. `-gzip` follows where the answer was sent gzipped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from domain.errors import Malformed

#: The condition that any existing thing meets.
ANY = ("*",)
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_LIST = re.compile(rf"(?:{_TAG.pattern}(?:[ \t]*,[ \t,]*+{_TAG.pattern})*+)?")
_OURS = re.compile(r'"(\d+)(?:\.[0-9a-f]{16})?(?:-gzip)?"')


def entity_tag(shown: str | bytes, revision: int) -> str:
    """The tag of what was shown of a record, which was at this revision."""
    shown = shown if isinstance(shown, bytes) else shown.encode()
    return f'"{revision}.{hashlib.blake2b(shown, digest_size=8).hexdigest()}"'


def revision_tag(revision: int) -> str:
    """The tag of a record of which only a part is shown: conditions take it, and no read answers it."""
    return f'"{revision}"'


def gzipped_tag(tag: str) -> str:
    return f'{tag[:-1]}-gzip"'


def listed_tags(value: str, header: str) -> Sequence[str]:
    """The tags of a condition as they are written, or `ANY`. Raises Malformed naming the header."""
    if value.strip() == "*":
        return ANY
    if _LIST.fullmatch(value.strip(" \t,")) is None:
        raise Malformed("tags_form", header)
    return _TAG.findall(value)


def names_revision(tags: Sequence[str], revision: int) -> bool:
    """Whether a list names a revision, whatever was shown of it, in either coding; a weak tag names none."""
    return tags == ANY or any((ours := _OURS.fullmatch(tag)) is not None and ours[1] == str(revision) for tag in tags)


def kept_tag(tags: Sequence[str], tag: str, *, is_gzipped: bool) -> str | None:
    """The tag of an answer that a caller has and may use again; None where it has to be sent.

    `is_gzipped`: the answer may go gzipped, and then whole as well, should the caller have it so.
    """
    codings = (gzipped_tag(tag), tag) if is_gzipped else (tag,)
    if tags == ANY:
        return codings[0]
    had = {held.removeprefix("W/") for held in tags}
    return next((coding for coding in codings if coding in had), None)
