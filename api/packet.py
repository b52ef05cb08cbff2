"""Packets over HTTP: all that was done to a unit, in a deal or in a period, with its files, to be verified later."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from msgspec import Struct

from actions.packet import PacketSubject, packet_bytes, require_packet
from api.request import request_context
from api.response import NO_STORE, saved_as
from api.streams import Stream
from api.table import streamed
from domain.errors import Malformed
from domain.facts import FIRST_DAY, LAST_DAY

ZIP, TAGS = "application/zip", ["attachments"]


class PacketQuery(Struct, forbid_unknown_fields=True, kw_only=True, rename={"starts_on": "from", "ends_on": "to"}):
    """A period, both days included."""

    starts_on: date
    ends_on: date


@get("/api/v1/assets/{asset_id:uuid}/packet", opt={"also": [ZIP]}, tags=TAGS)
async def asset_packet(request: Request[Any, Any, Any], asset_id: FromPath[UUID]) -> Stream:
    """The packet of a unit, a ZIP: its files, what was done to it, and the hashes. For staff of its park.

    `panhuo verify FILE` says of it, without a network, whether it is as it was made, or what was changed.
    """
    return await _packet(request, PacketSubject("asset", asset_id))


@get("/api/v1/outcomes/{outcome_id:uuid}/packet", opt={"also": [ZIP]}, tags=TAGS)
async def outcome_packet(request: Request[Any, Any, Any], outcome_id: FromPath[UUID]) -> Stream:
    """The packet of a deal, a ZIP: its files, what was done in it, and the hashes. For staff of its park."""
    return await _packet(request, PacketSubject("outcome", outcome_id))


@get("/api/v1/parks/{park_id:uuid}/packet", opt={"query": PacketQuery, "also": [ZIP]}, tags=TAGS)
async def park_packet(request: Request[Any, Any, Any], park_id: FromPath[UUID]) -> Stream:
    """The packet of a period, a ZIP: all acts of a park meanwhile, the files added, and the hashes. For its staff."""
    context = await request_context(request)
    query: PacketQuery = context.query
    for name, day in (("from", query.starts_on), ("to", query.ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Malformed("out_of_range", name, least=str(FIRST_DAY), most=str(LAST_DAY))
    if query.starts_on > query.ends_on:
        raise Malformed("period_reversed", "from")
    return await _packet(request, PacketSubject("park", park_id, query.starts_on, query.ends_on))


async def _packet(request: Request[Any, Any, Any], subject: PacketSubject) -> Stream:
    context = await request_context(request)
    park_id = await require_packet(context.db, context.actor, subject)
    folder = context.state.settings.files_dir
    source = packet_bytes(context.db, context.actor, folder, subject, park_id, now=context.now)
    headers = {**NO_STORE, **saved_as("packet.zip", f"packet-{subject.id}.zip")}
    return streamed(request, context, source, ZIP, headers)


ROUTES = [asset_packet, outcome_packet, park_packet]
