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
from reports.paper import Cell, Paper, Part
from reports.words import EVIDENCE, FIELDS, FIGURES, FOOT, ILLUSTRATIVE, LIGHTS, STAGES, UNITS, VERDICTS, ReportWords
from texts.lookup import Language
from texts.refusal_sentences import note

_ORDER = {stage: n for n, stage in enumerate(STAGES)}
#: What one page holds.
MOST_STAGES, MOST_FIGURES, MOST_APPROVALS = 16, 8, 6


def outcome_list(rows: Sequence[Any], count: int, parks: Sequence[Any], language: Language, today: str) -> Paper:
    """All deals, a row each: areas in the unit they are reported in, promises in yuan; `parks` are those of the query.

    `count`: how many there are, where not all are among `rows`.

    Empty: without any the parks are those of the deals, as a firm has them.
    """
    say = ReportWords(language)
    covered = [say(park["name_zh"], park["name_en"]) for park in parks]
    covered = covered or list(dict.fromkeys(str(say(row["park_zh"], row["park_en"])) for row in rows))
    heading = say("成交", "Deals")
    if len(rows) < count:
        heading = say(f"成交（前 {len(rows)} 项，共 {count} 项）", f"Deals (the first {len(rows)} of {count})")
    part = _table(_COLUMNS, rows, heading, say)
    title = say("成交清单", "Deals")
    place = " · ".join([*([say.joined(covered)] if covered else []), today])
    return Paper("outcomes", title, place, [part], f"{say.pair(FOOT)} · {today}", language=language)


def revived_part(rows: Sequence[Any], title: str, language: Language) -> Part:
    """The deals that count in a period, a row each, with the columns a page has room for."""
    columns = ("units", "firm", "path", "stage", "revived_on", "land_mu", "factory_m2")
    return replace(
        _table({name: _COLUMNS[name] for name in columns}, rows, title, ReportWords(language)),
        widths=(4, 4, 2, 2, 2, 2, 2),
    )


#: The columns of a list of deals: its heading, and the cell made from the row and its document.
_COLUMNS: dict[str, tuple[str, str, Callable[[Any, Mapping[str, Any], ReportWords], Cell]]] = {
    "id": ("编号", "Id", lambda row, outcome, say: outcome["id"]),
    "park": ("园区", "Park", lambda row, outcome, say: say(row["park_zh"], row["park_en"])),
    "units": ("单元", "Space", lambda row, outcome, say: row["units"]),
    "firm": ("企业", "Firm", lambda row, outcome, say: row["firm"]),
    "owner": ("原权利人", "Owner before", lambda row, outcome, say: row["owner"]),
    "path": ("方式", "Path", lambda row, outcome, say: say.word(outcome["path"])),
    "stage": ("阶段", "Stage", lambda row, outcome, say: say.label(STAGES, outcome["stage"])),
    "light": ("履约", "Light", lambda row, outcome, say: say.label(LIGHTS, outcome["light"])),
    "opened_on": ("开启日", "Opened", lambda row, outcome, say: outcome["opened_on"]),
    "signed_on": ("签约日", "Signed", lambda row, outcome, say: outcome["signed_on"]),
    "revived_on": (
        "盘活日",
        "Revived",
        lambda row, outcome, say: say.day(outcome["revived_on"], outcome["revived_on_precision"]),
    ),
    "land_mu": ("土地（亩）", "Land (mu)", lambda row, outcome, say: _area(outcome, "land")),
    "factory_m2": ("厂房（m²）", "Factory (m²)", lambda row, outcome, say: _area(outcome, "factory")),
    "revenue": (
        "承诺营收（元/年）",
        "Revenue promised (yuan/year)",
        lambda row, outcome, say: _number(outcome["revenue_yuan_year"]),
    ),
    "output": (
        "承诺产值（元/年）",
        "Output promised (yuan/year)",
        lambda row, outcome, say: _number(outcome["output_yuan_year"]),
    ),
    "tax": (
        "承诺税收（元/年）",
        "Tax promised (yuan/year)",
        lambda row, outcome, say: _number(outcome["tax_yuan_year"]),
    ),
    "illustrative": ("示例字段", "Invented fields", lambda row, outcome, say: _named(outcome["illustrative"], say)),
    "source": ("来源", "Source", lambda row, outcome, say: outcome["source"]),
}


def _table(columns: Mapping[str, Any], rows: Sequence[Any], title: str, say: ReportWords) -> Part:
    cells = []
    for row in rows:
        outcome = json.loads(row["document"], parse_float=Decimal)
        cells.append([cell(row, outcome, say) for _, _, cell in columns.values()])
    return Part("table", title, cells, [say(zh, en) for zh, en, _ in columns.values()])


def _named(fields: Sequence[str], say: ReportWords) -> str:
    """Fields that are invented, as people call them."""
    return say.joined([say.label(FIELDS, field) for field in dict.fromkeys(fields)])


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
    invented = [
        *outcome["illustrative"],
        *(["stated_area"] if any(a["is_illustrative"] for a in outcome["assets"]) else []),
    ]
    parts = [_facts(row, outcome, say), _stages(watched, outcome, say)]
    parts += [
        part for part in (_verdicts(outcome, say), _figures(watched, say), _approvals(watched, say)) if part is not None
    ]
    if outcome["notes"]:
        noted: list[list[Cell]] = [[f"{say(*NOTES[note['code']])}（{note['article']}）"] for note in outcome["notes"]]
        parts.append(Part("lines", say("法律提示", "What the law asks"), noted))
    if outcome["source"]:
        parts.append(Part("lines", say("来源", "Source"), [[outcome["source"][:300]]]))
    return Paper(
        f"outcome-{outcome['id']}",
        say("盘活档案：", "Revival: ") + row["firm"],
        f"{say(row['park_zh'], row['park_en'])} · {say.word(outcome['path'])} · {say.label(STAGES, outcome['stage'])}",
        parts,
        f"{say.pair(FOOT)} · {today} · {outcome['id']}",
        flag=f"{say.pair(ILLUSTRATIVE)}{say('：', ': ')}{_named(invented, say)}" if invented else "",
        language=language,
    )


