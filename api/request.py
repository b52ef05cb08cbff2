"""From a request to a call: who calls, the query and the body as typed records, the key and the precondition.

The order is that of every act: authentication, content type, size, UTF-8, form of the body; rights come in the act.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.types import HTTPScope

from actions.catalogue import Shelf
from actions.sign_in import security, who
from api.bodies import READ_ONLY, vocabulary
from api.instants import SHANGHAI
from api.limits import Limits
from api.messages import Language, language_of
from api.queries import fields_of
from api.settings import Settings
from api.streams import Streams
from domain.actor import ANONYMOUS, Actor
from domain.address import client_address
from domain.answer import Once
from domain.errors import Fault, Invalid, Malformed, NotSignedIn, TooLarge, TooSlow, WrongMedia
from domain.text import composed
from store.db import Database

JSON_TYPES = ("application/json", "application/geo+json", "application/merge-patch+json")
#: A body over the limit is read and thrown away up to here, so that the caller hears why; beyond it the line is cut.
MOST_DRAINED = 64 << 20
#: A body has this long to begin, and must then come at this rate; the server itself waits for ever.
BODY_GRACE_S, LEAST_BYTES_PER_S = 10.0, 16_384
MOST_PARAMETERS = 60
#: Below this a body is decoded in less time than a thread takes to answer; far above it would hold up all others.
DECODED_ASIDE_FROM = 262_144
_KEY = re.compile(r'"?([\x21\x23-\x7e][\x20\x21\x23-\x7e]{0,254})"?')
_PATH = re.compile(r" - at `(?:key in )?`?\$([^`]*)`")
_UNKNOWN = re.compile(r"contains unknown field `(.*?)`")
_MISSING = re.compile(r"missing required field `(.*?)`")
_INVALID = {"UUID": "uuid", "RFC3339 encoded date": "date", "decimal string": "decimal"}
_EXPECTED = re.compile(r"^Expected (.+?)(?:, got .*)?$")


class NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A route that takes no parameter."""


@dataclass(frozen=True)
class Office:
    """What a process keeps for all its requests."""

    db: Database
    shelf: Shelf
    settings: Settings
    limits: Limits
    streams: Streams = field(default_factory=Streams)


class Call(msgspec.Struct, frozen=True):
    """One request, read and understood; nothing is decided yet."""

    office: Office
    actor: Actor
    query: Any
    body: Any
    once: Once | None
    if_match: str | None
    if_none_match: str | None
    accept_language: str | None
    address: str
    now: datetime
    cursor_key: bytes

    @property
    def db(self) -> Database:
        return self.office.db

    @property
    def language(self) -> Language:
        return language_of(self.accept_language)

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai, the only day the service knows."""
        return self.now.astimezone(SHANGHAI).date()


async def opened(request: Request[Any, Any, Any]) -> Call:
    """The call a request makes. Raises NotSignedIn, WrongMedia, TooLarge, Malformed, Invalid, in that order."""
    office: Office = request.app.state.office
    now = datetime.now(UTC)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    opt = request.route_handler.opt
    peer = request.client.host if request.client is not None else ""
    address = client_address(peer, headers.get("x-forwarded-for", ""), office.settings.trusted_proxies)
    # Where a token itself is what the request is about, one that has run out is no reason to refuse it.
    actor = ANONYMOUS if "reads_token" in opt else await _caller_from(address, headers, office.db, now)
    wanted = opt.get("body")
    is_read = request.method in ("GET", "HEAD")
    raw = b"" if is_read else await _raw(request, headers, office.settings.body_limit_bytes, wanted)
    aside = len(raw) > DECODED_ASIDE_FROM
    body = None if wanted is None else await asyncio.to_thread(decoded, raw, wanted) if aside else decoded(raw, wanted)
    return Call(
        office=office,
        actor=actor,
        query=query_of(request.scope["query_string"], opt.get("query", NoQuery)),
        body=body,
        once=None if is_read else _once(request.scope, headers, raw),
        if_match=headers.get("if-match"),
        if_none_match=headers.get("if-none-match"),
        accept_language=headers.get("accept-language"),
        address=address,
        now=now,
        cursor_key=await office.db.cursor_key() if "query" in opt else b"",
    )


async def _caller_from(address: str, headers: Mapping[str, str], db: Database, now: datetime) -> Actor:
    try:
        return await caller(headers, db, now)
    except NotSignedIn:
        security("token_refused", address)
        raise


async def caller(headers: Mapping[str, str], db: Database, now: datetime) -> Actor:
    """Who holds the token or key. A bad one is refused, not taken for a stranger."""
    header = headers.get("authorization")
    key = headers.get("x-api-key")
    if header is None and key is None:
        return ANONYMOUS
    token = (key or "").strip() if header is None else bearer(header)
    actor = await who(db, token[:200], now.astimezone(SHANGHAI).date())
    if actor is None:
        raise NotSignedIn("token_invalid", "Authorization" if header is not None else "X-API-Key")
    return actor


def bearer(header: str | None) -> str:
    """The token in an Authorization header. Raises NotSignedIn where there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("sign_in" if header is None else "token_invalid", "Authorization")
    return token.strip()


