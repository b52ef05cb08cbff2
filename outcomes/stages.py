"""The stages of a deal, and the route of each path through one of two graphs, by a version of the data.

A deal moves only along an edge; going back is another act, and stops where title, equity or a revival stands. What the
data may say is read here once and checked: a route names known stages, and an end can be reached from each.
Side stages are recorded whenever they come about and do not move the deal.
Source: DOMAIN handbook §1.5–1.7; the data is `fixtures/reference/paths_1.json` and the versions after it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import Conflict, Fault
from domain.facts import refuse
from domain.words import AttachmentKind, Path


class Stage(StrEnum):
    """Where a deal stands; in the order of a deal, whatever its path."""

    opened = "opened"
    reserved = "reserved"
    signed = "signed"
    proposed = "proposed"
    tenant_notified = "tenant_notified"
    due_diligence = "due_diligence"
    valuation = "valuation"
    resolved = "resolved"
    repurchased = "repurchased"
    listed = "listed"
    won = "won"
    ruling_served = "ruling_served"
    resupplied = "resupplied"
    contracted = "contracted"
    pre_registered = "pre_registered"
    tax_cleared = "tax_cleared"
    title_registered = "title_registered"
    equity_registered = "equity_registered"
    supervision_agreement_signed = "supervision_agreement_signed"
    construction_started = "construction_started"
    completed = "completed"
    handed_over = "handed_over"
    retrofit = "retrofit"
    trial_production = "trial_production"
    full_production = "full_production"
    ended = "ended"
    withdrawn = "withdrawn"
    rejected = "rejected"
    corrected = "corrected"


#: Stages by which a deal leaves its route.
EXITS = (Stage.withdrawn, Stage.rejected, Stage.corrected)
#: Stages that are reached on the day they are recorded, where no other day is stated.
REACHED_TODAY = (Stage.reserved,)


@dataclass(frozen=True)
class Effect:
    """What a stage moves, by the name that the data gives it: all that the route and the acts go by.

    `run` is given the change of stage and answers the facts of the deal it changes; `undo` reverses it where the deal
    goes back, `on_exit` where it is given up, beside what every exit takes back. `revival`: since when the deal counts,
    where that is not the day of the stage. `needs`: figures its stage has to need. `lasts`: nobody goes back behind its
    stage, a correction alone takes back what it moves. `is_made_anew`: nobody goes back to its stage. `may_be_ahead`:
    the day of its stage may be one to come.
    """

    name: str
    run: Callable[..., Awaitable[dict[str, Any]]]
    undo: Callable[..., Awaitable[dict[str, Any]]] | None = None
    on_exit: Callable[..., Awaitable[dict[str, Any]]] | None = None
    revival: Callable[..., Awaitable[Any]] | None = None
    needs: tuple[str, ...] = ()
    lasts: bool = False
    is_made_anew: bool = False
    may_be_ahead: bool = False


Effects = Mapping[str, Effect]


@dataclass(frozen=True)
class Gate:
    """What a stage must or may be recorded with: the field of its day, figures it needs, figures it may carry.

    `attachments`: kinds of files that the deal has to have by then.
    """

    day: str
    needs: tuple[str, ...]
    may: tuple[str, ...]
    attachments: tuple[AttachmentKind, ...] = ()


@dataclass(frozen=True)
class SideStage:
    """A side stage: possible from a stage on (None: from the first), its day not after that of another."""

    since: Stage | None
    until: Stage | None
    is_for_land: bool
    is_repeatable: bool


@dataclass(frozen=True, eq=False)
class Route:
    """A path's stages in order, the edges between them, its gates and effects, the stage it counts at.

    `beside` are its side stages, `law` what the law asks: each rule with its numbers and its article. One route is
    another than one that was read apart, whatever they say.
    """

    path: Path
    first: Stage
    stages: tuple[Stage, ...]
    edges: Mapping[Stage, frozenset[Stage]]
    revives_at: Stage
    gates: Mapping[Stage, Gate]
    effects: Mapping[Stage, tuple[Effect, ...]]
    beside: Mapping[Stage, SideStage]
    law: Mapping[str, Mapping[str, Any]]
    has_land: bool

    @property
    def order(self) -> list[Stage]:
        """All stages as a reader expects them, side stages behind the one they may begin at."""
        side_stages = [stage for stage, rule in self.beside.items() if rule.since is None]
        return [*side_stages, *(name for stage in self.stages for name in (stage, *self.since((stage,))))]

    def since(self, stages: Collection[Stage]) -> list[Stage]:
        """The side stages that may begin at one of these."""
        return [stage for stage, rule in self.beside.items() if rule.since in stages]

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
        """Raises Conflict for a side stage that is for land where there is none, or is not possible now."""
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
        possible = [stage for stage, rule in rules if rule.since is None or rule.since in passed]
        return [stage for stage in possible if self.has_land or not self.beside[stage].is_for_land]

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
        return stage in (self.revives_at, Stage.ended) or any(effect.lasts for effect in self.effects_of(stage))

    def effects_of(self, stage: Stage) -> tuple[Effect, ...]:
        return self.effects.get(stage, ())


def route(document: Mapping[str, Any], path: Path, known: Effects, *, has_land: bool = False) -> Route:
    """A path's route from the data, for a deal with land in it or without; `known` are the effects there are.

    Raises: Invalid for an effect that is not known, or whose figures its stage does not need; ValueError or KeyError
    for data that is no route.
    """
    definition = document["paths"][path.value]
    if has_land:
        definition = _joined(definition, definition.get("land", {}))
    graph = document["graphs"][definition["graph"]]
    stages = tuple(Stage(name) for name in definition["stages"])
    beside = {Stage(name): _side_stage(rule) for name, rule in definition.get("beside", {}).items()}
    gates = {stage: _gate(graph, definition, stage) for stage in (*stages, *beside)}
    moved = {Stage(name): tuple(effects) for name, effects in definition["effects"].items()}
    revives_at = Stage(definition["revives_at"])
    named = {stage for rule in beside.values() for stage in (rule.since, rule.until) if stage is not None}
    if revives_at not in stages or not set(moved) <= set(gates) or not named <= set(stages):
        raise ValueError(f"{path}: a stage of the data is not on its route")
    refuse([fault for stage in moved for fault in _effect_faults(path, stage, moved[stage], gates[stage], known)])
    effects = {stage: tuple(known[name] for name in names) for stage, names in moved.items()}
    draft = Route(
        path, Stage(graph["first"]), stages, {}, revives_at, gates, effects, beside, _law(definition), has_land
    )
    return Route(**{**vars(draft), "edges": _edges(graph, definition, draft)})


def _joined(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with what another adds to it or puts in its place, at every depth."""
    return {
        **base,
        **{key: _joined(base.get(key, {}), value) if isinstance(value, dict) else value for key, value in more.items()},
    }


