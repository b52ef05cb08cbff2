"""Files of units, parks, deals, their stages, and requests: added, changed, dropped.

The bytes are kept before the act, which makes the row that refers to them; without it nobody reaches them.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from actions.authorization import match_revision, new_id, require
from domain.actor import ANONYMOUS, Actor
from domain.answer import Answer, Once
from domain.entity_tags import entity_tag
from domain.errors import Conflict, Fault, Invalid, NotFound, NotSignedIn
from domain.facts import refuse, value_faults
from domain.media import HEAD_BYTES, HEIC, PICTURES, media_type_of
from domain.words import AttachmentKind, AttachmentReaders
from geo import pictures
from store import attachment, files
from store.attachment import AttachmentSubject
from store.db import Act, Database

__all__ = [
    "KEPT_DAYS",
    "AttachmentSubject",
    "KeptFile",
    "add_attachment",
    "amend_attachment",
    "drop_attachment",
    "keep_file",
    "remove_unreferenced",
    "require_addition",
    "require_visible",
]

#: Files of one unit, park, deal or request.
MOST_OF_SUBJECT: Final = 200
#: Who may be readers of a file of each.
READERS_OF: Final[Mapping[str, tuple[AttachmentReaders, ...]]] = {
    "asset": (AttachmentReaders.public, AttachmentReaders.staff),
    "park": (AttachmentReaders.public, AttachmentReaders.staff),
    "outcome": (AttachmentReaders.firm, AttachmentReaders.staff),
    "service_request": (AttachmentReaders.firm, AttachmentReaders.staff),
}
#: Days for which the bytes of what was dropped stay.
KEPT_DAYS: Final = 30
DAY_S: Final = 86_400
#: Pictures that are opened at once in a process: each takes a core and up to 2 GB.
_OPENING = asyncio.Semaphore(2)


@dataclass
class KeptFile:
    """Bytes that were kept, and what they are."""

    sha256: str
    size_bytes: int
    media_type: str
    pictures: dict[str, dict[str, object]] = field(default_factory=dict)


async def require_addition(db: Database, actor: Actor, subject: AttachmentSubject) -> UUID:
    """The park of what a file is to be added to; whoever may not is refused before its bytes are taken."""
    park_id = await require_visible(db, actor, subject)
    require(actor, "attachment.write", park_id=park_id)
    return park_id


async def require_visible(db: Database, actor: Actor, subject: AttachmentSubject) -> UUID:
    """The park of what the caller sees. Raises: NotFound where it sees no such thing, NotSignedIn for a stranger."""
    if actor is ANONYMOUS and subject.kind in ("outcome", "service_request"):
        raise NotSignedIn("sign_in")
    async with db.read(actor) as conn:
        park_id = await attachment.park_of(conn, subject)
    if park_id is None:
        raise NotFound("no_such")
    return park_id


def check_facts(subject: AttachmentSubject, facts: Mapping[str, Any], today: date) -> None:
    """Raises: Invalid naming each fact that does not suit, before a byte is taken."""
    faults = value_faults({name: facts.get(name) for name in ("title", "source", "taken_on")})
    if (taken_on := facts.get("taken_on")) is not None and taken_on > today:
        faults.append(Fault("in_the_future", "taken_on", {"today": today}))
    refuse(faults + _reader_faults(subject.kind, facts["readers"]))


def _reader_faults(kind_of_subject: str, readers: AttachmentReaders) -> list[Fault]:
    allowed = READERS_OF[kind_of_subject]
    return [] if readers in allowed else [Fault("not_in_vocabulary", "readers", {"allowed": list(allowed)})]


async def keep_file(
    folder: Path, chunks: AsyncIterator[bytes], most: int, kind: AttachmentKind, readers: AttachmentReaders
) -> KeptFile:
    """Keeps the bytes of a file, and of a picture all its sizes.

    Raises: Invalid for nothing, for a type that is not taken, for a picture that cannot be opened; of what is refused
    nothing is kept.
    """
    kept = KeptFile("", 0, "")
    with tempfile.TemporaryDirectory() as sizes:

        async def examine(path: Path) -> None:
            kept.media_type = await asyncio.to_thread(_media_type, path)
            check_media(kept.media_type, kind, readers)
            if kept.media_type in PICTURES:
                async with _OPENING:
                    kept.pictures = await asyncio.to_thread(pictures.make_pictures, path, kept.media_type, sizes)

        kept.sha256, kept.size_bytes = await files.put(folder, chunks, most, examine=examine)
        for name, facts in kept.pictures.items():
            source = Path(sizes) / name
            sha256, size = await files.put(folder, files.chunks_of(source), source.stat().st_size)
            facts |= {"sha256": sha256, "size_bytes": size}
    return kept


def _media_type(path: Path) -> str:
    with path.open("rb") as source:
        head = source.read(HEAD_BYTES)
        source.seek(max(0, path.stat().st_size - HEAD_BYTES))
        tail = source.read(HEAD_BYTES)
    if not head:
        raise Invalid("file_empty", "file")
    media_type = media_type_of(head, tail)
    if media_type is None:
        raise Invalid("file_type", "file")
    return media_type


def check_media(media_type: str, kind: AttachmentKind, readers: AttachmentReaders) -> None:
    """Raises: Invalid where what a file is does not suit what it is said to be, or who is to read it."""
    if kind is AttachmentKind.photo and media_type not in PICTURES:
        raise Invalid("photo_type", "kind")
    if media_type == HEIC and readers is not AttachmentReaders.staff:  # it says where it was taken, and is not opened
        raise Invalid("readers_of_heic", "readers")


async def add_attachment(
    db: Database,
    actor: Actor,
    subject: AttachmentSubject,
    park_id: UUID,
    facts: Mapping[str, Any],
    file: KeptFile,
    *,
    once: Once | None,
) -> Answer:
    """A file that was kept, as one of the subject's.

    Raises: Conflict where it has as many as it may have; NotFound for a stage that the deal never had.
    """
    attachment_id = new_id()
    what = {"media_type": file.media_type, "size_bytes": file.size_bytes, "sha256": file.sha256}
    async with db.write(actor, park_id, once=once) as act:
        if await attachment.lock_subject(act, subject) >= MOST_OF_SUBJECT:
            raise Conflict("too_many_attachments", "", most=MOST_OF_SUBJECT)
        row = {**facts, **subject.columns(), **what, "park_id": park_id, "id": attachment_id}
        await attachment.insert(act, row | {"pictures": file.pictures})
        names = {"kind": facts["kind"], "readers": facts["readers"], **subject.columns()}  # no text: it may name people
        act.did("attachment.added", "attachment", attachment_id, **names, **what)
        act.answer = await _answer(act, attachment_id, status=201)
    return act.answer


async def amend_attachment(
    db: Database,
    actor: Actor,
    attachment_id: UUID,
    changed: Mapping[str, Any],
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Changes what is said of a file, or who reads it; its bytes stay."""
    park_id = await _park_of(db, actor, attachment_id)
    async with db.write(actor, park_id, once=once) as act:
        row = await attachment.lock(act, attachment_id)
        if row is None:
            raise NotFound("no_such")
        match_revision(if_match, row["revision"])
        facts = {"readers": row["readers"], "kind": row["kind"], **changed}
        check_facts(_subject_of(row), {**facts, "readers": AttachmentReaders(facts["readers"])}, today)
        check_media(row["media_type"], AttachmentKind(facts["kind"]), AttachmentReaders(facts["readers"]))
        await attachment.amend(act, attachment_id, changed)
        words = {name: changed[name] for name in ("kind", "readers") if name in changed}
        act.did("attachment.amended", "attachment", attachment_id, fields=sorted(changed), **words)
        act.answer = await _answer(act, attachment_id)
    return act.answer


