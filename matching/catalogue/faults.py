"""The value for which a column cannot be read: found by its row, and named."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from matching.scaled import Ints

Read = TypeVar("Read")
#: What reading a value of any type may raise.
FAULTS = (TypeError, ValueError, ArithmeticError)


class Unreadable(ValueError):
    """A column that cannot be read; `row` as it was read, None where no single value is at fault."""

    def __init__(self, name: str, row: int | None, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name, self.row, self.problem = name, row, problem

    def named(self, columns: Mapping[str, Sequence[Any]], order: Ints) -> ValueError:
        """The same with id and value, and the row as it was given: `order` says where each row read stood."""
        if self.row is None:
            return self
        row = int(order[self.row])
        unit_id, value = (reprlib.repr(_plain(columns[name][row])) for name in ("id", self.name))
        return ValueError(f"{self.name}, row {row}, id {unit_id}, value {value}: {self.problem}")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def named(name: str, read: Callable[[Sequence[Any]], Read], values: Sequence[Any]) -> Read:
    """The column as it is read. Raises: Unreadable with the first value that cannot be read by itself."""
    try:
        return read(values)
    except FAULTS as fault:
        raise Unreadable(name, *_first(read, values, fault)) from fault


def _first(read: Callable[[Sequence[Any]], object], values: Sequence[Any], fault: Exception) -> tuple[int | None, str]:
    """Its row and what is wrong with it: half of what cannot be read is read, until one row is left."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _fault(read, values[low:middle]) else (middle, high)
    alone = _fault(read, values[low:high])
    problem = alone or fault
    return None if alone is None else low, str(problem) if isinstance(problem, ValueError) else "cannot be read"


def _fault(read: Callable[[Sequence[Any]], object], values: Sequence[Any]) -> Exception | None:
    try:
        read(values)
    except FAULTS as fault:
        return fault
    return None
