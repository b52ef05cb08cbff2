"""Files of units, parks, deals, their stages, and requests, over HTTP: sent, listed, read, changed, dropped.

A file is addressed by the id of its row, never by its bytes; whoever does not see the row gets 404.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.exceptions import InternalServerException
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from actions import attachment as acts
from api.bodies import Text, sent_fields
from api.file_reply import FileReply
from api.request import RequestContext, request_context
from api.response import NO_STORE, Reply, conditional, known_tags, written
from domain.answer import Once
from domain.errors import Fault, Invalid, Malformed, NotFound, TooLarge, TooSlow, Unavailable, WrongMedia
from domain.media import file_name_fault
from domain.words import AttachmentKind, AttachmentReaders
from geo.pictures import SMALLER_TYPE
from store import attachment, files
from store.attachment import AttachmentSubject

V1, TAGS = "/api/v1", ["attachments"]
ATTACHMENT: Final = f"{V1}/attachments/{{attachment_id:uuid}}"
OF_ASSET: Final = f"{V1}/assets/{{asset_id:uuid}}/attachments"
OF_PARK: Final = f"{V1}/parks/{{park_id:uuid}}/attachments"
OF_OUTCOME: Final = f"{V1}/outcomes/{{outcome_id:uuid}}/attachments"
OF_STAGE: Final = f"{V1}/outcomes/{{outcome_id:uuid}}/stages/{{stage:str}}/attachments"
OF_REQUEST: Final = f"{V1}/service-requests/{{request_id:uuid}}/attachments"
#: How long a file may take to come.
SENT_WITHIN_S: Final = 600
#: A body that is a form holds a file among other things.
FORMS: Final = ("multipart/form-data", "multipart/mixed")


class NewAttachment(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is said of a file that is sent."""

    kind: AttachmentKind
    file_name: Annotated[str, Meta(min_length=1, max_length=200)]
    readers: AttachmentReaders = AttachmentReaders.staff
    title: Annotated[str, Meta(max_length=200)] | None = None
    taken_on: date | None = None
    source: Annotated[str, Meta(max_length=1000)] | None = None


class AttachmentPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of what is said of a file."""

    kind: AttachmentKind | UnsetType = UNSET
    readers: AttachmentReaders | UnsetType = UNSET
    title: Text | UnsetType | None = UNSET
    taken_on: date | UnsetType | None = UNSET
    source: Text | UnsetType | None = UNSET


class DropQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a file is dropped."""

    reason: Annotated[str, Meta(max_length=1000)]


class ContentQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which size of a picture."""

    size: Literal["original", "large", "medium", "small"] = "original"


SENT: Final[dict[str, Any]] = {"opt": {"query": NewAttachment, "file": True}, "status_code": 201, "tags": TAGS}


@post(OF_ASSET, **SENT)
async def add_asset_attachment(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """Sends a file of a unit, as the body itself; what it is its bytes say. For staff of its park.

    The body is the bytes of the file and nothing else, so that it is taken as it comes; what is said of it stands in
    the address. JPEG, PNG, WebP, HEIC, PDF, Office files, DWG, and plain text are taken. Readers of a public file are
    whoever sees the unit: nobody but staff while it is a draft.
    """
    return await _add(request, AttachmentSubject("asset", asset_id))


@post(OF_PARK, **SENT)
async def add_park_attachment(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """Sends a file of a park, as the body itself. For its staff."""
    return await _add(request, AttachmentSubject("park", park_id))


@post(OF_OUTCOME, **SENT)
async def add_outcome_attachment(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """Sends a file of a deal, as the body itself; its firms read it where `readers` says so. For staff of its park."""
    return await _add(request, AttachmentSubject("outcome", outcome_id))


@post(OF_STAGE, **SENT)
async def add_stage_attachment(
    request: Request[Any, Any, Any], outcome_id: FromPath[UUID], stage: FromPath[str]
) -> Reply:
    """Sends a file of a stage that a deal has reached or plans, as the body itself. For staff of its park."""
    return await _add(request, AttachmentSubject("outcome", outcome_id, stage))


@post(OF_REQUEST, **SENT)
async def add_request_attachment(request: Request[Any, Any, Any], request_id: FromPath[UUID]) -> Reply:
    """Sends a file of what a firm asks of a park, as the body itself. For staff of the park."""
    return await _add(request, AttachmentSubject("service_request", request_id))


async def _add(request: Request[Any, Any, Any], subject: AttachmentSubject) -> Reply:
    context = await request_context(request)
    query: NewAttachment = context.query
    if (fault := file_name_fault(query.file_name)) is not None:
        raise Invalid.of([Fault(fault.code, "file_name", fault.params)])
    facts = structs.asdict(query)
    acts.check_facts(subject, facts, context.today)
    most = context.state.settings.attachment_limit_bytes
    park_id = await acts.require_addition(context.db, context.actor, subject)
    _check_announced(request, most)
    try:
        async with asyncio.timeout(SENT_WITHIN_S):
            folder = context.state.settings.files_dir
            file = await acts.keep_file(folder, _chunks(request), most, query.kind, query.readers)
    except TimeoutError as fault_of_time:
        raise TooSlow("body_too_slow", "body", least=most // SENT_WITHIN_S) from fault_of_time
    except OSError as fault_of_disk:  # no room, or no right to write there
        raise Unavailable("files_unwritable", retry_after_s=60) from fault_of_disk
    once = _once(context, file.sha256)
    return written(await acts.add_attachment(context.db, context.actor, subject, park_id, facts, file, once=once))


def _check_announced(request: Request[Any, Any, Any], most: int) -> None:
    """Raises: TooLarge where more is announced than is taken, WrongMedia for a form: the file is the body itself."""
    headers = request.headers
    if headers.get("content-type", "").partition(";")[0].strip().lower() in FORMS:
        raise WrongMedia("content_type", "Content-Type", allowed=["application/octet-stream"])
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongMedia("content_coding", "Content-Encoding")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise TooLarge("file_too_large", "file", file="", most=most)


async def _chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            yield chunk
    except InternalServerException as fault:  # the framework's word for a caller who has gone
        raise Malformed("body_cut_short", "body", byte=size) from fault


def _once(context: RequestContext, sha256: str) -> Once | None:
    """The key, with the fingerprint of the bytes beside that of the rest of the request."""
    once = context.once
    return once and replace(once, fingerprint=hashlib.sha256(once.fingerprint + bytes.fromhex(sha256)).digest())


@get(OF_ASSET, tags=TAGS)
async def asset_attachments(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Reply:
    """The files of a unit that the caller may read, the oldest first."""
    return await _listed(request, AttachmentSubject("asset", asset_id))


@get(OF_PARK, tags=TAGS)
async def park_attachments(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Reply:
    """The files of a park that the caller may read, the oldest first; those of its units stand with each."""
    return await _listed(request, AttachmentSubject("park", park_id))


@get(OF_OUTCOME, tags=TAGS)
async def outcome_attachments(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Reply:
    """The files of a deal that the caller may read, those of its stages too, the oldest first."""
    return await _listed(request, AttachmentSubject("outcome", outcome_id))


@get(OF_STAGE, tags=TAGS)
async def stage_attachments(request: Request[Any, Any, Any], outcome_id: FromPath[UUID], stage: FromPath[str]) -> Reply:
    """The files of a stage of a deal that the caller may read, the oldest first."""
    return await _listed(request, AttachmentSubject("outcome", outcome_id, stage))


@get(OF_REQUEST, tags=TAGS)
async def request_attachments(request: Request[Any, Any, Any], request_id: FromPath[UUID]) -> Reply:
    """The files of what a firm asks of a park that the caller may read, the oldest first."""
    return await _listed(request, AttachmentSubject("service_request", request_id))


async def _listed(request: Request[Any, Any, Any], subject: AttachmentSubject) -> Reply:
    context = await request_context(request)
    await acts.require_visible(context.db, context.actor, subject)
    async with context.db.read(context.actor) as conn:
        items = await attachment.listed(conn, subject)
    return Reply(f'{{"items":[{",".join(items)}],"next":null}}'.encode(), headers=NO_STORE)


@get(ATTACHMENT, tags=TAGS)
async def read_attachment(request: Request[Any, Any, Any], attachment_id: FromPath[UUID]) -> Reply:
    """What is said of a file, with its ETag."""
    context = await request_context(request)
    row = await _visible(context, attachment_id)
    return conditional(context, row["document"], row["revision"])


async def _visible(context: RequestContext, attachment_id: UUID) -> Any:
    async with context.db.read(context.actor) as conn:
        row = await attachment.visible(conn, attachment_id)
    if row is None:
        raise NotFound("no_such")
    return row


@get(
    f"{ATTACHMENT}/content",
    opt={"query": ContentQuery, "also": ["application/pdf", "application/octet-stream"]},
    tags=TAGS,
)
async def attachment_content(request: Request[Any, Any, Any], attachment_id: FromPath[UUID]) -> FileReply:
    """The bytes of a file; of a picture in the size that is wanted.

    Pictures are shown, all else is saved. Whoever is not staff of the park gets a picture without what the camera
    wrote: the place, serial numbers. Smaller sizes are JPEG.
    """
    context = await request_context(request)
    size = context.query.size
    row = await _visible(context, attachment_id)
    sizes = json.loads(row["pictures"])
    if size != "original" and not sizes:
        raise Malformed.of([Fault("no_picture", "size")])
    is_whole = size == "original" and (row["is_own"] or not sizes)
    sha256 = row["sha256"] if is_whole else sizes[size]["sha256"]
    media_type = row["media_type"] if size == "original" else SMALLER_TYPE
    source = await asyncio.to_thread(files.open_file, context.state.settings.files_dir, sha256)
    return FileReply(source, media_type, row["file_name"], sha256=sha256, known=known_tags(context))


@patch(ATTACHMENT, opt={"body": AttachmentPatch, "if_match": True}, tags=TAGS)
async def amend_attachment(request: Request[Any, Any, Any], attachment_id: FromPath[UUID]) -> Reply:
    """Changes what is said of a file, or who reads it; needs If-Match. For staff of its park."""
    context = await request_context(request)
    answer = await acts.amend_attachment(
        context.db,
        context.actor,
        attachment_id,
        sent_fields(context.body),
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


@delete(ATTACHMENT, opt={"query": DropQuery, "if_match": True}, status_code=200, tags=TAGS)
async def drop_attachment(request: Request[Any, Any, Any], attachment_id: FromPath[UUID]) -> Reply:
    """Drops a file, with the reason: nobody sees it any more; needs If-Match. For staff of its park."""
    context = await request_context(request)
    answer = await acts.drop_attachment(
        context.db,
        context.actor,
        attachment_id,
        context.query.reason,
        if_match=context.if_match,
        once=context.once,
        today=context.today,
    )
    return written(answer)


ROUTES = [
    add_asset_attachment,
    add_park_attachment,
    add_outcome_attachment,
    add_stage_attachment,
    add_request_attachment,
    asset_attachments,
    park_attachments,
    outcome_attachments,
    stage_attachments,
    request_attachments,
    read_attachment,
    attachment_content,
    amend_attachment,
    drop_attachment,
]
