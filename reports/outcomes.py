"""Deals on paper: the list of them, and one page for each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.quantity import area_m2, area_mu, two_places
from domain.words import AreaUnit
from outcomes.stages import Stage
from outcomes.supervision import Delivered, PromisedFigure, counted, delivered, read
from reports.paper import Cell, KnownDay, Paper, Part, Share
from reports.words import ReportWords, wan
from texts.lookup import Language, heading
from texts.refusal_sentences import note as note_text

_ORDER = {stage.value: n for n, stage in enumerate(Stage)}
#: What one page holds.
MOST_STAGES, MOST_FIGURES, MOST_APPROVALS, MOST_TERMS = 16, 8, 6, 4
#: Years of a promise that stand beside each other, the latest ones.
MOST_YEARS = 3


def outcome_list(rows: Sequence[Any], count: int, parks: Sequence[Any], language: Language, today: date) -> Paper:
    """All deals, a row each: areas in the unit they are reported in, money in 10,000 yuan; `parks` are those asked for.

    `count`: how many there are, where not all are among `rows`.

    Empty: without any the parks are those of the deals, as a firm has them.
    """
    say = ReportWords(language)
    covered = [say.name(park["name_zh"], park["name_en"]) for park in parks]
    covered = covered or list(dict.fromkeys(str(say.name(row["park_zh"], row["park_en"])) for row in rows))
    title = say("deals")
    if len(rows) < count:
        title = say("deals_the_first_of", shown=len(rows), count=count)
    known = say.known_on(None, today)
    return Paper(
        "outcomes",
        say("deal_list"),
        known if len(covered) == 1 else " · ".join([*([say.joined(covered)] if covered else []), known]),
        [_table(_COLUMNS, rows, title, say), Part("signatures", "", say.signatures())],
        f"{say('foot')} · {today}",
        language=language,
        issuer=covered[0] if len(covered) == 1 else say("district"),
    )


def revived_part(rows: Sequence[Any], title: str, language: Language) -> Part:
    """The deals that count in a period, a row each, with the columns a page has room for."""
    columns = ("code", "units", "firm", "path", "stage", "revived_on", "land_mu", "factory_m2")
    return replace(
        _table({name: _COLUMNS[name] for name in columns}, rows, title, ReportWords(language)),
        widths=(5, 5, 5, 3, 4, 4, 4, 5),
    )


#: The columns of a list of deals: its heading, and the cell made from the row and its document.
_COLUMNS: dict[str, tuple[str, Callable[[Any, Mapping[str, Any], ReportWords], Cell]]] = {
    "code": ("unit_code", lambda row, outcome, say: row["codes"]),
    "units": ("space", lambda row, outcome, say: row["units"]),
    "park": ("park", lambda row, outcome, say: say.name(row["park_zh"], row["park_en"])),
    "firm": ("firm", lambda row, outcome, say: row["firm"]),
    "owner": ("owner_before", lambda row, outcome, say: row["owner"]),
    "path": ("path", lambda row, outcome, say: say.word(outcome["path"])),
    "stage": ("stage", lambda row, outcome, say: say.label("stage", outcome["stage"])),
    "light": ("light", lambda row, outcome, say: say.label("light", outcome["light"])),
    "opened_on": ("opened_on", lambda row, outcome, say: say.day(outcome["opened_on"])),
    "signed_on": ("signed_on", lambda row, outcome, say: say.day(outcome["signed_on"])),
    "revived_on": (
        "revived_on",
        lambda row, outcome, say: say.day(outcome["revived_on"], outcome["revived_on_precision"]),
    ),
    "land_mu": ("land_mu", lambda row, outcome, say: _area(outcome, "land")),
    "factory_m2": ("factory_m2", lambda row, outcome, say: _area(outcome, "factory")),
    "revenue": ("revenue_wan_year", lambda row, outcome, say: wan(outcome["revenue_yuan_year"])),
    "output": ("output_wan_year", lambda row, outcome, say: wan(outcome["output_yuan_year"])),
    "tax": ("tax_wan_year", lambda row, outcome, say: wan(outcome["tax_yuan_year"])),
    "illustrative": ("invented_fields", lambda row, outcome, say: say.joined(_invented(outcome, say))),
    "source": ("source", lambda row, outcome, say: outcome["source"]),
}
#: The columns that are summed below a list.
_SUMMED = ("land_mu", "factory_m2", "revenue", "output", "tax")


def _table(columns: Mapping[str, Any], rows: Sequence[Any], title: str, say: ReportWords) -> Part:
    cells = []
    for row in rows:
        outcome = json.loads(row["document"], parse_float=Decimal)
        cells.append([cell(row, outcome, say) for _, cell in columns.values()])
    total = [_sum([row[n] for row in cells]) if name in _SUMMED else "" for n, name in enumerate(columns)]
    heads = [say(key) for key, _ in columns.values()]
    return Part("table", title, cells, heads, total=[say("total"), *total[1:]] if cells else [])


def _sum(cells: Sequence[Any]) -> Decimal | None:
    known = [cell for cell in cells if cell is not None]
    return sum(known, Decimal(0)) if known else None


def _invented(outcome: Mapping[str, Any], say: ReportWords) -> list[str]:
    """Its fields that are invented, as people call them."""
    return [say.field("outcome", name) for name in dict.fromkeys(outcome["illustrative"])]


def _area(outcome: Mapping[str, Any], kind: str) -> Decimal | None:
    """The sum of the stated areas of one kind: land in mu, factory space in m². None where none is known."""
    known = [asset for asset in outcome["assets"] or () if asset["kind"] == kind and asset["stated_area"] is not None]
    measure = area_mu if kind == "land" else area_m2
    areas = [measure(Decimal(str(asset["stated_area"])), AreaUnit(asset["stated_area_unit"])) for asset in known]
    return two_places(sum(areas, Decimal(0))) if areas else None


def outcome_page(row: Any, language: Language, today: date) -> Paper:
    """One deal on one page: who, what, term and rent, how it came about, what was promised and delivered."""
    say = ReportWords(language)
    outcome, watched = json.loads(row["document"]), json.loads(row["supervision"])
    invented = _invented(outcome, say)
    if any(asset["is_illustrative"] for asset in outcome["assets"]):
        invented.append(say.field("asset", "stated_area"))
    standing = (say.word(outcome["path"]) or "", say.label("stage", outcome["stage"]) or "")
    parts = [_facts(row, outcome, say)]
    for part in (_terms(row, say), _stages(watched, outcome, say), _verdicts(outcome, say)):
        parts += [part] if part is not None else []
    parts += [part for part in (_figures(watched, say), _approvals(watched, say)) if part is not None]
    if outcome["notes"]:
        noted: list[list[Cell]] = [
            [f"{note_text(note['code'], language)}{say('in_brackets', text=_article(note['article'], language))}"]
            for note in outcome["notes"]
        ]
        parts.append(Part("lines", say("what_the_law_asks"), noted))
    if outcome["source"]:
        parts.append(Part("lines", say("source"), [[outcome["source"][:300]]]))
    parts.append(Part("signatures", "", say.signatures()))
    return Paper(
        f"outcome-{outcome['id']}",
        say("revival_of") + row["firm"],
        " · ".join((*standing, say.known_on(None, today))),
        parts,
        f"{say('foot')} · {today} · {outcome['id']}",
        flag=f"{say('illustrative')}{say('colon')}{say.joined(invented)}" if invented else "",
        language=language,
        issuer=say.name(row["park_zh"], row["park_en"]),
        is_one_page=True,
    )


def _article(article: str, language: Language) -> str:
    """An article as the scheme has it, in Chinese with English behind it, in the paper's language."""
    chinese, english = re.split(r" (?=[A-Z])|$", article, maxsplit=1)
    return english if english and language != "zh" else chinese


