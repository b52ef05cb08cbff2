"""What people call the properties of a collection, in its schema and on its pages."""

from __future__ import annotations

from typing import Final

from domain.collections import Collection
from texts.lookup import Language, tables

_THINGS: Final = {"asset": "asset", "park": "park"}


def label(collection: Collection, name: str, language: Language) -> str:
    """What people call a property of a collection."""
    own = tables("fields", language)[_THINGS[collection.thing]] if collection.thing in _THINGS else {}
    return own.get(name) or tables("ogc", language)["property"][name]
