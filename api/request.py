"""From a request to its context: who calls, the query and the body as typed records, the key and the precondition.

The order is that of every act: authentication, content type, size, UTF-8, form of the body; rights come in the act.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.types import HTTPScope

from actions.sign_in import log_security, slow_digest, token_holder
from actions.snapshot_cache import SnapshotCache
from api.answer_cache import AnswerCache, TileCache
from api.faults import body_faults, query_faults
from api.limits import Limits
from api.queries import fields_of
from api.shared_reading import SharedReading
from api.streams import Streams
from domain.actor import ANONYMOUS, Actor
from domain.address import client_address
from domain.answer import Once
from domain.entity_tags import listed_tags
from domain.errors import Fault, Invalid, Malformed, NotSignedIn, TooLarge, TooSlow, WrongMedia
from domain.instants import SHANGHAI
from domain.settings import Settings
from domain.text import composed
from store.db import Database
from store.features import State
from store.unit_page import PageState
from texts.lookup import Language, language_of

JSON_TYPES = ("application/json", "application/geo+json", "application/merge-patch+json")
#: A body over the limit is read and thrown away up to here, so that the caller hears why; beyond it the line is cut.
MOST_DRAINED = 64 << 20
#: A body has this long to begin, and must then come at this rate; the server itself waits for ever.
BODY_GRACE_S, LEAST_BYTES_PER_S = 10.0, 16_384
MOST_PARAMETERS = 60
#: Names in the objects of a body, and values in all: twice what the longest deal says, and twice an outline of the most
#: vertices (`geo/positions.py`). What has more is no record and is not looked at; a route of many records says so by
#: its `most_members`.
MOST_MEMBERS, MOST_VALUES = 2_000, 200_000
#: Records lie six deep at most; what follows a body member by member must not run out of stack on the way.
MOST_DEPTH = 32
#: Below this a body is decoded in less time than a thread takes to answer; far above it would hold up all others.
DECODED_ASIDE_FROM = 262_144
#: GeoPackages and shapefiles that a process has written at once: each takes a core while GDAL writes it.
FILES_AT_ONCE = 2
_KEY = re.compile(r'"?([\x21\x23-\x7e][\x20\x21\x23-\x7e]{0,254})"?')
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)


class NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A route that takes no parameter."""


@dataclass(frozen=True)
class ApplicationState:
    """What a process keeps for all its requests."""

    db: Database
    snapshot_cache: SnapshotCache
    settings: Settings
    limits: Limits
    streams: Streams = field(default_factory=Streams)
    #: How many features of /ogc were counted, by the state of their collection, the caller's parks and conditions.
    feature_counts: dict[bytes, int | None] = field(default_factory=dict)
    #: Held while a GeoPackage or shapefile is written.
    file_writing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))
    collection_states: SharedReading[str, State] = field(default_factory=SharedReading)
    #: Units by the codes in the address of their page, and how their parks stand.
    page_states: SharedReading[tuple[str, str], PageState | None] = field(default_factory=SharedReading)
    #: Pages of /ogc, and of units and parks, as the public gets them.
    pages: AnswerCache = field(default_factory=AnswerCache)
    tiles: TileCache = field(default_factory=TileCache)

    def link(self, path: str) -> str:
        """Where one of the service's paths is found from outside."""
        return self.settings.public_path + path