def _facts(row: Any, outcome: Mapping[str, Any], say: ReportWords) -> Part:
    areas = say.joined([say.area(asset) for asset in outcome["assets"] or ()])
    rows: list[list[Cell]] = [
        [say("space"), f"{row['codes']} {row['units']}" if row["codes"] else row["units"]],
        [say("area"), areas or None],
        [say("firm"), row["firm"]],
        [say("owner_before"), row["owner"]],
        [say("opened_on"), say.day(outcome["opened_on"])],
        [say("revived_on"), say.day(outcome["revived_on"], outcome["revived_on_precision"])],
        [say("light_now"), say.label("light", outcome["light"])],
        [say("ended_on"), say.day(outcome["ended_on"])],
    ]
    for name in ("revenue", "output", "tax"):
        if (value := outcome[f"{name}_yuan_year"]) is not None:
            figure = say("promised_figure") + str(say.label("figure", name))
            rows.append([figure + say("in_brackets", text=say("wan_a_year")), wan(value)])
    return Part("pairs", say("at_a_glance"), rows)


def _terms(row: Any, say: ReportWords) -> Part | None:
    """The tenancies of the deal: from when to when, how it stands, the rent."""
    tenancies = json.loads(row["tenancies"] or "[]")
    rows: list[list[Cell]] = [
        [
            tenancy["code"],
            say.day(tenancy["starts_on"]),
            say("no_end") if tenancy["ends_on"] is None else say.day(tenancy["ends_on"]),
            say.from_table("tenancy_state", tenancy["state"]),
            None if tenancy["rent"] is None else two_places(Decimal(str(tenancy["rent"]))),
        ]
        for tenancy in tenancies
    ]
    if not rows:
        return None
    columns = [say(key) for key in ("unit_code", "term_from", "term_to", "term_state", "rent")]
    note = _left(len(rows), MOST_TERMS, say)
    return Part("table", say("rent_and_term"), rows[:MOST_TERMS], columns, (3, 2, 2, 2, 2), note)


