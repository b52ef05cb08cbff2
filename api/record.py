"""Records of what the service reads whose members follow from the tables of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import UNSET, Struct, defstruct

Record = TypeVar("Record", bound=Struct)


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
