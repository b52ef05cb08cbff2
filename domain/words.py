"""The fixed vocabularies of the service. A value here is a value in the database, in the API and in the tests.

Source: DOMAIN handbook §1 (terms of Chinese practice), §2 (fields); GB 50016-2014 table 3.1.1 (hazard classes).
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Land is reported in mu, factory space in square metres; the two are never summed."""

    land = "land"
    factory = "factory"


class Level(StrEnum):
    """Place of a unit in its tree: plot → part, building → floor → bay."""

    plot = "plot"
    part = "part"
    building = "building"
    floor = "floor"
    bay = "bay"


#: Which level may hang below which; roots hang below nothing.
PARENT_LEVELS: dict[Level, frozenset[Level]] = {
    Level.plot: frozenset(),
    Level.part: frozenset({Level.plot, Level.part}),
    Level.building: frozenset(),
    Level.floor: frozenset({Level.building}),
    Level.bay: frozenset({Level.floor}),
}

KIND_OF_LEVEL: dict[Level, Kind] = {
    Level.plot: Kind.land,
    Level.part: Kind.land,
    Level.building: Kind.factory,
    Level.floor: Kind.factory,
    Level.bay: Kind.factory,
}


class Listing(StrEnum):
    """Whether a record is a draft, published or withdrawn, as its holder set it."""

    draft = "draft"
    published = "published"
    withdrawn = "withdrawn"


class Availability(StrEnum):
    """What readers see of a unit, derived from listing and claims by every act that touches it."""

    draft = "draft"
    available = "available"
    reserved = "reserved"
    occupied = "occupied"
    to_verify = "to_verify"
    withdrawn = "withdrawn"


class Path(StrEnum):
    """How idle space is put back to use; one list for tenure and disposition."""

    lease = "lease"
    sublease = "sublease"
    sale = "sale"
    equity_swap = "equity_swap"
    share_purchase = "share_purchase"
    judicial_auction = "judicial_auction"
    repurchase_resupply = "repurchase_resupply"
    owner_restart = "owner_restart"
    merger = "merger"
    part_use = "part_use"
    temporary_use = "temporary_use"
    joint_development = "joint_development"
    built_to_suit = "built_to_suit"


#: Paths on which a rent is paid and no title moves.
RENTED_PATHS = frozenset({Path.lease, Path.sublease, Path.part_use, Path.temporary_use})
#: Paths on which title moves, so that seizure and mortgage decide (rule H12).
TITLE_PATHS = frozenset({Path.sale, Path.equity_swap})


class TransferTax(StrEnum):
    """What the buyer pays to the state when title passes: deed tax (契税), stamp duty on the instrument (印花税)."""

    deed_tax = "deed_tax"
    stamp_duty = "stamp_duty"


class HazardClass(StrEnum):
    """Fire hazard class of production, 甲乙丙丁戊. Source: GB 50016-2014 table 3.1.1; A is the most dangerous."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Effluent(StrEnum):
    """废水种类: what a production discharges, by what its treatment must take."""

    sanitary = "sanitary"
    process = "process"
    organic = "organic"
    saline = "saline"
    heavy_metal = "heavy_metal"
    electroplating = "electroplating"
    acid_alkali = "acid_alkali"


class Connection(StrEnum):
    """七通: what a plot is connected to, each up to its boundary; levelling (一平) is a fact of its own."""

    road = "road"
    water_supply = "water_supply"
    drainage = "drainage"
    power_supply = "power_supply"
    telecom = "telecom"
    gas = "gas"
    heating = "heating"


class Policy(StrEnum):
    """扶持政策: support that a park gives and a firm may wish."""

    rent_relief = "rent_relief"
    fitout_subsidy = "fitout_subsidy"
    equipment_subsidy = "equipment_subsidy"
    loan_interest = "loan_interest"
    talent_housing = "talent_housing"
    research_subsidy = "research_subsidy"
    fast_approval = "fast_approval"
    staged_payment = "staged_payment"


class Equipment(StrEnum):
    """What a unit may be fitted with; the first seven are capacities, the others are there or not."""

    crane_t = "crane_t"
    span_m = "span_m"
    goods_lift_t = "goods_lift_t"
    dock_doors = "dock_doors"
    gas_m3_d = "gas_m3_d"
    steam_t_h = "steam_t_h"
    water_t_d = "water_t_d"
    has_sprinklers = "has_sprinklers"
    has_independent_yard = "has_independent_yard"
    has_industrial_wwtp = "has_industrial_wwtp"


class LandRight(StrEnum):
    """权利性质: how the land is held."""

    granted = "granted"
    allocated = "allocated"
    leased = "leased"
    collective = "collective"


class IdleBasis(StrEnum):
    """Why a unit counts as idle: a legal status (Order 53) or one of the local administrative labels."""

    legal_idle = "legal_idle"
    inefficient = "inefficient"
    approved_unsupplied = "approved_unsupplied"
    supplied_unused = "supplied_unused"
    stuck_project = "stuck_project"
    vacant_building = "vacant_building"
    partly_vacant = "partly_vacant"


class Mortgage(StrEnum):
    """State of a mortgage on the title; consented = the creditor agrees to a transfer."""

    none = "none"
    released = "released"
    consented = "consented"
    unreleased = "unreleased"


class Audience(StrEnum):
    """Who reads a published demand."""

    parks = "parks"
    public = "public"


class Role(StrEnum):
    """Who calls. `leader` and `auditor` read and write nothing; `system` is the service itself, never a caller."""

    anonymous = "anonymous"
    firm = "firm"
    staff = "staff"
    leader = "leader"
    auditor = "auditor"
    admin = "admin"
    system = "system"


class Purpose(StrEnum):
    """What a firm gives a mandate for: its own data; its demands with their rankings and interests."""

    firm = "firm"
    demands = "demands"


class AreaUnit(StrEnum):
    """Unit an area was stated in."""

    m2 = "m2"
    mu = "mu"
    ha = "ha"


class DatePrecision(StrEnum):
    """How exactly a date is known: a month is stored as its first day."""

    day = "day"
    month = "month"
    year = "year"


class Evidence(StrEnum):
    """What a stage rests on: papers that were seen, or a source told afterwards that says nothing of them."""

    stated = "stated"
    not_stated = "not_stated"


class HeightPoint(StrEnum):
    """Where a clear height was measured."""

    under_beam = "under_beam"
    under_hook = "under_hook"


class InterestAct(StrEnum):
    """What a firm does with a unit it was shown; what follows is told by a deal."""

    viewed = "viewed"
    shortlisted = "shortlisted"
    visited = "visited"
    refused = "refused"
    withdrawn = "withdrawn"


class AttachmentKind(StrEnum):
    """What a file is."""

    photo = "photo"
    plan = "plan"
    certificate = "certificate"
    contract = "contract"
    appraisal = "appraisal"
    notice = "notice"
    other = "other"


class AttachmentReaders(StrEnum):
    """Who reads a file beside the staff of its park."""

    public = "public"
    firm = "firm"
    staff = "staff"
