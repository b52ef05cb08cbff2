"""The packet of a unit, a deal or a period of a park: what was done, with the files, to be verified by anyone later.

Events and chain are read in one snapshot, which is closed before the files follow; what goes out is never held whole.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from actions.attachment import require_visible
from actions.authorization import require
from domain.actor import Actor
from domain.instants import SHANGHAI
from domain.media import saved_name
from domain.packet import CHAIN, EVENTS, FILES, FORM, INDEX, PacketWriter
from store import attachment, files, packet
from store.db import Database


@dataclass(frozen=True)
class PacketSubject:
    """What a packet is of. `first`, `last`: days, both included, of a packet of a park."""

    kind: Literal["asset", "outcome", "park"]
    id: UUID
    first: date | None = None
    last: date | None = None

    def period(self) -> tuple[datetime, datetime]:
        """The first instant of it, and the one after its last."""
        assert self.first is not None and self.last is not None
        days = (self.first, self.last + timedelta(days=1))
        begins, ends = (datetime.combine(day, time(), SHANGHAI) for day in days)
        return begins, ends


async def require_packet(db: Database, actor: Actor, subject: PacketSubject) -> UUID:
    """The park of what a packet is of; for whoever reads all of it. Raises: as `require`, NotFound."""
    park_id = await require_visible(db, actor, attachment.AttachmentSubject(subject.kind, subject.id))
    require(actor, "packet.read", park_id=park_id)
    return park_id


async def packet_bytes(
    db: Database, actor: Actor, folder: Path, subject: PacketSubject, park_id: UUID, *, now: datetime
) -> AsyncGenerator[bytes, None]:
    """The packet, a part at a time."""
    writer = PacketWriter()
    about: dict[str, Any] = {"form": FORM, "made_at": now.isoformat(), "park_id": str(park_id)}
    about |= {"subject": {"kind": subject.kind, "id": str(subject.id), "from": subject.first, "to": subject.last}}
    kept: Sequence[Any] = ()
    async with db.snapshot(actor, park_id=park_id) as conn:
        head = await packet.head(conn, park_id)
        about["head"] = {"rev": head["rev"], "hash": head["hash"].hex()}
        if subject.first is None:
            revs, kept = (
                await packet.acts(conn, park_id, subject.id),
                await packet.attachments(conn, park_id, subject.id),
            )
        else:
            revs = await packet.acts_of_period(conn, park_id, *subject.period())
            kept = await packet.attachments_of_period(conn, park_id, *subject.period())
        async with aclosing(_events(writer, conn, park_id, revs)) as parts:
            async for part in parts:
                yield part
        async with aclosing(_chain(writer, conn, park_id)) as parts:
            async for part in parts:
                yield part
    listed = []
    for row in kept:
        member = f"{FILES}/{row['id']}/{saved_name(row['file_name'], row['media_type'])}"
        is_there = files.path_of(folder, row["sha256"]).exists()
        listed.append(
            {"member": member if is_there else None, "sha256": row["sha256"], "facts": json.loads(row["document"])}
        )
        if is_there:
            async with aclosing(_file(writer, folder, row["sha256"], member)) as parts:
                async for part in parts:
                    yield part
    about |= {"files": listed, "members": dict(writer.hashes)}
    index = writer.member(INDEX)
    yield index.write(json.dumps(about, ensure_ascii=False, indent=1, default=str).encode())
    yield index.end() + writer.end()


async def _events(writer: PacketWriter, conn: Any, park_id: UUID, revs: Sequence[int]) -> AsyncGenerator[bytes, None]:
    member = writer.member(EVENTS)
    async for portion in packet.events(conn, park_id, revs):
        lines = [
            json.dumps({**dict(row), "at": row["at"].isoformat()}, ensure_ascii=False, default=str) for row in portion
        ]
        yield member.write("".join(f"{line}\n" for line in lines).encode())
    yield member.end()


async def _chain(writer: PacketWriter, conn: Any, park_id: UUID) -> AsyncGenerator[bytes, None]:
    member = writer.member(CHAIN)
    async for portion in packet.digests(conn, park_id):
        yield member.write("".join(f"{row['digest'].hex()}\n" for row in portion).encode())
    yield member.end()


async def _file(writer: PacketWriter, folder: Path, sha256: str, name: str) -> AsyncGenerator[bytes, None]:
    member = writer.member(name, is_packed=False)
    with files.open_file(folder, sha256) as source:
        while chunk := await asyncio.to_thread(source.read, files.CHUNK_BYTES):
            yield member.write(chunk)
    yield member.end()
