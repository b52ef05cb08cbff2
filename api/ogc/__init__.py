"""/ogc: OGC API Features and Tiles over the collections of `domain/collections.py`."""

from __future__ import annotations

from api.ogc import downloads, items, openapi, qgis, schemas, service, tiles, writing

# Those of `writing` first: the framework answers OPTIONS itself on a path whose first route does not.
ROUTES = [
    *writing.ROUTES,
    *service.ROUTES,
    *schemas.ROUTES,
    *items.ROUTES,
    *downloads.ROUTES,
    *tiles.ROUTES,
    *qgis.ROUTES,
    *openapi.ROUTES,
]
