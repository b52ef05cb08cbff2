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
from reports.words import FIGURES, FOOT, ILLUSTRATIVE, UNITS, VERDICTS, ReportWords
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
    period = f"{figures.starts_on} – {figures.ends_on}" + (
        say(f" · 截至 {as_of} 所知", f" · as known at {as_of}") if as_of else ""
    )
    parts = [_growth(figures, say), *_beside(figures, say), *_closed(figures, say)]
    parts += [_groups(figures, name, say) for name in ("park", "path", "industry")]
    parts += [
        _stock(figures, say),
        _funnel(figures, say),
        _requests(figures, say),
        _promised(figures, say),
        *_listed(figures, say),
    ]
    title = say("盘活统计", "Figures of revival")
    foot = f"{say.pair(FOOT)} · {today}"
    return Paper(
        "figures", title, f"{_place(figures, say)} · {period}", parts, foot, flag=_flag(figures, say), language=language
    )


def _place(figures: PeriodFigures, say: ReportWords) -> str:
    """The parks the figures cover, by name; where they are many, how many, and their names at the end."""
    if not figures.parks:
        return say("当时尚无园区", "No park was known then")
    if len(figures.parks) > MOST_NAMED:
        return say(f"{len(figures.parks)} 个园区（名单附后）", f"{len(figures.parks)} parks, named at the end")
    return _names(figures, say)


def _listed(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    if len(figures.parks) <= MOST_NAMED:
        return []
    return [Part("lines", say("涵盖园区", "Parks covered"), [[_names(figures, say)]])]


def _names(figures: PeriodFigures, say: ReportWords) -> str:
    return say.joined([say(row["name_zh"], row["name_en"]) for row in figures.parks])


def month_report(figures: PeriodFigures, outcomes: Part | None, language: Language, today: str) -> Paper:
    """The report of a month: the figures that matter first, then where they come from."""
    say = ReportWords(language)
    month = f"{figures.starts_on:%Y-%m}"
    idle = {row["kind"]: row for row in figures.stock}
    heads: list[list[Cell]] = [
        [
            say("本月盘活土地", "Land this month"),
            two_places(figures.revived["land"]["area_mu"] + Decimal(0)),
            say("亩", "mu"),
        ],
        [
            say("本月盘活厂房", "Factory this month"),
            two_places(figures.revived["factory"]["area_m2"] + Decimal(0)),
            "m²",
        ],
        [
            say("本年累计土地", "Land this year"),
            two_places(figures.year["land"]["area_mu"] + Decimal(0)),
            say("亩", "mu"),
        ],
        [say("本年累计厂房", "Factory this year"), two_places(figures.year["factory"]["area_m2"] + Decimal(0)), "m²"],
        [say("闲置土地", "Idle land"), _rounded(idle.get("land"), "idle_area_mu"), say("亩", "mu")],
        [say("闲置厂房", "Idle factory"), _rounded(idle.get("factory"), "idle_area_m2"), "m²"],
        [say("待核实土地", "Land to verify"), _rounded(idle.get("land"), "to_verify_area_mu"), say("亩", "mu")],
        [say("待核实厂房", "Factory to verify"), _rounded(idle.get("factory"), "to_verify_area_m2"), "m²"],
        [say("本月诉求", "Requests this month"), figures.requests["raised"], say("件", "raised")],
        [say("其中办结", "Of these closed"), figures.requests["closed"], say("件", "closed")],
    ]
    parts = [
        Part("figures", say("要点", "At a glance"), heads),
        _growth(figures, say),
        *([outcomes] if outcomes else []),
    ]
    parts += [*_beside(figures, say), *_closed(figures, say)]
    parts += [_groups(figures, "path", say), _stock(figures, say), _funnel(figures, say), _requests(figures, say)]
    parts += _listed(figures, say)
    title = say(f"盘活月报 {month}", f"Revival in {month}")
    foot = f"{say.pair(FOOT)} · {today}"
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
    return say.pair(ILLUSTRATIVE) if invented else ""


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
        say(*pair)
        for pair in (
            ("类别", "Kind"),
            ("盘活面积", "Area revived"),
            ("宗数", "Cases"),
            ("上年同期", "A year before"),
            ("上年宗数", "Cases then"),
            ("同比", "Growth"),
            ("面积不详", "No area"),
        )
    ]
    note = say("上年同期为零时不计同比", "From nothing there is no rate of growth")
    return Part("table", say("盘活", "Put back to use"), rows, columns, (3, 3, 2, 3, 2, 2, 2), note, True)


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
                    say.label(VERDICTS, verdict),
                    two_places(land["area_mu"] + Decimal(0)),
                    land["cases"],
                    two_places(factory["area_m2"] + Decimal(0)),
                    factory["cases"],
                ]
            )
    if not rows:
        return []
    columns = [
        say("未计入的情形", "Not in the figure"),
        say("土地（亩）", "Land (mu)"),
        say("宗", "Cases"),
        say("厂房（m²）", "Factory (m²)"),
        say("宗", "Cases"),
    ]
    return [Part("table", say("不计入盘活数的", "Beside the figure"), rows, columns, (4, 2, 1, 2, 1), is_numeric=True)]


