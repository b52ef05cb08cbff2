"""Arguments of the functions that rank, each refused by its name."""

from __future__ import annotations

from typing import Any

import numpy as np


def whole(name: str, count: Any) -> int:
    """An argument that counts. Raises: ValueError naming it for what is no whole number of 0 or more."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise ValueError(f"{name}: {count!r} is no whole number of 0 or more")
    return int(count)


def check_type(name: str, argument: object, wanted: type) -> None:
    """Raises: ValueError naming an argument of another type."""
    if not isinstance(argument, wanted):
        raise ValueError(f"{name}: no {wanted.__name__}")
