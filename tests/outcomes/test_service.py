"""A request goes round its loop and no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict
from outcomes.service_request import EDGES, RequestStage, step


@given(st.lists(st.sampled_from(list(RequestStage)), max_size=12))
def test_nothing_is_closed_that_was_not_dispatched_and_answered(wanted: list[RequestStage]) -> None:
    been = [RequestStage.raised]
    for target in wanted:
        try:
            step(been[-1], target)
        except Conflict:
            continue
        been.append(target)

    if RequestStage.closed in been:
        at = been.index(RequestStage.closed)
        assert been[-1] is RequestStage.closed
        assert been[at - 1] is RequestStage.answered
        assert RequestStage.dispatched in been[:at]


def test_a_refusal_says_what_is_possible() -> None:
    with pytest.raises(Conflict) as refused:
        step(RequestStage.raised, RequestStage.closed)

    assert dict(refused.value.faults[0].params)["possible"] == "dispatched"
    assert set(EDGES) == set(RequestStage)