async def _raw(request: Request[Any, Any, Any], headers: Mapping[str, str], most: int, wanted: type | None) -> bytes:
    """The body within its limit, of a type we read."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if wanted is not None and kind not in JSON_TYPES:
        await _received(request, 0)
        raise WrongMedia("content_type", "Content-Type", allowed=JSON_TYPES)
    if headers.get("content-encoding", "identity").lower() != "identity":
        await _received(request, 0)
        raise WrongMedia("content_coding", "Content-Encoding")
    raw, size = await _received(request, most)
    if size > most:
        raise TooLarge("body_too_large", "body", most=most)
    if wanted is None and raw.strip():
        raise Malformed("body_unexpected", "body")
    return raw


async def _received(request: Request[Any, Any, Any], most: int) -> tuple[bytes, int]:
    """The body up to `most` bytes, and how much came. Raises TooSlow, and Malformed where the caller broke off."""
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_GRACE_S) as deadline:
            last = deadline.when() or 0.0
            async for chunk in request.stream():
                size += len(chunk)
                if size <= most:
                    chunks.append(chunk)
                elif size > MOST_DRAINED:
                    break
                deadline.reschedule(last + size / LEAST_BYTES_PER_S)
    except TimeoutError as fault:
        raise TooSlow("body_too_slow", "body", least=LEAST_BYTES_PER_S) from fault
    except InternalServerException as fault:  # the framework's word for a caller who has gone
        raise Malformed("body_cut_short", "body", byte=size) from fault
    return b"".join(chunks), size


def decoded(raw: bytes, wanted: Any) -> Any:
    """The body as a typed record. Raises Malformed for what is no JSON, Invalid naming a field that is not right."""
    if not raw:
        raise Malformed("body_missing", "body")
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        raise Malformed("not_utf8", "body", byte=fault.start) from fault
    try:
        record = msgspec.json.decode(raw, type=wanted)
        # The decoder takes the last of two equal names; whoever checked the body before us may have read the first.
        json.loads(raw, object_pairs_hook=_once_each, parse_int=len)
        return record if raw.isascii() and b"\\u" not in raw else _in_nfc(record)
    except msgspec.ValidationError as fault:
        raise Invalid.of([value_fault(str(fault), wanted)]) from fault
    except msgspec.DecodeError as fault:
        if re.search(rb"[\[,:\s-](NaN|Infinity)\b", raw):
            raise Malformed("json_no_nan", "body") from fault
        place = re.search(r"byte (\d+)", str(fault))
        raise Malformed("json_malformed", "body", byte=place[1] if place else len(raw)) from fault
    except RecursionError as fault:
        raise Malformed("json_too_deep", "body") from fault


def _in_nfc(value: Any) -> Any:
    """The same record with every text composed, but for passwords: their hashes are of what was typed."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return value if value and isinstance(value[0], int | float) else [_in_nfc(one) for one in value]
    if isinstance(value, dict):
        return {name: _in_nfc(one) for name, one in value.items()}
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name != "password":
                msgspec.structs.force_setattr(value, name, _in_nfc(getattr(value, name)))
    return value


