"""Figures on paper: all of them for a period, and the report of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.instants import SHANGHAI
from domain.quantity import two_places
from outcomes.figures import BESIDE, ClosedYear, rate, summed
from reports.paper import Cell, Paper, Part
from reports.words import ReportWords
from texts.lookup import Language

KINDS = ("land", "factory")
#: Parks that the line below a title names.
MOST_NAMED = 6


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


def figures_paper(figures: PeriodFigures, language: Language, today: str, as_of: str | None) -> Paper:
    """All figures of a period, a table each."""
    say = ReportWords(language)
    period = f"{figures.starts_on} – {figures.ends_on}" + (say("as_known_at", as_of=as_of) if as_of else "")
    parts = [_growth(figures, say), *_beside(figures, say), *_closed(figures, say)]
    parts += [_groups(figures, name, say) for name in ("park", "path", "industry")]
    parts += [
        _stock(figures, say),
        _funnel(figures, say),
        _requests(figures, say),
        _promised(figures, say),
        *_listed(figures, say),
    ]
    title = say("figures_of_revival")
    foot = f"{say('foot')} · {today}"
    return Paper(
        "figures", title, f"{_place(figures, say)} · {period}", parts, foot, flag=_flag(figures, say), language=language
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


def month_report(figures: PeriodFigures, outcomes: Part | None, language: Language, today: str) -> Paper:
    """The report of a month: the figures that matter first, then where they come from."""
    say = ReportWords(language)
    month = f"{figures.starts_on:%Y-%m}"
    idle = {row["kind"]: row for row in figures.stock}
    heads: list[list[Cell]] = [
        [
            say("land_this_month"),
            two_places(figures.revived["land"]["area_mu"] + Decimal(0)),
            say.label("unit", "mu"),
        ],
        [
            say("factory_this_month"),
            two_places(figures.revived["factory"]["area_m2"] + Decimal(0)),
            say.label("unit", "m2"),
        ],
        [
            say("land_this_year"),
            two_places(figures.year["land"]["area_mu"] + Decimal(0)),
            say.label("unit", "mu"),
        ],
        [
            say("factory_this_year"),
            two_places(figures.year["factory"]["area_m2"] + Decimal(0)),
            say.label("unit", "m2"),
        ],
        [say("idle_land"), _rounded(idle.get("land"), "idle_area_mu"), say.label("unit", "mu")],
        [say("idle_factory"), _rounded(idle.get("factory"), "idle_area_m2"), say.label("unit", "m2")],
        [say("land_to_verify"), _rounded(idle.get("land"), "to_verify_area_mu"), say.label("unit", "mu")],
        [say("factory_to_verify"), _rounded(idle.get("factory"), "to_verify_area_m2"), say.label("unit", "m2")],
        [say("requests_this_month"), figures.requests["raised"], say("unit_raised")],
        [say("of_these_closed"), figures.requests["closed"], say("unit_closed")],
    ]
    parts = [
        Part("figures", say("main_points"), heads),
        _growth(figures, say),
        *([outcomes] if outcomes else []),
    ]
    parts += [*_beside(figures, say), *_closed(figures, say)]
    parts += [_groups(figures, "path", say), _stock(figures, say), _funnel(figures, say), _requests(figures, say)]
    parts += _listed(figures, say)
    title = say("revival_in", month=month)
    foot = f"{say('foot')} · {today}"
    return Paper(
        f"month-{month}", title, _place(figures, say), parts, foot, flag=_flag(figures, say), language=language
    )


def _rounded(row: Mapping[str, Any] | None, name: str) -> Decimal:
    return two_places((None if row is None else row[name]) or Decimal(0))


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
                None if grown is None else _growth_text(Decimal(grown)),
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
    return Part("table", say("put_back_to_use"), rows, columns, (3, 3, 2, 3, 2, 2, 2), note, True)


def _growth_text(share: Decimal) -> str:
    """Growth as people read it; a sign in front would make it a formula to a spreadsheet."""
    arrow = "" if share == 0 else "↑ " if share > 0 else "↓ "
    return f"{arrow}{abs(share) * 100:.1f} %"


def _beside(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """What the rule of counting leaves out of the figure, a row for each verdict there is."""
    rows: list[list[Cell]] = []
    for verdict in BESIDE:
        sums = summed([row for row in figures.beside if row["verdict"] == verdict])
        land, factory = sums["land"], sums["factory"]
        if land["cases"] or factory["cases"]:
            rows.append(
                [
                    say.label("verdict", verdict),
                    two_places(land["area_mu"] + Decimal(0)),
                    land["cases"],
                    two_places(factory["area_m2"] + Decimal(0)),
                    factory["cases"],
                ]
            )
    if not rows:
        return []
    columns = [
        say("not_in_the_figure"),
        say("land_mu"),
        say("cases"),
        say("factory_m2"),
        say("cases"),
    ]
    return [Part("table", say("beside_the_figure"), rows, columns, (4, 2, 1, 2, 1), is_numeric=True)]


def _closed(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """Years that parks have closed: the figure as it was then, as known now, and the difference."""
    rows: list[list[Cell]] = []
    for year in figures.closed:
        closed_on = str(year.closed_at.astimezone(SHANGHAI).date())
        state = closed_on if year.is_closed else say("not_all_parks", closed_on=closed_on)
        for kind in KINDS:
            then, now = two_places(year.then[kind]), two_places(year.now[kind])
            rows.append([f"{year.year} · {_kind(kind, say)}", state, then, now, now - then])
    if not rows:
        return []
    columns = [
        say("year"),
        say("closed_on"),
        say("as_closed"),
        say("as_known_now"),
        say("difference"),
    ]
    note = say("closed_years_note")
    return [Part("table", say("closed_years"), rows, columns, (4, 3, 3, 3, 2), note)]


def _kind(kind: str, say: ReportWords) -> str:
    """A kind with the unit its area is given in."""
    unit = say.label("unit", "mu" if kind == "land" else "m2")
    return f"{say.word(kind)}{say('in_brackets', text=unit)}"


def _groups(figures: PeriodFigures, name: str, say: ReportWords) -> Part:
    rows: list[list[Cell]] = []
    for key in dict.fromkeys(row["key"] for row in figures.groups[name]):
        sums = summed([row for row in figures.groups[name] if row["key"] == key])
        named = figures.names[name].get(key or "")
        label = say.word(key) if named is None else say.name(named["name_zh"], named["name_en"])
        land, factory = sums["land"], sums["factory"]
        rows.append(
            [
                label or say("not_known"),
                two_places(land["area_mu"] + Decimal(0)),
                land["cases"],
                two_places(factory["area_m2"] + Decimal(0)),
                factory["cases"],
            ]
        )
    columns = [
        say(name),
        say("land_mu"),
        say("cases"),
        say("factory_m2"),
        say("cases"),
    ]
    if not rows:
        return Part("lines", say("by") + say(name).lower(), [[say("nothing_was_revived")]])
    return Part("table", say("by") + say(name).lower(), rows, columns, (4, 2, 1, 2, 1), is_numeric=True)


def _stock(figures: PeriodFigures, say: ReportWords) -> Part:
    waited = {row["kind"]: row for row in figures.waited}
    rows: list[list[Cell]] = []
    for row in sorted(figures.stock, key=lambda row: KINDS.index(row["kind"])):
        whole = figures.totals.get(row["kind"])
        vacancy = None
        if whole is not None and row["area_m2"]:
            vacancy = f"{(row['idle_area_m2'] or Decimal(0)) / row['area_m2'] * 100:.1f} %"
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
                None if whole is None else f"{(row['area_m2'] or Decimal(0)) / whole * 100:.1f} %",
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
    return Part("table", say("stock_at_the_end"), rows, columns, (4, 3, 3, 3, 3, 4, 4, 3, 4), note, True)


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
    share = f"{Decimal(row['closed']) / row['raised'] * 100:.1f} %" if row["raised"] else None
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
    rows: list[list[Cell]] = [
        [
            say.label("figure", row["name"]),
            say.label("unit", row["unit"]),
            row["promised"],
            row["promised_of_reported"],
            row["delivered"],
            row["figures"] - row["figures_reported"],
        ]
        for row in figures.promised
    ]
    heading = say("promised_in_year", year=figures.ends_on.year)
    if not rows:
        return Part("lines", heading, [[say("no_promise_is_due")]])
    columns = [
        say(key)
        for key in (
            "figure",
            "unit",
            "promised_for_the_year",
            "promised_for_periods_reported",
            "delivered",
            "not_reported",
        )
    ]
    return Part("table", heading, rows, columns, (2, 1, 3, 3, 3, 2))
