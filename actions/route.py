"""Which way a path goes, by the scheme `paths`; a stored version never changes, so each is read once a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.stage_effects import EFFECTS
from domain.errors import Conflict
from domain.words import Path
from outcomes.stages import Route, route, routes
from store import reference

KIND = "paths"


async def in_force(conn: Any) -> str:
    """The version that a deal opened now follows. Raises Conflict where the reference tables were never loaded."""
    version = await reference.version_in_force(conn, KIND)
    if version is None:
        raise Conflict("scheme_missing", "path", kind=KIND)
    return version


async def load(conn: Any, version: str, path: Path, *, has_land: bool) -> Route:
    """The route of a path in a version, for a deal with land in it or without."""
    known = _ROUTES.get((version, path, has_land))
    if known is None:
        document = await reference.scheme_of_version(conn, KIND, version)
        if document is None:
            raise Conflict("scheme_missing", "path", kind=KIND)
        known = _ROUTES[version, path, has_land] = route(document, path, EFFECTS, has_land=has_land)
    return known


_ROUTES: dict[tuple[str, Path, bool], Route] = {}


def require_routes(document: Mapping[str, Any]) -> None:
    """Raises Invalid for a version that names an effect nobody knows, or one whose figures its stage does not need."""
    for has_land in (False, True):
        routes(document, EFFECTS, has_land=has_land)