def _once_each(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        name = next(name for name in names if names.count(name) > 1)[:64]
        raise Malformed("json_repeated_name", "body", name=name)


def value_fault(said: str, wanted: Any) -> Fault:
    """What the decoder of a record said, as a fault at the field it means."""
    place = _PATH.search(said)
    path = (place[1] if place else "").split("[...]")[0].replace("[", ".").replace("]", "").lstrip(".")
    said = said.split(" - at `")[0]
    under = f"{path}." if path else ""
    if (unknown := _UNKNOWN.search(said)) is not None:
        name = unknown[1]
        return Fault("read_only" if name in READ_ONLY else "unknown_field", under + name[:64])
    if (missing := _MISSING.search(said)) is not None:
        return Fault("missing", under + missing[1])
    if said.startswith(("Invalid enum value", "Invalid value")):  # of a field, of the tag of a record
        return Fault("not_in_vocabulary", path, {"allowed": vocabulary(path, wanted)})
    if (expected := _EXPECTED.match(said)) is not None:
        return Fault("wrong_type", path or "body", {"expected": expected[1].replace("`", "")})
    if said in ("Number out of range", "Integer value out of range"):
        return Fault("not_a_number", path or "body")
    if (form := _INVALID.get(said.removeprefix("Invalid "))) is not None:
        return Fault("wrong_type", path, {"expected": form})
    return Fault("value_form", path, {"problem": said.replace("`", "")})


def query_of(raw: bytes, wanted: Any) -> Any:
    """The query as a typed record. Raises Malformed naming a parameter that is unknown, repeated or not right."""
    if not raw:
        return _parsed({}, wanted) if _is_required(wanted) else wanted()
    try:
        pairs = parse_qsl(raw.decode("ascii"), True, True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (UnicodeDecodeError, ValueError) as fault:
        raise Malformed("query_form", "query", most=MOST_PARAMETERS) from fault
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise Malformed("repeated_parameter", name[:64], name=name[:64])
        given[name] = value
    known = [field.encode_name for field in fields_of(wanted)]
    for name in given:
        if name not in known:
            raise Malformed("unknown_parameter", name[:64], name=name[:64], known=known or "-")
        if "\0" in given[name]:  # no text of the database can hold it
            raise Malformed("text_control", name, position=given[name].index("\0") + 1, character="U+0000")
    record = _parsed(given, wanted)
    for one in fields_of(wanted):  # the decoder takes the word null for nothing given, and would ask for all
        if one.encode_name in given and getattr(record, one.name) is None:
            raise Malformed("no_null", one.encode_name)
    return record


@cache
def _is_required(wanted: Any) -> bool:
    return any(field.required for field in fields_of(wanted))


def _parsed(given: Mapping[str, str], wanted: Any) -> Any:
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as fault:
        raise Malformed.of([value_fault(str(fault), wanted)]) from fault


def _once(scope: HTTPScope, headers: Mapping[str, str], raw: bytes) -> Once | None:
    """The idempotency key, quoted or bare, with the fingerprint of all that makes this request this request."""
    given = headers.get("idempotency-key")
    if given is None:
        return None
    key = _KEY.fullmatch(given.strip())
    if key is None:
        raise Malformed("key_form", "Idempotency-Key")
    total = hashlib.sha256()
    parts = (
        scope["method"].encode(),
        scope["path"].encode(),
        scope["query_string"],
        headers.get("content-type", "").encode(),
        headers.get("if-match", "").encode(),
        raw,
    )
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return Once(key[1], total.digest())
