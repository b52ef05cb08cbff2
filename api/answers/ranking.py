"""What is answered about rankings, one record each: numbers, verdicts and order, names and sentences beside them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.answers.documents import RuleWorks
from api.answers.geometry import Geometry, GeometryCollection, Point
from api.record import Described, answering
from domain.words import Availability, Effluent, Equipment, Kind, Level, Path, TransferTax
from matching.rules import CRITERIA, CURABLE, RULES
from matching.rules.verdict import FIELDS

Rule = Literal[RULES]  # type: ignore[valid-type]
_CRITERIA = tuple(CRITERIA)
Criterion = Literal[_CRITERIA]  # type: ignore[valid-type]
CurableRule = Literal[tuple(rule.id for rule in CURABLE)]  # type: ignore[valid-type]
UnknownFact = Literal[FIELDS]  # type: ignore[valid-type]
Fulfilment = Literal["pass", "fail", "unknown", "not_applicable"]
Standing = Literal["fit", "fit_after_works", "to_confirm"]
AnyStanding = Literal["fit", "fit_after_works", "to_confirm", "no_fit"]
Placement = Literal["pinned", "set_aside"]
Formality = Literal["title_registration", "encumbrance_clearance", "encumbrance_release"]
#: A score in steps of 1e-9, 0 … 1,000,000,000, and the same in points of 0 … 100 with one decimal, as text.
Score = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Points = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]$")]
Share = Annotated[float, Meta(ge=0, le=1)]


@answering((rule, int | UnsetType, UNSET) for rule in RULES)
class OutBy(Described):
    """Of the units that do not fit, how many fail each rule."""


@answering((name, float | UnsetType, UNSET) for name in CRITERIA)
class ByCriterion(Described):
    """The importance of each criterion that weighs."""


class AreaBounds(Described):
    """Bounds of an area; null: none."""

    min: float | None
    max: float | None


class Discharge(Described):
    """Kinds of effluent, and how much of them a day."""

    types: list[Effluent] | None
    t_d: float | None


class Budget(Described, kw_only=True):
    """What it costs, by each bound that is stated."""

    rent_yuan_m2_month: float | UnsetType | None = UNSET
    price_yuan_m2: float | UnsetType | None = UNSET
    contribution_yuan: float | UnsetType | None = UNSET
    yearly_cost_yuan: float | UnsetType | None = UNSET


class RequiredRadius(Described):
    """A place and how far from it space may lie."""

    name: str | None
    radius_m: float


class RequiredArea(Described):
    """Where space has to lie."""

    within: bool
    places: list[RequiredRadius]


class OfferedArea(Described):
    """Whether a unit lies inside the area, and how far it is from the places."""

    inside: bool | None
    distance_m: list[float]


class RequiredPlace(Described):
    """A place to be near."""

    name: str | None
    weight: float
    scale_m: float


class Condition(Described, kw_only=True):
    """What is known of the state of a unit."""

    condition_grade: int | UnsetType = UNSET
    built_year: int | UnsetType = UNSET
    connections: list[str] | UnsetType = UNSET
    is_levelled: bool | UnsetType = UNSET


@answering((item.value, float | bool | UnsetType | None, UNSET) for item in Equipment)
class Fittings(Described):
    """Equipment, by item: how much of it, or whether it is there; null: not known."""


#: What only some rules and criteria show of either side.
SIDES = (AreaBounds, Discharge, Budget, RequiredArea, OfferedArea, Condition, Fittings, RequiredPlace)
#: What a geometry refers to.
GEOMETRIES = (GeometryCollection, Point)
_OBJECTS = [{"$ref": f"#/components/schemas/{record.__name__}"} for record in SIDES if record is not RequiredPlace]
#: A figure, a word, a list of codes, or what the rule has of its own; null: not mentioned, or not known.
Side = Annotated[
    Any,
    Meta(
        extra_json_schema={
            "anyOf": [
                {"type": "number"},
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "array", "items": {"type": "number"}},
                {"type": "array", "items": {"$ref": "#/components/schemas/RequiredPlace"}},
                *_OBJECTS,
                {"type": "null"},
            ]
        }
    ),
]


class HardEntry(Described, kw_only=True):
    """What a hard rule says of a unit."""

    id: Rule
    required: Side
    offered: Side
    unit: str | None
    status: Fulfilment
    cure: RuleWorks | None
    text: str
    basis: str | UnsetType | None = UNSET
    formalities: list[Formality] | UnsetType = UNSET


class IndustryParts(Described):
    """The parts of how well an industry suits a park, 0 to 1; null: not known, or no part of the version."""

    lead: float | None
    density: float | None
    anchor: float | None


@answering((tax.value, float | UnsetType | None, UNSET) for tax in TransferTax)
class TransferTaxes(Described):
    """What each tax comes to, yuan; null: the price is not known."""


class SoftEntry(Described, kw_only=True):
    """What a criterion says of a unit."""

    id: Criterion
    required: Side
    offered: Side
    unit: str | None
    d: Share
    weight: Share
    contribution: Score
    points: Points
    gain: int
    text: str
    basis: str | UnsetType | None = UNSET
    parts: IndustryParts | UnsetType = UNSET
    transfer_taxes: TransferTaxes | UnsetType = UNSET


class UnitName(Described, kw_only=True):
    """A unit, with what the caller sees of it."""

    id: UUID
    href: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    park_id: UUID | UnsetType = UNSET
    zone_id: UUID | UnsetType | None = UNSET
    kind: Kind | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    illustrative: list[str] | UnsetType = UNSET
    is_lapsed: bool | UnsetType = UNSET
    checked_on: date | UnsetType | None = UNSET


class LikeIt(Described):
    """Units of the same building or plot that stand behind a shown one."""

    count: int
    asset_ids: list[UUID]


class _Result(Described, kw_only=True):
    assets: list[UnitName]
    asset_ids: list[UUID]
    path: Path | None
    taken_m2: float | None
    remainder_m2: float | UnsetType | None = UNSET
    yearly_cost_yuan: float | None
    hard: list[HardEntry]
    soft: list[SoftEntry]
    unknown: list[UnknownFact]
    would_stand: int | None
    robustness: Share | UnsetType | None = UNSET
    robustness_text: str | None
    like_it: LikeIt | UnsetType = UNSET


class ScoredResult(_Result):
    """A unit of a list with its score."""

    score: Score
    points: Points
    status: Standing
    summary: str


class RankedUnit(ScoredResult):
    """A unit of a list, with its reasons."""

    pin: Placement | None


class ExplainedUnit(_Result):
    """A unit asked about, with its reasons; of another kind than is asked for it has no score."""

    score: Score | None
    points: Points | None
    status: AnyStanding
    summary: str | None


class Unity(Described):
    """How much of one piece a bundle is."""

    owners: int | None
    floor_changes: int | None
    d: Share | None


class Bundle(ScoredResult):
    """Neighbouring units taken together."""

    unity: Unity


class Bundles(Described):
    """The best bundles."""

    bundles: list[Bundle]
    capped: bool


class Totals(Described):
    """Counts over all units of a kind."""

    compared: int
    fit: int
    fit_after_works: int
    to_confirm: int
    no_fit: int
    out_by: OutBy


class Template(Described):
    """The importances of a sector."""

    id: str
    zh: str
    en: str


class ImportancesInForce(Described):
    """How much each criterion matters in a ranking, and by whose word."""

    basis: Literal["stated", "template", "version"]
    template: Template | None
    by_criterion: ByCriterion


class BoundChange(Described, rename={"old": "from", "new": "to"}, kw_only=True):
    """A bound that would have to move."""

    id: Rule
    bound: str
    old: float | str | None
    new: float | str | None
    unit: str | None
    days: int | UnsetType = UNSET
    more: float | UnsetType = UNSET
    source: str | UnsetType = UNSET
    payer: str | UnsetType = UNSET


class BoundStep(Described, rename={"amount": "to"}):
    """How many units would fit with the bound there."""

    amount: float | str
    units: int


class Relaxation(Described):
    """The least change of a need by which something would fit."""

    rules: list[Rule]
    changes: list[BoundChange]
    asset_id: UUID
    path: Path
    units: int
    best_score: Score
    best_points: Points
    steps: list[BoundStep]
    relative_change: float
    to_confirm: int
    text: str


class NearMiss(Relaxation):
    """A near miss of a ranking, with the unit it would bring."""

    asset: UnitName


class KindList(Described, kw_only=True):
    """The list of one kind."""

    importances: ImportancesInForce | UnsetType = UNSET
    totals: Totals
    results: list[RankedUnit]
    relaxations: list[NearMiss] | None
    alternatives: Bundles | None
    text: str


class KindLists(Described, kw_only=True):
    """A list for each kind that is asked for."""

    land: KindList | UnsetType = UNSET
    factory: KindList | UnsetType = UNSET


class Pin(Described, kw_only=True):
    """A unit that staff pinned for a need, or set aside."""

    asset_id: UUID
    park_id: UUID
    placement: Placement
    reason: str
    note: str | UnsetType = UNSET
    recorded_at: datetime


class DemandVersion(Described):
    """A need in the version that was ranked for."""

    id: UUID
    version: int


class _About(Described, kw_only=True):
    model_version: str
    chain_version: str | None
    day: date
    compared: int
    other_kinds: int | UnsetType = UNSET
    missing: dict[Rule, list[str]] | UnsetType = UNSET
    pins: list[Pin]


class AnonymousRanking(_About):
    """What fits a need given in the request."""

    lists: KindLists


class Ranking(AnonymousRanking):
    """What fits a stored need, kept as it was shown."""

    id: UUID
    demand: DemandVersion


class KindTotals(Described):
    """The counts of one kind."""

    totals: Totals
    text: str


class KindsTotals(Described, kw_only=True):
    """The counts of each kind that is asked for."""

    land: KindTotals | UnsetType = UNSET
    factory: KindTotals | UnsetType = UNSET


class RankedProperties(Described):
    """What a feature says of a ranked unit; its reasons stand in the ranking."""

    kind: Kind
    rank: int
    code: str | None
    name: str | None
    park_id: UUID | None
    asset_ids: list[UUID]
    status: Standing
    path: Path | None
    score: Score
    points: Points
    taken_m2: float | None
    yearly_cost_yuan: float | None
    would_stand: int | None
    like_it: LikeIt | None
    summary: str
    pin: Placement | None


class RankedFeature(Described):
    """A ranked unit as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: UUID
    geometry: Geometry
    properties: RankedProperties


