"""`panhuo verify`: whether a packet is as it was made, without a database and without a network.

Each member is held to the index, each act to the chain, the chain to its head, each file to the act that added it, and
every byte to the seal. Whoever can write all of these anew makes another packet: the head it names is compared with
one that was kept elsewhere (`panhuo doctor --anchor`).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from domain.packet import CHAIN, EVENTS, FORM, INDEX, SEAL_CHARS
from store.chain import link
from store.db import Event, digest

CHUNK_BYTES = 1 << 20
#: What reading a member that was changed may raise.
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)


@dataclass
class Verification:
    """What a packet is, and what of it was changed. Empty `changed`: it is intact."""

    index: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


def verify(file: Path) -> Verification:
    """What was changed in a packet: names of members, of acts, of files; `archive` where it is what holds them.

    Raises: OSError where the file cannot be read.
    """
    result = Verification()
    is_sealed = _is_sealed(file)
    try:
        with zipfile.ZipFile(file) as archive:
            _verify_members(archive, result)
    except BROKEN:
        result.changed.append("archive")
    if not is_sealed and not result.changed:
        result.changed.append("archive")
    result.changed = list(dict.fromkeys(result.changed))
    return result


def _is_sealed(file: Path) -> bool:
    """Whether the last characters are the SHA-256 of all bytes before them."""
    total, left = hashlib.sha256(), file.stat().st_size - SEAL_CHARS
    with file.open("rb") as source:
        while left > 0 and (chunk := source.read(min(CHUNK_BYTES, left))):
            total.update(chunk)
            left -= len(chunk)
        return source.read() == total.hexdigest().encode()


def _verify_members(archive: zipfile.ZipFile, result: Verification) -> None:
    try:
        result.index = json.loads(archive.read(INDEX))
        members = result.index["members"]
        if result.index["form"] != FORM:
            raise ValueError(result.index["form"])
    except BROKEN:
        result.changed.append(INDEX)
        return
    for name, sha256 in members.items():
        if _sha256(archive, name) != sha256:
            result.changed.append(name)
    named = set(members) | {INDEX}
    result.changed += [name for name in archive.namelist() if name not in named]
    result.changed += [file["facts"]["file_name"] for file in result.index["files"] if file["member"] is None]
    if not {EVENTS, CHAIN} & {*result.changed}:
        result.changed += list(_chain_faults(archive, result.index))


def _sha256(archive: zipfile.ZipFile, name: str) -> str | None:
    """The SHA-256 of a member; None where it cannot be read."""
    total = hashlib.sha256()
    try:
        with archive.open(name) as source:
            while chunk := source.read(CHUNK_BYTES):
                total.update(chunk)
    except BROKEN:
        return None
    return total.hexdigest()


def _chain_faults(archive: zipfile.ZipFile, index: dict[str, Any]) -> Iterator[str]:
    """Acts that are not those of the chain, the head where it does not follow, files that no act added so."""
    digests = archive.read(CHAIN).decode().split()
    made = b""
    for rev, hex_digest in enumerate(digests, start=1):
        made = link(made, rev, bytes.fromhex(hex_digest))
    if (len(digests), made.hex()) != (index["head"]["rev"], index["head"]["hash"]):
        yield "head"
    acts: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    added: dict[str, str] = {}
    with archive.open(EVENTS) as source:
        for event in _lines(source):
            acts[event["rev"]].append(event)
            if event["act"] == "attachment.added":
                added[event["subject_id"]] = json.loads(event["body"])["sha256"]
    for rev, events in acts.items():
        if not 0 < rev <= len(digests) or _digest(events) != digests[rev - 1]:
            yield f"act {rev}"
    for file in index["files"]:
        if added.get(file["facts"]["id"]) != file["sha256"]:
            yield str(file["member"] or file["facts"]["file_name"])


def _digest(events: list[dict[str, Any]]) -> str:
    """The digest of an act, hex, from all its events as a packet has them."""
    acted = [Event(event["act"], event["subject_kind"], UUID(event["subject_id"]), {}) for event in events]
    at, actor_id = datetime.fromisoformat(events[0]["at"]), UUID(events[0]["actor_id"])
    return digest(actor_id, at, acted, [event["body"] for event in events]).hex()


def _lines(source: IO[bytes]) -> Iterator[dict[str, Any]]:
    for line in source:
        yield json.loads(line)
