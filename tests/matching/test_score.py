"""The aggregation: the published walk-through, and splits that add up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import score
from matching.score import WHOLE, combine, points_text, tenths, tenths_text
from matching.sentences.counts import standing

#: No. 18 standard factory: size, industry, height, load, power, cost, timing, location, crane, condition.
DESIRABILITIES = [1, 0.94, 1, 1, 130 / 300, 1 - (10 / 14 - 0.7) / 0.3, 1, 0.93, 0, 0.75]
IMPORTANCES = [5, 5, 3, 3, 4, 5, 4, 3, 2, 2]
WEIGHTS = [i * i / sum(i * i for i in IMPORTANCES) for i in IMPORTANCES]


def score_of(weights: list[float], values: list[float], exponent: float = 0.5) -> int:
    return int(combine(weights, [np.array([value], np.float64) for value in values], exponent)[0])


def apportion(total: int, parts: list[float]) -> list[int]:
    shares: list[int] = score.apportion(np.array([total]), np.array(parts)[:, None])[:, 0].tolist()
    return shares


def contributions(total: int, weights: list[float], values: list[float], exponent: float) -> list[int]:
    of_one = score.contributions(np.array([total]), weights, np.array(values, np.float64)[:, None], exponent)
    shares: list[int] = of_one[:, 0].tolist()
    return shares


def gains(total: int, weights: list[float], values: list[float], exponent: float) -> list[int]:
    of_one = score.gains(np.array([total]), weights, np.array(values, np.float64)[:, None], exponent)
    risen: list[int] = of_one[:, 0].tolist()
    return risen


def test_walk_through_scores_84_2() -> None:
    total = score_of(WEIGHTS, DESIRABILITIES)

    shown = apportion(tenths(total), contributions(total, WEIGHTS, DESIRABILITIES, 0.5))

    assert total == 842152323
    assert points_text(total) == "84.2"
    assert [tenths_text(t) for t in shown] == ["16.2", "15.7", "5.8", "5.8", "6.8", "15.8", "10.3", "5.6", "0.0", "2.2"]


def test_walk_through_gains_7_2_from_power_and_5_2_from_a_crane() -> None:
    total = score_of(WEIGHTS, DESIRABILITIES)

    rises = gains(total, WEIGHTS, DESIRABILITIES, 0.5)

    assert (round(rises[4] / 10**7, 1), round(rises[8] / 10**7, 1)) == (7.2, 5.2)
    assert rises[0] == 0


def test_walk_through_under_the_second_version_scores_89_3() -> None:
    values = [*DESIRABILITIES[:4], 630 / 800, 1 - (10 / 14 - 0.7) / 0.45, *DESIRABILITIES[6:]]

    total = score_of(WEIGHTS, values)

    assert total == 892896595
    rises = gains(total, WEIGHTS, values, 0.5)
    assert [round(rises[place] / 10**7, 1) for place in (4, 8)] == [2.4, 5.4]


def test_walk_through_as_a_weighted_mean_scores_87_8() -> None:
    assert round(score_of(WEIGHTS, DESIRABILITIES, 1.0) / 10**7, 1) == 87.8


def test_extremes() -> None:
    assert score_of([0.5, 0.5], [1.0, 1.0]) == WHOLE
    assert score_of([0.5, 0.5], [0.0, 0.0]) == 0
    assert contributions(0, [0.5, 0.5], [0.0, 0.0], 0.5) == [0, 0]


UNIT_INTERVAL = st.floats(0, 1, allow_nan=False)
CASES = st.lists(st.tuples(st.integers(1, 5), UNIT_INTERVAL), min_size=1, max_size=10)


@given(CASES, st.sampled_from([0.5, 1.0]))
def test_contributions_and_points_always_add_up(cases: list[tuple[int, float]], exponent: float) -> None:
    squares = [importance**2 for importance, _ in cases]
    weights, values = [square / sum(squares) for square in squares], [value for _, value in cases]

    total = score_of(weights, values, exponent)
    shares = contributions(total, weights, values, exponent)
    shown = apportion(tenths(total), shares)

    assert 0 <= total <= WHOLE
    assert (sum(shares), sum(shown)) == (total, tenths(total))
    assert abs(tenths(total) * 10**6 - total) <= 500_000
    # A tenth by rounding to a side, and a part of the half tenth by which the total was rounded.
    assert all(abs(t - share / 10**6) < 1.5 for t, share in zip(shown, shares, strict=True))


@given(CASES, st.data())
def test_better_criterion_never_lowers_the_score(cases: list[tuple[int, float]], data: st.DataObject) -> None:
    weights = [importance / sum(i for i, _ in cases) for importance, _ in cases]
    values = [value for _, value in cases]
    place = data.draw(st.integers(0, len(values) - 1))
    better = data.draw(st.floats(values[place], 1))

    assert score_of(weights, [better if k == place else v for k, v in enumerate(values)]) >= score_of(weights, values)


@given(st.integers(0, WHOLE), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_apportion_gives_each_its_quota_rounded_up_or_down(total: int, parts: list[int]) -> None:
    shares = apportion(total, [float(part) for part in parts])

    assert sum(shares) == total
    for share, part in zip(shares, parts, strict=True):
        assert abs(share - Fraction(total * part, sum(parts))) < 1 + Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("total", "parts", "expected"),
    [(10, [1, 1, 1], [4, 3, 3]), (1, [1, 1], [1, 0]), (0, [1, 2], [0, 0]), (7, [0, 5], [0, 7]), (5, [0, 0], [0, 0])],
)
def test_equal_remainders_go_to_the_earlier_part(total: int, parts: list[float], expected: list[int]) -> None:
    assert apportion(total, parts) == expected


@pytest.mark.parametrize(
    ("score", "text"),
    [(0, "0.0"), (499_999, "0.0"), (500_000, "0.1"), (1_499_999, "0.1"), (924_500_000, "92.5"), (WHOLE, "100.0")],
)
def test_points_are_rounded_alike_wherever_they_are_said(score: int, text: str) -> None:
    explained = {"is_on_offer": True, "is_asked_kind": True, "kind": "land"}
    last = {"is_shown": False, "last_shown": {"ahead_by": score}, "list": "fit", "place": 9, "of": 9, "behind": None}

    assert points_text(score) == tenths_text(tenths(score)) == text
    assert f"; {text} points below the last one shown" in standing({**explained, "standing": last}, "en")
