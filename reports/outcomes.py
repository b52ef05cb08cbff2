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
from reports.words import EVIDENCE, FIELDS, FIGURES, FOOT, ILLUSTRATIVE, LIGHTS, STAGES, UNITS, VERDICTS, Words
from texts.refusal_sentences import Language
from texts.refusals import NOTES

_ORDER = {stage: n for n, stage in enumerate(STAGES)}
#: What one page holds.
MOST_STAGES, MOST_FIGURES, MOST_APPROVALS = 16, 8, 6


def outcome_list(rows: Sequence[Any], count: int, parks: Sequence[Any], language: Language, today: str) -> Paper:
    """All deals, a row each: areas in the unit they are reported in, promises in yuan; `parks` are those asked for.

    `count`: how many there are, where not all are among `rows`.

    Empty: without any the parks are those of the deals, as a firm has them.
    """
    say = Words(language)
    covered = [say(one["name_zh"], one["name_en"]) for one in parks]
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
        _table({name: _COLUMNS[name] for name in columns}, rows, title, Words(language)), widths=(4, 4, 2, 2, 2, 2, 2)
    )


#: What a list of deals says of each: its heading, and the cell made from the row and its document.
_COLUMNS: dict[str, tuple[str, str, Callable[[Any, Mapping[str, Any], Words], Cell]]] = {
    "id": ("编号", "Id", lambda row, deal, say: deal["id"]),
    "park": ("园区", "Park", lambda row, deal, say: say(row["park_zh"], row["park_en"])),
    "units": ("单元", "Space", lambda row, deal, say: row["units"]),
    "firm": ("企业", "Firm", lambda row, deal, say: row["firm"]),
    "owner": ("原权利人", "Owner before", lambda row, deal, say: row["owner"]),
    "path": ("方式", "Path", lambda row, deal, say: say.word(deal["path"])),
    "stage": ("阶段", "Stage", lambda row, deal, say: say.of(STAGES, deal["stage"])),
    "light": ("履约", "Light", lambda row, deal, say: say.of(LIGHTS, deal["light"])),
    "opened_on": ("开启日", "Opened", lambda row, deal, say: deal["opened_on"]),
    "signed_on": ("签约日", "Signed", lambda row, deal, say: deal["signed_on"]),
    "revived_on": (
        "盘活日",
        "Revived",
        lambda row, deal, say: say.day(deal["revived_on"], deal["revived_on_precision"]),
    ),
    "land_mu": ("土地（亩）", "Land (mu)", lambda row, deal, say: _area(deal, "land")),
    "factory_m2": ("厂房（m²）", "Factory (m²)", lambda row, deal, say: _area(deal, "factory")),
    "revenue": (
        "承诺营收（元/年）",
        "Revenue promised (yuan/year)",
        lambda row, deal, say: _number(deal["revenue_yuan_year"]),
    ),
    "output": (
        "承诺产值（元/年）",
        "Output promised (yuan/year)",
        lambda row, deal, say: _number(deal["output_yuan_year"]),
    ),
    "tax": ("承诺税收（元/年）", "Tax promised (yuan/year)", lambda row, deal, say: _number(deal["tax_yuan_year"])),
    "illustrative": ("示例字段", "Invented fields", lambda row, deal, say: _named(deal["illustrative"], say)),
    "source": ("来源", "Source", lambda row, deal, say: deal["source"]),
}


def _table(columns: Mapping[str, Any], rows: Sequence[Any], title: str, say: Words) -> Part:
    cells = []
    for row in rows:
        deal = json.loads(row["document"], parse_float=Decimal)
        cells.append([cell(row, deal, say) for _, _, cell in columns.values()])
    return Part("table", title, cells, [say(zh, en) for zh, en, _ in columns.values()])


def _named(fields: Sequence[str], say: Words) -> str:
    """Fields that are invented, as people call them."""
    return say.joined([say.of(FIELDS, one) for one in dict.fromkeys(fields)])


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _area(deal: Mapping[str, Any], kind: str) -> Decimal | None:
    """The sum of the stated areas of one kind: land in mu, factory space in m². None where none is known."""
    known = [one for one in deal["assets"] or () if one["kind"] == kind and one["stated_area"] is not None]
    measure = area_mu if kind == "land" else area_m2
    return (
        sum((measure(Decimal(str(one["stated_area"])), AreaUnit(one["stated_area_unit"])) for one in known), Decimal(0))
        if known
        else None
    )


def outcome_page(row: Any, language: Language, today: str) -> Paper:
    """One deal on one page: who, what, how it came about, what was promised and what came of it."""
    say = Words(language)
    deal, watched = json.loads(row["document"]), json.loads(row["supervision"])
    invented = [*deal["illustrative"], *(["stated_area"] if any(a["is_illustrative"] for a in deal["assets"]) else [])]
    parts = [_facts(row, deal, say), _stages(watched, deal, say)]
    parts += [
        part for part in (_verdicts(deal, say), _figures(watched, say), _approvals(watched, say)) if part is not None
    ]
    if deal["notes"]:
        noted: list[list[Cell]] = [[f"{say(*NOTES[one['code']])}（{one['article']}）"] for one in deal["notes"]]
        parts.append(Part("lines", say("法律提示", "What the law asks"), noted))
    if deal["source"]:
        parts.append(Part("lines", say("来源", "Source"), [[deal["source"][:300]]]))
    return Paper(
        f"outcome-{deal['id']}",
        say("盘活档案：", "Revival: ") + row["firm"],
        f"{say(row['park_zh'], row['park_en'])} · {say.word(deal['path'])} · {say.of(STAGES, deal['stage'])}",
        parts,
        f"{say.pair(FOOT)} · {today} · {deal['id']}",
        flag=f"{say.pair(ILLUSTRATIVE)}{say('：', ': ')}{_named(invented, say)}" if invented else "",
        language=language,
    )