def _closed(figures: PeriodFigures, say: ReportWords) -> list[Part]:
    """Years that parks have closed: the figure as it was then, as known now, and the difference."""
    rows: list[list[Cell]] = []
    for year in figures.closed:
        closed_on = str(year.closed_at.astimezone(SHANGHAI).date())
        state = closed_on if year.is_closed else say(f"{closed_on}（部分园区）", f"{closed_on} (not all parks)")
        for kind in KINDS:
            then, now = two_places(year.then[kind]), two_places(year.now[kind])
            rows.append([f"{year.year} · {_kind(kind, say)}", state, then, now, now - then])
    if not rows:
        return []
    columns = [
        say("年度", "Year"),
        say("关闭日", "Closed on"),
        say("关闭时", "As closed"),
        say("现在所知", "As known now"),
        say("差额", "Difference"),
    ]
    note = say(
        "已关闭的年度只能写明理由后改动；未关闭的园区两列均按现在所知",
        "A closed year changes with a reason alone; a park that has not closed it stands in both as known now",
    )
    return [Part("table", say("已关闭年度", "Closed years"), rows, columns, (4, 3, 3, 3, 2), note)]


def _kind(kind: str, say: ReportWords) -> str:
    """A kind with the unit its area is given in."""
    unit = say.label(UNITS, "mu" if kind == "land" else "m2")
    return f"{say.word(kind)}{say('（', ' (')}{unit}{say('）', ')')}"


def _groups(figures: PeriodFigures, name: str, say: ReportWords) -> Part:
    rows: list[list[Cell]] = []
    for key in dict.fromkeys(row["key"] for row in figures.groups[name]):
        sums = summed([row for row in figures.groups[name] if row["key"] == key])
        named = figures.names[name].get(key or "")
        label = say.word(key) if named is None else say(named["name_zh"], named["name_en"] or named["name_zh"])
        land, factory = sums["land"], sums["factory"]
        rows.append(
            [
                label or say("不详", "not known"),
                two_places(land["area_mu"] + Decimal(0)),
                land["cases"],
                two_places(factory["area_m2"] + Decimal(0)),
                factory["cases"],
            ]
        )
    heads = {"park": ("园区", "Park"), "path": ("方式", "Path"), "industry": ("行业大类", "Industry")}
    columns = [
        say(*heads[name]),
        say("土地（亩）", "Land (mu)"),
        say("宗", "Cases"),
        say("厂房（m²）", "Factory (m²)"),
        say("宗", "Cases"),
    ]
    if not rows:
        return Part("lines", say("按", "By ") + say(*heads[name]).lower(), [[say("本期无盘活", "Nothing was revived")]])
    return Part("table", say("按", "By ") + say(*heads[name]).lower(), rows, columns, (4, 2, 1, 2, 1), is_numeric=True)


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
        say(*pair)
        for pair in (
            ("类别", "Kind"),
            ("闲置单元", "Idle units"),
            ("面积", "Area"),
            ("待核实单元", "Units to verify"),
            ("待核实面积", "Area to verify"),
            ("存量闲置天数（中位）", "Days idle, stock (median)"),
            ("盘活前闲置天数（中位）", "Days idle before revival (median)"),
            ("空置率", "Vacancy"),
            ("登记覆盖率", "Coverage"),
        )
    ]
    note = say(
        "待核实：租期已满，尚未确认承租方是否搬离，计为在用；园区未填报总面积时，空置率与覆盖率不计",
        "To verify: a term is over and nobody said whether the tenant left; it counts as in use. "
        "Without the whole area of the park there is no vacancy",
    )
    return Part("table", say("期末存量", "Stock at the end"), rows, columns, (4, 3, 3, 3, 3, 4, 4, 3, 4), note, True)


