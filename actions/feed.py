"""An event as followers of the feed see it: who did what to which record, and where to read it.

Never its body, but for a new match: there the unit and its place are the news, and the firm's own to know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

#: Kind of subject → where it is read.
PLACES: Mapping[str, str] = {
    "asset": "/api/v1/assets/{}",
    "park": "/api/v1/parks/{}",
    "zone": "/api/v1/parks/{}",
    "firm": "/api/v1/firms/{}",
    "demand": "/api/v1/demands/{}",
    "outcome": "/api/v1/outcomes/{}",
    "enquiry": "/api/v1/enquiries/{}",
    "batch": "/api/v1/assets/batches/{}",
    "import": "/api/v1/assets/imports/{}",
    "attachment": "/api/v1/attachments/{}",
    "webhook": "/api/v1/webhooks/{}",
}


def public_event(event: Mapping[str, Any], public_path: str) -> dict[str, object]:
    """One event as followers see it. Staff of a park learn which account acted, a firm does not.

    `public_path` is where the service is found from outside.
    """
    scope: UUID = event["scope_id"]
    place = PLACES.get(event["subject_kind"])
    subject_id = str(event["subject_id"])
    shown: dict[str, object] = {
        "id": f"{scope}-{event['rev']}-{event['n']}",
        f"{event['kind']}_id": str(scope),
        "rev": event["rev"],
        "n": event["n"],
        "at": event["at"],
        "act": event["act"],
        "subject_kind": event["subject_kind"],
        "subject_id": subject_id,
        "href": None if place is None else public_path + place.format(subject_id),
    }
    if event.get("details") is not None:
        shown["details"] = json.loads(event["details"])
    if event["kind"] == "park":
        shown["actor_id"] = str(event["actor_id"])
    return shown