async def drop_attachment(
    db: Database,
    actor: Actor,
    attachment_id: UUID,
    reason: str,
    *,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Hides a file from everyone, with the reason; its row stays, its bytes for another 30 days."""
    refuse(value_faults({"reason": reason}))
    park_id = await _park_of(db, actor, attachment_id, once=once)
    async with db.write(actor, park_id, once=once) as act:
        row = await attachment.lock(act, attachment_id)
        if row is None:
            raise NotFound("no_such")
        match_revision(if_match, row["revision"])
        await attachment.drop(act, attachment_id, today, reason)
        act.did("attachment.dropped", "attachment", attachment_id, sha256=row["sha256"])
        act.answer = Answer(f'{{"id":"{attachment_id}","dropped_on":"{today}"}}')
    return act.answer


def _subject_of(row: Any) -> AttachmentSubject:
    if row["asset_id"] is not None:
        return AttachmentSubject("asset", row["asset_id"])
    if row["outcome_id"] is not None:
        return AttachmentSubject("outcome", row["outcome_id"])
    if row["service_request_id"] is not None:
        return AttachmentSubject("service_request", row["service_request_id"])
    return AttachmentSubject("park", UUID(int=0))


async def _park_of(db: Database, actor: Actor, attachment_id: UUID, *, once: Once | None = None) -> UUID:
    """The park of a file that the caller may write. Raises: NotFound where it sees none, else as `require`."""
    await db.replay(actor, once)  # what was dropped by this key is not there any more
    async with db.read(actor) as conn:
        row = await attachment.visible(conn, attachment_id)
    if row is None:
        raise NotFound("no_such")
    park_id: UUID = row["park_id"]
    require(actor, "attachment.write", park_id=park_id)
    return park_id


async def _answer(act: Act, attachment_id: UUID, *, status: int = 200) -> Answer:
    row = await attachment.visible(act.conn, attachment_id)
    if row is None:
        raise NotFound("no_such")
    location = f"/api/v1/attachments/{attachment_id}" if status == 201 else None
    return Answer(row["document"], status, entity_tag(row["document"], row["revision"]), location)


async def remove_unreferenced(db: Database, folder: Path, *, today: date, now_s: float) -> int:
    """Removes bytes that nothing has referred to for 30 days; how many. `now_s`: seconds since 1970.

    What was just put, and has no row yet, is as old as its putting.
    """
    if not folder.exists():
        return 0
    referenced = await attachment.referenced(db, today - timedelta(days=KEPT_DAYS))
    return await asyncio.to_thread(_remove, folder, referenced, now_s)


def _remove(folder: Path, referenced: set[str], now_s: float) -> int:
    files.forget_incoming(folder, before_s=now_s - DAY_S)
    unreferenced = [sha256 for sha256 in files.hashes(folder) if sha256 not in referenced]
    before_s = now_s - KEPT_DAYS * DAY_S
    return sum(files.drop(folder, sha256, before_s=before_s) for sha256 in unreferenced)