def _funnel(figures: PeriodFigures, say: ReportWords) -> Part:
    names = (
        ("shown", "推荐", "Shown"),
        ("viewed", "查看", "Viewed"),
        ("visited", "看场地", "Visited"),
        ("signed", "签约", "Signed"),
        ("producing", "投产", "Producing"),
    )
    ranked, apart = figures.funnel.get(True), figures.funnel.get(False)
    rows: list[list[Cell]] = [
        [
            say("有排序的需求", "Needs with a ranking"),
            *((0 if ranked is None else ranked[name]) for name, _, _ in names),
        ],
        [
            say("无排序的成交", "Deals without a ranking"),
            None,
            None,
            None,
            *((0 if apart is None else apart[name]) for name in ("signed", "producing")),
        ],
    ]
    columns = ["", *(say(zh, en) for _, zh, en in names)]
    return Part("table", say("成交漏斗", "Funnel"), rows, columns, (4, 2, 2, 2, 2, 2), is_numeric=True)


def _requests(figures: PeriodFigures, say: ReportWords) -> Part:
    row = figures.requests
    share = f"{Decimal(row['closed']) / row['raised'] * 100:.1f} %" if row["raised"] else None
    rows: list[list[Cell]] = [
        [row["raised"], row["closed"], share, row["median_days_to_close"], row["median_age_open"], row["oldest_open"]]
    ]
    columns = [
        say(*pair)
        for pair in (
            ("提出", "Raised"),
            ("办结", "Closed"),
            ("办结率", "Closure rate"),
            ("办结天数（中位）", "Days to close (median)"),
            ("未结天数（中位）", "Age of open (median)"),
            ("未结最长天数", "Oldest open"),
        )
    ]
    return Part("table", say("企业诉求", "Requests of firms"), rows, columns, (1, 1, 1, 2, 2, 2), is_numeric=True)


def _promised(figures: PeriodFigures, say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [
            say.label(FIGURES, row["name"]),
            say.label(UNITS, row["unit"]),
            row["promised"],
            row["promised_of_reported"],
            row["delivered"],
            row["figures"] - row["figures_reported"],
        ]
        for row in figures.promised
    ]
    heading = say(f"{figures.ends_on.year} 年承诺与兑现", f"Promised and delivered in {figures.ends_on.year}")
    if not rows:
        return Part("lines", heading, [[say("没有到期的承诺指标", "No promise is due")]])
    columns = [
        say(*pair)
        for pair in (
            ("指标", "Figure"),
            ("单位", "Unit"),
            ("全年承诺", "Promised for the year"),
            ("已报送期承诺", "Promised for periods reported"),
            ("实际", "Delivered"),
            ("未报送", "Not reported"),
        )
    ]
    return Part("table", heading, rows, columns, (2, 1, 3, 3, 3, 2))
