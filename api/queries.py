"""The query strings the service reads, one record a route. An unknown or repeated parameter is refused."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, structs

from api.record import with_members
from domain.field import Field, filters_of
from domain.fields import ASSET
from domain.words import Path
from outcomes.stages import Stage
from texts.lookup import languages, side_by_side


@cache
def fields_of(record: Hashable) -> tuple[structs.FieldInfo, ...]:
    """The fields of a record, looked up once: the library evaluates its annotations anew at every call."""
    return structs.fields(record)  # type: ignore[arg-type]


Limit = Annotated[int, Meta(ge=1, le=10_000)]
Cursor = Annotated[str, Meta(max_length=500)]
SearchText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description=side_by_side("description", "member", "search_text", between="\n"),
    ),
]


class PageQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A page: how many at most, and where the page before ended."""

    limit: Limit = 100
    cursor: Cursor | None = None


FILTERS = filters_of(ASSET)
SORTS = ("id", *(f"{sign}{name}" for name, field in ASSET.items() if field.is_sort for sign in ("", "-")))


def _type(field: Field) -> Any:
    """The type of a filter's value."""
    if field.type == "word":
        return Literal[field.words] if isinstance(field.words, tuple) else field.words
    return {"number": Decimal, "day": date}[field.type]


#: Whether a page says how many there are in all.
Count = Literal["exact"] | None


