"""Deals on paper: the list of them, and one page for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.quantity import area_m2, area_mu
from domain.words import AreaUnit
from outcomes.agreement import IN_FORCE
from outcomes.stages import Stage
from reports.paper import Cell, Paper, Part
from reports.words import ReportWords
from texts.lookup import Language
from texts.refusal_sentences import note as note_text

_ORDER = {stage.value: n for n, stage in enumerate(Stage)}
#: What one page holds.
MOST_STAGES, MOST_FIGURES, MOST_APPROVALS = 16, 8, 6


def outcome_list(rows: Sequence[Any], count: int, parks: Sequence[Any], language: Language, today: str) -> Paper:
    """All deals, a row each: areas in the unit they are reported in, promises in yuan; `parks` are those of the query.

    `count`: how many there are, where not all are among `rows`.

    Empty: without any the parks are those of the deals, as a firm has them.
    """
    say = ReportWords(language)
    covered = [say.name(park["name_zh"], park["name_en"]) for park in parks]
    covered = covered or list(dict.fromkeys(str(say.name(row["park_zh"], row["park_en"])) for row in rows))
    heading = say("deals")
    if len(rows) < count:
        heading = say("deals_the_first_of", shown=len(rows), count=count)
    part = _table(_COLUMNS, rows, heading, say)
    title = say("deal_list")
    place = " · ".join([*([say.joined(covered)] if covered else []), today])
    return Paper("outcomes", title, place, [part], f"{say('foot')} · {today}", language=language)


def revived_part(rows: Sequence[Any], title: str, language: Language) -> Part:
    """The deals that count in a period, a row each, with the columns a page has room for."""
    columns = ("units", "firm", "path", "stage", "revived_on", "land_mu", "factory_m2")
    return replace(
        _table({name: _COLUMNS[name] for name in columns}, rows, title, ReportWords(language)),
        widths=(4, 4, 2, 2, 2, 2, 2),
    )


#: The columns of a list of deals: its heading, and the cell made from the row and its document.
_COLUMNS: dict[str, tuple[str, Callable[[Any, Mapping[str, Any], ReportWords], Cell]]] = {
    "id": ("id", lambda row, outcome, say: outcome["id"]),
    "park": ("park", lambda row, outcome, say: say.name(row["park_zh"], row["park_en"])),
    "units": ("space", lambda row, outcome, say: row["units"]),
    "firm": ("firm", lambda row, outcome, say: row["firm"]),
    "owner": ("owner_before", lambda row, outcome, say: row["owner"]),
    "path": ("path", lambda row, outcome, say: say.word(outcome["path"])),
    "stage": ("stage", lambda row, outcome, say: say.label("stage", outcome["stage"])),
    "light": ("light", lambda row, outcome, say: say.label("light", outcome["light"])),
    "opened_on": ("opened_on", lambda row, outcome, say: outcome["opened_on"]),
    "signed_on": ("signed_on", lambda row, outcome, say: outcome["signed_on"]),
    "revived_on": (
        "revived_on",
        lambda row, outcome, say: say.day(outcome["revived_on"], outcome["revived_on_precision"]),
    ),
    "land_mu": ("land_mu", lambda row, outcome, say: _area(outcome, "land")),
    "factory_m2": ("factory_m2", lambda row, outcome, say: _area(outcome, "factory")),
    "revenue": (
        "revenue_yuan_year",
        lambda row, outcome, say: _number(outcome["revenue_yuan_year"]),
    ),
    "output": (
        "output_yuan_year",
        lambda row, outcome, say: _number(outcome["output_yuan_year"]),
    ),
    "tax": (
        "tax_yuan_year",
        lambda row, outcome, say: _number(outcome["tax_yuan_year"]),
    ),
    "illustrative": ("invented_fields", lambda row, outcome, say: say.joined(_invented(outcome, say))),
    "source": ("source", lambda row, outcome, say: outcome["source"]),
}


def _table(columns: Mapping[str, Any], rows: Sequence[Any], title: str, say: ReportWords) -> Part:
    cells = []
    for row in rows:
        outcome = json.loads(row["document"], parse_float=Decimal)
        cells.append([cell(row, outcome, say) for _, cell in columns.values()])
    return Part("table", title, cells, [say(key) for key, _ in columns.values()])


def _invented(outcome: Mapping[str, Any], say: ReportWords) -> list[str]:
    """Its fields that are invented, as people call them."""
    return [say.field("outcome", name) for name in dict.fromkeys(outcome["illustrative"])]


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _area(outcome: Mapping[str, Any], kind: str) -> Decimal | None:
    """The sum of the stated areas of one kind: land in mu, factory space in m². None where none is known."""
    known = [asset for asset in outcome["assets"] or () if asset["kind"] == kind and asset["stated_area"] is not None]
    measure = area_mu if kind == "land" else area_m2
    return (
        sum(
            (measure(Decimal(str(asset["stated_area"])), AreaUnit(asset["stated_area_unit"])) for asset in known),
            Decimal(0),
        )
        if known
        else None
    )


def outcome_page(row: Any, language: Language, today: str) -> Paper:
    """One deal on one page: who, what, how it came about, what was promised and what came of it."""
    say = ReportWords(language)
    outcome, watched = json.loads(row["document"]), json.loads(row["supervision"])
    invented = _invented(outcome, say)
    if any(asset["is_illustrative"] for asset in outcome["assets"]):
        invented.append(say.field("asset", "stated_area"))
    standing = (say.word(outcome["path"]) or "", say.label("stage", outcome["stage"]) or "")
    parts = [_facts(row, outcome, say), _stages(watched, outcome, say)]
    parts += [
        part for part in (_verdicts(outcome, say), _figures(watched, say), _approvals(watched, say)) if part is not None
    ]
    if outcome["notes"]:
        noted: list[list[Cell]] = [
            [f"{note_text(note['code'], language)}{say('in_brackets', text=note['article'])}"]
            for note in outcome["notes"]
        ]
        parts.append(Part("lines", say("what_the_law_asks"), noted))
    if outcome["source"]:
        parts.append(Part("lines", say("source"), [[outcome["source"][:300]]]))
    return Paper(
        f"outcome-{outcome['id']}",
        say("revival_of") + row["firm"],
        " · ".join((say.name(row["park_zh"], row["park_en"]), *standing)),
        parts,
        f"{say('foot')} · {today} · {outcome['id']}",
        flag=f"{say('illustrative')}{say('colon')}{say.joined(invented)}" if invented else "",
        language=language,
    )


def _facts(row: Any, outcome: Mapping[str, Any], say: ReportWords) -> Part:
    areas = say.joined([say.area(asset) for asset in outcome["assets"] or ()])
    rows: list[list[Cell]] = [
        [say("space"), row["units"]],
        [say("area"), areas or None],
        [say("firm"), row["firm"]],
        [say("owner_before"), row["owner"]],
        [say("opened_on"), outcome["opened_on"]],
        [say("revived_on"), say.day(outcome["revived_on"], outcome["revived_on_precision"])],
        [say("light_now"), say.label("light", outcome["light"])],
        [say("ended_on"), outcome["ended_on"]],
    ]
    for name in ("revenue", "output", "tax"):
        if (value := outcome[f"{name}_yuan_year"]) is not None:
            label = say("promised_figure") + str(say.label("figure", name))
            rows.append([label, f"{Decimal(str(value)):,} {say('yuan_a_year')}"])
    return Part("pairs", say("at_a_glance"), rows)


def _stages(watched: Mapping[str, Any], outcome: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [
            say.label("stage", milestone["stage"]),
            say.day(milestone["planned_on"], milestone["planned_on_precision"]),
            say.day(milestone["happened_on"], milestone["happened_on_precision"]),
            say.label("evidence", milestone["evidence"]),
        ]
        for milestone in sorted(watched["milestones"], key=lambda m: _ORDER.get(m["stage"], len(_ORDER)))
    ]
    columns = [
        say("stage"),
        say("planned"),
        say("reached"),
        say("evidence"),
    ]
    note = _left(len(rows), MOST_STAGES, say)
    return Part("table", say("how_it_came_about"), rows[:MOST_STAGES], columns, (3, 2, 2, 2), note)


def _verdicts(outcome: Mapping[str, Any], say: ReportWords) -> Part | None:
    """What the deal revived and how the rule of counting judged it."""
    revived = outcome["revivals"] or []
    if not revived:
        return None
    rows: list[list[Cell]] = []
    for revival in revived:
        clause = say("clause", clause=revival["clause"])
        afterwards = say("told_afterwards") if revival["is_idle_told_afterwards"] else ""
        rows.append(
            [
                say.label("verdict", revival["verdict"]),
                f"{revival['version']} {clause}",
                say.day(revival["revived_on"], revival["revived_on_precision"]),
                None if revival["idle_since"] is None else f"{revival['idle_since']}{afterwards}",
            ]
        )
    distinct = [[*row] for row in dict.fromkeys(tuple(row) for row in rows)]
    columns = [say("counting"), say("rule_of_counting"), say("day_counted"), say("idle_since")]
    note = say("units_in_all", count=len(rows)) if len(rows) > len(distinct) else ""
    return Part("table", say("what_it_counts"), distinct[:MOST_FIGURES], columns, (2, 3, 2, 3), note)


def _figures(watched: Mapping[str, Any], say: ReportWords) -> Part | None:
    promised = [indicator for indicator in watched["indicators"] if indicator["state"] == IN_FORCE]
    if not promised:
        return None
    rows: list[list[Cell]] = []
    for indicator in promised:
        reports = [r for r in watched["reports"] if r["indicator_id"] == indicator["id"] and r["is_counted"]]
        latest = max(reports, key=lambda r: (r["year"], r["quarter"] or 5), default=None)
        period = (
            None if latest is None else f"{latest['year']}" + (f" Q{latest['quarter']}" if latest["quarter"] else "")
        )
        per = say("a_year") if indicator["per"] == "year" else say("in_all")
        rows.append(
            [
                say.label("figure", indicator["name"]),
                _number(indicator["value"]),
                f"{say.label('unit', indicator['unit'])} · {per}",
                indicator["due_on"],
                None if latest is None else _number(latest["value"]),
                period,
            ]
        )
    columns = [
        say(key)
        for key in (
            "figure",
            "promised",
            "unit",
            "due",
            "latest_report",
            "period",
        )
    ]
    note = _left(len(rows), MOST_FIGURES, say)
    heading = say("promised_and_delivered")
    return Part("table", heading, rows[:MOST_FIGURES], columns, (2, 3, 3, 2, 3, 2), note)


def _approvals(watched: Mapping[str, Any], say: ReportWords) -> Part | None:
    if not watched["approvals"]:
        return None
    rows: list[list[Cell]] = [
        [approval["name"], approval["target_days"], approval["applied_on"], approval["done_on"]]
        for approval in watched["approvals"]
    ]
    columns = [say("item"), say("target_days"), say("applied"), say("decided")]
    note = _left(len(rows), MOST_APPROVALS, say)
    return Part("table", say("approvals"), rows[:MOST_APPROVALS], columns, (4, 1, 2, 2), note)


def _left(rows: int, most: int, say: ReportWords) -> str:
    if rows <= most:
        return ""
    return say("not_listed", count=rows - most)
