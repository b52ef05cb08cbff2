"""/ogc: OGC API Features over the collections of `domain/collections.py`."""

from __future__ import annotations

from api.ogc import downloads, items, openapi, schemas, service, writing

# Those of `writing` first: the framework answers OPTIONS itself on a path whose first route does not.
ROUTES = [
    *writing.ROUTES,
    *service.ROUTES,
    *schemas.ROUTES,
    *items.ROUTES,
    *downloads.ROUTES,
    *openapi.ROUTES,
]
