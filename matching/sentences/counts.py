"""Sentences about many units: what a ranking counted, and where one unit stands in it; made when they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from matching.score import ONE, TENTHS
from matching.sentences.reasons import Language, Pair, name_of, word_of

_LISTS: Mapping[str, Pair] = MappingProxyType(
    {
        "fit": ("满足", "fit"),
        "fit_after_works": ("改造后满足", "fit after works"),
        "to_confirm": ("待核实", "to be confirmed"),
        "no_fit": ("不满足", "do not fit"),
    }
)
_OFF_OFFER: Mapping[str, Pair] = MappingProxyType(
    {
        "draft": ("尚为草稿，未发布", "still a draft"),
        "withdrawn": ("已撤下", "withdrawn"),
        "reserved": ("已预留", "reserved"),
        "occupied": ("使用中", "occupied"),
        "to_verify": ("租期已满，待核实是否搬离", "to verify: a term is over and nobody said whether the tenant left"),
    }
)


def counted(totals: Mapping[str, Any], language: Language) -> str:
    """What was compared and what came of it: 412 compared: 6 fit, …; 120 out by clear height."""
    comma = _say(("，", ", "), language)
    lists = comma.join(
        _say((f"{totals[name]} 个{zh}", f"{totals[name]} {en}"), language) for name, (zh, en) in _LISTS.items()
    )
    text = _say(("共比较 {compared} 个单元：{lists}", "{compared} compared: {lists}"), language)
    text = text.format(compared=totals["compared"], lists=lists)
    outs = sorted(((count, rule) for rule, count in totals["out_by"].items() if count), key=lambda out: -out[0])
    if outs:
        said = _say(("{rule}不满足 {count} 个", "{count} out by {rule}"), language)
        text += _say(("；其中", "; "), language)
        text += comma.join(said.format(rule=_inside(rule, language), count=count) for count, rule in outs)
    return text


def standing(told: Mapping[str, Any], language: Language) -> str:
    """Where one unit stands, as its explanation says in numbers; `availability` is why it is not on offer."""
    parts = []
    if not told["is_on_offer"]:
        why = _say(_OFF_OFFER.get(told["availability"], ("不单独供应", "not offered by itself")), language)
        parts.append(_say(("目前不在供应中（{why}）", "Not on offer now ({why})"), language).format(why=why))
    if not told["is_asked_kind"]:
        text = _say(("需求不含{kind}", "The need does not ask for {kind}"), language)
        parts.append(text.format(kind=word_of(told["kind"], language)))
    elif told["standing"]["list"] is None:
        text = _say(("不满足：{rules}", "Does not fit, by {rules}"), language)
        parts.append(text.format(rules=_failed(told["result"]["hard"], language)))
    else:
        parts.append(_place(told, language))
        if told["standing"]["behind"] is not None:
            behind = (
                ("列表中归入同一地块更靠前的类似单元", "shown behind a better one on the same plot")
                if told["kind"] == "land"
                else ("列表中归入同栋更靠前的类似单元", "shown behind a better one in the same building")
            )
            parts.append(_say(behind, language))
    if told["standing"] is not None and not told["standing"]["is_shown"] and told["standing"]["last_shown"] is not None:
        parts.append(_distance(told["standing"]["last_shown"], language))
    return _say(("；", "; "), language).join(parts)


def _failed(hard: Sequence[Mapping[str, Any]], language: Language) -> str:
    names = [_inside(entry["id"], language) for entry in hard if entry["status"] == "fail" and entry["cure"] is None]
    return _say(("、", ", "), language).join(names)


def _place(told: Mapping[str, Any], language: Language) -> str:
    stands = told["standing"]
    text = _say(
        ("在“{name}”中列第 {place} 位（共 {of} 个）", "Place {place} of {of} among: {name}")
        if told["is_on_offer"]
        else (
            "若供应，将在“{name}”的 {of} 个之中列第 {place} 位",
            "were it, it would take place {place} beside {of} among: {name}",
        ),
        language,
    )
    return text.format(name=_say(_LISTS[stands["list"]], language), place=stands["place"], of=stands["of"])


def _distance(last: Mapping[str, Any], language: Language) -> str:
    tenths = (2 * abs(last["ahead_by"]) * TENTHS + ONE) // (2 * ONE)
    pair = (
        ("比所列最后一个低 {points} 分", "{points} points below the last one shown")
        if last["ahead_by"] >= 0
        else ("比所列最后一个高 {points} 分", "{points} points above the last one shown")
    )
    return _say(pair, language).format(points=f"{tenths // 10}.{tenths % 10}")


def moved(entry: Mapping[str, Any], language: Language) -> str:
    """How one unit moved between two rankings, and by which criterion most."""
    old, new = entry["from"], entry["to"]
    text = _say(
        ("第 {was} 位 → 第 {now} 位，{before} 分 → {after} 分", "Place {was} to {now}, {before} to {after} points"),
        language,
    )
    text = text.format(was=old["place"], now=new["place"], before=old["points"], after=new["points"])
    if entry["moved_by"] is not None:
        why = _say(("；主要因{name}", "; most of it by {name}"), language)
        text += why.format(name=_inside(entry["moved_by"], language))
    return text


def _inside(rule: str, language: Language) -> str:
    """A name within a sentence."""
    name = name_of(rule, language)
    return name if language == "zh" else name[0].lower() + name[1:]


def _say(pair: Pair, language: Language) -> str:
    return pair[0] if language == "zh" else pair[1]
