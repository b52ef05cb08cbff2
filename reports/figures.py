"""Figures on paper: all of them for a period, and the report of a month. Sums are those of the statistics' routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.instants import SHANGHAI
from domain.quantity import two_places
from outcomes.figures import BESIDE, ClosedYear, rate, summed
from reports.paper import Cell, Growth, KnownDay, Paper, Part, Share
from reports.words import ReportWords
from texts.lookup import Language, heading

KINDS = ("land", "factory")
#: Parks that the line below a title names.
MOST_NAMED = 6
#: Months that are drawn side by side; of one alone the table above says all.
MONTHS_DRAWN = range(2, 13)
#: How long units have stood idle, by the groups of the stock (store/statistics.py).
AGES = ("under_1", "under_2", "under_5", "over_5", None)


@dataclass(frozen=True)
class PeriodFigures:
    """All figures of a period, read at once."""

    starts_on: date
    ends_on: date
    revived: Mapping[str, Mapping[str, Any]]
    year: Mapping[str, Mapping[str, Any]]
    before: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stock: Sequence[Any] = ()
    waited: Sequence[Any] = ()
    totals: Mapping[str, Decimal | None] = field(default_factory=dict)
    funnel: Mapping[bool, Any] = field(default_factory=dict)
    promised: Sequence[Any] = ()
    requests: Any = None
    parks: Sequence[Any] = ()
    beside: Sequence[Any] = ()
    closed: Sequence[ClosedYear] = ()
    as_of: datetime | None = None
    #: The first day of each month that is drawn, and what was revived by month; in None what only a year is known of.
    months: Sequence[date] = ()
    by_month: Sequence[Any] = ()
    by_age: Sequence[Any] = ()


def figures_paper(figures: PeriodFigures, language: Language, today: date) -> Paper:
    """All figures of a period, a table each."""
    say = ReportWords(language)
    parts = [_growth(figures, say), *_by_month(figures, figures.revived, say), *_beside(figures, say)]
    parts += _closed(figures, say)
    parts += [_groups(figures, name, say) for name in ("park", "path", "industry")]
    parts += [
        _stock(figures, say),
        *_by_age(figures, say),
        _funnel(figures, say),
        _requests(figures, say),
        _promised(figures, say),
    ]
    return _paper("figures", say("figures_of_revival"), figures, parts, say, today)


def _paper(
    name: str, title: str, figures: PeriodFigures, parts: Sequence[Part], say: ReportWords, today: date
) -> Paper:
    """A paper of figures: who issues it, the period in words, as of when it was known, and lines to sign at the end."""
    period = heading(say.period(figures.starts_on, figures.ends_on))
    places = [_place(figures, say)] if len(figures.parks) != 1 else []
    return Paper(
        name,
        title,
        " · ".join([*places, period, say.known_on(figures.as_of, today)]),
        [*parts, *_listed(figures, say), Part("signatures", "", say.signatures())],
        f"{say('foot')} · {today}",
        flag=_flag(figures, say),
        language=say.language,
        issuer=_names(figures, say) if len(figures.parks) == 1 else say("district"),
    )


def _place(figures: PeriodFigures, say: ReportWords) -> str:
    """The parks the figures cover, by name; where they are many, how many, and their names at the end."""
    if not figures.parks:
        return say("no_park_was_known_then")
    if len(figures.parks) > MOST_NAMED:
        return say("many_parks", count=len(figures.parks))
    return _names(figures, say)


def _listed(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    if len(figures.parks) <= MOST_NAMED:
        return []
    return [Part("lines", say("parks_covered"), [[_names(figures, say)]])]


def _names(figures: PeriodFigures, say: ReportWords) -> str:
    return say.joined([say.name(row["name_zh"], row["name_en"]) for row in figures.parks])


def month_report(figures: PeriodFigures, outcomes: Part | None, language: Language, today: date) -> Paper:
    """The report of a month: the figures that matter first, then where they come from."""
    say = ReportWords(language)
    idle = {row["kind"]: row for row in figures.stock}
    mu, m2 = say.label("unit", "mu"), say.label("unit", "m2")
    land, factory = idle.get("land"), idle.get("factory")
    heads: list[list[Cell]] = [
        [say("land_this_month"), _rounded(figures.revived["land"], "area_mu"), mu],
        [say("factory_this_month"), _rounded(figures.revived["factory"], "area_m2"), m2],
        [say("land_this_year"), _rounded(figures.year["land"], "area_mu"), mu],
        [say("factory_this_year"), _rounded(figures.year["factory"], "area_m2"), m2],
        [say("idle_land"), _rounded(land, "idle_area_mu"), mu],
        [say("idle_factory"), _rounded(factory, "idle_area_m2"), m2],
        [say("land_to_verify"), _rounded(land, "to_verify_area_mu"), mu],
        [say("factory_to_verify"), _rounded(factory, "to_verify_area_m2"), m2],
        [say("requests_this_month"), figures.requests["raised"], say("unit_raised")],
        [say("of_these_closed"), figures.requests["closed"], say("unit_closed")],
    ]
    parts = [
        Part("figures", say("main_points"), heads),
        _growth(figures, say),
        *([outcomes] if outcomes else []),
    ]
    parts += [*_by_month(figures, figures.year, say), *_beside(figures, say), *_closed(figures, say)]
    parts += [_groups(figures, "path", say), _stock(figures, say), *_by_age(figures, say)]
    parts += [_funnel(figures, say), _requests(figures, say)]
    title = say("revival_in", month=say.period(figures.starts_on, figures.ends_on))
    return _paper(f"month-{figures.starts_on:%Y-%m}", title, figures, parts, say, today)


def _rounded(row: Mapping[str, Any] | None, name: str) -> Decimal:
    return two_places(((None if row is None else row[name]) or 0) + Decimal(0))


def _flag(figures: PeriodFigures, say: ReportWords) -> str:
    revived = [*figures.revived.values(), *figures.year.values()]
    invented = any(row["illustrative_area_m2"] for row in revived) or any(
        row["illustrative_area_m2"] for row in figures.stock
    )
    return say("illustrative") if invented else ""


def _growth(figures: PeriodFigures, say: ReportWords) -> Part:
    rows: list[list[Cell]] = []
    for kind, unit in (("land", "area_mu"), ("factory", "area_m2")):
        now, then = figures.revived[kind], figures.before[kind]
        grown = rate(now[unit] + Decimal(0), then[unit] + Decimal(0))
        rows.append(
            [
                _kind(kind, say),
                two_places(now[unit] + Decimal(0)),
                now["cases"],
                two_places(then[unit] + Decimal(0)),
                then["cases"],
                None if grown is None else Growth(grown),
                now["cases_without_area"],
            ]
        )
    columns = [
        say(key)
        for key in (
            "kind",
            "area_revived",
            "cases_long",
            "a_year_before",
            "cases_then",
            "growth",
            "no_area",
        )
    ]
    note = say("growth_note")
    return Part("table", say("put_back_to_use"), rows, columns, (3, 3, 2, 3, 2, 3, 2), note, True)


def _beside(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """What the rule of counting leaves out of the figure, a row for each verdict there is."""
    rows: list[list[Cell]] = []
    for verdict in BESIDE:
        sums = summed([row for row in figures.beside if row["verdict"] == verdict])
        if sums["land"]["cases"] or sums["factory"]["cases"]:
            rows.append([heading(say.label("verdict", verdict) or ""), *_areas(sums)])
    if not rows:
        return []
    columns = [say(key) for key in ("not_in_the_figure", "land_mu", "cases", "factory_m2", "cases")]
    return [Part("table", say("beside_the_figure"), rows, columns, (4, 2, 1, 2, 1), is_numeric=True)]


def _closed(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """Years that parks have closed: the figure as it was then, as known now, and the difference."""
    rows: list[list[Cell]] = []
    for year in figures.closed:
        closed_on = KnownDay(year.closed_at.astimezone(SHANGHAI).date())
        state = closed_on if year.is_closed else say("not_all_parks", closed_on=closed_on)
        for kind in KINDS:
            then, now = two_places(year.then[kind]), two_places(year.now[kind])
            rows.append([f"{year.year} · {_kind(kind, say)}", state, then, now, now - then])
    if not rows:
        return []
    columns = [say(key) for key in ("year", "closed_on", "as_closed", "as_known_now", "difference")]
    note = say("closed_years_note")
    return [Part("table", say("closed_years"), rows, columns, (4, 3, 3, 3, 2), note)]


def _kind(kind: str, say: ReportWords) -> str:
    """A kind with the unit its area is given in."""
    return say("land_mu" if kind == "land" else "factory_m2")


def _groups(figures: PeriodFigures, name: str, say: ReportWords) -> Part:
    rows: list[list[Cell]] = []
    for key in dict.fromkeys(row["key"] for row in figures.groups[name]):
        sums = summed([row for row in figures.groups[name] if row["key"] == key])
        rows.append([heading(_group_name(figures, name, key, say) or say("not_known")), *_areas(sums)])
    if not rows:
        return Part("lines", say("by") + say(name).lower(), [[say("nothing_was_revived")]])
    columns = [say(key) for key in (name, "land_mu", "cases", "factory_m2", "cases")]
    total = [say("total"), *_areas(figures.revived)]
    title = say("by") + say(name).lower()
    return Part("table", title, rows, columns, (4, 2, 1, 2, 1), is_numeric=True, total=total)


def _group_name(figures: PeriodFigures, name: str, key: str | None, say: ReportWords) -> str | None:
    named = figures.names[name].get(key or "")
    if named is None:
        return say.word(key)
    if name == "industry":
        return say.industry(key or "", named["name_zh"])
    return say.name(named["name_zh"], named["name_en"])


def _areas(sums: Mapping[str, Mapping[str, Any]]) -> list[Cell]:
    """Land in mu and its cases, factory space in m² and its cases."""
    land, factory = sums["land"], sums["factory"]
    return [_rounded(land, "area_mu"), land["cases"], _rounded(factory, "area_m2"), factory["cases"]]


def _by_month(figures: PeriodFigures, whole: Mapping[str, Mapping[str, Any]], say: ReportWords) -> list[Part]:
    """What was revived month by month, drawn; the months add up to `whole`."""
    if len(figures.months) not in MONTHS_DRAWN:
        return []
    is_one_year = figures.months[0].year == figures.months[-1].year
    names: dict[str | None, str] = {
        f"{month:%Y-%m}": say.month(month.month) if is_one_year else f"{month:%Y-%m}" for month in figures.months
    }
    if any(row["key"] is None for row in figures.by_month):
        names[None] = say("not_known")
    rows: list[list[Cell]] = [
        [name, *_areas(summed([row for row in figures.by_month if row["key"] == key]))] for key, name in names.items()
    ]
    columns = [say(key) for key in ("month", "land_mu", "cases", "factory_m2", "cases")]
    title = say("by_month", period=say.period(figures.months[0], figures.ends_on))
    total = [say("total"), *_areas(whole)]
    return [Part("table", title, rows, columns, (4, 2, 1, 2, 1), is_numeric=True, total=total, drawn=(1, 3))]


def _stock(figures: PeriodFigures, say: ReportWords) -> Part:
    waited = {row["kind"]: row for row in figures.waited}
    rows: list[list[Cell]] = []
    for row in sorted(figures.stock, key=lambda row: KINDS.index(row["kind"])):
        whole = figures.totals.get(row["kind"])
        vacancy = None
        if whole is not None and row["area_m2"]:
            vacancy = Share((row["idle_area_m2"] or Decimal(0)) / row["area_m2"])
        since = waited.get(row["kind"])
        rows.append(
            [
                _kind(row["kind"], say),
                row["idle_units"],
                _rounded(row, "idle_area_mu" if row["kind"] == "land" else "idle_area_m2"),
                row["to_verify_units"],
                _rounded(row, "to_verify_area_mu" if row["kind"] == "land" else "to_verify_area_m2"),
                row["median_days"],
                None if since is None else since["median_days"],
                vacancy,
                None if whole is None else Share((row["area_m2"] or Decimal(0)) / whole),
            ]
        )
    columns = [
        say(key)
        for key in (
            "kind",
            "idle_units",
            "area",
            "units_to_verify",
            "area_to_verify",
            "days_idle_stock_median",
            "days_idle_before_revival_median",
            "vacancy",
            "coverage",
        )
    ]
    note = say("stock_note")
    return Part("table", say("stock_at_the_end"), rows, columns, (18, 12, 16, 14, 14, 16, 18, 11, 14), note, True)


def _by_age(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """The idle stock by how long it has stood, drawn; the ages add up to the stock."""
    if not any(row["idle_units"] for row in figures.by_age):
        return []

    def cells(rows: Sequence[Any]) -> list[Cell]:
        land, factory = ([row for row in rows if row["kind"] == kind] for kind in KINDS)
        areas = [
            two_places(sum((row[name] or Decimal(0) for row in of_kind), Decimal(0)))
            for of_kind, name in ((land, "idle_area_mu"), (factory, "idle_area_m2"))
        ]
        units = [sum(row["idle_units"] for row in of_kind) for of_kind in (land, factory)]
        return [areas[0], units[0], areas[1], units[1]]

    rows: list[list[Cell]] = [
        [say.from_table("age", age or "unknown"), *cells([row for row in figures.by_age if row["key"] == age])]
        for age in AGES
    ]
    columns = [say(key) for key in ("idle_for", "land_mu", "units", "factory_m2", "units")]
    total = [say("total"), *cells(figures.stock)]
    title, note = say("stock_by_age"), say("stock_by_age_note")
    return [Part("table", title, rows, columns, (4, 2, 1, 2, 1), note, is_numeric=True, total=total, drawn=(1, 3))]


def _funnel(figures: PeriodFigures, say: ReportWords) -> Part:
    names = ("shown", "viewed", "visited", "signed", "producing")
    ranked, apart = figures.funnel.get(True), figures.funnel.get(False)
    rows: list[list[Cell]] = [
        [
            say("needs_with_a_ranking"),
            *((0 if ranked is None else ranked[name]) for name in names),
        ],
        [
            say("deals_without_a_ranking"),
            None,
            None,
            None,
            *((0 if apart is None else apart[name]) for name in ("signed", "producing")),
        ],
    ]
    columns = ["", *(say(name) for name in names)]
    return Part("table", say("funnel"), rows, columns, (4, 2, 2, 2, 2, 2), is_numeric=True)


def _requests(figures: PeriodFigures, say: ReportWords) -> Part:
    row = figures.requests
    share = Share(Decimal(row["closed"]) / row["raised"]) if row["raised"] else None
    rows: list[list[Cell]] = [
        [row["raised"], row["closed"], share, row["median_days_to_close"], row["median_age_open"], row["oldest_open"]]
    ]
    columns = [
        say(key)
        for key in (
            "raised",
            "closed",
            "closure_rate",
            "days_to_close_median",
            "age_of_open_median",
            "oldest_open",
        )
    ]
    return Part("table", say("requests_of_firms"), rows, columns, (1, 1, 1, 2, 2, 2), is_numeric=True)


def _promised(figures: PeriodFigures, say: ReportWords) -> Part:
    rows: list[list[Cell]] = []
    for row in figures.promised:
        values = [say.amount(row[name], row["unit"]) for name in ("promised", "promised_of_reported", "delivered")]
        due, came = row["promised_of_reported"], row["delivered"]
        reached = None if came is None or not due else Share(Decimal(came) / Decimal(due))
        figure = f"{heading(say.label('figure', row['name']) or '')}{say('in_brackets', text=values[0][1])}"
        rows.append([figure, *(value for value, _ in values), reached, row["figures"] - row["figures_reported"]])
    title = say("promised_in_year", year=figures.ends_on.year)
    if not rows:
        return Part("lines", title, [[say("no_promise_is_due")]])
    names = ("figure", "promised_for_the_year", "promised_for_periods_reported", "delivered", "reached_share")
    columns = [say(key) for key in (*names, "not_reported")]
    return Part("table", title, rows, columns, (4, 3, 3, 3, 2, 2), say("reached_share_note"), is_numeric=True)
