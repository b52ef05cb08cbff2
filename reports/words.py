"""The words on papers, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matching.sentences.labels import word_of
from texts.lookup import Language

Pair = tuple[str, str]

#: In the order of a deal, whatever its path.
STAGES: Mapping[str, Pair] = {
    "opened": ("洽谈", "opened"),
    "reserved": ("预留", "reserved"),
    "signed": ("签约", "signed"),
    "proposed": ("提出", "proposed"),
    "tenant_notified": ("通知承租人", "tenants notified"),
    "due_diligence": ("尽职调查", "due diligence"),
    "valuation": ("评估", "valuation"),
    "resolved": ("决议", "resolved"),
    "repurchased": ("收回", "repurchased"),
    "listed": ("挂牌", "listed"),
    "won": ("成交确认", "won"),
    "ruling_served": ("裁定送达", "ruling served"),
    "resupplied": ("再供应", "resupplied"),
    "contracted": ("签订合同", "contracted"),
    "pre_registered": ("预告登记", "pre-registered"),
    "tax_cleared": ("完税", "tax cleared"),
    "title_registered": ("产权登记", "title registered"),
    "equity_registered": ("股权登记", "equity registered"),
    "supervision_agreement_signed": ("签订监管协议", "supervision agreed"),
    "construction_started": ("开工", "construction started"),
    "completed": ("竣工", "completed"),
    "handed_over": ("交付", "handed over"),
    "retrofit": ("改造", "retrofit"),
    "trial_production": ("试生产", "trial production"),
    "full_production": ("达产", "full production"),
    "ended": ("结束", "ended"),
    "withdrawn": ("撤回", "withdrawn"),
    "rejected": ("否决", "rejected"),
    "corrected": ("更正", "corrected"),
}
LIGHTS: Mapping[str, Pair] = {
    "blue": ("蓝·先进", "blue: done or ahead"),
    "green": ("绿·正常", "green: on plan"),
    "yellow": ("黄·滞后", "yellow: behind"),
    "red": ("红·严重滞后", "red: far behind"),
}
FIGURES: Mapping[str, Pair] = {
    "output": ("产值", "output"),
    "revenue": ("营业收入", "revenue"),
    "tax": ("税收", "tax"),
    "added_value": ("增加值", "value added"),
    "investment": ("投资", "investment"),
    "jobs": ("就业", "jobs"),
    "energy": ("能耗", "energy"),
    "research": ("研发投入", "research"),
}
UNITS: Mapping[str, Pair] = {
    "yuan": ("元", "yuan"),
    "person": ("人", "people"),
    "tce": ("吨标煤", "tce"),
    "kwh": ("千瓦时", "kWh"),
    "mu": ("亩", "mu"),
    "m2": ("m²", "m²"),
    "ha": ("公顷", "ha"),
}
VERDICTS: Mapping[str, Pair] = {
    "counted": ("计入", "counted"),
    "temporary_use": ("临时利用", "temporary use"),
    "first_letting": ("首次启用", "first letting"),
    "renewal": ("续用", "renewal"),
    "no_idle_period": ("无闲置期", "no idle period"),
    "not_started": ("已处置未动工", "disposed, not started"),
    "repeated": ("同年重复", "repeated in the year"),
    "corrected": ("已更正", "corrected"),
}
EVIDENCE: Mapping[str, Pair] = {"stated": ("有据", "stated"), "not_stated": ("来源未载", "not stated")}
FIELDS: Mapping[str, Pair] = {
    "opened_on": ("开启日", "day opened"),
    "signed_on": ("签约日", "day signed"),
    "starts_on": ("起租日", "first day"),
    "ends_on": ("到期日", "last day"),
    "ended_on": ("结束日", "day ended"),
    "handed_over_on": ("交付日", "day of handover"),
    "revived_on": ("盘活日", "day revived"),
    "rent_yuan_m2_month": ("租金", "rent"),
    "stated_area": ("面积", "area"),
    "firm_id": ("企业", "firm"),
    "owner_firm_id": ("原权利人", "owner before"),
    "path": ("方式", "path"),
    "revenue_yuan_year": ("承诺营收", "revenue promised"),
    "output_yuan_year": ("承诺产值", "output promised"),
    "tax_yuan_year": ("承诺税收", "tax promised"),
}
FOOT = ("盘活 Panhuo · 由记录生成", "Panhuo · made from the records")
ILLUSTRATIVE = ("含示例数据，非真实情况", "Holds invented figures, for demonstration")


class ReportWords:
    """Words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._place = 0 if language == "zh" else 1

    def __call__(self, zh: str, en: str) -> str:
        return zh if self._place == 0 else en

    def label(self, table: Mapping[str, Pair], word: str | None) -> str | None:
        """A word of a vocabulary; one that the table does not know is itself."""
        return None if word is None else table.get(word, (word, word))[self._place]

    def word(self, word: str | None) -> str | None:
        """A word for a path or a kind."""
        return None if word is None else word_of(word, self.language)

    def pair(self, pair: Pair) -> str:
        return pair[self._place]

    def day(self, day: str | None, precision: str | None = "day") -> str | None:
        """A day as exactly as it is known."""
        if day is None:
            return None
        return {"year": day[:4], "month": day[:7]}.get(precision or "day", day)

    def joined(self, parts: Sequence[str | None]) -> str:
        return self("、", ", ").join(part for part in parts if part)

    def area(self, asset: Mapping[str, Any]) -> str | None:
        """A stated area in its own unit."""
        if asset.get("stated_area") is None:
            return None
        return f"{asset['stated_area']} {self.label(UNITS, asset['stated_area_unit'])}"
