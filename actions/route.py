"""Which way a path goes, by the scheme `paths`; a stored version never changes, so each is read once a process."""

from __future__ import annotations

from domain.errors import Conflict
from domain.words import Path
from outcomes.stages import Route, route
from store import reference
from store.db import Act

KIND = "paths"


async def in_force(act: Act) -> str:
    """The version that a deal opened now follows. Raises Conflict where the reference tables were never loaded."""
    version = await reference.version_in_force(act.conn, KIND)
    if version is None:
        raise Conflict("scheme_missing", "path", kind=KIND)
    return version


async def load(act: Act, version: str, path: Path, *, has_land: bool) -> Route:
    """The route of a path in a version, for a deal with land in it or without."""
    known = _ROUTES.get((version, path, has_land))
    if known is None:
        document = await reference.scheme_of_version(act.conn, KIND, version)
        if document is None:
            raise Conflict("scheme_missing", "path", kind=KIND)
        known = _ROUTES[version, path, has_land] = route(document, path, has_land=has_land)
    return known


_ROUTES: dict[tuple[str, Path, bool], Route] = {}
