"""What a ranking rests on beside the demand and the units: the numbers, the parks, the chain, the sections, the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from matching.industry import NO_SECTIONS, Chain, Relatedness, Sections
from matching.parameters import Numbers, Parameters
from matching.parks import Facts, ParkProfile, Parks
from matching.scaled import ordinal


@dataclass(frozen=True)
class Model:
    """One version of the model on one day, for any number of demands.

    Shapes: `parks` by the units' facts key, `sections` division → letter. Units: `day` as `scaled.ordinal` reads it.
    Empty: no parks, no rule or criterion of the park; a park missing from `parks` is one nobody knows. `relatedness`
    is made where none is given, or one of other numbers, chain or sections. Parks are read once, when it is made.

    Raises: ValueError naming the park whose facts cannot be read.
    """

    parameters: Parameters
    day: date | str | np.datetime64 | int
    parks: Mapping[str, ParkProfile | Mapping[str, Any]] | None = None
    chain: Chain | None = None
    sections: Sections = field(default_factory=lambda: NO_SECTIONS)
    relatedness: Relatedness = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.parks is not None:
            object.__setattr__(self, "parks", Parks.of(self.parks))
        rests_on = (self.numbers, self.chain, self.sections)
        if self.relatedness is None or not self.relatedness.is_of(*rests_on):
            object.__setattr__(self, "relatedness", Relatedness(*rests_on))

    @cached_property
    def on_day(self) -> int:
        """The day as an ordinal. Raises: ValueError naming it for what is none."""
        try:
            return ordinal(self.day)
        except (TypeError, ValueError, ArithmeticError) as fault:
            raise ValueError(f"day: {self.day!r}: {fault}") from fault

    @property
    def numbers(self) -> Numbers:
        """The numbers of the version."""
        return self.parameters.numbers

    @property
    def versions(self) -> dict[str, Any]:
        """Which versions, on which day, as an answer names them."""
        return {
            "model_version": self.parameters.version,
            "chain_version": None if self.chain is None else self.chain.version,
            "day": date.fromordinal(self.on_day).isoformat(),
        }

    def facts_of(self, keys: tuple[str, ...]) -> Facts | None:
        """The facts of these parks, in this order; None where no parks were given."""
        return None if self.parks is None else Parks.of(self.parks).by_place(keys)
