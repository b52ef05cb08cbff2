"""Entry: the park's negative list, the chemical park a firm may need, and the lists of the unit itself.

Judged once per distinct park and once per distinct pair of lists, then spread over the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching.industry import RelatednessTable, Sections, covers
from matching.parks import Facts, ParkProfile
from matching.rules.merge import Merge, Rows
from matching.rules.requirement import HardRule, Requirement
from matching.rules.verdict import FIELD_BITS, Verdict, field_bits
from matching.scaled import Column, Ints, Mask

if TYPE_CHECKING:
    from matching.answers.result import ShownOptions
    from matching.catalogue.table import OwnLists
    from matching.demand.demand import Demand
    from matching.ranking.options import Options
    from matching.ranking.question import Question
    from matching.rules.path import PathGroup


class EntryStatus(IntEnum):
    """How entry stands; the greater, the worse, so the worst of several is their maximum."""

    not_applicable = 0
    passed = 1
    unknown = 2
    failed = 3


@dataclass(frozen=True)
class Entry:
    """The verdict from one side: its status, the list entries that decided it, and the facts it lacked."""

    status: EntryStatus
    decided_by: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def entry_to_park(demand: Demand, facts: ParkProfile, sections: Sections) -> Entry:
    """Whether the park takes the firm: the negative list, then the chemical park it may need."""
    return _worst((_off_negative_list(demand.codes, facts, sections), _chemical(demand, facts)))


def _off_negative_list(codes: Sequence[str], facts: ParkProfile, sections: Sections) -> Entry:
    if not codes:
        return Entry(EntryStatus.not_applicable)
    if facts.negative_list is None:
        return Entry(EntryStatus.unknown, lacking=("negative_list",))
    return _worst(_against(code, facts.negative_list, sections) for code in codes)


def _against(code: str, banned: Iterable[str], sections: Sections) -> Entry:
    """A code below a banned one fails; a code so broad that a banned one lies below it cannot be judged."""
    hits = sorted((prefix for prefix in banned if covers(prefix, code, sections)), key=len, reverse=True)
    if hits:
        return Entry(EntryStatus.failed, (hits[0],))
    return _too_broad(code, banned, sections) or Entry(EntryStatus.passed)


def _too_broad(code: str, listed: Iterable[str], sections: Sections) -> Entry | None:
    below = tuple(sorted(prefix for prefix in listed if _may_lie_below(prefix, code, sections)))
    return Entry(EntryStatus.unknown, below, ("product_codes",)) if below else None


def _may_lie_below(prefix: str, code: str, sections: Sections) -> bool:
    """Whether the entry speaks of a part of the code, or of a section the code may or may not belong to."""
    digits, letters = max(prefix, code, key=len), min(prefix, code, key=len)
    if len(letters) == 1 < len(digits) and digits[:2] not in sections:
        return True
    return prefix != code and covers(code, prefix, sections)


def _chemical(demand: Demand, facts: ParkProfile) -> Entry:
    if not demand.needs_chemical_park:
        return Entry(EntryStatus.not_applicable)
    if facts.is_chemical_park is None:
        return Entry(EntryStatus.unknown, lacking=("is_chemical_park",))
    return Entry(EntryStatus.passed if facts.is_chemical_park else EntryStatus.failed, ("chemical_park",))


def entry_to_unit(demand: Demand, lists: OwnLists, sections: Sections) -> Entry:
    """Whether the unit's own lists take the firm: of allowed and forbidden the longest entry that holds decides.

    Empty: no list, no code: not applicable. Equal length: forbidden. A list of allowed ones forbids the rest.
    """
    if not demand.codes or not any(lists[:2]):
        return Entry(EntryStatus.not_applicable)
    return _worst(_by_longest(code, lists, sections) for code in demand.codes)


def _by_longest(code: str, lists: OwnLists, sections: Sections) -> Entry:
    allowed, forbidden, _ = lists
    for_it = max((prefix for prefix in allowed if covers(prefix, code, sections)), key=len, default="")
    against = max((prefix for prefix in forbidden if covers(prefix, code, sections)), key=len, default="")
    if against and len(against) >= len(for_it):
        return _too_broad(code, allowed, sections) or Entry(EntryStatus.failed, (against,))
    if for_it or not allowed:
        return _too_broad(code, forbidden, sections) or Entry(EntryStatus.passed, (for_it,) if for_it else ())
    return _too_broad(code, allowed, sections) or Entry(EntryStatus.failed)


def _worst(entries: Iterable[Entry]) -> Entry:
    """The worst status with all that decided it."""
    judged = list(entries)
    worst = max(entry.status for entry in judged)
    same = [entry for entry in judged if entry.status == worst]
    if len(same) == 1:
        return same[0]
    return Entry(
        worst,
        tuple(dict.fromkeys(prefix for entry in same for prefix in entry.decided_by)),
        tuple(dict.fromkeys(name for entry in same for name in entry.lacking)),
    )


@dataclass(frozen=True)
class Entries:
    """The verdicts from one side. Shapes: by place of the park or of the lists; `entry` says what decided one."""

    status: NDArray[np.int8]
    lacking: NDArray[np.uint32]
    entry: Callable[[int], Entry]


def entries_to_parks(question: Question) -> Entries | None:
    """The verdict from each park's side, by its place; None where no parks were given."""
    facts = question.facts
    if facts is None or "facts" not in question.units:
        return None
    demand, sections = question.demand, question.model.sections

    def judged() -> Entries:
        status, lacking = park_statuses(demand, facts, _park_hits(question))
        return Entries(status, lacking, lambda place: entry_to_park(demand, facts[place], sections))

    return question.shared(("parks", *_seen_alike(question)), judged)


