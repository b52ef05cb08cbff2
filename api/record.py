"""Records of what the service reads and answers, and those whose members follow from the tables of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import UNSET, Struct, defstruct

Record = TypeVar("Record", bound=Struct)


class Described(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is answered: no member stands in it but those that its record names."""


def answering(members: Iterable[tuple[Any, ...]]) -> Callable[[type[Record]], type[Record]]:
    """The record with these members behind its own: name and type, and a default where it may be left out."""

    def made(record: type[Record]) -> type[Record]:
        return defstruct(  # type: ignore[return-value]  # of the record's name, members and document
            record.__name__,
            list(members),
            bases=(record,),
            kw_only=True,
            module=record.__module__,
            namespace={"__doc__": record.__doc__},
        )

    return made


def with_members(members: Iterable[tuple[str, Any]], *, default: Any = UNSET) -> Callable[[type[Record]], type[Record]]:
    """The record with these members behind its own, each of which may be left out."""

    def made(record: type[Record]) -> type[Record]:
        return defstruct(  # type: ignore[return-value]  # of the record's name, members and document
            record.__name__,
            [(name, kind | type(default), default) for name, kind in members],
            bases=(record,),
            forbid_unknown_fields=True,
            kw_only=True,
            module=record.__module__,
            namespace={"__doc__": record.__doc__},
        )

    return made
