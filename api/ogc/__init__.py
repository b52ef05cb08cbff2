"""/ogc: OGC API Features over the collections of `domain/collections.py`."""

from __future__ import annotations

from api.ogc import items, openapi, schemas, service

ROUTES = [*service.ROUTES, *schemas.ROUTES, *items.ROUTES, *openapi.ROUTES]