class RequestContext(msgspec.Struct, frozen=True):
    """One request, read and understood; nothing is decided yet."""

    state: ApplicationState
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
        return self.state.db

    @property
    def language(self) -> Language:
        return language_of(self.accept_language)

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai, the only day the service knows."""
        return self.now.astimezone(SHANGHAI).date()


async def request_context(request: Request[Any, Any, Any]) -> RequestContext:
    """What a request says. Raises NotSignedIn, WrongMedia, TooLarge, Malformed, Invalid, in that order."""
    state: ApplicationState = request.app.state.application_state
    now = datetime.now(UTC)
    headers = _headers(request.scope)
    opt = request.route_handler.opt
    peer = request.client.host if request.client is not None else ""
    address = client_address(peer, headers.get("x-forwarded-for", ""), state.settings.trusted_proxies)
    # Where tokens themselves are what a request is about, one that has run out is no reason to refuse it.
    actor = ANONYMOUS if "reads_token" in opt else await _caller_from(address, headers, state.db, now)
    if actor is not ANONYMOUS:
        request.scope["state"]["account"] = str(actor.id)  # for the line of the access log
    record_type = opt.get("body")
    is_read = request.method in ("GET", "HEAD")
    most_bytes = state.settings.body_limit_bytes
    raw = b"" if is_read or opt.keys() & {"form", "file"} else await _raw(request, headers, most_bytes, record_type)
    most_members = opt.get("most_members", MOST_MEMBERS)
    body = None if record_type is None else await _body(raw, record_type, most_members)
    return RequestContext(
        state=state,
        actor=actor,
        query=None if "own_query" in opt else query_of(request.scope["query_string"], opt.get("query", NoQuery)),
        body=body,
        once=None if is_read else await _once_of(request, headers, raw, actor),
        if_match=_condition(headers, "If-Match"),
        if_none_match=_condition(headers, "If-None-Match"),
        accept_language=headers.get("accept-language"),
        address=address,
        now=now,
        cursor_key=await state.db.cursor_key() if opt.keys() & {"query", "own_query"} else b"",
    )


def _headers(scope: HTTPScope) -> dict[str, str]:
    """The headers by name; one on several lines is the list that these are together. Source: RFC 9110 §5.3."""
    headers: dict[str, str] = {}
    for raw_name, raw in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _condition(headers: Mapping[str, str], header: str) -> str | None:
    """The tags of a condition, as they came. Raises Malformed for what is no list of tags."""
    value = headers.get(header.lower())
    if value is not None:
        listed_tags(value, header)
    return value


async def _body(raw: bytes, record_type: Any, most_members: int) -> Any:
    """The body as `decoded` gives it, off the event loop where that takes long: a large one, or one with faults."""
    if len(raw) <= DECODED_ASIDE_FROM:
        with contextlib.suppress(msgspec.ValidationError):
            return _decoded(raw, record_type, most_members)
    return await asyncio.to_thread(decoded, raw, record_type, most_members)


async def _caller_from(address: str, headers: Mapping[str, str], db: Database, now: datetime) -> Actor:
    try:
        return await caller(headers, db, now)
    except NotSignedIn:
        log_security("token_refused", address)
        raise


async def caller(headers: Mapping[str, str], db: Database, now: datetime) -> Actor:
    """Who holds the token or key. A bad one is refused, not taken for a stranger."""
    header = headers.get("authorization")
    key = headers.get("x-api-key")
    if header is None and key is None:
        return ANONYMOUS
    token = (key or "").strip() if header is None else bearer(header)
    actor = await token_holder(db, token[:200], now.astimezone(SHANGHAI).date())
    if actor is None:
        raise NotSignedIn("token_invalid", "Authorization" if header is not None else "X-API-Key")
    return actor


def bearer(header: str | None) -> str:
    """The token in an Authorization header. Raises NotSignedIn where there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("sign_in" if header is None else "token_invalid", "Authorization")
    return token.strip()


async def _raw(
    request: Request[Any, Any, Any], headers: Mapping[str, str], most: int, record_type: type | None
) -> bytes:
    """The body within its limit, of a type we read."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if record_type is not None and kind not in JSON_TYPES:
        await received_body(request, 0)
        raise WrongMedia("content_type", "Content-Type", allowed=JSON_TYPES)
    if headers.get("content-encoding", "identity").lower() != "identity":
        await received_body(request, 0)
        raise WrongMedia("content_coding", "Content-Encoding")
    raw, size = await received_body(request, most)
    if size > most:
        raise TooLarge("body_too_large", "body", most=most)
    if record_type is None and raw.strip():
        raise Malformed("body_unexpected", "body")
    return raw


async def received_body(request: Request[Any, Any, Any], most: int) -> tuple[bytes, int]:
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


def decoded(raw: bytes, record_type: Any, most_members: int = MOST_MEMBERS) -> Any:
    """The body as a typed record. Raises Malformed for what is no JSON, TooLarge for what has more members than any
    record, Invalid naming every field that is not right.
    """
    try:
        return _decoded(raw, record_type, most_members)
    except msgspec.ValidationError as fault:
        raise Invalid.of(body_faults(raw, record_type)) from fault


def _decoded(raw: bytes, record_type: Any, most_members: int) -> Any:
    """The same; what is JSON and no such record stays the decoder's to refuse."""
    if not raw:
        raise Malformed("body_missing", "body")
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        raise Malformed("not_utf8", "body", byte=fault.start) from fault
    _check_counts(raw, most_members)
    try:
        try:
            record = msgspec.json.decode(raw, type=record_type)
        except msgspec.ValidationError:
            _check_form(raw)
            raise
        _check_names(raw)
        return record if raw.isascii() and b"\\u" not in raw else _in_nfc(record)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as fault:
        if re.search(rb"[\[,:\s-](NaN|Infinity)\b", raw):
            raise Malformed("json_no_nan", "body") from fault
        place = re.search(r"byte (\d+)", str(fault))
        raise Malformed("json_malformed", "body", byte=place[1] if place else len(raw)) from fault
    except RecursionError as fault:
        raise Malformed("json_too_deep", "body") from fault


