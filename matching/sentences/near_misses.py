"""One sentence for a near miss, Chinese or English, made when it is read from the numbers of the answer alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from matching.sentences.labels import Language, Pair, say, works_for

_BOUNDS: Mapping[str, Pair] = MappingProxyType(
    {
        "land_area_m2_min": ("土地面积下限", "the least land area"),
        "land_area_m2_max": ("土地面积上限", "the greatest land area"),
        "floor_area_m2_min": ("厂房面积下限", "the least floor area"),
        "floor_area_m2_max": ("厂房面积上限", "the greatest floor area"),
        "clear_height_m_min": ("净高要求", "the clear height"),
        "floor_load_kn_m2_min": ("楼面荷载要求", "the floor load"),
        "power_kva_min": ("用电要求", "the power"),
        "effluent_t_d_min": ("排放指标要求", "the discharge quota"),
        "rent_yuan_m2_month_max": ("租金上限", "the highest rent"),
        "price_yuan_m2_max": ("单价上限", "the highest price"),
        "yearly_cost_yuan_max": ("年成本上限", "the highest yearly cost"),
    }
)
_UNITS: Mapping[str, Pair] = MappingProxyType(
    {
        "m2": (" m²", " m²"),
        "m": (" m", " m"),
        "kN/m2": (" kN/m²", " kN/m²"),
        "kVA": (" kVA", " kVA"),
        "t/d": (" t/d", " t a day"),
        "yuan/m2/month": (" 元/m²·月", " yuan/m² a month"),
        "yuan/m2": (" 元/m²", " yuan/m²"),
        "yuan/year": (" 元/年", " yuan a year"),
    }
)


def relaxation_sentence(relaxation: Mapping[str, Any], language: Language) -> str:
    """What would have to give, how many units would then fit, and how good the best of them would be."""
    joint = say(("，且", " and "), language)
    changes = joint.join(_change(change, language) for change in relaxation["changes"])
    text = say(
        (
            "若{changes}，有 {units} 处满足，最高 {points} 分",
            "With {changes}, {units} would fit, the best with {points} points",
        ),
        language,
    )
    text = text.format(changes=changes, units=relaxation["units"], points=relaxation["best_points"])
    if relaxation["to_confirm"]:
        more = say(("；另有 {count} 处资料不全，待核实", "; {count} more to be confirmed"), language)
        text += more.format(count=relaxation["to_confirm"])
    return text


def _change(change: Mapping[str, Any], language: Language) -> str:
    if change["bound"] == "works":
        text = say(
            (
                "接受{works}（费用 {cost:,.2f} 元，工期 {days} 天，{payer} 承担，依据：{source}）",
                "{works} accepted ({cost:,.2f} yuan, {days} days, paid by {payer}, source: {source})",
            ),
            language,
        )
        works = works_for(change["id"], language)
        return text.format(
            works=works, cost=change["to"], days=change["days"], payer=change["payer"], source=change["source"]
        )
    if change["unit"] == "date":
        text = say(("交付期限推迟 {days} 天至 {to}", "handover {days} days later, by {to}"), language)
        return text.format(days=change["days"], to=change["to"])
    if "more" in change:
        text = say(("距离半径放宽 {more:,} m", "every radius {more:,} m wider"), language)
        return text.format(more=change["more"])
    text = say(("{bound}由 {before} 调整为 {after}", "{bound} changed from {before} to {after}"), language)
    unit = say(_UNITS[change["unit"]], language)
    return text.format(
        bound=say(_BOUNDS[change["bound"]], language),
        before=f"{change['from']:,.2f}{unit}",
        after=f"{change['to']:,.2f}{unit}",
    )