@with_members([(name, _type(filter_.field)) for name, filter_ in FILTERS.items()], default=None)
class AssetFilter(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which units: all that are given must hold. `bbox` is west,south,east,north in degrees.

    `park` is an id, a code or a name; `near` longitude,latitude or the code of a park or unit. `missing` has names of
    facts that nobody stated, with commas between.
    """

    park: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    bbox: Annotated[str, Meta(max_length=200)] | None = None
    near: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    radius_m: Annotated[float, Meta(gt=0, le=200_000)] | None = None
    area_m2_min: Decimal | None = None
    area_m2_max: Decimal | None = None
    area_mu_min: Decimal | None = None
    area_mu_max: Decimal | None = None
    industry: Annotated[str, Meta(max_length=4)] | None = None
    path: Path | None = None
    available_by: date | None = None
    missing: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    q: SearchText | None = None


#: The system of geometries, by its address or its short name.
SystemName = Annotated[str, Meta(min_length=1, max_length=200)]


@with_members([("sort", Literal[SORTS])], default=None)
class AssetQuery(AssetFilter, forbid_unknown_fields=True, kw_only=True):
    """A page of these units; with `count=exact` it says how many there are in all."""

    limit: Limit = 100
    cursor: Cursor | None = None
    count: Count = None
    sort: str | None = None
    crs: SystemName | None = None


#: Of a table: its columns, names with commas between, and the language of what stands above them.
TABLE = [("fields", Annotated[str, Meta(min_length=1, max_length=4000)]), ("titles", Literal[languages()])]


@with_members(TABLE, default=None)
class AssetTableQuery(AssetFilter, forbid_unknown_fields=True, kw_only=True):
    """These units as a table."""


class AssetGeoJsonQuery(AssetTableQuery, forbid_unknown_fields=True, kw_only=True):
    """The same for GIS, in longitudes and latitudes (RFC 7946) or in another system."""

    crs: SystemName | None = None


class AssetCsvQuery(AssetTableQuery, forbid_unknown_fields=True, kw_only=True):
    """The same, with the outline as text."""

    wkt: bool = False


class ParkQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """A page of parks and zones; with `count=exact` it says how many there are in all."""

    count: Count = None
    crs: SystemName | None = None


@with_members(TABLE, default=None)
class ParkTableQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Parks and zones as a table."""


class ParkCsvQuery(ParkTableQuery, forbid_unknown_fields=True, kw_only=True):
    """The same, with the outline as text."""

    wkt: bool = False


class FeatureQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """One thing with its place in longitudes and latitudes, or in another system."""

    crs: SystemName | None = None


class FirmQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Firms by what is typed of their name, or by credit code."""

    q: SearchText | None = None
    credit_code: Annotated[str, Meta(max_length=18)] | None = None


class DemandQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Needs, of one firm where it is named."""

    firm: UUID | None = None


class OutcomeQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Deals, of one park or at one stage."""

    park: UUID | None = None
    stage: Stage | None = None


class BatchQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Changes of many units, of one park where it is named."""

    park: UUID | None = None


class ImportQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Files brought in, of one park where it is named."""

    park: UUID | None = None


class ImportRowQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Rows of a file; `issues=true` has those alone of which something is told."""

    verdict: Literal["new", "changed", "same", "conflict", "refused"] | None = None
    issues: bool = False


class WebhookQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Webhooks, of one park where it is named."""

    park: UUID | None = None


class EventQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Events of these parks, ids with commas between, after a position, `start` or `now`."""

    park: Annotated[str, Meta(max_length=4000)] | None = None
    after: Annotated[str, Meta(max_length=4000)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class RightsQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Rights in a unit on a day, as known at an instant."""

    on: date | None = None
    as_of: Annotated[str, Meta(max_length=40)] | None = None


class TenancyQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Tenancies, in one park, of one unit or firm, by how they stand, by their last day, with or without one."""

    park: UUID | None = None
    asset: UUID | None = None
    firm: UUID | None = None
    state: Literal["in_term", "to_verify", "stays", "renewed", "left", "corrected"] | None = None
    ends_before: date | None = None
    open_ended: bool | None = None


class TimelineQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """In which form."""

    format: Literal["json", "csv", "ics"] = "json"


class IndustryQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """Industries by what is typed of their code or name."""

    q: SearchText | None = None


class RankQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """How many units to show per kind; up to five more that are to confirm have rows of their own."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class RankingQuery(RankQuery, forbid_unknown_fields=True, kw_only=True):
    """`near_misses` has the smallest changes of the need looked for even where enough fits; `robustness` has the best
    that fit say in which share of plausible weightings they stay in the top three. `include_lapsed` ranks units whose
    listings have lapsed with the others, for staff.
    """

    near_misses: bool = False
    robustness: bool = False
    include_lapsed: bool = False


AsOf = Annotated[str, Meta(max_length=40)] | None
Explain = Literal["records"] | None


class PeriodQuery(Struct, forbid_unknown_fields=True, kw_only=True, rename={"starts_on": "from", "ends_on": "to"}):
    """A period, both days included; what was known at an instant, or at the end of a day in Asia/Shanghai.

    `explain=records` adds the records behind the figure: for staff, of the park that is named.
    """

    starts_on: date
    ends_on: date
    as_of: AsOf = None
    park: UUID | None = None
    explain: Explain = None


@with_members(TABLE, default=None)
class RevivalTableQuery(
    Struct, forbid_unknown_fields=True, kw_only=True, rename={"starts_on": "from", "ends_on": "to"}
):
    """What was revived in a period as a table: for staff, of the park that is named."""

    starts_on: date
    ends_on: date
    as_of: AsOf = None
    park: UUID | None = None


class RevivalCsvQuery(RevivalTableQuery, forbid_unknown_fields=True, kw_only=True):
    """The same, with the outline as text."""

    wkt: bool = False


class DifferenceQuery(Struct, forbid_unknown_fields=True, kw_only=True, rename={"other": "from"}):
    """The ranking to compare with: an earlier one of the same need."""

    other: UUID


class VoidQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a draft is voided."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None


class PinQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Pins as they stand, or with those taken away."""

    past: bool = False


class RefusalQuery(Struct, forbid_unknown_fields=True, kw_only=True, rename={"starts_on": "from", "ends_on": "to"}):
    """A period, both days included; of one park where it is named."""

    starts_on: date
    ends_on: date
    park: UUID | None = None


class RevitalizedQuery(PeriodQuery, forbid_unknown_fields=True, kw_only=True):
    """What was revived in a period, in groups where they are asked for."""

    group_by: Literal["park", "path", "kind", "industry"] | None = None


class YearQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A calendar year, as it was known, in groups where they are asked for."""

    year: Annotated[int, Meta(ge=1990, le=2199)]
    as_of: AsOf = None
    park: UUID | None = None
    group_by: Literal["park", "path", "industry"] | None = None
    explain: Explain = None


class DayQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """The stock on a day, today where none is named, as it was known."""

    on: date | None = None
    as_of: AsOf = None
    park: UUID | None = None
    explain: Explain = None


class StockQuery(DayQuery, forbid_unknown_fields=True, kw_only=True):
    """The stock on a day, in groups where they are asked for."""

    group_by: Literal["park", "kind", "basis"] | None = None