def _facts(row: Any, outcome: Mapping[str, Any], say: ReportWords) -> Part:
    areas = say.joined([say.area(asset) for asset in outcome["assets"] or ()])
    rows: list[list[Cell]] = [
        [say("单元", "Space"), row["units"]],
        [say("面积", "Area"), areas or None],
        [say("企业", "Firm"), row["firm"]],
        [say("原权利人", "Owner before"), row["owner"]],
        [say("开启日", "Opened"), outcome["opened_on"]],
        [say("盘活日", "Revived"), say.day(outcome["revived_on"], outcome["revived_on_precision"])],
        [say("履约状态", "Light"), say.label(LIGHTS, outcome["light"])],
        [say("结束日", "Ended"), outcome["ended_on"]],
    ]
    for name in ("revenue", "output", "tax"):
        if (value := outcome[f"{name}_yuan_year"]) is not None:
            label = say("承诺", "Promised ") + str(say.label(FIGURES, name))
            rows.append([label, f"{Decimal(str(value)):,} {say('元/年', 'yuan/year')}"])
    return Part("pairs", say("概况", "At a glance"), rows)


def _stages(watched: Mapping[str, Any], outcome: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [
            say.label(STAGES, milestone["stage"]),
            say.day(milestone["planned_on"], milestone["planned_on_precision"]),
            say.day(milestone["happened_on"], milestone["happened_on_precision"]),
            say.label(EVIDENCE, milestone["evidence"]),
        ]
        for milestone in sorted(watched["milestones"], key=lambda m: _ORDER.get(m["stage"], len(_ORDER)))
    ]
    columns = [
        say("阶段", "Stage"),
        say("计划", "Planned"),
        say("实际", "Reached"),
        say("依据", "Evidence"),
    ]
    note = _left(len(rows), MOST_STAGES, say)
    return Part("table", say("历程", "How it came about"), rows[:MOST_STAGES], columns, (3, 2, 2, 2), note)


def _verdicts(outcome: Mapping[str, Any], say: ReportWords) -> Part | None:
    """What the deal revived and how the rule of counting judged it."""
    revived = outcome["revivals"] or []
    if not revived:
        return None
    rows: list[list[Cell]] = []
    for revival in revived:
        clause = say(f"第 {revival['clause']} 款", f"clause {revival['clause']}")
        afterwards = say("（补录）", " (told afterwards)") if revival["is_idle_told_afterwards"] else ""
        rows.append(
            [
                say.label(VERDICTS, revival["verdict"]),
                f"{revival['version']} {clause}",
                say.day(revival["revived_on"], revival["revived_on_precision"]),
                None if revival["idle_since"] is None else f"{revival['idle_since']}{afterwards}",
            ]
        )
    distinct = [[*row] for row in dict.fromkeys(tuple(row) for row in rows)]
    columns = [say("计数", "Counting"), say("依据", "Rule"), say("计数日", "Day"), say("闲置起", "Idle since")]
    note = say(f"共 {len(rows)} 个单元", f"{len(rows)} units") if len(rows) > len(distinct) else ""
    return Part("table", say("盘活计数", "What it counts"), distinct[:MOST_FIGURES], columns, (2, 3, 2, 3), note)


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
        per = say("每年", "a year") if indicator["per"] == "year" else say("合计", "in all")
        rows.append(
            [
                say.label(FIGURES, indicator["name"]),
                _number(indicator["value"]),
                f"{say.label(UNITS, indicator['unit'])} · {per}",
                indicator["due_on"],
                None if latest is None else _number(latest["value"]),
                period,
            ]
        )
    columns = [
        say(*pair)
        for pair in (
            ("指标", "Figure"),
            ("承诺", "Promised"),
            ("单位", "Unit"),
            ("期限", "Due"),
            ("最近报送", "Latest report"),
            ("报送期", "Period"),
        )
    ]
    note = _left(len(rows), MOST_FIGURES, say)
    heading = say("承诺与兑现", "Promised and delivered")
    return Part("table", heading, rows[:MOST_FIGURES], columns, (2, 3, 3, 2, 3, 2), note)


def _approvals(watched: Mapping[str, Any], say: ReportWords) -> Part | None:
    if not watched["approvals"]:
        return None
    rows: list[list[Cell]] = [
        [approval["name"], approval["target_days"], approval["applied_on"], approval["done_on"]]
        for approval in watched["approvals"]
    ]
    columns = [say("事项", "Item"), say("目标天数", "Target days"), say("受理", "Applied"), say("办结", "Decided")]
    note = _left(len(rows), MOST_APPROVALS, say)
    return Part("table", say("帮代办", "Approvals"), rows[:MOST_APPROVALS], columns, (4, 1, 2, 2), note)


def _left(rows: int, most: int, say: ReportWords) -> str:
    if rows <= most:
        return ""
    return say(f"另有 {rows - most} 项未列出", f"{rows - most} more are not listed")
