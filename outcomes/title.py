"""Title and equity as shares passing between parties: the lines of a transaction, and what they make of a holding.

A title is a unit's (instrument `title`) or a firm's equity (instrument `equity`); amounts are shares of the whole, and
the lines of a transaction sum to zero. Shares have 12 decimal places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Literal
from uuid import UUID

from domain.errors import Conflict

Instrument = Literal["title", "equity"]
Shares = Mapping[UUID, Decimal]
#: Gives when a title is first recorded, and holds nothing.
NOBODY = UUID(int=0)
#: Stands for the holders of equity nobody recorded one by one.
OTHERS = UUID(int=1)
#: Holds land that was taken back (收储), until it is supplied anew.
STATE = UUID(int=2)
STEP = Decimal("1e-12")


@dataclass(frozen=True)
class Line:
    """One party's change in one title; `amount` is negative for who gives."""

    title: UUID
    instrument: Instrument
    party: UUID
    amount: Decimal


def opening(title: UUID, instrument: Instrument, holder: UUID) -> list[Line]:
    """A title recorded for the first time, whole, as its holder's."""
    return [Line(title, instrument, NOBODY, Decimal(-1)), Line(title, instrument, holder, Decimal(1))]


def transfer(title: UUID, held: Shares, giver: UUID, taker: UUID) -> list[Line]:
    """The whole title passes. Raises Conflict (not_the_holder) where the giver does not hold all of it."""
    if dict(held) != {giver: Decimal(1)}:
        raise Conflict("not_the_holder", "owner_firm_id", title=title)
    return [Line(title, "title", giver, Decimal(-1)), Line(title, "title", taker, Decimal(1))]


def issue(firm: UUID, held: Shares, taker: UUID, share: Decimal) -> list[Line]:
    """New equity of a firm: the taker gets `share` of the whole, every holder gives in proportion.

    Empty: nobody held any. What rounding leaves is given by the greatest holder.
    """
    shares = {party: (part * share).quantize(STEP, ROUND_DOWN) for party, part in held.items()}
    greatest = max(held, key=lambda party: (held[party], party.int))
    shares[greatest] += share - sum(shares.values())
    lines = [Line(firm, "equity", party, -part) for party, part in shares.items() if part]
    return [*lines, Line(firm, "equity", taker, share)]


def became(firm: UUID, held: Shares, after: Shares) -> list[Line]:
    """The lines that make one list of a firm's holders of another; both are whole."""
    parties = sorted({*held, *after}, key=lambda party: party.int)
    changes = {party: after.get(party, Decimal(0)) - held.get(party, Decimal(0)) for party in parties}
    return [Line(firm, "equity", party, change) for party, change in changes.items() if change]


def reversal(lines: Iterable[Line]) -> list[Line]:
    """The lines that take these back."""
    return [Line(line.title, line.instrument, line.party, -line.amount) for line in lines]


def applied(held: Shares, lines: Sequence[Line]) -> dict[UUID, Decimal]:
    """What a holding is after some lines of its title; NOBODY holds nothing.

    Raises: Conflict (passed_on) where a party would give more than it holds.
    """
    after = dict(held)
    for line in lines:
        if line.party != NOBODY:
            after[line.party] = after.get(line.party, Decimal(0)) + line.amount
    if any(share < 0 for share in after.values()):
        raise Conflict("passed_on", "stage")
    return {party: share for party, share in after.items() if share}