class RankedFeatures(_About, kw_only=True):
    """A ranking as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    features: list[RankedFeature]
    lists: KindsTotals
    id: UUID | UnsetType = UNSET
    demand: DemandVersion | UnsetType = UNSET


class KeptRanking(Described):
    """A ranking in a list of those of a need."""

    id: UUID
    demand_version: int
    day: date
    model_version: str
    chain_version: str | None
    recorded_at: datetime


class LastShown(Described):
    """The last unit shown, and how far ahead it is."""

    asset_ids: list[UUID]
    status: Standing
    score: Score
    points: Points
    ahead_by: int


class StandsBehind(Described):
    """The unit of the same building that is shown for it."""

    asset_ids: list[UUID]


class ListPlace(Described):
    """Where a unit stands in its list, or would."""

    list: Standing | None
    place: int | None
    of: int | None
    is_shown: bool
    last_shown: LastShown | None
    behind: StandsBehind | None


class Explanation(Described):
    """Why a unit stands where it stands for a need."""

    demand: DemandVersion
    availability: Availability
    model_version: str
    chain_version: str | None
    day: date
    kind: Kind
    is_asked_kind: bool
    is_on_offer: bool
    out_by: list[Rule]
    result: ExplainedUnit
    standing: ListPlace | None
    text: str


class Versions(Described, rename={"old": "from", "new": "to"}):
    """The versions of a need that two rankings were made for."""

    old: int | None
    new: int | None


class ComparedDemand(Described):
    """The need of both rankings."""

    id: UUID
    versions: Versions


class Change(Described, rename={"old": "from", "new": "to"}):
    """A value in the earlier ranking and in this one."""

    old: Any
    new: Any


class ChangedInputs(Described):
    """What changed of what was asked and of what decides; null: nothing."""

    day: Change | None
    model_version: Change | None
    chain_version: Change | None
    limit: Change | None
    demand: dict[str, Change]
    park_facts: dict[str, dict[str, Change]]


class PlacedUnit(Described):
    """A unit's place in one of the rankings."""

    place: int
    status: Standing
    path: Path | None
    score: Score
    points: Points


