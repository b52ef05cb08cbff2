"""Sentences made from an answer's numbers, in both languages."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from matching.sentences.reasons import sentence, summary
from tests.matching.samples import AREA, NEAR, SECOND, SPINE, crowd, need, only, random_demand, ranked, rule, unit

CURE = {"rule": "H4", "up_to": 15, "cost_yuan": 100000, "days": 30, "source": "survey", "payer": "park"}


def entry(name: str, unit_change: dict[str, Any] | None = None, need_change: dict[str, Any] | None = None) -> Any:
    return rule(only(ranked(need(**(need_change or {})), [unit(**(unit_change or {}))], parameters=SPINE)), name)


def whole(name: str, unit_change: dict[str, Any] | None = None, **need_change: Any) -> Any:
    """An entry under the whole model, its criterion weighing all."""
    importances = {"size": 1} if name.startswith("H") else {name: 1}
    return rule(only(ranked(need(importances=importances, **need_change), [unit(**(unit_change or {}))])), name)


SALE = ({"allowed_paths": ["sale"], "mortgage": "unreleased"}, {"accepted_paths": ["sale"]})


@pytest.mark.parametrize(
    ("result", "chinese", "english"),
    [
        (entry("H1"), "类型 厂房，需要 厂房：满足", "Kind factory space, factory space needed: met"),
        (
            entry("H2"),
            "面积 5000.00 m²，需要 4200.00 m² 至 5500.00 m²：满足",
            "Area 5000.00 m², 4200.00 m² to 5500.00 m² needed: met",
        ),
        (
            entry("H2", need_change={"floor_area_m2_max": None}),
            "面积 5000.00 m²，需要不低于 4200.00 m²：满足",
            "Area 5000.00 m², at least 4200.00 m² needed: met",
        ),
        (
            entry("H2", need_change={"floor_area_m2_min": None}),
            "面积 5000.00 m²，需要不超过 5500.00 m²：满足",
            "Area 5000.00 m², at most 5500.00 m² needed: met",
        ),
        (
            entry("H3"),
            "净高 8.00 m，需要不低于 6.00 m：满足",
            "Clear height 8.00 m, at least 6.00 m needed: met",
        ),
        (
            entry("H3", {"clear_height_m": None}),
            "净高未知，需要不低于 6.00 m：待核实",
            "Clear height unknown, at least 6.00 m needed: to be confirmed",
        ),
        (
            entry("H3", need_change={"clear_height_m_min": None}),
            "净高：不适用",
            "Clear height: not applicable",
        ),
        (
            entry("H4", {"floor_load_kn_m2": Decimal(5), "works": [CURE]}),
            "楼面荷载 5.00 kN/m²，需要不低于 8.00 kN/m²：改造后满足"
            "（提升至 15.00 kN/m²，费用 100,000.00 元，工期 30 天，park 承担，依据：survey）",
            "Floor load 5.00 kN/m², at least 8.00 kN/m² needed: met after works"
            " (to 15.00 kN/m², 100,000.00 yuan, 30 days, paid by park, source: survey)",
        ),
        (
            entry("H6"),
            "火灾危险性类别 丙类，需要 丙类：满足",
            "Fire hazard class C, C needed: met",
        ),
        (entry("H7"), "产业准入（3752、2929）：满足", "Entry (3752, 2929): met"),
        (
            entry("H9"),
            "盘活方式 租赁，需要 租赁：满足",
            "Path lease, lease needed: met",
        ),
        (
            entry("H10"),
            "预算（租金 10.00 元/m²·月，上限 14.00 元/m²·月）：满足",
            "Budget (rent 10.00 yuan/m² a month, at most 14.00 yuan/m² a month): met",
        ),
        (
            entry("H11"),
            "交付时间 2025-06-01，最迟 2025-08-30：满足",
            "Handover 2025-06-01, 2025-08-30 at the latest: met",
        ),
        (
            entry("H12", *SALE),
            "产权，需办理：核查不动产登记簿：无查封，抵押已注销或抵押权人同意：待核实",
            "Title, needs a search of the register: no seizure, any mortgage released or its creditor consenting:"
            " to be confirmed",
        ),
        (
            entry("power"),
            "可用电力 630.00 kVA，期望 800.00 kVA：符合度 0.43，权重 14.3%，贡献 8.7 分",
            "Power 630.00 kVA, wished 800.00 kVA: fulfilled 0.43, weight 14.3%, 8.7 points",
        ),
        (
            entry("industry"),
            "产业契合 3751、3752，期望 3752、2929：符合度 1.00，权重 14.3%，贡献 13.3 分",
            "Industry 3751, 3752, wished 3752, 2929: fulfilled 1.00, weight 14.3%, 13.3 points",
        ),
    ],
)
def test_sentence(result: dict[str, Any], chinese: str, english: str) -> None:
    assert sentence(result, "zh") == chinese
    assert sentence(result, "en") == english


@pytest.mark.parametrize(
    ("change", "bounds", "chinese", "english"),
    [
        (
            {"is_divisible": True},
            {},
            "面积 12400.00 m²（可分割，取 1100.00 m²），需要 1100.00 m² 至 1200.00 m²：满足",
            "Area 12400.00 m² (divisible, 1100.00 m² taken), 1100.00 m² to 1200.00 m² needed: met",
        ),
        (
            {"is_divisible": None},
            {"floor_area_m2_max": None, "floor_area_m2_min": Decimal(1100)},
            "面积 12400.00 m²，需要不低于 1100.00 m²：满足",
            "Area 12400.00 m², at least 1100.00 m² needed: met",
        ),
        (
            {"is_divisible": None},
            {},
            "面积 12400.00 m²（如可分割，取 1100.00 m²），需要 1100.00 m² 至 1200.00 m²：待核实",
            "Area 12400.00 m² (if divisible, 1100.00 m² taken), 1100.00 m² to 1200.00 m² needed: to be confirmed",
        ),
        (
            {"is_divisible": None},
            {"floor_area_m2_min": None, "floor_area_m2_max": None, "yearly_cost_yuan_max": Decimal(700_000)},
            "面积 12400.00 m²（如可分割，取 1100.00 m²）：待核实",
            "Area 12400.00 m² (if divisible, 1100.00 m² taken): to be confirmed",
        ),
    ],
)
def test_area_says_where_a_part_is_taken(
    change: dict[str, Any], bounds: dict[str, Any], chinese: str, english: str
) -> None:
    query = {"floor_area_m2_min": Decimal(1100), "floor_area_m2_max": Decimal(1200)} | bounds
    big = unit(available_area_m2=Decimal(12400), min_divisible_m2=Decimal(500), **change)
    result = only(ranked(need(floor_area_m2_pref=Decimal(1100), **query), [big], parameters=SECOND))
    values = rule(result, "H2") | {"taken_m2": result["taken_m2"]}

    assert sentence(values, "zh") == chinese
    assert sentence(values, "en") == english


def test_summary_says_score_standing_and_shares() -> None:
    result = only(
        ranked(need(importances={"size": 1, "industry": 1}), [unit(available_area_m2=None)], parameters=SPINE)
    )

    assert summary(result, "zh") == "综合得分 59.9 分，待核实；构成：面积 21.2、产业契合 38.7；核实后可列第 1 位"
    assert summary(result, "en") == (
        "Score 59.9, to be confirmed; made of Area 21.2, Industry 38.7; confirmed, it would stand at place 1"
    )


@pytest.mark.parametrize("seed", range(10))
def test_every_entry_of_every_answer_has_both_sentences(seed: int) -> None:
    random = Random(seed)

    document = ranked(random_demand(random), crowd(random, 80))

    for listing in document["lists"].values():
        for result in listing["results"]:
            for body in (*result["hard"], *result["soft"]):
                assert "None" not in sentence(body, "zh") + sentence(body, "en")
            assert result["points"] in summary(result, "zh")


@pytest.mark.parametrize(
    ("result", "chinese", "english"),
    [
        (
            whole("H8", effluent_types=["process"], effluent_t_d_min=Decimal(40)),
            "废水排放：可排放生活污水、一般工业废水（50.00 t/d），需要一般工业废水（40.00 t/d）：满足",
            "Effluent: sanitary sewage, process water (50.00 t a day) may be discharged, "
            "process water (40.00 t a day) needed: met",
        ),
        (
            whole("H8", {"effluent_types": None, "effluent_free_t_d": None}, effluent_types=["saline"]),
            "废水排放：可排放未知，需要含盐废水：待核实",
            "Effluent: what is unknown may be discharged, saline effluent needed: to be confirmed",
        ),
        (
            whole("H13", {"lon": 105.75, "lat": 29.5}, within=AREA, places=NEAR),
            "区位（在指定范围外; 距第 1 处0.00 km，上限 8.00 km）：满足",
            "Location (outside the area named; 0.00 km from place 1, at most 8.00 km): met",
        ),
        (
            whole("H13", {"lon": None}, within=AREA),
            "区位（位置未知）：待核实",
            "Location (position unknown): to be confirmed",
        ),
        (
            whole("industry"),
            "产业契合 3751、3752，期望 3752、2929（主导产业 1.00、在园企业 0.57、周边规上企业 0.74）："
            "符合度 0.77，权重 100.0%，贡献 77.3 分",
            "Industry 3751, 3752, wished 3752, 2929 (leading industries 1.00, tenants 0.57, large firms nearby 0.74): "
            "fulfilled 0.77, weight 100.0%, 77.3 points",
        ),
        (
            whole("equipment", equipment=[{"item": "crane_t", "at_least": 20}, {"item": "has_sprinklers"}]),
            "配套设备 行车（t） 10、喷淋 有，期望 行车（t） 20、喷淋 有：符合度 0.75，权重 100.0%，贡献 75.0 分",
            "Equipment crane, t 10, sprinklers yes, wished crane, t 20, sprinklers yes: fulfilled 0.75, weight 100.0%, "
            "75.0 points",
        ),
        (
            whole("condition"),
            "空间状况 成新度 4、建成年份 2015，期望 成新度 5：符合度 0.80，权重 100.0%，贡献 80.0 分",
            "Condition grade 4, built in 2015, wished grade 5: fulfilled 0.80, weight 100.0%, 80.0 points",
        ),
        (
            whole("expansion", expansion_m2=Decimal(4000)),
            "扩展空间 2000.00 m²，期望 4000.00 m²：符合度 0.65，权重 100.0%，贡献 65.0 分",
            "Room to grow 2000.00 m², wished 4000.00 m²: fulfilled 0.65, weight 100.0%, 65.0 points",
        ),
        (
            whole("policy", policies=["rent_relief", "loan_interest"]),
            "扶持政策 租金减免，期望 租金减免、贷款贴息：符合度 0.50，权重 100.0%，贡献 50.0 分",
            "Support rent relief, wished rent relief, interest on loans: fulfilled 0.50, weight 100.0%, 50.0 points",
        ),
        (
            whole("location", {"lon": 105.75, "lat": 29.5}, places=[{"lon": 105.75, "lat": 29.5, "name": "港口"}]),
            "区位 0.00 km，期望 港口 30.00 km 内：符合度 1.00，权重 100.0%，贡献 100.0 分",
            "Location 0.00 km, wished 港口 within 30.00 km: fulfilled 1.00, weight 100.0%, 100.0 points",
        ),
    ],
)
def test_sentence_of_the_whole_model(result: dict[str, Any], chinese: str, english: str) -> None:
    assert sentence(result, "zh") == chinese
    assert sentence(result, "en") == english
