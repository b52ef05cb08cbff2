"""Ids are found among keys, however they are made."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from store.packed import places_of

FACTOR = 0x9E3779B97F4A7C15


def ids_of(values: list[bytes]) -> np.ndarray:
    return np.array(values, "S16")


@pytest.mark.parametrize("seed", range(5))
def test_ids_have_the_places_of_their_keys(seed: int) -> None:
    random = Random(seed)
    keys = list({random.randbytes(random.choice([14, 16])).ljust(16, b"\0") for _ in range(200)})
    ids = [random.choice(keys) if random.random() < 0.8 else random.randbytes(16) for _ in range(500)]

    assert places_of(ids_of(ids), ids_of(keys)).tolist() == [keys.index(i) if i in keys else -1 for i in ids]


def test_keys_that_are_mixed_to_one_number_are_told_apart() -> None:
    keys = [
        high.to_bytes(8, "little") + ((high * FACTOR) % 2**64).to_bytes(8, "little") for high in (1, 2, 3)
    ]  # all of them mixed to 0

    assert places_of(ids_of([keys[2], keys[0], b"x" * 16]), ids_of(keys)).tolist() == [2, 0, -1]


def test_among_no_keys_nothing_has_a_place() -> None:
    assert places_of(ids_of([b"a" * 16]), ids_of([])).tolist() == [-1]
    assert places_of(ids_of([]), ids_of([b"a" * 16])).tolist() == []
