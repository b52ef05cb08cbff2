"""Sentences made from an answer's numbers, in both languages."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from matching.sentences import sentence, summary
from tests.matching.samples import crowd, need, only, ranked, rule, unit, wishes

CURE = {"rule": "H4", "up_to": 15, "cost_yuan": 100000, "days": 30, "source": "survey", "payer": "park"}


def entry(name: str, unit_change: dict[str, Any] | None = None, need_change: dict[str, Any] | None = None) -> Any:
    return rule(only(ranked(need(**(need_change or {})), [unit(**(unit_change or {}))])), name)


SALE = ({"allowed_paths": ["sale"], "mortgage": "unreleased"}, {"accepted_paths": ["sale"]})


@pytest.mark.parametrize(
    ("given", "chinese", "english"),
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
def test_sentence(given: dict[str, Any], chinese: str, english: str) -> None:
    assert sentence(given, "zh") == chinese
    assert sentence(given, "en") == english


def test_summary_says_score_standing_and_shares() -> None:
    result = only(ranked(need(importances={"size": 1, "industry": 1}), [unit(available_area_m2=None)]))

    assert summary(result, "zh") == "综合得分 59.9 分，待核实；构成：面积 21.2、产业契合 38.7；核实后可列第 1 位"
    assert summary(result, "en") == (
        "Score 59.9, to be confirmed; made of Area 21.2, Industry 38.7; confirmed, it would stand at place 1"
    )


@pytest.mark.parametrize("seed", range(10))
def test_every_entry_of_every_answer_has_both_sentences(seed: int) -> None:
    random = Random(seed)

    document = ranked(wishes(random), crowd(random, 80))

    for listing in document["lists"].values():
        for result in listing["results"]:
            for said in (*result["hard"], *result["soft"]):
                assert "None" not in sentence(said, "zh") + sentence(said, "en")
            assert result["points"] in summary(result, "zh")
