"""/ogc: OGC API Features over the collections of `domain/collections.py`."""

from __future__ import annotations

from api.ogc import downloads, items, openapi, schemas, service

ROUTES = [*service.ROUTES, *schemas.ROUTES, *items.ROUTES, *downloads.ROUTES, *openapi.ROUTES]
