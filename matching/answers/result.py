"""A shown unit in numbers: every rule once, every criterion that weighs, what is unknown. No sentences.

What only staff may read (mortgage, seizure) decides a status here and is never written out: H12 offers nothing but its
status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from domain.words import Criterion
from matching import score
from matching.answers.wishes import WISHES, industry_parts
from matching.catalogue.columns import AREA_BASES, FLAGS
from matching.catalogue.retrofits import SCALES, effluents_of
from matching.demand.demand import ALL_PATHS, HAZARD_RANKS, PATH_BITS
from matching.parameters import RULES
from matching.parks import Status
from matching.position import POSITION, distances_m
from matching.ranking.judging import NO_DAY, Judged, Standing
from matching.ranking.options import NO_WORKS, WORKS_OF, after_works, works_limits
from matching.ranking.paths import common_paths, has_budget, own_bound, reference_cost, title_verdict
from matching.ranking.question import FORM_COLUMNS, RULE_BITS, PathGroup, Question, field_names
from matching.ranking.screen import Screen
from matching.scaled import AREA, COST, EFFLUENT, HEIGHT, LOAD, MONEY, POWER

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "H2": "m2",
        "H3": "m",
        "H4": "kN/m2",
        "H5": "kVA",
        "H8": "t/d",
        "H11": "date",
        "size": "m2",
        "height": "m",
        "load": "kN/m2",
        "power": "kVA",
        "cost": "yuan/year",
        "timing": "date",
        "location": "m",
        "expansion": "m2",
    }
)


@dataclass(frozen=True)
class Shown:
    """One way of one unit, and all that was asked of it. `ways` holds this way alone."""

    question: Question
    screened: Screen
    ways: Judged
    weights: Mapping[str, float]

    @property
    def row(self) -> int:
        """The unit's row in the kind's catalogue."""
        return int(self.ways.ways.unit[0])

    @property
    def group(self) -> PathGroup:
        """The paths by which it is taken."""
        return self.question.path_groups[int(self.ways.ways.group[0])]

    def figure(self, column: str, scale: int) -> float | None:
        """A figure of the unit in the unit of the trade."""
        if column not in self.question.units or not self.question.units[column].known[self.row]:
            return None
        return int(self.question.units[column].values[self.row]) / scale


def describe(shown: Shown, would_stand: int | None) -> dict[str, Any]:
    """One result of the answer."""
    judged = shown.ways
    total = int(judged.score[0])
    soft, tenths = _soft(shown, total)
    return {
        "asset_ids": [shown.question.units.id(shown.row)],
        "score": total,
        "points": score.tenths_text(tenths),
        "status": Standing(int(judged.standing[0])).name,
        "path": _path(shown),
        "taken_m2": _taken(shown),
        "remainder_m2": _remainder(shown),
        "yearly_cost_yuan": _yearly(shown),
        "hard": [_hard(shown, rule) for rule in RULES],
        "soft": soft,
        "unknown": field_names(int(judged.lacking[0])),
        "would_stand": would_stand,
        "robustness": None,
        "like_it": {"count": 0, "asset_ids": []},
    }


def _path(shown: Shown) -> str | None:
    """The first path of its group that both accept; where the unit's paths are unknown, the first the firm accepts.

    Empty: None for a unit with no path in common.
    """
    mask = shown.group.mask & int(common_paths(shown.question, shown.ways.ways.unit)[0])
    return next(iter(_path_names(mask)), None)


def _taken(shown: Shown) -> float | None:
    area = shown.figure("area", AREA)
    return None if area is None else int(shown.ways.ways.taken[0]) / AREA


def _remainder(shown: Shown) -> float | None:
    """What a part leaves of its unit; shown, and counted nowhere."""
    if shown.figure("area", AREA) is None:
        return None
    return (int(shown.question.units["area"].values[shown.row]) - int(shown.ways.ways.taken[0])) / AREA


def _yearly(shown: Shown) -> float | None:
    amount = float(shown.ways.yearly_cost[0])
    return None if amount == float("inf") else round(amount / COST, 2)


def _hard(shown: Shown, rule: str) -> dict[str, Any]:
    required, offered = _SIDES[rule](shown)
    status = _status(shown, rule)
    entry = {"id": rule, "required": required, "offered": offered, "unit": UNITS.get(rule), "status": status}
    entry["cure"] = _cure(shown, rule)
    if rule == "H2":
        entry["basis"] = _basis(shown)
    if rule == "H7":
        entry["basis"] = shown.question.need.codes_basis
    if rule == "H12":
        entry["formalities"] = _formalities(shown) if status == "unknown" else []
    return entry


def _status(shown: Shown, rule: str) -> str:
    bit = RULE_BITS[rule]
    if int(shown.ways.failed[0]) & bit or _works(shown, rule) != NO_WORKS:
        return "fail"
    if int(shown.ways.unknown[0]) & bit:
        return "unknown"
    return "pass" if _applies(shown, rule) else "not_applicable"


def _applies(shown: Shown, rule: str) -> bool:
    question = shown.question
    if not question.has(rule):
        return False
    if rule == "H10":
        return has_budget(question, shown.group)
    if rule == "H12":
        return title_verdict(question, shown.group, shown.ways.ways.unit) is not None
    if rule == "H7":
        return any(entry.status != Status.not_applicable for entry in _entries(shown))
    return bool(shown.screened.applicable & RULE_BITS[rule])


def _entries(shown: Shown) -> list[Any]:
    sides = (("facts", shown.question.entries_to_parks), ("policy", shown.question.entries_to_units))
    return [
        entries[int(shown.question.units[column].values[shown.row])] for column, entries in sides if entries is not None
    ]


def _works(shown: Shown, rule: str) -> int:
    return int(getattr(shown.ways.ways, WORKS_OF[rule])[0]) if rule in WORKS_OF else NO_WORKS


def _cure(shown: Shown, rule: str) -> dict[str, Any] | None:
    place = _works(shown, rule)
    if place == NO_WORKS:
        return None
    works = shown.question.units.works
    up_to = int(works_limits(shown.question)[place])
    return {
        "up_to": up_to / SCALES[rule],
        "cost_yuan": int(works.cost[place]) / MONEY,
        **({"effluent_types": effluents_of(int(works.effluents[place]))} if rule == "H8" else {}),
        "days": int(works.days[place]),
        "source": works.source[place],
        "payer": works.payer[place],
    }


def _basis(shown: Shown) -> str | None:
    """Which of its three areas counts; a measured one has been stated by nobody."""
    if shown.figure("area", AREA) is None:
        return None
    return AREA_BASES[int(shown.question.units["area_basis"].values[shown.row])][0]


def _formalities(shown: Shown) -> list[str]:
    """What must be done before a title can pass. One word covers mortgage and seizure, so that neither shows."""
    formalities = []
    if shown.figure("title_is_registered", 1) != FLAGS[True] and "title_is_registered" in shown.question.units:
        formalities.append("title_registration")
    if ("mortgage" in shown.question.units and shown.figure("mortgage", 1) != 1) or (
        "is_seized" in shown.question.units and shown.figure("is_seized", 1) != FLAGS[False]
    ):
        formalities.append("encumbrance_clearance")
    return formalities


def _scaled(value: int | None, scale: int) -> float | None:
    return None if value is None else value / scale


def _day(ordinal: int | None) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal).isoformat()


def _kind(shown: Shown) -> tuple[Any, Any]:
    return list(shown.question.need.kinds), shown.question.kind if "kind" in shown.question.units else None


def _area(shown: Shown) -> tuple[Any, Any]:
    wish = shown.question.area_wish
    bounds = {"min": _scaled(wish.least, AREA), "max": _scaled(wish.greatest, AREA)}
    return None if wish.least is None and wish.greatest is None else bounds, shown.figure("area", AREA)


def _hazard(shown: Shown) -> tuple[Any, Any]:
    rank = shown.figure("fire_hazard_class", 1)
    offered = next((word for word, place in HAZARD_RANKS.items() if place == rank), None)
    return shown.question.need.hazard_class, offered


def _entry(shown: Shown) -> tuple[Any, Any]:
    need = shown.question.need
    required = [*need.codes, *(["chemical_park"] if need.needs_chemical_park else [])]
    return required or None, sorted({entry for side in _entries(shown) for entry in side.decided_by}) or None


def _effluent(shown: Shown) -> tuple[Any, Any]:
    """The kinds and the free quota, t/d."""
    need = shown.question.need
    if not need.effluents and need.effluent_min is None:
        return None, None
    mask = shown.figure("effluent_types", 1)
    return (
        {"types": list(need.effluents), "t_d": _scaled(need.effluent_min, EFFLUENT)},
        {
            "types": None if mask is None else effluents_of(int(mask)),
            "t_d": shown.figure("effluent_free_t_d", EFFLUENT),
        },
    )


def _location(shown: Shown) -> tuple[Any, Any]:
    """The area and the radii asked for; whether it lies inside the one, and how far it is from the middle of each."""
    need, units = shown.question.need, shown.question.units
    around = [place for place in need.places if place.radius_m is not None]
    if need.within is None and not around:
        return None, None
    places = [{"name": place.name, "radius_m": place.radius_m} for place in around]
    required = {"within": need.within is not None, "places": places}
    here = slice(shown.row, shown.row + 1)
    if shown.figure(shown.question.axes[0], 1) is None:
        return required, None
    inside = None
    if need.within is not None:
        inside = bool(need.within.contains(*(units[name].values[here] for name in POSITION[:2]))[0])
    axes = [units[name].values[here] for name in shown.question.axes]
    far = [round(float(distances_m(axes, place.vector)[0]), 1) for place in around]
    return required, {"inside": inside, "distance_m": far}


def _paths(shown: Shown) -> tuple[Any, Any]:
    wanted = shown.question.need.paths
    offered = shown.figure("allowed_paths", 1)
    return None if wanted == ALL_PATHS else _path_names(wanted), None if offered is None else _path_names(int(offered))


def _path_names(mask: int) -> list[str]:
    return [path for path, bit in PATH_BITS.items() if mask & bit]


def _budget(shown: Shown) -> tuple[Any, Any]:
    """Each stated bound by its field, and the figure held against it: the asked price, never the lowest one."""
    need, form = shown.question.need, shown.group.form
    required, offered = {}, {}
    bound = own_bound(shown.question, shown.group)
    if bound is not None and form is not None:
        required[FORM_COLUMNS[form]] = bound / MONEY
        offered[FORM_COLUMNS[form]] = shown.figure(FORM_COLUMNS[form], MONEY)
    if need.yearly_cost_max is not None:
        required["yearly_cost_yuan"] = need.yearly_cost_max / MONEY
        offered["yearly_cost_yuan"] = _yearly(shown)
    return required or None, offered or None


def _timing(shown: Shown) -> tuple[Any, Any]:
    need, from_day = shown.question.need, int(shown.ways.from_day[0])
    last = None if need.need_on is None else _day(need.need_on + need.tolerance_days)
    return last, None if from_day == NO_DAY else _day(from_day)


def _title(shown: Shown) -> tuple[Any, Any]:
    return "transferable_title" if shown.group.moves_title else None, None


_SIDES: Mapping[str, Callable[[Shown], tuple[Any, Any]]] = MappingProxyType(
    {
        "H1": _kind,
        "H2": _area,
        "H3": lambda s: (_scaled(s.question.need.height_min, HEIGHT), s.figure("clear_height_m", HEIGHT)),
        "H4": lambda s: (_scaled(s.question.need.load_min, LOAD), s.figure("floor_load_kn_m2", LOAD)),
        "H5": lambda s: (_scaled(s.question.need.power_min, POWER), s.figure("power_kva", POWER)),
        "H6": _hazard,
        "H7": _entry,
        "H8": _effluent,
        "H9": _paths,
        "H10": _budget,
        "H11": _timing,
        "H12": _title,
        "H13": _location,
    }
)


def _soft(shown: Shown, total: int) -> tuple[list[dict[str, Any]], int]:
    """Every criterion that weighs, and the shown score in tenths of a point."""
    weights = list(shown.weights.values())
    values = [float(shown.ways.desirabilities[name][0]) for name in shown.weights]
    exponent = shown.question.parameters.numbers.score_exponent
    shares = score.contributions(total, weights, values, exponent)
    tenths, shown_shares = score.points(total, shares)
    entries = []
    for place, name in enumerate(shown.weights):
        of_unit = WISHES.get(name)
        required, offered = _SOFT[name](shown) if of_unit is None else of_unit(shown.question, shown.row)
        entries.append(
            {
                "id": name,
                "required": required,
                "offered": offered,
                "unit": UNITS.get(name),
                "d": values[place],
                "weight": weights[place],
                "contribution": shares[place],
                "points": score.tenths_text(shown_shares[place]),
                "gain": score.gain(total, place, weights, values, exponent),
                **(_industry(shown) if name == Criterion.industry else {}),
            }
        )
    return entries, tenths


def _industry(shown: Shown) -> dict[str, Any]:
    return {"basis": shown.question.need.codes_basis, "parts": industry_parts(shown.question, shown.row)}


def _reference(shown: Shown) -> float | None:
    reference = reference_cost(shown.question, shown.group)
    return None if reference is None else round(reference / COST, 2)


def _future(shown: Shown, rule: str, scale: int) -> float | None:
    """A capacity as it will be once the works are done."""
    column = after_works(shown.question, shown.ways.ways, rule)
    return int(column.values[0]) / scale if column.known[0] else None


_SOFT: Mapping[str, Callable[[Shown], tuple[Any, Any]]] = MappingProxyType(
    {
        Criterion.size: lambda s: (_scaled(s.question.area_wish.preferred, AREA), _taken(s)),
        Criterion.height: _SIDES["H3"],
        Criterion.load: lambda s: (_scaled(s.question.need.load_min, LOAD), _future(s, "H4", LOAD)),
        Criterion.power: lambda s: (_scaled(s.question.need.power_preferred, POWER), _future(s, "H5", POWER)),
        Criterion.cost: lambda s: (_reference(s), _yearly(s)),
        Criterion.timing: lambda s: (_day(s.question.need.need_on), _timing(s)[1]),
    }
)
