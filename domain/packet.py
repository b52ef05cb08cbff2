"""The form of a packet: a ZIP with files, acts, their place in the chain of their park, and an index with the hashes.

- `files/…`: the bytes of each file, as they were sent.
- `events.jsonl`: the events of each act, all of an act, one a line.
- `chain.txt`: the digests of all acts of the park, one a line, hex; the head's hash follows from them.
- `index.json`: what the packet is of, its files with what is said of them, and the SHA-256 of all members.

The comment at the end is the SHA-256 of every byte before it: what changes anywhere is seen.
"""

from __future__ import annotations

import hashlib
import zipfile
from typing import IO, Final

FORM: Final = "panhuo-packet-1"
INDEX, EVENTS, CHAIN, FILES = "index.json", "events.jsonl", "chain.txt", "files"
#: Hex digits of the comment.
SEAL_CHARS: Final = 64
#: Members have no date: the same packet is the same bytes.
_DATE: Final = (1980, 1, 1, 0, 0, 0)


class PacketWriter:
    """Writes a packet a part at a time: each call answers the bytes that go out next."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w")
        self._total = hashlib.sha256()
        self.hashes: dict[str, str] = {}

    def member(self, name: str, *, is_packed: bool = True) -> PacketMember:
        """Begins a member; it is ended before the next."""
        info = zipfile.ZipInfo(name, _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return PacketMember(self, self._archive.open(info, "w"), name)

    def taken(self) -> bytes:
        """What was written since the last call."""
        part = self._sink.taken()
        self._total.update(part)
        return part

    def end(self) -> bytes:
        """The last bytes: the table of members, and the seal."""
        self._archive.comment = b"0" * SEAL_CHARS
        self._archive.close()
        part = self._sink.taken()[:-SEAL_CHARS]
        self._total.update(part)
        return part + self._total.hexdigest().encode()


class PacketMember:
    """One member being written, with its SHA-256."""

    def __init__(self, packet: PacketWriter, target: IO[bytes], name: str) -> None:
        self._packet, self._target, self._name = packet, target, name
        self._digest = hashlib.sha256()

    def write(self, part: bytes) -> bytes:
        """The bytes that go out for this part. Empty: none yet."""
        self._digest.update(part)
        self._target.write(part)
        return self._packet.taken()

    def end(self) -> bytes:
        """Ends the member; the rest of its bytes."""
        self._target.close()
        self._packet.hashes[self._name] = self._digest.hexdigest()
        return self._packet.taken()


class _Sink:
    """What ZIP is written into: nobody seeks in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        part = b"".join(self._parts)
        self._parts.clear()
        return part
