"""Areas and money as exact decimals. The one place that rounds them, always half away from zero as PostgreSQL does.

1 mu (亩) = 2000/3 m², so m² to mu is finite (× 0.0015) and mu to m² is not: only that one is rounded.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from domain.words import AreaUnit

MU_PER_M2 = Decimal("0.0015")
MU_PER_HA = Decimal(15)
M2_PER_HA = Decimal(10_000)
M2_PER_3_MU = Decimal(2000)
TWO_PLACES = Decimal("0.01")
#: As the generated column `asset.area_m2` rounds mu.
FOUR_PLACES = Decimal("0.0001")


def two_places(value: Decimal) -> Decimal:
    """The value to 0.01: yuan to the fen, measured m², shown mu."""
    return value.quantize(TWO_PLACES, ROUND_HALF_UP)


def rounded(value: Decimal, places: int) -> Decimal:
    """The value to so many decimal places, as it stands where it has no more."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return value
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def area_m2(value: Decimal, unit: AreaUnit) -> Decimal:
    """A stated area in m²: exact from m² and ha, to 0.0001 m² from mu."""
    match unit:
        case AreaUnit.m2:
            return value
        case AreaUnit.ha:
            return value * M2_PER_HA
        case AreaUnit.mu:
            return (value * M2_PER_3_MU / 3).quantize(FOUR_PLACES, ROUND_HALF_UP)


def area_mu(value: Decimal, unit: AreaUnit) -> Decimal:
    """A stated area in mu, exact from every unit."""
    match unit:
        case AreaUnit.m2:
            return value * MU_PER_M2
        case AreaUnit.ha:
            return value * MU_PER_HA
        case AreaUnit.mu:
            return value


def shown_mu(area_mu: Decimal) -> str:
    """An area in mu as people read it, two decimals: `857.00`."""
    return decimal_text(two_places(area_mu))


def areas_differ(stated_m2: Decimal, measured_m2: Decimal) -> bool:
    """Whether stated and drawn area differ by more than max(0.01 mu, 0.5 % of the stated area).

    Source: our own tolerance: the last digit of areas stated in mu, or 0.5 %. As 0.01 mu is 20/3 m², both sides are
    taken three times to stay exact.
    """
    return 3 * abs(stated_m2 - measured_m2) > max(Decimal(20), stated_m2 * 3 / 200)


def decimal_text(value: Decimal) -> str:
    """A decimal as JSON text: plain digits, never an exponent, trailing zeros as they stand."""
    return format(value, "f")
