"""/ogc: OGC API Features and Tiles over the collections of `domain/collections.py`."""

from __future__ import annotations

from api.ogc import items, openapi, schemas, service, tiles

ROUTES = [*service.ROUTES, *schemas.ROUTES, *items.ROUTES, *tiles.ROUTES, *openapi.ROUTES]