def _facts(row: Any, deal: Mapping[str, Any], say: Words) -> Part:
    areas = say.joined([say.area(one) for one in deal["assets"] or ()])
    rows: list[list[Cell]] = [
        [say("单元", "Space"), row["units"]],
        [say("面积", "Area"), areas or None],
        [say("企业", "Firm"), row["firm"]],
        [say("原权利人", "Owner before"), row["owner"]],
        [say("开启日", "Opened"), deal["opened_on"]],
        [say("盘活日", "Revived"), say.day(deal["revived_on"], deal["revived_on_precision"])],
        [say("履约状态", "Light"), say.of(LIGHTS, deal["light"])],
        [say("结束日", "Ended"), deal["ended_on"]],
    ]
    for name in ("revenue", "output", "tax"):
        if (value := deal[f"{name}_yuan_year"]) is not None:
            label = say("承诺", "Promised ") + str(say.of(FIGURES, name))
            rows.append([label, f"{Decimal(str(value)):,} {say('元/年', 'yuan/year')}"])
    return Part("pairs", say("概况", "At a glance"), rows)


def _stages(watched: Mapping[str, Any], deal: Mapping[str, Any], say: Words) -> Part:
    rows: list[list[Cell]] = [
        [
            say.of(STAGES, one["stage"]),
            say.day(one["planned_on"], one["planned_on_precision"]),
            say.day(one["happened_on"], one["happened_on_precision"]),
            say.of(EVIDENCE, one["evidence"]),
        ]
        for one in sorted(watched["milestones"], key=lambda m: _ORDER.get(m["stage"], len(_ORDER)))
    ]
    columns = [
        say("阶段", "Stage"),
        say("计划", "Planned"),
        say("实际", "Reached"),
        say("依据", "Evidence"),
    ]
    note = _left(len(rows), MOST_STAGES, say)
    return Part("table", say("历程", "How it came about"), rows[:MOST_STAGES], columns, (3, 2, 2, 2), note)


def _verdicts(deal: Mapping[str, Any], say: Words) -> Part | None:
    """What the deal revived and how the rule of counting judged it."""
    revived = deal["revivals"] or []
    if not revived:
        return None
    rows: list[list[Cell]] = []
    for one in revived:
        clause = say(f"第 {one['clause']} 款", f"clause {one['clause']}")
        told = say("（补录）", " (told afterwards)") if one["is_idle_told_afterwards"] else ""
        rows.append(
            [
                say.of(VERDICTS, one["verdict"]),
                f"{one['version']} {clause}",
                say.day(one["revived_on"], one["revived_on_precision"]),
                None if one["idle_since"] is None else f"{one['idle_since']}{told}",
            ]
        )
    distinct = [[*row] for row in dict.fromkeys(tuple(row) for row in rows)]
    columns = [say("计数", "Counting"), say("依据", "Rule"), say("计数日", "Day"), say("闲置起", "Idle since")]
    note = say(f"共 {len(rows)} 个单元", f"{len(rows)} units") if len(rows) > len(distinct) else ""
    return Part("table", say("盘活计数", "What it counts"), distinct[:MOST_FIGURES], columns, (2, 3, 2, 3), note)


def _figures(watched: Mapping[str, Any], say: Words) -> Part | None:
    promised = [one for one in watched["indicators"] if one["state"] == IN_FORCE]
    if not promised:
        return None
    rows: list[list[Cell]] = []
    for one in promised:
        told = [r for r in watched["reports"] if r["indicator_id"] == one["id"] and r["is_counted"]]
        latest = max(told, key=lambda r: (r["year"], r["quarter"] or 5), default=None)
        period = (
            None if latest is None else f"{latest['year']}" + (f" Q{latest['quarter']}" if latest["quarter"] else "")
        )
        per = say("每年", "a year") if one["per"] == "year" else say("合计", "in all")
        rows.append(
            [
                say.of(FIGURES, one["name"]),
                _number(one["value"]),
                f"{say.of(UNITS, one['unit'])} · {per}",
                one["due_on"],
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


def _approvals(watched: Mapping[str, Any], say: Words) -> Part | None:
    if not watched["approvals"]:
        return None
    rows: list[list[Cell]] = [
        [one["name"], one["target_days"], one["applied_on"], one["done_on"]] for one in watched["approvals"]
    ]
    columns = [say("事项", "Item"), say("目标天数", "Target days"), say("受理", "Applied"), say("办结", "Decided")]
    note = _left(len(rows), MOST_APPROVALS, say)
    return Part("table", say("帮代办", "Approvals"), rows[:MOST_APPROVALS], columns, (4, 1, 2, 2), note)


def _left(rows: int, most: int, say: Words) -> str:
    if rows <= most:
        return ""
    return say(f"另有 {rows - most} 项未列出", f"{rows - most} more are not listed")
