"""The first of a list, one of each building: units of one tree with the same standing stand behind the best of them.

Rows are those of the best options. A tree is known by a number; `ALONE` is part of none and never folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from matching.catalogue.columns import ALONE
from matching.scaled import Floats, Ints

#: The trees of some rows.
Trees = Callable[[Ints], Ints]
#: Rows looked at for every place to fill, and how many times more where that was not enough.
LOOKED_AT = 4


def top(keys: Sequence[Floats | Ints], rows: Ints, count: int) -> Ints:
    """The first of some rows by the keys of all: partition for the last value that can matter, keep all up to it, one
    stable sort.
    """
    if count <= 0:
        return rows[:0]
    first = keys[0] if len(rows) == len(keys[0]) else keys[0][rows]
    kept = rows if len(rows) <= count else rows[first <= np.partition(first, count - 1)[count - 1]]
    return kept[np.lexsort([key[kept] for key in reversed(keys)])][:count]


def heads(keys: Sequence[Floats | Ints], rows: Ints, trees: Trees | None, count: int) -> Ints:
    """The first of some rows of which no better one is of the same tree. Empty: without trees every row is such."""
    if trees is None or count <= 0:
        return top(keys, rows, count)
    looked_at = LOOKED_AT * count
    while True:
        first = top(keys, rows, looked_at)
        own = trees(first)
        is_head = own == ALONE
        is_head[np.unique(own, return_index=True)[1]] = True
        best: Ints = first[is_head]
        if len(best) >= count or len(first) == len(rows):
            return best[:count]
        looked_at *= LOOKED_AT


def behind(keys: Sequence[Floats | Ints], rows: Ints, trees: Trees | None, heads: Ints) -> list[Ints]:
    """For each of these heads the other rows of its tree, the best first."""
    if trees is None or not len(heads):
        return [heads[:0]] * len(heads)
    wanted = trees(heads)
    mates = rows[np.isin(trees(rows), wanted[wanted != ALONE])]
    mates = top(keys, mates, len(mates))
    theirs = trees(mates)
    return [mates[(theirs == tree) & (mates != head)] for head, tree in zip(heads, wanted, strict=True)]
