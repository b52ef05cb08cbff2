"""Shares stay whole however often equity is issued, and come back exactly when it is taken back."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict
from outcomes.title import NOBODY, OTHERS, applied, issue, opening, reversal, transfer

FIRM, GIVER, TAKER = UUID(int=7), UUID(int=8), UUID(int=9)
shares = st.decimals("0.00000001", "0.99999999", places=8)


@given(st.lists(shares, min_size=1, max_size=12))
def test_equity_stays_whole_and_can_be_taken_back(issued: list[Decimal]) -> None:
    held = applied({}, opening(FIRM, "equity", OTHERS))
    for n, share in enumerate(issued):
        lines = issue(FIRM, held, UUID(int=100 + n), share)
        after = applied(held, lines)

        assert sum(line.amount for line in lines) == 0
        assert sum(after.values()) == 1
        assert after[UUID(int=100 + n)] == share
        assert applied(after, reversal(lines)) == held
        held = after


def test_a_title_is_first_its_holder_s_and_then_the_taker_s() -> None:
    held = applied({}, opening(FIRM, "title", GIVER))
    after = applied(held, transfer(FIRM, held, GIVER, TAKER))

    assert (held, after) == ({GIVER: 1}, {TAKER: 1})
    assert NOBODY not in held
    with pytest.raises(Conflict) as refused:
        transfer(FIRM, after, GIVER, TAKER)
    assert refused.value.faults[0].code == "not_the_holder"


def test_what_has_passed_on_cannot_be_taken_back() -> None:
    held = {GIVER: Decimal(1)}
    lines = transfer(FIRM, held, GIVER, TAKER)
    onward = transfer(FIRM, {TAKER: Decimal(1)}, TAKER, UUID(int=10))

    with pytest.raises(Conflict) as refused:
        applied(applied(applied(held, lines), onward), reversal(lines))
    assert refused.value.faults[0].code == "passed_on"
