"""What is answered of files of units, parks, deals and requests."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from api.record import Described
from domain.words import AttachmentKind, AttachmentReaders
from outcomes.stages import Stage


class Attachment(Described):
    """A file, and what it is of: a unit, a park, a deal or a stage of it, or a request."""

    park_id: UUID
    id: UUID
    asset_id: UUID | None
    is_of_park: bool
    outcome_id: UUID | None
    stage: Stage | None
    service_request_id: UUID | None
    kind: AttachmentKind
    readers: AttachmentReaders
    title: str | None
    taken_on: date | None
    source: str | None
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    width_px: int | None
    height_px: int | None
    revision: int
    recorded_at: datetime


class DroppedAttachment(Described):
    """A file that was dropped."""

    id: UUID
    dropped_on: date