class EnteredUnit(PlacedUnit):
    """A unit that only this ranking shows."""

    assets: list[UnitName]
    asset_ids: list[UUID]
    behind: list[UUID] | None


class LeftUnit(EnteredUnit):
    """A unit that only the earlier ranking shows."""

    is_still_ranked: bool


class MovedCriterion(Described, rename={"old": "from", "new": "to"}):
    """A criterion whose share of the score changed."""

    id: Criterion
    old: int | None
    new: int | None
    change: int


class MovedRule(Described):
    """A rule whose verdict or offer changed."""

    id: Rule
    status: Change | None
    offered: Change | None


class MovedUnit(Described, rename={"old": "from", "new": "to"}):
    """A unit that both rankings show, at another place or with another score."""

    assets: list[UnitName]
    asset_ids: list[UUID]
    old: PlacedUnit
    new: PlacedUnit
    change: int
    moved_by: Criterion | None
    criteria: list[MovedCriterion]
    rules: list[MovedRule]
    text: str


class KindDifference(Described):
    """How the lists of one kind differ."""

    totals: dict[str, Change]
    entered: list[EnteredUnit]
    left: list[LeftUnit]
    moved: list[MovedUnit]
    unchanged: int


class KindDifferences(Described, kw_only=True):
    """How the lists differ, kind by kind."""

    land: KindDifference | UnsetType = UNSET
    factory: KindDifference | UnsetType = UNSET


