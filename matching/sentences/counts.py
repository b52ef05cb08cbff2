"""Sentences about many units: what a ranking counted, and where one unit stands in it; made when they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from matching.score import points_text
from matching.sentences.labels import Language, Pair, name_within, say, word_of

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
    comma = say(("，", ", "), language)
    lists = comma.join(
        say((f"{totals[name]} 个{zh}", f"{totals[name]} {en}"), language) for name, (zh, en) in _LISTS.items()
    )
    text = say(("共比较 {compared} 个单元：{lists}", "{compared} compared: {lists}"), language)
    text = text.format(compared=totals["compared"], lists=lists)
    outs = sorted(((count, rule) for rule, count in totals["out_by"].items() if count), key=lambda out: -out[0])
    if outs:
        one_rule = say(("{rule}不满足 {count} 个", "{count} out by {rule}"), language)
        text += say(("；其中", "; "), language)
        text += comma.join(one_rule.format(rule=name_within(rule, language), count=count) for count, rule in outs)
    return text


def standing(explained: Mapping[str, Any], language: Language) -> str:
    """Where one unit stands, as its explanation says in numbers; `availability` is why it is not on offer."""
    parts = []
    if not explained["is_on_offer"]:
        why = say(_OFF_OFFER.get(explained["availability"], ("不单独供应", "not offered by itself")), language)
        parts.append(say(("目前不在供应中（{why}）", "Not on offer now ({why})"), language).format(why=why))
    if not explained["is_asked_kind"]:
        text = say(("需求不含{kind}", "The need does not ask for {kind}"), language)
        parts.append(text.format(kind=word_of(explained["kind"], language)))
    elif explained["standing"]["list"] is None:
        text = say(("不满足：{rules}", "Does not fit, by {rules}"), language)
        parts.append(text.format(rules=_failed(explained["result"]["hard"], language)))
    else:
        parts.append(_place(explained, language))
        if explained["standing"]["behind"] is not None:
            behind = (
                ("列表中归入同一地块更靠前的类似单元", "shown behind a better one on the same plot")
                if explained["kind"] == "land"
                else ("列表中归入同栋更靠前的类似单元", "shown behind a better one in the same building")
            )
            parts.append(say(behind, language))
    if (
        explained["standing"] is not None
        and not explained["standing"]["is_shown"]
        and explained["standing"]["last_shown"] is not None
    ):
        parts.append(_distance(explained["standing"]["last_shown"], language))
    return say(("；", "; "), language).join(parts)


def _failed(hard: Sequence[Mapping[str, Any]], language: Language) -> str:
    names = [
        name_within(entry["id"], language) for entry in hard if entry["status"] == "fail" and entry["cure"] is None
    ]
    return say(("、", ", "), language).join(names)


def _place(explained: Mapping[str, Any], language: Language) -> str:
    stands = explained["standing"]
    text = say(
        ("在“{name}”中列第 {place} 位（共 {of} 个）", "Place {place} of {of} among: {name}")
        if explained["is_on_offer"]
        else (
            "若供应，将在“{name}”的 {of} 个之中列第 {place} 位",
            "were it, it would take place {place} beside {of} among: {name}",
        ),
        language,
    )
    return text.format(name=say(_LISTS[stands["list"]], language), place=stands["place"], of=stands["of"])


def _distance(last: Mapping[str, Any], language: Language) -> str:
    pair = (
        ("比所列最后一个低 {points} 分", "{points} points below the last one shown")
        if last["ahead_by"] >= 0
        else ("比所列最后一个高 {points} 分", "{points} points above the last one shown")
    )
    return say(pair, language).format(points=points_text(abs(last["ahead_by"])))


def moved(entry: Mapping[str, Any], language: Language) -> str:
    """How one unit moved between two rankings, and by which criterion most."""
    old, new = entry["from"], entry["to"]
    text = say(
        ("第 {was} 位 → 第 {now} 位，{before} 分 → {after} 分", "Place {was} to {now}, {before} to {after} points"),
        language,
    )
    text = text.format(was=old["place"], now=new["place"], before=old["points"], after=new["points"])
    if entry["moved_by"] is not None:
        why = say(("；主要因{name}", "; most of it by {name}"), language)
        text += why.format(name=name_within(entry["moved_by"], language))
    return text


def robustness_sentence(share: float, language: Language) -> str:
    """How often a unit stays in the first three."""
    return say(
        (f"在 {share:.0%} 的合理权重下位列前三", f"in the top 3 in {share:.0%} of plausible weightings"), language
    )
