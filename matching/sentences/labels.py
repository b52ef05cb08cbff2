"""What people call rules, criteria and words, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from matching.rules import LABELS
from matching.sentences.vocabulary import WORDS

Language = Literal["zh", "en"]
Pair = tuple[str, str]

#: By the label a requirement or a criterion names.
_NAMES: Mapping[str, Pair] = MappingProxyType(
    {
        "kind": ("类型", "Kind"),
        "area": ("面积", "Area"),
        "industry": ("产业契合", "Industry"),
        "height": ("净高", "Clear height"),
        "load": ("楼面荷载", "Floor load"),
        "power": ("可用电力", "Power"),
        "hazard": ("火灾危险性类别", "Fire hazard class"),
        "entry_list": ("产业准入", "Entry"),
        "effluent": ("废水排放", "Effluent"),
        "path": ("盘活方式", "Path"),
        "budget": ("预算", "Budget"),
        "yearly_cost": ("年成本", "Yearly cost"),
        "handover": ("交付时间", "Handover"),
        "title": ("产权", "Title"),
        "location": ("区位", "Location"),
        "equipment": ("配套设备", "Equipment"),
        "condition": ("建筑状况", "Condition"),
        "expansion": ("扩展空间", "Room to grow"),
        "policy": ("扶持政策", "Support"),
    }
)
#: Works by the requirement they cure.
_WORKS: Mapping[str, Pair] = MappingProxyType(
    {
        "load": ("楼面加固", "works on the floor load"),
        "power": ("电力增容", "works on the power"),
        "effluent": ("排污改造", "works on the discharge"),
    }
)


def name_of(entry_id: str, language: Language) -> str:
    """What people call a rule or a criterion."""
    return say(_NAMES[LABELS[entry_id]], language)


def name_within(entry_id: str, language: Language) -> str:
    """The same within a sentence."""
    name = name_of(entry_id, language)
    return name if language == "zh" else name[0].lower() + name[1:]


def works_for(rule: str, language: Language) -> str:
    """What people call the works that cure a rule."""
    return say(_WORKS[LABELS[rule]], language)


def word_of(word: str, language: Language) -> str:
    """What people call a word of the vocabularies; a word without a name is itself."""
    return say(WORDS.get(word, (word, word)), language)


def say(pair: Pair, language: Language) -> str:
    """The one of the two that is in this language."""
    return pair[0] if language == "zh" else pair[1]