class Difference(Described, rename={"other": "from"}):
    """What changed from another ranking of the same need to this one."""

    ranking_id: UUID
    other: UUID
    demand: ComparedDemand
    changed: ChangedInputs
    lists: KindDifferences


class ReplayDifference(Described):
    """A value that a replay gives otherwise."""

    field: str
    stored: Any
    replayed: Any


class Replay(Described):
    """What comes out when a kept ranking is made again."""

    ranking_id: UUID
    day: date
    model_version: str
    chain_version: str
    rows: int
    identical: bool
    differences: list[ReplayDifference]


class WorthTerm(Described):
    """One part of what a firm would bring to a place."""

    id: Literal["tax_yuan_year", "output_yuan_year", "jobs", "energy_tce"]
    per_area: float | None
    benchmark: float
    unit: str
    is_illustrative: bool
    source: str
    d: Share
    weight: Share


class Worth(Described):
    """What a firm would bring to a place, by its parts."""

    terms: list[WorthTerm]
    unknown: list[str]
    version: str


class BothPoints(Described):
    """The score, the value and both together, in points."""

    score: Points
    value: Points
    both: Points


class ServedDemand(Described):
    """A published need that a unit would serve."""

    demand_id: UUID
    title: str | None
    status: Standing
    score: Score
    value: Score
    both: Score
    points: BothPoints
    path: Path | None
    taken_m2: float | None
    hard: list[HardEntry]
    soft: list[SoftEntry]
    unknown: list[UnknownFact]
    worth: Worth
    href: str


class ServedDemands(Described):
    """The published needs that a unit would serve."""

    asset_id: UUID
    day: date
    compared: int
    capped: bool
    other_kinds: int
    not_ranked: int
    no_fit: int
    out_by: OutBy
    results: list[ServedDemand]
