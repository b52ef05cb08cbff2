"""Facts beyond those that rules and criteria read: kept as documented attributes of a unit or a need.

A name that is not here is refused, so that two parks never say the same thing in two ways.
Source: DOMAIN handbook §2 and §3 (merged field table of eight systems); §1.3 for the six indicators of standard land
(标准地) in Chongqing: 容积率 (`far_min`, beside the planning limit in the column `far_max`), 建筑系数, 服务设施占比,
固定资产投资强度, 土地产出率, 土地税收. 建筑密度 leaves out structures and yards, and is none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.errors import Fault
from domain.text import text_fault

#: Texts of an attribute that is a list of them.
MOST_TEXTS = 50


@dataclass(frozen=True)
class Attribute:
    """One documented fact; numbers lie in 0…most."""

    zh: str
    en: str
    kind: Literal["number", "flag", "text", "texts"]
    unit: str = ""
    most: float = 1e12


ASSET_ATTRIBUTES: dict[str, Attribute] = {
    "parcel_no": Attribute("宗地编码", "parcel number", "text"),
    "realty_cert_no": Attribute("不动产权证号", "title certificate number", "text"),
    "realty_unit_no": Attribute("不动产单元号", "real-estate unit number", "text"),
    "address": Attribute("地址", "address", "text"),
    "footprint_m2": Attribute("占地面积", "footprint", "number", "m²"),
    "office_area_m2": Attribute("办公面积", "office area", "number", "m²"),
    "dorm_area_m2": Attribute("宿舍面积", "dormitory area", "number", "m²"),
    "yard_area_m2": Attribute("空地面积", "yard area", "number", "m²"),
    "density_max": Attribute("建筑密度", "greatest building density", "number", "%", 100),
    "building_coefficient_min": Attribute("建筑系数", "least building coefficient", "number", "%", 100),
    "service_share_max": Attribute("服务设施占比", "greatest share of service facilities", "number", "%", 100),
    "far_min": Attribute("容积率下限", "least floor area ratio", "number", "", 50),
    "green_ratio": Attribute("绿地率", "green ratio", "number", "%", 100),
    "height_limit_m": Attribute("限高", "height limit", "number", "m", 1000),
    "invest_intensity_wan_mu": Attribute("固定资产投资强度", "required investment intensity", "number", "万元/亩", 1e5),
    "output_wan_mu": Attribute("土地产出率", "required output", "number", "万元/亩", 1e5),
    "tax_wan_mu": Attribute("土地税收", "required tax", "number", "万元/亩", 1e5),
    "is_levelled": Attribute("场平", "levelled site", "flag"),
    "structure": Attribute("结构", "structure", "text"),
    "built_year": Attribute("建成年", "year built", "number", "", 2200),
    "column_spacing_m": Attribute("柱距", "column spacing", "number", "m", 300),
    "crane_count": Attribute("行车数量", "number of cranes", "number", "", 1000),
    "crane_beam_height_m": Attribute("轨高", "crane rail height", "number", "m", 100),
    "voltage_kv": Attribute("电压等级", "voltage", "number", "kV", 1100),
    "gas_m3_d": Attribute("天然气", "gas", "number", "m³/d"),
    "steam_t_h": Attribute("蒸汽", "steam", "number", "t/h"),
    "water_t_d": Attribute("供水", "water", "number", "t/d"),
    "wastewater_t_d": Attribute("污水", "wastewater", "number", "t/d"),
    "has_industrial_wwtp": Attribute("集中污水处理", "joins an industrial treatment plant", "flag"),
    "fire_resistance_rating": Attribute("耐火等级", "fire resistance rating", "text"),
    "has_sprinklers": Attribute("喷淋", "sprinklers", "flag"),
    "is_fire_accepted": Attribute("消防验收", "fire acceptance passed", "flag"),
    "is_eia_possible": Attribute("可否环评", "environmental approval possible", "flag"),
    "goods_lift_t": Attribute("货梯", "goods lift", "number", "t", 100),
    "dock_doors": Attribute("卸货口", "dock doors", "number", "", 1000),
    "allows_sublet": Attribute("可转租", "subletting allowed", "flag"),
    "deposit_months": Attribute("押金", "deposit", "number", "months", 60),
    "rent_free_months": Attribute("免租期", "rent-free period", "number", "months", 120),
    "has_independent_yard": Attribute("独门独院", "yard of its own", "flag"),
    "stuck_type": Attribute("四久类型", "kind of stuck project", "text"),
    "remarks": Attribute("备注", "remarks", "text"),
}

DEMAND_ATTRIBUTES: dict[str, Attribute] = {
    "products": Attribute("产品", "products", "texts"),
    "project_name": Attribute("项目名称", "project name", "text"),
    "chain_role": Attribute("链条角色", "role in the chain", "text"),
    "invest_total_wan": Attribute("总投资", "total investment", "number", "万元"),
    "invest_fixed_wan": Attribute("固定资产投资", "fixed-asset investment", "number", "万元"),
    "energy_tce": Attribute("综合能耗", "energy use", "number", "tce/year"),
    "lease_years": Attribute("租期", "years of lease", "number", "years", 50),
    "dorm_beds": Attribute("宿舍需求", "dormitory beds", "number", "", 1e6),
    "remarks": Attribute("备注", "remarks", "text"),
}


def attribute_faults(values: Mapping[str, object], known: Mapping[str, Attribute], path: str) -> list[Fault]:
    """What is wrong with a set of attributes, each fault at its own path."""
    faults = []
    for name, value in values.items():
        at = f"{path}.{name[:64]}"
        if name not in known:
            faults.append(Fault("unknown_attribute", at))
        elif (fault := _value_fault(value, known[name])) is not None:
            faults.append(Fault(fault.code, at + fault.field, fault.params))
    return faults


def _value_fault(value: object, attribute: Attribute) -> Fault | None:
    match attribute.kind:
        case "flag":
            return None if isinstance(value, bool) else _other_type("bool")
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return _other_type("float")
            return None if 0 <= value <= attribute.most else _range(0, attribute.most)
        case "text":
            if not isinstance(value, str):
                return _other_type("str")
            return text_fault(value, max_chars=1000, is_multiline=True)
        case "texts":
            if not isinstance(value, list):
                return _other_type("texts")
            if len(value) > MOST_TEXTS:
                return Fault("too_many_items", params={"most": MOST_TEXTS})
            return next((fault for n, text in enumerate(value) if (fault := _item_fault(n, text))), None)


def _item_fault(n: int, text: object) -> Fault | None:
    """What is wrong with the text at a place of a list, there."""
    if not isinstance(text, str):
        return _other_type("str", f".{n}")
    fault = text_fault(text, max_chars=200)
    return None if fault is None else Fault(fault.code, f".{n}", fault.params)


def _other_type(name: str, path: str = "") -> Fault:
    return Fault("wrong_type", path, {"expected": [name]})


def _range(least: float, most: float) -> Fault:
    return Fault("out_of_range", params={"least": f"{least:.15g}", "most": f"{most:.15g}"})