def _check_counts(raw: bytes, most_members: int) -> None:
    """Raises TooLarge for more members than any record has. Texts are left out only where they could decide."""
    if raw.count(b":") <= most_members and raw.count(b",") + raw.count(b"[") <= MOST_VALUES:
        return
    bare = _STRING.sub(b"", raw)
    members, values = bare.count(b":"), bare.count(b",") + bare.count(b"[")
    if members > most_members:
        raise TooLarge("too_many_members", "body", members=members, most=most_members)
    if values > MOST_VALUES:
        raise TooLarge("too_many_values", "body", values=values, most=MOST_VALUES)


def _check_form(raw: bytes) -> None:
    """Raises for what is no JSON at all: the decoder of a record stops at the first fault, and may not have come to it.

    A number beyond every range is a fault of its field.
    """
    with contextlib.suppress(msgspec.ValidationError):
        msgspec.json.decode(raw)
    _check_names(raw)


def _check_names(raw: bytes) -> None:
    """The decoder takes the last of two equal names; whoever checked the body before us may have read the first."""
    _check_depth(raw)
    json.loads(raw, object_pairs_hook=_once_each, parse_int=len)


def _check_depth(raw: bytes) -> None:
    """Raises Malformed where JSON lies deeper than any record: what is left of its brackets after so many of the
    innermost were taken away.
    """
    if raw.count(b"[") + raw.count(b"{") <= MOST_DEPTH:
        return
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    for _ in range(MOST_DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise Malformed("json_too_deep", "body")


def _in_nfc(value: Any) -> Any:
    """The same record with every text composed, but for passwords: their hashes are of what was typed."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return value if value and isinstance(value[0], int | float) else [_in_nfc(item) for item in value]
    if isinstance(value, dict):
        return {name: _in_nfc(item) for name, item in value.items()}
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if not name.endswith("password"):
                msgspec.structs.force_setattr(value, name, _in_nfc(getattr(value, name)))
    return value


def _once_each(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        name = next(name for name in names if names.count(name) > 1)[:64]
        raise Malformed("json_repeated_name", "body", name=name)


def query_of(raw: bytes, record_type: Any) -> Any:
    """The query as a typed record. Raises Malformed naming each parameter that is unknown, repeated or not right."""
    if not raw:
        return _parsed({}, record_type) if _is_required(record_type) else record_type()
    try:
        pairs = parse_qsl(raw.decode("ascii"), True, True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (UnicodeDecodeError, ValueError) as fault:
        raise Malformed("query_form", "query", most=MOST_PARAMETERS) from fault
    known = [field.encode_name for field in fields_of(record_type)]
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for name, value in pairs:
        if name not in known:  # the first says which there are
            params = {"name": name[:64], "known": "…" if faults else known or "-"}
            faults.append(Fault("unknown_parameter", name[:64], params))
        elif name in values:
            faults.append(Fault("repeated_parameter", name, {"name": name}))
        elif "\0" in value:  # no text of the database can hold it
            faults.append(Fault("text_control", name, {"position": value.index("\0") + 1, "character": "U+0000"}))
        values[name] = value
    if faults:
        raise Malformed.of(
            faults + [fault for fault in query_faults(values, record_type) if fault.field not in _fields(faults)]
        )
    record = _parsed(values, record_type)
    for parameter in fields_of(record_type):  # the decoder takes the word null for nothing given, and would ask for all
        if parameter.encode_name in values and getattr(record, parameter.name) is None:
            raise Malformed("no_null", parameter.encode_name)
    return record


def _fields(faults: Sequence[Fault]) -> set[str]:
    return {fault.field for fault in faults}


@cache
def _is_required(record_type: Any) -> bool:
    return any(field.required for field in fields_of(record_type))


def _parsed(values: Mapping[str, str], record_type: Any) -> Any:
    try:
        return msgspec.convert(values, record_type, strict=False)
    except msgspec.ValidationError as fault:
        raise Malformed.of(query_faults(values, record_type) or [Fault("value_form", "query")]) from fault


async def _once_of(
    request: Request[Any, Any, Any], headers: Mapping[str, str], raw: bytes, actor: Actor
) -> Once | None:
    """The idempotency key; of a body with a password the fingerprint is no quicker to guess from than its hash."""
    once = _once(request.scope, headers, raw)
    if once is None or actor is ANONYMOUS or "has_password" not in request.route_handler.opt:
        return once
    return replace(once, fingerprint=await asyncio.to_thread(slow_digest, once.fingerprint, once.key))


def _once(scope: HTTPScope, headers: Mapping[str, str], raw: bytes) -> Once | None:
    """The idempotency key, quoted or bare, with the fingerprint of all that makes this request this request."""
    header = headers.get("idempotency-key")
    if header is None:
        return None
    key = _KEY.fullmatch(header.strip())
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
        *(headers[name].encode() for name in ("content-crs",) if name in headers),  # of /ogc: the system of `raw`
    )
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return Once(key[1], total.digest())