def entries_to_units(question: Question) -> Entries | None:
    """The verdict from the side of each distinct set of lists; None where units have none."""
    if "policy" not in question.units:
        return None
    pairs, index = _pairs(question)

    def judged() -> Entries:
        entries = [entry_to_unit(question.demand, (*pair, ()), question.model.sections) for pair in pairs]
        status = np.array([entry.status for entry in entries], np.int8)
        lacking = np.array([field_bits(entry.lacking) for entry in entries], np.uint32)
        return Entries(status[index], lacking[index], lambda place: entries[index[place]])

    return question.shared(("lists", *_seen_alike(question)), judged)


#: Of each code of a firm: where lists name it or what it is a part of, and where they name what may be a part of it.
Hits = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


def _seen_alike(question: Question) -> tuple[Hashable, ...]:
    """Equal for firms of which every park and every list says the same."""
    ids = (id(question.facts), id(question.units.policies), question.demand.needs_chemical_park)
    return question.once("hits", lambda: (_park_hits(question), _list_hits(question), *ids))


def _park_hits(question: Question) -> Hits:
    return hits(question.demand.codes, question.model.relatedness.table((question.facts or Facts()).banned))


def _list_hits(question: Question) -> Hits:
    pairs, _ = _pairs(question)

    def listed() -> tuple[str, ...]:
        return tuple(sorted({code for pair in pairs for codes in pair for code in codes}))

    codes = question.shared(("listed", id(question.units.policies)), listed)
    return hits(question.demand.codes, question.model.relatedness.table(codes))


def _pairs(question: Question) -> tuple[Sequence[tuple[tuple[str, ...], tuple[str, ...]]], Ints]:
    """The lists of allowed and of forbidden industries, each pair once, and which of them each set of lists has."""

    def paired() -> tuple[Sequence[tuple[tuple[str, ...], tuple[str, ...]]], Ints]:
        places: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        index = [places.setdefault(lists[:2], len(places)) for lists in question.units.policies]
        return tuple(places), np.array(index, np.int64)

    return question.shared(("pairs", id(question.units.policies)), paired)


def hits(codes: Sequence[str], table: RelatednessTable) -> Hits:
    """Where the codes of a table hold for each of these codes, and where they may."""
    return tuple((tuple(table.above(code)), tuple(_perhaps_below(code, table))) for code in codes)


def _perhaps_below(code: str, table: RelatednessTable) -> list[int]:
    """Where the table has what `_may_lie_below` the code."""
    below = [place for place in table.below(code).tolist() if table.codes[place] != code]
    if len(code) == 1:
        return below + table.unplaced
    return below + table.letters if len(code) > 1 and code[:2] not in table.sections else below


def park_statuses(demand: Demand, facts: Facts, hits_of: Hits) -> tuple[NDArray[np.int8], NDArray[np.uint32]]:
    """Of `entry_to_park` for every park its status, and the bits of what is lacking where that is unknown."""
    by_list, by_chemistry = _list_statuses(facts, hits_of), _chemical_statuses(demand, facts)
    listed = np.where(facts.negative.known, FIELD_BITS["product_codes"], FIELD_BITS["negative_list"])
    lacking = (by_list == EntryStatus.unknown) * listed
    lacking |= (by_chemistry == EntryStatus.unknown) * FIELD_BITS["is_chemical_park"]
    return np.maximum(by_list, by_chemistry), lacking.astype(np.uint32)


def _list_statuses(facts: Facts, hits_of: Hits) -> NDArray[np.int8]:
    if not hits_of:
        return np.full(len(facts), EntryStatus.not_applicable, np.int8)
    status = np.full(len(facts.banned), EntryStatus.passed, np.int8)
    for _, below in hits_of:
        status[list(below)] = EntryStatus.unknown
    for above, _ in hits_of:
        status[list(above)] = EntryStatus.failed
    worst = np.maximum(facts.negative.greatest(status[facts.negative.code]), EntryStatus.passed)
    return np.where(facts.negative.known, worst, EntryStatus.unknown).astype(np.int8)


def _chemical_statuses(demand: Demand, facts: Facts) -> NDArray[np.int8]:
    if not demand.needs_chemical_park:
        return np.full(len(facts), EntryStatus.not_applicable, np.int8)
    chemical = np.where(facts.is_chemical.values == 1, EntryStatus.passed, EntryStatus.failed)
    return np.where(facts.is_chemical.known, chemical, EntryStatus.unknown).astype(np.int8)


