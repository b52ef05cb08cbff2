"""JSON Merge Patch: what is left out stays, null removes, objects merge member by member, all else takes the place.

Source: RFC 7396 §2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

#: Of an outline, stored as this, what its patch may leave out.
OUTLINE: Mapping[str, Any] = {"type": "MultiPolygon"}


def merged(stored: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """An object after its patch, at every depth."""
    after = dict(stored)
    for name, value in patch.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, Mapping):
            before = stored.get(name)
            after[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            after[name] = value
    return after


def merged_outline(patch: Mapping[str, Any]) -> dict[str, Any] | None:
    """An outline after its patch; None where it stays as it is stored."""
    after = merged(OUTLINE, patch)
    is_drawn = "coordinates" in patch or {name: member for name, member in after.items() if name != "bbox"} != OUTLINE
    return after if is_drawn else None


def with_objects_merged(changed: Mapping[str, Any], stored: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The changes of a record, in which these fields, objects that it stores as JSON texts, stand whole as patched."""
    whole = {
        name: {} if changed[name] is None else merged(json.loads(stored[name]), changed[name])
        for name in names
        if name in changed
    }
    return {**changed, **whole}


def without_removals(changed: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The changes of a record, these fields without the members they remove: what can be judged beforehand."""
    kept = {
        name: {member: value for member, value in changed[name].items() if value is not None}
        for name in names
        if isinstance(changed.get(name), Mapping)
    }
    return {**changed, **kept}
