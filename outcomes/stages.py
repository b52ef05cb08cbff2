"""The stages of a deal, and the route of each path through one of two graphs, as a version of the data says it.

A stage moves only along an edge; going back is another act, and stops where title, equity or a revival stands. What the
data may say is read here once and checked: a route names known stages, and each of its ways has an end.
Beside the way lie stages that are told whenever they come about and do not move the deal.
Source: DOMAIN handbook §1.5–1.7; the data is `fixtures/reference/paths_1.json` and the versions after it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import Conflict
from domain.words import Path


class Stage(StrEnum):
    """Where a deal stands."""

    opened = "opened"
    reserved = "reserved"
    signed = "signed"
    construction_started = "construction_started"
    completed = "completed"
    proposed = "proposed"
    due_diligence = "due_diligence"
    valuation = "valuation"
    resolved = "resolved"
    repurchased = "repurchased"
    listed = "listed"
    won = "won"
    ruling_served = "ruling_served"
    resupplied = "resupplied"
    contracted = "contracted"
    tenant_notified = "tenant_notified"
    pre_registered = "pre_registered"
    tax_cleared = "tax_cleared"
    title_registered = "title_registered"
    equity_registered = "equity_registered"
    supervision_agreement_signed = "supervision_agreement_signed"
    handed_over = "handed_over"
    retrofit = "retrofit"
    trial_production = "trial_production"
    full_production = "full_production"
    ended = "ended"
    withdrawn = "withdrawn"
    rejected = "rejected"
    corrected = "corrected"


#: Stages that are no place on a route but a way out of it.
WAYS_OUT = (Stage.withdrawn, Stage.rejected, Stage.corrected)
#: Effects that cannot be gone back behind: what they move is taken back by a correction alone.
LASTING = frozenset(
    "hand_over pass_title title_to_state title_from_state issue_equity buy_equity absorb_equity".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Gate:
    """What a stage is told with: the field of its day, figures it needs, figures it may carry."""

    day: str
    needs: tuple[str, ...]
    may: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """A stage beside the way: told from a stage on (None: from the first), its day not after that of another."""

    since: Stage | None
    until: Stage | None
    is_for_land: bool
    is_told_again: bool


@dataclass(frozen=True)
class Route:
    """A path's way: its stages in order, the edges between them, its gates and effects, the stage it counts at.

    `beside` are the stages beside it, `law` what the law asks: each rule with its numbers and its article.
    """

    path: Path
    first: Stage
    stages: tuple[Stage, ...]
    edges: Mapping[Stage, frozenset[Stage]]
    revives_at: Stage
    gates: Mapping[Stage, Gate]
    effects: Mapping[Stage, tuple[str, ...]]
    beside: Mapping[Stage, Beside]
    law: Mapping[str, Mapping[str, Any]]
    has_land: bool

    @property
    def order(self) -> list[Stage]:
        """All stages as a reader expects them, those beside the way behind the one they may begin at."""
        first = [one for one, rule in self.beside.items() if rule.since is None]
        return [*first, *(one for stage in self.stages for one in (stage, *self.since((stage,))))]

    def since(self, stages: Collection[Stage]) -> list[Stage]:
        """The stages beside the way that may begin at one of these."""
        return [one for one, rule in self.beside.items() if rule.since in stages]

    def step(self, current: Stage, target: Stage, *, has_counted: bool = False) -> None:
        """Raises Conflict where no edge leads there, naming what is possible instead.

        A deal that has counted leaves by correction only, wherever it stands.
        """
        following = self.edges.get(current, frozenset())
        if has_counted and following:
            following = (following - {Stage.withdrawn, Stage.rejected}) | {Stage.corrected}
            if target in (Stage.withdrawn, Stage.rejected):
                raise Conflict("only_corrected", "stage", stage=current.value)
        if target not in following:
            possible = ", ".join(sorted({*following, *self._possible_beside(current)})) or "-"
            raise Conflict("no_such_step", "stage", current=current.value, target=target.value, possible=possible)

    def step_beside(self, current: Stage, target: Stage) -> None:
        """Raises Conflict for a stage beside the way that is for land where there is none, or cannot be told now."""
        if self.beside[target].is_for_land and not self.has_land:
            raise Conflict("not_land", "stage")
        if target not in self._possible_beside(current):
            possible = ", ".join(sorted(self.edges.get(current, frozenset()))) or "-"
            raise Conflict("no_such_step", "stage", current=current.value, target=target.value, possible=possible)

    def _possible_beside(self, current: Stage) -> list[Stage]:
        if current not in self.stages:
            return []
        passed = self.stages[: self.stages.index(current) + 1]
        rules = self.beside.items()
        told = [one for one, rule in rules if rule.since is None or rule.since in passed]
        return [one for one in told if self.has_land or not self.beside[one].is_for_land]

    def is_back(self, current: Stage, target: Stage) -> bool:
        """Whether a target lies behind where the deal stands."""
        return current in self.stages and target in self.stages[: self.stages.index(current)]

    def behind(self, current: Stage, target: Stage) -> tuple[Stage, ...]:
        """The stages that going back to a target undoes. Raises Conflict where one of them is there to stay."""
        undone = self.stages[self.stages.index(target) + 1 : self.stages.index(current) + 1]
        lasting = [stage for stage in undone if self.lasts(stage)]
        if lasting:
            raise Conflict("only_corrected", "stage", stage=lasting[0].value)
        return undone

    def lasts(self, stage: Stage) -> bool:
        return stage in (self.revives_at, Stage.ended) or not LASTING.isdisjoint(self.effects.get(stage, ()))


def route(document: Mapping[str, Any], path: Path, *, has_land: bool = False) -> Route:
    """A path's route as the data says it, for a deal with land in it or without.

    Raises: ValueError or KeyError for data that is no route.
    """
    told = document["paths"][path.value]
    if has_land:
        told = _joined(told, told.get("land", {}))
    graph = document["graphs"][told["graph"]]
    stages = tuple(Stage(name) for name in told["stages"])
    beside = {Stage(name): _beside(rule) for name, rule in told.get("beside", {}).items()}
    gates = {stage: _gate(graph, told, stage) for stage in (*stages, *beside)}
    effects = {Stage(name): tuple(ones) for name, ones in told["effects"].items()}
    revives_at = Stage(told["revives_at"])
    found = Route(path, Stage(graph["first"]), stages, {}, revives_at, gates, effects, beside, _law(told), has_land)
    named = {stage for rule in beside.values() for stage in (rule.since, rule.until) if stage is not None}
    if revives_at not in stages or not set(effects) <= set(gates) or not named <= set(stages):
        raise ValueError(f"{path}: a stage of the data is not on its route")
    return Route(**{**vars(found), "edges": _edges(graph, told, found)})


def _joined(told: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The one with what the other adds, or says instead."""
    return {
        **told,
        **{key: _joined(told.get(key, {}), one) if isinstance(one, dict) else one for key, one in more.items()},
    }


