"""Sentences for the numbers of an answer, Chinese or English, made when it is read; the answer itself holds none.

A template sees only what the answer shows, so it cannot say what the answer keeps back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from matching.sentences.vocabulary import WORDS

Language = Literal["zh", "en"]
Pair = tuple[str, str]
Entry = Mapping[str, Any]

_NAMES: Mapping[str, Pair] = MappingProxyType(
    {
        "H1": ("类型", "Kind"),
        "H2": ("面积", "Area"),
        "H3": ("净高", "Clear height"),
        "H4": ("楼面荷载", "Floor load"),
        "H5": ("可用电力", "Power"),
        "H6": ("火灾危险性类别", "Fire hazard class"),
        "H7": ("产业准入", "Entry"),
        "H8": ("废水排放", "Effluent"),
        "H9": ("盘活方式", "Path"),
        "H10": ("预算", "Budget"),
        "H11": ("交付时间", "Handover"),
        "H12": ("产权", "Title"),
        "H13": ("区位", "Location"),
        "size": ("面积", "Area"),
        "industry": ("产业契合", "Industry"),
        "height": ("净高", "Clear height"),
        "load": ("楼面荷载", "Floor load"),
        "power": ("可用电力", "Power"),
        "cost": ("年成本", "Yearly cost"),
        "timing": ("交付时间", "Handover"),
        "location": ("区位", "Location"),
        "equipment": ("配套设备", "Equipment"),
        "condition": ("建筑状况", "Condition"),
        "expansion": ("扩展空间", "Room to grow"),
        "policy": ("扶持政策", "Support"),
    }
)
_STATUSES: Mapping[str, Pair] = MappingProxyType(
    {
        "pass": ("满足", "met"),
        "fail": ("不满足", "not met"),
        "unknown": ("待核实", "to be confirmed"),
        "not_applicable": ("不适用", "not applicable"),
        "fit": ("满足全部硬性条件", "meets every requirement"),
        "fit_after_works": ("改造后满足", "meets every requirement after works"),
        "to_confirm": ("待核实", "to be confirmed"),
        "no_fit": ("不满足", "does not fit"),
    }
)
_UNITS: Mapping[str, Pair] = MappingProxyType(
    {
        "m2": (" m²", " m²"),
        "kN/m2": (" kN/m²", " kN/m²"),
        "yuan/year": (" 元/年", " yuan a year"),
        "t/d": (" t/d", " t a day"),
        "date": ("", ""),
        "rent_yuan_m2_month": (" 元/m²·月", " yuan/m² a month"),
        "price_yuan_m2": (" 元/m²", " yuan/m²"),
        "yearly_cost_yuan": (" 元/年", " yuan a year"),
    }
)


def sentence(entry: Entry, language: Language) -> str:
    """One hard rule or one criterion of a result, said in one sentence; with `taken_m2`, of which a part is taken."""
    return _criterion(entry, language) if "weight" in entry else _rule(entry, language)


def summary(result: Entry, language: Language) -> str:
    """A whole result: its score, its standing, and what the score is made of."""
    stop, comma = _say(("；", "; "), language), _say(("、", ", "), language)
    shares = comma.join(f"{_name(entry, language)} {entry['points']}" for entry in result["soft"])
    text = _say(
        ("综合得分 {points} 分，{status}；构成：{shares}", "Score {points}, {status}; made of {shares}"), language
    )
    text = text.format(points=result["points"], status=_say(_STATUSES[result["status"]], language), shares=shares)
    if result["would_stand"] is not None:
        place = ("核实后可列第 {place} 位", "confirmed, it would stand at place {place}")
        text += stop + _say(place, language).format(place=result["would_stand"])
    count = (result.get("like_it") or {"count": 0})["count"]  # kept before buildings were folded: none
    if count:
        is_land = any(entry["id"] == "H1" and entry["offered"] == "land" for entry in result["hard"])
        like = (
            ("同一地块另有 {count} 个类似单元", "+{count} like it on the same plot")
            if is_land
            else ("同栋另有 {count} 个类似单元", "+{count} like it in the same building")
        )
        text += stop + _say(like, language).format(count=count)
    return text


def name_of(entry_id: str, language: Language) -> str:
    """What people call a rule or a criterion."""
    return _say(_NAMES[entry_id], language)


def word_of(word: str, language: Language) -> str:
    """What people call a word of the vocabularies; a word without a name is itself."""
    return _word(word, language)


def _rule(entry: Entry, language: Language) -> str:
    name, status = _name(entry, language), _say(_STATUSES[entry["status"]], language)
    if entry["status"] == "not_applicable":
        return f"{name}{_colon(language)}{status}"
    said = _RULES.get(entry["id"], _listed)(entry, language)
    return f"{said}{_colon(language)}{_cured(entry, status, language)}"


def _cured(entry: Entry, status: str, language: Language) -> str:
    cure = entry["cure"]
    if cure is None:
        return status
    text = _say(
        (
            "改造后满足（提升至 {up_to}，费用 {cost:,.2f} 元，工期 {days} 天，{payer} 承担，依据：{source}）",
            "met after works (to {up_to}, {cost:,.2f} yuan, {days} days, paid by {payer}, source: {source})",
        ),
        language,
    )
    up_to = _figure(cure["up_to"], entry["unit"], language)
    return text.format(
        up_to=up_to, cost=cure["cost_yuan"], days=cure["days"], payer=cure["payer"], source=cure["source"]
    )


def _least(entry: Entry, language: Language) -> str:
    text = _say(("{name}{offered}，需要不低于 {required}", "{name}{offered}, at least {required} needed"), language)
    return text.format(
        name=_name(entry, language),
        offered=_offered(entry["offered"], entry["unit"], language) + _part(entry, language),
        required=_figure(entry["required"], entry["unit"], language),
    )


def _part(entry: Entry, language: Language) -> str:
    """What is taken of a unit that is more than that."""
    taken, offered = entry.get("taken_m2"), entry["offered"]
    if taken is None or offered is None or taken >= offered:
        return ""
    text = (
        ("（如可分割，取 {taken}）", " (if divisible, {taken} taken)")
        if entry["status"] == "unknown"
        else ("（可分割，取 {taken}）", " (divisible, {taken} taken)")
    )
    return _say(text, language).format(taken=_figure(taken, entry["unit"], language))


def _range(entry: Entry, language: Language) -> str:
    low, high, unit = entry["required"]["min"], entry["required"]["max"], entry["unit"]
    if high is None:
        return _least({**entry, "required": low}, language)
    if low is None:
        wanted = _say(("不超过 {high}", "at most {high}"), language)
    else:
        wanted = _say((" {low} 至 {high}", "{low} to {high}"), language)
    text = _say(("{name}{offered}，需要{wanted}", "{name}{offered}, {wanted} needed"), language)
    return text.format(
        name=_name(entry, language),
        offered=_offered(entry["offered"], unit, language) + _part(entry, language),
        wanted=wanted.format(low=_figure(low or 0, unit, language), high=_figure(high, unit, language)),
    )


def _date(entry: Entry, language: Language) -> str:
    text = _say(("{name}{offered}，最迟 {required}", "{name}{offered}, {required} at the latest"), language)
    offered = _offered(entry["offered"], entry["unit"], language)
    return text.format(name=_name(entry, language), offered=offered, required=entry["required"])


def _budget(entry: Entry, language: Language) -> str:
    parts = []
    for field, bound in sorted(entry["required"].items()):  # a kept answer has its names in another order
        text = _say(("{field}{offered}，上限 {bound}", "{field}{offered}, at most {bound}"), language)
        offered = _offered(entry["offered"][field], field, language)
        parts.append(text.format(field=_word(field, language), offered=offered, bound=_figure(bound, field, language)))
    return f"{_name(entry, language)}{_say(('（', ' ('), language)}{'; '.join(parts)}{_say(('）', ')'), language)}"


def _entry(entry: Entry, language: Language) -> str:
    text = _say(("{name}（{codes}{basis}）", "{name} ({codes}{basis})"), language)
    codes = _words(entry["required"], language)
    said = text.format(name=_name(entry, language), codes=codes, basis=_registered(entry, language))
    if entry["status"] != "pass" and entry["offered"]:
        said += _say(("，涉及 {hit}", ", by {hit}"), language).format(hit=_words(entry["offered"], language))
    return said


def _effluent(entry: Entry, language: Language) -> str:
    text = _say(
        ("{name}：可排放{offered}，需要{required}", "{name}: {offered} may be discharged, {required} needed"), language
    )
    offered, required = entry["offered"], entry["required"]
    return text.format(
        name=_name(entry, language),
        offered=_discharge(offered, _say(("未知", "what is unknown"), language), language),
        required=_discharge(required, "", language),
    )


def _discharge(side: Entry, unsaid: str, language: Language) -> str:
    """The kinds and the quota of one side."""
    said = unsaid if side["types"] is None else _words(side["types"], language) or _say(("无", "nothing"), language)
    if side["t_d"] is None:
        return said
    return said + _say(("（{quota}）", " ({quota})"), language).format(quota=_figure(side["t_d"], "t/d", language))


def _location(entry: Entry, language: Language) -> str:
    """Each area or radius asked for, with where the unit lies."""
    required, offered = entry["required"], entry["offered"]
    parts = []
    if required["within"]:
        inside = None if offered is None else offered["inside"]
        words = {None: ("位置未知", "position unknown"), True: ("在指定范围内", "inside the area named")}
        parts.append(_say(words.get(inside, ("在指定范围外", "outside the area named")), language))
    for number, place in enumerate(required["places"]):
        text = _say(("距{name}{far}，上限 {most}", "{far} from {name}, at most {most}"), language)
        name = place["name"] or _say(("第 {n} 处", "place {n}"), language).format(n=number + 1)
        far = None if offered is None else offered["distance_m"][number] / 1000
        unknown = _say(("未知", "unknown"), language)
        parts.append(
            text.format(
                name=name,
                far=unknown if far is None else _figure(far, "km", language),
                most=_figure(place["radius_m"] / 1000, "km", language),
            )
        )
    return f"{_name(entry, language)}{_say(('（', ' ('), language)}{'; '.join(parts)}{_say(('）', ')'), language)}"


def _title(entry: Entry, language: Language) -> str:
    said = _name(entry, language)
    if entry["formalities"]:
        text = _say(("{said}，需办理：{what}", "{said}, needs {what}"), language)
        said = text.format(said=said, what=_words(entry["formalities"], language))
    return said


def _listed(entry: Entry, language: Language) -> str:
    text = _say(("{name}{offered}，需要 {required}", "{name}{offered}, {required} needed"), language)
    offered = entry["offered"]
    required = entry["required"] or []
    return text.format(
        name=_name(entry, language),
        offered=_say(("未知", " unknown"), language) if offered is None else " " + _words(offered, language),
        required=_words(required, language) or _say(("不限", "any"), language),
    )


_RULES: Mapping[str, Callable[[Entry, Language], str]] = MappingProxyType(
    {
        "H2": _range,
        "H3": _least,
        "H4": _least,
        "H5": _least,
        "H7": _entry,
        "H8": _effluent,
        "H10": _budget,
        "H11": _date,
        "H12": _title,
        "H13": _location,
    }
)


def _criterion(entry: Entry, language: Language) -> str:
    text = _say(
        (
            "{name}{offered}，期望 {required}：符合度 {d:.2f}，权重 {weight:.1f}%，贡献 {points} 分",
            "{name}{offered}, wished {required}: fulfilled {d:.2f}, weight {weight:.1f}%, {points} points",
        ),
        language,
    )
    return text.format(
        name=_name(entry, language),
        offered=_offered(entry["offered"], entry["unit"], language),
        required=_figure(entry["required"], entry["unit"], language)
        + _registered(entry, language)
        + _parts(entry, language),
        d=entry["d"],
        weight=100 * entry["weight"],
        points=entry["points"],
    )


def _parts(entry: Entry, language: Language) -> str:
    """What an industry fit is made of, where it is made of more than one part."""
    given = entry.get("parts") or {}
    parts = {name: given[name] for name in ("lead", "density", "anchor") if given.get(name) is not None}
    if len(parts) < 2:
        return ""
    said = _say(("、", ", "), language).join(f"{_word(name, language)} {value:.2f}" for name, value in parts.items())
    return _say(("（{said}）", " ({said})"), language).format(said=said)


def _registered(entry: Entry, language: Language) -> str:
    """Says that no product was declared, so that the code of the registered industry had to serve."""
    if entry.get("basis") != "registered":
        return ""
    return _say(("，未申报产品，取自登记行业", "; no product declared, from the registered industry"), language)


def _offered(value: Any, unit: str | None, language: Language) -> str:
    return _say(("未知", " unknown"), language) if value is None else " " + _figure(value, unit, language)


def _figure(value: Any, unit: str | None, language: Language) -> str:
    if value is None:
        return _say(("未说明", "not stated"), language)
    if isinstance(value, list) and unit == "m":
        return _say(("、", ", "), language).join(_distance(one, language) for one in value)
    if isinstance(value, list):
        return _words(value, language) or _say(("无", "none"), language)
    if isinstance(value, dict):
        return _say(("、", ", "), language).join(
            f"{_word(name, language)} {_amount(one, language)}" for name, one in value.items()
        )
    ending = "" if unit is None else _say(_UNITS.get(unit, (f" {unit}", f" {unit}")), language)
    return (f"{value:.2f}" if isinstance(value, int | float) else str(value)) + ending


def _distance(one: Any, language: Language) -> str:
    """A distance, or a place with the distance at which it counts a quarter."""
    if not isinstance(one, dict):
        return f"{one / 1000:.2f} km"
    near = _say(("{scale} km 内", "within {scale} km"), language).format(scale=f"{one['scale_m'] / 1000:.2f}")
    return f"{one['name']} {near}" if one["name"] else near


def _amount(value: Any, language: Language) -> str:
    """How much of a piece of equipment there is, or whether it is there."""
    if value is None:
        return _say(("未知", "unknown"), language)
    if isinstance(value, bool):
        return _say(("有", "yes") if value else ("无", "no"), language)
    return f"{value:g}"


def _words(words: Any, language: Language) -> str:
    listed = [words] if isinstance(words, str) else words
    return _say(("、", ", "), language).join(_word(word, language) for word in listed)


def _word(word: str, language: Language) -> str:
    return _say(WORDS.get(word, (word, word)), language)


def _name(entry: Entry, language: Language) -> str:
    return _say(_NAMES[entry["id"]], language)


def _colon(language: Language) -> str:
    return _say(("：", ": "), language)


def _say(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]