def _stages(watched: Mapping[str, Any], outcome: Mapping[str, Any], say: ReportWords) -> Part:
    paid = {milestone["stage"]: milestone["amount_yuan"] for milestone in outcome["milestones"] or ()}
    rows: list[list[Cell]] = [
        [
            heading(say.label("stage", milestone["stage"]) or ""),
            say.day(milestone["planned_on"], milestone["planned_on_precision"]),
            say.day(milestone["happened_on"], milestone["happened_on_precision"]),
            say.label("evidence", milestone["evidence"]),
            wan(paid.get(milestone["stage"])),
        ]
        for milestone in sorted(watched["milestones"], key=lambda m: _ORDER.get(m["stage"], len(_ORDER)))
    ]
    columns = [
        say("stage"),
        say("planned"),
        say("reached"),
        say("evidence"),
        say("amount_wan"),
    ]
    shown = 5 if any(row[-1] is not None for row in rows) else 4
    note = _left(len(rows), MOST_STAGES, say)
    cells = [row[:shown] for row in rows[:MOST_STAGES]]
    return Part("table", say("how_it_came_about"), cells, columns[:shown], (3, 2, 2, 2, 2)[:shown], note)


def _verdicts(outcome: Mapping[str, Any], say: ReportWords) -> Part | None:
    """What the deal revived and how the rule of counting judged it."""
    revived = outcome["revivals"] or []
    if not revived:
        return None
    rows: list[list[Cell]] = []
    for revival in revived:
        clause = say("clause", clause=revival["clause"])
        afterwards = say("told_afterwards") if revival["idle_since"] and revival["is_idle_told_afterwards"] else ""
        rows.append(
            [
                heading(say.label("verdict", revival["verdict"]) or ""),
                f"{revival['version']} {clause}",
                say.day(revival["revived_on"], revival["revived_on_precision"]),
                f"{revival['idle_since']}{afterwards}" if afterwards else say.day(revival["idle_since"]),
            ]
        )
    distinct = [[*row] for row in dict.fromkeys(tuple(row) for row in rows)]
    columns = [say("counting"), say("rule_of_counting"), say("day_counted"), say("idle_since")]
    note = say("units_in_all", count=len(rows)) if len(rows) > len(distinct) else ""
    return Part("table", say("what_it_counts"), distinct[:MOST_FIGURES], columns, (2, 3, 2, 3), note)


def _figures(watched: Mapping[str, Any], say: ReportWords) -> Part | None:
    """What was promised and what came of it, the latest years beside each other, and the share that was reached."""
    supervised = read(watched)
    if not supervised.figures:
        return None
    years = sorted({report.year for reports in supervised.delivered.values() for report in reports})[-MOST_YEARS:]
    rows = [_promise(figure, supervised.reports_for(figure), years, say) for figure in supervised.figures]
    columns = [say("figure"), say("promised"), say("per"), say("due"), *map(str, years)]
    columns += [say("in_all_until_now"), say("reached_share")]
    note = " ".join([say("years_note"), _left(len(rows), MOST_FIGURES, say)]).strip()
    widths = (5, 3, 2, 3, *(3 for _ in years), 3, 3)
    return Part("table", say("promised_and_delivered"), rows[:MOST_FIGURES], columns, widths, note)


def _promise(
    figure: PromisedFigure, reports: Sequence[Delivered], years: Sequence[int], say: ReportWords
) -> list[Cell]:
    """One promise: how much, by when, what came in each year and in all, and the share of what was due until then."""
    value, unit = say.amount(figure.value, figure.unit)
    came = delivered(figure, reports)
    due = figure.value
    if figure.per == "year" and not figure.is_level:
        due = sum((figure.due_in(report.first, report.last) for report in counted(reports)), Decimal(0))
    by_year = [delivered(figure, [report for report in reports if report.year == year]) for year in years]
    return [
        f"{heading(say.label('figure', figure.name) or '')}{say('in_brackets', text=unit)}",
        value,
        say("a_year") if figure.per == "year" else say("in_all"),
        None if figure.due_on is None else KnownDay(figure.due_on),
        *(say.amount(value, figure.unit)[0] for value in by_year),
        say.amount(came, figure.unit)[0],
        Share(came / due) if came is not None and due else None,
    ]


def _approvals(watched: Mapping[str, Any], say: ReportWords) -> Part | None:
    if not watched["approvals"]:
        return None
    rows: list[list[Cell]] = [
        [approval["name"], approval["target_days"], say.day(approval["applied_on"]), say.day(approval["done_on"])]
        for approval in watched["approvals"]
    ]
    columns = [say("item"), say("target_days"), say("applied"), say("decided")]
    note = _left(len(rows), MOST_APPROVALS, say)
    return Part("table", say("approvals"), rows[:MOST_APPROVALS], columns, (4, 1, 2, 2), note)


def _left(rows: int, most: int, say: ReportWords) -> str:
    if rows <= most:
        return ""
    return say("not_listed", count=rows - most)
