"""Every stage is reached from the first, every way ends, and nothing leads out of an end."""

from __future__ import annotations

import pytest

from domain.errors import Conflict
from domain.words import Path
from outcomes.stages import EDGES, Stage, step

FIRST = {Path.lease: Stage.opened, Path.equity_swap: Stage.proposed}
ENDS = {Stage.withdrawn, Stage.rejected, Stage.corrected}


@pytest.mark.parametrize("path", list(EDGES))
def test_every_stage_is_reached_and_every_way_ends(path: Path) -> None:
    edges = EDGES[path]
    reached, following = set(), {FIRST[path]}
    while following:
        reached |= following
        following = {target for stage in following for target in edges.get(stage, frozenset())} - reached

    assert reached >= set(edges)
    assert reached - set(edges) <= ENDS
    assert all(edges.get(end) is None for end in ENDS)


def test_title_that_passed_is_corrected_never_withdrawn() -> None:
    step(Path.equity_swap, Stage.tax_cleared, Stage.withdrawn)
    step(Path.equity_swap, Stage.title_registered, Stage.corrected)

    with pytest.raises(Conflict) as refused:
        step(Path.equity_swap, Stage.title_registered, Stage.withdrawn)

    assert refused.value.faults[0].params["possible"] == "corrected, equity_registered"
