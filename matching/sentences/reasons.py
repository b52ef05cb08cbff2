"""Sentences for the numbers of an answer, Chinese or English, made when it is read; the answer itself holds none.

A template sees only what the answer shows, so it cannot say what the answer keeps back. A rule names its template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from matching.rules import HARD_RULES
from matching.sentences.labels import Language, Pair, name_of, say, word_of

AnswerEntry = Mapping[str, Any]

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


def sentence(entry: AnswerEntry, language: Language) -> str:
    """One hard rule or one criterion of a result, in one sentence; with `taken_m2`, how much of the unit is taken."""
    return _criterion(entry, language) if "weight" in entry else _rule(entry, language)


def summary(result: AnswerEntry, language: Language) -> str:
    """A whole result: its score, its standing, and what the score is made of."""
    stop, comma = say(("；", "; "), language), say(("、", ", "), language)
    shares = comma.join(f"{_name(entry, language)} {entry['points']}" for entry in result["soft"])
    text = say(
        ("综合得分 {points} 分，{status}；构成：{shares}", "Score {points}, {status}; made of {shares}"), language
    )
    text = text.format(points=result["points"], status=say(_STATUSES[result["status"]], language), shares=shares)
    if result["would_stand"] is not None:
        place = ("核实后可列第 {place} 位", "confirmed, it would stand at place {place}")
        text += stop + say(place, language).format(place=result["would_stand"])
    count = (result.get("like_it") or {"count": 0})["count"]  # kept before buildings were folded: none
    if count:
        is_land = any(entry["offered"] == "land" for entry in result["hard"])
        like = (
            ("同一地块另有 {count} 个类似单元", "+{count} like it on the same plot")
            if is_land
            else ("同栋另有 {count} 个类似单元", "+{count} like it in the same building")
        )
        text += stop + say(like, language).format(count=count)
    return text


def _rule(entry: AnswerEntry, language: Language) -> str:
    name, status = _name(entry, language), say(_STATUSES[entry["status"]], language)
    if entry["status"] == "not_applicable":
        return f"{name}{_colon(language)}{status}"
    text = _BY_RULE[entry["id"]](entry, language)
    return f"{text}{_colon(language)}{_cured(entry, status, language)}"


def _cured(entry: AnswerEntry, status: str, language: Language) -> str:
    cure = entry["cure"]
    if cure is None:
        return status
    text = say(
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


def _least(entry: AnswerEntry, language: Language) -> str:
    text = say(("{name}{offered}，需要不低于 {required}", "{name}{offered}, at least {required} needed"), language)
    return text.format(
        name=_name(entry, language),
        offered=_offered(entry["offered"], entry["unit"], language),
        required=_figure(entry["required"], entry["unit"], language),
    )


def _part(entry: AnswerEntry, language: Language) -> str:
    """What is taken of a unit that is more than that."""
    taken, offered = entry.get("taken_m2"), entry["offered"]
    if taken is None or offered is None or taken >= offered:
        return ""
    text = (
        ("（如可分割，取 {taken}）", " (if divisible, {taken} taken)")
        if entry["status"] == "unknown"
        else ("（可分割，取 {taken}）", " (divisible, {taken} taken)")
    )
    return say(text, language).format(taken=_figure(taken, entry["unit"], language))


def _range(entry: AnswerEntry, language: Language) -> str:
    """A least, a greatest or both; and which part is taken."""
    low, high, unit = entry["required"]["min"], entry["required"]["max"], entry["unit"]
    if high is None:
        wanted = say(("不低于 {low}", "at least {low}"), language)
    elif low is None:
        wanted = say(("不超过 {high}", "at most {high}"), language)
    else:
        wanted = say((" {low} 至 {high}", "{low} to {high}"), language)
    text = say(("{name}{offered}，需要{wanted}", "{name}{offered}, {wanted} needed"), language)
    return text.format(
        name=_name(entry, language),
        offered=_offered(entry["offered"], unit, language) + _part(entry, language),
        wanted=wanted.format(low=_figure(low or 0, unit, language), high=_figure(high or 0, unit, language)),
    )


def _date(entry: AnswerEntry, language: Language) -> str:
    text = say(("{name}{offered}，最迟 {required}", "{name}{offered}, {required} at the latest"), language)
    offered = _offered(entry["offered"], entry["unit"], language)
    return text.format(name=_name(entry, language), offered=offered, required=entry["required"])


def _budget(entry: AnswerEntry, language: Language) -> str:
    parts = []
    for field, bound in sorted(entry["required"].items()):  # a kept answer has its names in another order
        text = say(("{field}{offered}，上限 {bound}", "{field}{offered}, at most {bound}"), language)
        offered = _offered(entry["offered"][field], field, language)
        parts.append(
            text.format(field=word_of(field, language), offered=offered, bound=_figure(bound, field, language))
        )
    return f"{_name(entry, language)}{say(('（', ' ('), language)}{'; '.join(parts)}{say(('）', ')'), language)}"


def _entry(entry: AnswerEntry, language: Language) -> str:
    text = say(("{name}（{codes}{basis}）", "{name} ({codes}{basis})"), language)
    codes = _words(entry["required"], language)
    whole = text.format(name=_name(entry, language), codes=codes, basis=_registered(entry, language))
    if entry["status"] != "pass" and entry["offered"]:
        whole += say(("，涉及 {hit}", ", by {hit}"), language).format(hit=_words(entry["offered"], language))
    return whole


def _effluent(entry: AnswerEntry, language: Language) -> str:
    text = say(
        ("{name}：可排放{offered}，需要{required}", "{name}: {offered} may be discharged, {required} needed"), language
    )
    offered, required = entry["offered"], entry["required"]
    return text.format(
        name=_name(entry, language),
        offered=_discharge(offered, say(("未知", "what is unknown"), language), language),
        required=_discharge(required, "", language),
    )


def _discharge(side: AnswerEntry, unsaid: str, language: Language) -> str:
    """The kinds and the quota of one side."""
    kinds = unsaid if side["types"] is None else _words(side["types"], language) or say(("无", "nothing"), language)
    if side["t_d"] is None:
        return kinds
    return kinds + say(("（{quota}）", " ({quota})"), language).format(quota=_figure(side["t_d"], "t/d", language))


def _location(entry: AnswerEntry, language: Language) -> str:
    """Each area or radius asked for, with where the unit lies."""
    required, offered = entry["required"], entry["offered"]
    parts = []
    if required["within"]:
        inside = None if offered is None else offered["inside"]
        words = {None: ("位置未知", "position unknown"), True: ("在指定范围内", "inside the area named")}
        parts.append(say(words.get(inside, ("在指定范围外", "outside the area named")), language))
    for number, place in enumerate(required["places"]):
        text = say(("距{name}{far}，上限 {most}", "{far} from {name}, at most {most}"), language)
        name = place["name"] or say(("第 {n} 处", "place {n}"), language).format(n=number + 1)
        far = None if offered is None else offered["distance_m"][number] / 1000
        unknown = say(("未知", "unknown"), language)
        parts.append(
            text.format(
                name=name,
                far=unknown if far is None else _figure(far, "km", language),
                most=_figure(place["radius_m"] / 1000, "km", language),
            )
        )
    return f"{_name(entry, language)}{say(('（', ' ('), language)}{'; '.join(parts)}{say(('）', ')'), language)}"


def _title(entry: AnswerEntry, language: Language) -> str:
    name = _name(entry, language)
    if not entry["formalities"]:
        return name
    text = say(("{name}，需办理：{what}", "{name}, needs {what}"), language)
    return text.format(name=name, what=_words(entry["formalities"], language))


def _listed(entry: AnswerEntry, language: Language) -> str:
    text = say(("{name}{offered}，需要 {required}", "{name}{offered}, {required} needed"), language)
    offered = entry["offered"]
    required = entry["required"] or []
    return text.format(
        name=_name(entry, language),
        offered=say(("未知", " unknown"), language) if offered is None else " " + _words(offered, language),
        required=_words(required, language) or say(("不限", "any"), language),
    )


#: By the key a rule names.
_TEMPLATES: Mapping[str, Callable[[AnswerEntry, Language], str]] = MappingProxyType(
    {
        "range": _range,
        "least": _least,
        "entry": _entry,
        "effluent": _effluent,
        "budget": _budget,
        "date": _date,
        "title": _title,
        "location": _location,
        "listed": _listed,
    }
)
_BY_RULE = MappingProxyType({rule.id: _TEMPLATES[rule.sentence] for rule in HARD_RULES})


def _criterion(entry: AnswerEntry, language: Language) -> str:
    text = say(
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


def _parts(entry: AnswerEntry, language: Language) -> str:
    """What an industry fit is made of, where it is made of more than one part."""
    given = entry.get("parts") or {}
    parts = {name: given[name] for name in ("lead", "density", "anchor") if given.get(name) is not None}
    if len(parts) < 2:
        return ""
    listed = (f"{word_of(name, language)} {value:.2f}" for name, value in parts.items())
    text = say(("（{parts}）", " ({parts})"), language)
    return text.format(parts=say(("、", ", "), language).join(listed))


def _registered(entry: AnswerEntry, language: Language) -> str:
    """Says that no product was declared, so that the code of the registered industry had to serve."""
    if entry.get("basis") != "registered":
        return ""
    return say(("，未申报产品，取自登记行业", "; no product declared, from the registered industry"), language)


def _offered(value: Any, unit: str | None, language: Language) -> str:
    return say(("未知", " unknown"), language) if value is None else " " + _figure(value, unit, language)


def _figure(value: Any, unit: str | None, language: Language) -> str:
    if value is None:
        return say(("未说明", "not stated"), language)
    if isinstance(value, list) and unit == "m":
        return say(("、", ", "), language).join(_distance(entry, language) for entry in value)
    if isinstance(value, list):
        return _words(value, language) or say(("无", "none"), language)
    if isinstance(value, dict):
        return say(("、", ", "), language).join(
            f"{word_of(name, language)} {_amount(amount, language)}" for name, amount in value.items()
        )
    ending = "" if unit is None else say(_UNITS.get(unit, (f" {unit}", f" {unit}")), language)
    return (f"{value:.2f}" if isinstance(value, int | float) else str(value)) + ending


def _distance(entry: Any, language: Language) -> str:
    """A distance, or a place with the distance at which it counts a quarter."""
    if not isinstance(entry, dict):
        return f"{entry / 1000:.2f} km"
    near = say(("{scale} km 内", "within {scale} km"), language).format(scale=f"{entry['scale_m'] / 1000:.2f}")
    return f"{entry['name']} {near}" if entry["name"] else near


def _amount(value: Any, language: Language) -> str:
    """How much of a piece of equipment there is, or whether it is there."""
    if value is None:
        return say(("未知", "unknown"), language)
    if isinstance(value, bool):
        return say(("有", "yes") if value else ("无", "no"), language)
    return f"{value:g}"


def _words(words: Any, language: Language) -> str:
    listed = [words] if isinstance(words, str) else words
    return say(("、", ", "), language).join(word_of(word, language) for word in listed)


def _name(entry: AnswerEntry, language: Language) -> str:
    return name_of(entry["id"], language)


def _colon(language: Language) -> str:
    return say(("：", ": "), language)