def _beside(rule: Mapping[str, Any]) -> Beside:
    since, until = (Stage(rule[name]) if name in rule else None for name in ("since", "until"))
    return Beside(since, until, rule.get("only") == "land", rule.get("again", False))


def _law(told: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The rules of law; version 1 knew one, how long a path may last."""
    if "longest_years" in told:
        return {"term": {"longest_years": told["longest_years"], "article": told["source"]}}
    return dict(told.get("law", {}))


def _gate(graph: Mapping[str, Any], told: Mapping[str, Any], stage: Stage) -> Gate:
    own, common = told["gates"].get(stage, {}), graph["gates"].get(stage, {})
    needs = (*common.get("needs", ()), *own.get("needs", ()))
    may = (*common.get("may", ()), *own.get("may", ()))
    return Gate(graph["days"].get(stage, "happened_on"), needs, may)


def _edges(graph: Mapping[str, Any], told: Mapping[str, Any], of: Route) -> dict[Stage, frozenset[Stage]]:
    """The graph's edges seen from the path: over a stage it leaves out, or may leave out, an edge leads on."""

    def following(stage: str) -> set[Stage]:
        found: set[Stage] = set()
        for target in graph["edges"].get(stage, ()):
            if target in told["stages"]:
                found.add(Stage(target))
            if target not in told["stages"] or target in told["optional"]:
                found |= following(target)
        return found

    final = min(of.stages.index(stage) for stage in of.stages if of.lasts(stage))
    edges = {}
    for n, stage in enumerate(of.stages):
        counts = n >= of.stages.index(of.revives_at)
        ways_out = {Stage(name) for name in graph["before" if n < final else "after"]}
        edges[stage] = frozenset((following(stage) if counts else following(stage) - {Stage.ended}) | ways_out)
    return edges


def routes(document: Mapping[str, Any], *, has_land: bool = False) -> dict[Path, Route]:
    """All routes of a version."""
    return {path: route(document, path, has_land=has_land) for path in Path}
