"""The decision sheet of a kept ranking: what was wanted, what came first and why, what was left out by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from matching.sentences.labels import name_of
from reports.paper import Cell, Paper, Part
from reports.words import FOOT, ILLUSTRATIVE, ReportWords
from texts.lookup import Language

FIRST = 5
SIGNED_BY = (
    ("招商部门", "Investment office"),
    ("园区管委会", "Park administration"),
    ("企业", "Firm"),
    ("日期", "Date"),
)
#: Members of a demand that are shown, with their units.
SHOWN_MEMBERS: Mapping[str, tuple[str, str, str]] = {
    "land_area_m2_min": ("土地面积下限", "Land, at least", "m²"),
    "land_area_m2_max": ("土地面积上限", "Land, at most", "m²"),
    "floor_area_m2_min": ("建筑面积下限", "Floor, at least", "m²"),
    "floor_area_m2_pref": ("建筑面积期望", "Floor, wished", "m²"),
    "floor_area_m2_max": ("建筑面积上限", "Floor, at most", "m²"),
    "clear_height_m_min": ("净高下限", "Clear height, at least", "m"),
    "floor_load_kn_m2_min": ("楼面荷载下限", "Floor load, at least", "kN/m²"),
    "power_kva_min": ("用电下限", "Power, at least", "kVA"),
    "rent_yuan_m2_month_max": ("租金上限", "Rent, at most", "元/m²/月"),
    "price_yuan_m2_max": ("单价上限", "Price, at most", "元/m²"),
    "yearly_cost_yuan_max": ("年成本上限", "Cost a year, at most", "元"),
    "need_on": ("需用日", "Needed on", ""),
}


def decision_sheet(
    ranking: Mapping[str, Any],
    demand: Mapping[str, Any],
    firm: str | None,
    replay: Mapping[str, Any] | None,
    language: Language,
    today: str,
) -> Paper:
    """The sheet of a ranking already made readable; `replay` None: it cannot be replayed by this release."""
    say = ReportWords(language)
    parts = [_demand(demand, say), _weights(ranking, demand, say)]
    for kind, listed in ranking["lists"].items():
        parts += [_first(kind, listed, say), *_reasons(kind, listed, say), _left_out(kind, listed, say)]
    parts += [
        _made(ranking, replay, say),
        Part("signatures", say("签批", "Signatures"), [[say(*role)] for role in SIGNED_BY]),
    ]
    has_invented = any(
        asset.get("illustrative")
        for listed in ranking["lists"].values()
        for result in listed["results"][:FIRST]
        for asset in result["assets"]
    )
    return Paper(
        f"decision-{ranking['id']}",
        say("选址决策单", "Decision sheet"),
        " · ".join(part for part in (firm, demand.get("title"), ranking["day"]) if part),
        parts,
        f"{say.pair(FOOT)} · {today} · {ranking['id']}",
        flag=say.pair(ILLUSTRATIVE) if has_invented or demand.get("illustrative") else "",
        language=language,
    )


def _demand(demand: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [say("类型", "Kinds"), say.joined([say.word(word) for word in demand.get("kinds") or ()])],
        [
            say("接受方式", "Paths accepted"),
            say.joined([say.word(word) for word in demand.get("accepted_paths") or ()]),
        ],
        [say("产品代码", "Product codes"), say.joined(demand.get("product_codes") or ()) or None],
    ]
    for name, (zh, en, unit) in SHOWN_MEMBERS.items():
        if demand.get(name) is not None:
            rows.append([say(zh, en), f"{demand[name]} {unit}".strip()])
    return Part("pairs", say("需求", "The need"), rows)


def _weights(ranking: Mapping[str, Any], demand: Mapping[str, Any], say: ReportWords) -> Part:
    """The importance of each criterion, and its weight for the first unit, over the criteria that apply to it."""
    importances = demand.get("importances") or {}
    shares = {
        entry["id"]: Decimal(str(entry["weight"]))
        for listed in ranking["lists"].values()
        for result in listed["results"][:1]
        for entry in result["soft"]
    }
    rows: list[list[Cell]] = [
        [
            name_of(name, say.language),
            Decimal(str(importances[name])).normalize() if name in importances else None,
            f"{shares[name] * 100:.1f} %" if name in shares else None,
        ]
        for name in dict.fromkeys([*importances, *shares])
    ]
    columns = [say("指标", "Criterion"), say("重要度（0–5）", "Importance (0–5)"), say("权重", "Weight")]
    return Part("table", say("权重", "Weights"), rows, columns, (3, 2, 2), is_numeric=True)


def _title(kind: str, say: ReportWords) -> str:
    return str(say.word(kind))


def _first(kind: str, listed: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [
            place,
            say.joined(
                [f"{asset.get('code', '')} {asset.get('name', asset['id'])}".strip() for asset in result["assets"]]
            ),
            result["points"],
            say.word(result["path"]),
            None if result["taken_m2"] is None else Decimal(str(result["taken_m2"])),
            None if result["yearly_cost_yuan"] is None else Decimal(str(result["yearly_cost_yuan"])),
        ]
        for place, result in enumerate(listed["results"][:FIRST], 1)
    ]
    columns = [
        say(*pair)
        for pair in (
            ("名次", "Place"),
            ("单元", "Space"),
            ("得分", "Score"),
            ("方式", "Path"),
            ("面积 m²", "Area m²"),
            ("年成本 元", "Yuan a year"),
        )
    ]
    heading = _title(kind, say) + say("：前五", ": the first five")
    return Part("table", heading, rows, columns, (1, 5, 1, 2, 2, 2), listed["text"])


def _reasons(kind: str, listed: Mapping[str, Any], say: ReportWords) -> list[Part]:
    rows: list[list[Cell]] = []
    for place, result in enumerate(listed["results"][:FIRST], 1):
        open_rules = [entry for entry in result["hard"] if entry["status"] not in ("pass", "not_applicable")]
        texts = [result["summary"], *(entry["text"] for entry in [*result["soft"], *open_rules])]
        rows.append([place, "\n".join(f"· {text}" if n else text for n, text in enumerate(texts) if text)])
    columns = [say("名次", "Place"), say("理由", "Reason")]
    heading = _title(kind, say) + say("：理由", ": reasons")
    return [Part("table", heading, rows, columns, (1, 12))] if rows else []


def _left_out(kind: str, listed: Mapping[str, Any], say: ReportWords) -> Part:
    totals = listed["totals"]
    rows: list[list[Cell]] = [
        [f"{rule} {name_of(rule, say.language)}", count] for rule, count in totals["out_by"].items() if count
    ]
    note = say("一个单元可能违反多条规则", "A unit may break several rules")
    columns = [say("规则", "Rule"), say("排除的单元", "Units left out")]
    heading = _title(kind, say) + say("：排除", ": left out")
    if not rows:
        return Part("lines", heading, [[say("没有单元被排除", "No unit was left out")]])
    return Part("table", heading, rows, columns, (4, 1), note)


def _made(ranking: Mapping[str, Any], replay: Mapping[str, Any] | None, say: ReportWords) -> Part:
    if replay is None:
        again = say("无法重算", "cannot be replayed")
    elif replay["identical"]:
        again = say("重算一致", "replayed: identical")
    else:
        again = say(
            f"重算有 {len(replay['differences'])} 处不同", f"replayed: {len(replay['differences'])} differences"
        )
    rows: list[list[Cell]] = [
        [say("排序日", "Day"), ranking["day"]],
        [say("模型", "Model"), ranking["model_version"]],
        [say("产业链表", "Chain table"), ranking["chain_version"]],
        [say("重算", "Replay"), again],
        [say("需求版本", "Version of the need"), str(ranking["demand"]["version"])],
        [say("比较单元", "Units compared"), str(ranking["compared"])],
    ]
    return Part("pairs", say("如何得出", "How it was made"), rows)