def _side_stage(rule: Mapping[str, Any]) -> SideStage:
    since, until = (Stage(rule[name]) if name in rule else None for name in ("since", "until"))
    return SideStage(since, until, rule.get("only") == "land", rule.get("again", False))


def _law(definition: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The rules of law; version 1 knew one, how long a path may last."""
    if "longest_years" in definition:
        return {"term": {"longest_years": definition["longest_years"], "article": definition["source"]}}
    return dict(definition.get("law", {}))


def _gate(graph: Mapping[str, Any], definition: Mapping[str, Any], stage: Stage) -> Gate:
    own, common = definition["gates"].get(stage, {}), graph["gates"].get(stage, {})
    needs = (*common.get("needs", ()), *own.get("needs", ()))
    may = (*common.get("may", ()), *own.get("may", ()))
    attachments = (*common.get("attachments", ()), *own.get("attachments", ()))
    return Gate(graph["days"].get(stage, "happened_on"), needs, may, tuple(map(AttachmentKind, attachments)))


def _effect_faults(path: Path, stage: Stage, names: Sequence[str], gate: Gate, known: Effects) -> list[Fault]:
    """What is wrong with the effects of a stage, each by its name."""
    at = f"paths.{path}.effects.{stage}"
    unknown = [Fault("unknown_effect", at, {"effect": name}) for name in names if name not in known]
    lacking = {name: set(known[name].needs) - set(gate.needs) for name in names if name in known}
    return unknown + [
        Fault("effect_lacks", at, {"effect": name, "missing": ", ".join(sorted(missing))})
        for name, missing in lacking.items()
        if missing
    ]


def _edges(graph: Mapping[str, Any], definition: Mapping[str, Any], draft: Route) -> dict[Stage, frozenset[Stage]]:
    """The graph's edges seen from the path: over a stage it leaves out, or may leave out, an edge leads on."""

    def following(stage: str) -> set[Stage]:
        reached: set[Stage] = set()
        for target in graph["edges"].get(stage, ()):
            if target in definition["stages"]:
                reached.add(Stage(target))
            if target not in definition["stages"] or target in definition["optional"]:
                reached |= following(target)
        return reached

    final = min(draft.stages.index(stage) for stage in draft.stages if draft.lasts(stage))
    edges = {}
    for n, stage in enumerate(draft.stages):
        counts = n >= draft.stages.index(draft.revives_at)
        exits = {Stage(name) for name in graph["before" if n < final else "after"]}
        edges[stage] = frozenset((following(stage) if counts else following(stage) - {Stage.ended}) | exits)
    return edges


def routes(document: Mapping[str, Any], known: Effects, *, has_land: bool = False) -> dict[Path, Route]:
    """All routes of a version."""
    return {path: route(document, path, known, has_land=has_land) for path in Path}