#: The columns whose places the entries of either side are found by.
SIDES: tuple[tuple[str, Callable[[Question], Entries | None]], ...] = (
    ("facts", entries_to_parks),
    ("policy", entries_to_units),
)


def _entries(question: Question) -> list[tuple[str, Entries]]:
    both = ((column, judged(question)) for column, judged in SIDES)
    return [(column, entries) for column, entries in both if entries is not None]


def verdict(question: Question) -> Verdict | None:
    """Failed by either side; else unknown by either."""
    sides = [(question.units[column].values, entries) for column, entries in _entries(question)]
    masks = _masks(question)
    if not any(applies for applies, _, _ in masks):
        return None
    failed = _any_side((index, has) for (index, _), (_, has, _) in zip(sides, masks, strict=True))
    unsure = _any_side((index, has) for (index, _), (_, _, has) in zip(sides, masks, strict=True))

    def lacking(rows: Ints) -> NDArray[np.uint32]:
        bits = np.zeros(len(rows), np.uint32)
        for index, entries in sides:
            bits |= entries.lacking[index[rows]]
        return bits

    nobody = np.zeros(len(question.units), np.bool_)
    return Verdict(nobody if failed is None else failed, _but(unsure, failed), lacking)


def _masks(question: Question) -> tuple[tuple[bool, Mask, Mask], ...]:
    """Of the parks, and of the units' own lists: whether it applies at all, which fail it, of which it is not known."""
    return question.shared(
        ("entries", *_seen_alike(question)), lambda: tuple(_of_side(entries) for _, entries in _entries(question))
    )


def _of_side(entries: Entries) -> tuple[bool, Mask, Mask]:
    status = entries.status
    applies = bool((status != EntryStatus.not_applicable).any())
    return applies, status == EntryStatus.failed, status == EntryStatus.unknown


def _any_side(sides: Iterable[tuple[Ints, Mask]]) -> Mask | None:
    """Units whose park or whose own lists have it. Empty: None where no park and no list has."""
    either: Mask | None = None
    for index, has in sides:
        if has.any():
            here = _among(index, has)
            either = here if either is None else either | here
    return either


#: Up to so many places, comparing with each is faster than looking every unit up.
FEW = 6


def _among(index: Ints, has: Mask) -> Mask:
    """Where the place is one that has it."""
    places = np.flatnonzero(has).tolist()
    if len(places) > FEW:
        return has[index]
    among: Mask = index == places[0]
    for place in places[1:]:
        among |= index == place
    return among


def _but(these: Mask | None, others: Mask | None) -> Mask | None:
    return these if these is None or others is None else these & ~others


def alike(question: Question) -> Hashable:
    """What it makes of every park and list."""
    return question.shared(
        ("alike", *_seen_alike(question)),
        lambda: tuple((failed.tobytes(), unknown.tobytes()) for _, failed, unknown in _masks(question)),
    )


def _entries_of(question: Question, options: Options) -> list[list[Entry]]:
    """What either side makes of each unit."""
    sides = [(question.units[column].values[options.unit], entries) for column, entries in _entries(question)]
    return [[entries.entry(int(index[place])) for index, entries in sides] for place in range(len(options.unit))]


def required(question: Question, _: PathGroup) -> list[str] | None:
    """The firm's codes, and the chemical park it needs."""
    demand = question.demand
    return [*demand.codes, *(["chemical_park"] if demand.needs_chemical_park else [])] or None


def offered(options: ShownOptions) -> Sequence[list[str] | None]:
    """The entries that decided."""
    sets = options.each(_entries_of)
    return [sorted({prefix for entry in entries for prefix in entry.decided_by}) or None for entries in sets]


def applies(options: ShownOptions) -> Sequence[bool]:
    """Where either side says something of it."""
    sets = options.each(_entries_of)
    return [any(entry.status != EntryStatus.not_applicable for entry in entries) for entries in sets]


def basis(options: ShownOptions, _: Sequence[str]) -> list[dict[str, Any]]:
    """Where the codes come from."""
    return [{"basis": options.question.demand.codes_basis} for _ in options.rows]


def missing(columns: Container[str], has_parks: bool) -> tuple[str, ...]:
    """Facts of parks are given beside the columns."""
    return () if has_parks and "facts" in columns else ("parks",)


def worst_of(judged: Callable[[Question], Entries | None]) -> Merge:
    """The park facts or lists of the unit of which least is certain: all of them let the firm in, or may."""

    def merge(question: Question, single: Column, sets: Sequence[Rows]) -> Column:
        entries = judged(question)
        chosen = [
            rows[0] if entries is None else max(rows, key=lambda row: (entries.status[int(single.values[row])], -row))
            for rows in sets
        ]
        return single.take(np.array(chosen, np.int64))

    return merge


RULE = HardRule(
    id="H7",
    verdict=verdict,
    alike=alike,
    applies=applies,
    missing=missing,
    required=required,
    offered=offered,
    more=basis,
    sentence="entry",
)
REQUIREMENT = Requirement("entry_list", RULE, merges={column: worst_of(judged) for column, judged in SIDES})
