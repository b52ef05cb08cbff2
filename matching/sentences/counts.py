"""Sentences about many units: what a ranking counted, and where one unit stands in it; made when they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matching.score import points_text
from matching.sentences.labels import name_within, say, word_of
from texts.lookup import Language, label, tables

#: The lists of an answer, in its order.
LISTS = ("fit", "fit_after_works", "to_confirm", "no_fit")


def counted(totals: Mapping[str, Any], language: Language) -> str:
    """What was compared and what came of it: 412 compared: 6 fit, …; 120 out by clear height."""
    comma = say("comma", language)
    lists = comma.join(
        say("so_many", language).format(count=totals[name], list=label("list", name, language)) for name in LISTS
    )
    text = say("compared", language)
    text = text.format(compared=totals["compared"], lists=lists)
    outs = sorted(((count, rule) for rule, count in totals["out_by"].items() if count), key=lambda out: -out[0])
    if outs:
        one_rule = say("out_by", language)
        text += say("of_which", language)
        text += comma.join(one_rule.format(rule=name_within(rule, language), count=count) for count, rule in outs)
    return text


def standing(explained: Mapping[str, Any], language: Language) -> str:
    """Where one unit stands, as its explanation says in numbers; `availability` is why it is not on offer."""
    parts = []
    if not explained["is_on_offer"]:
        why = tables("labels", language)["off_offer"].get(explained["availability"], say("not_by_itself", language))
        parts.append(say("not_on_offer", language).format(why=why))
    if not explained["is_asked_kind"]:
        text = say("kind_not_asked", language)
        parts.append(text.format(kind=word_of(explained["kind"], language)))
    elif explained["standing"]["list"] is None:
        text = say("does_not_fit", language)
        parts.append(text.format(rules=_failed(explained["result"]["hard"], language)))
    else:
        parts.append(_place(explained, language))
        if explained["standing"]["behind"] is not None:
            behind = "behind_on_the_plot" if explained["kind"] == "land" else "behind_in_the_building"
            parts.append(say(behind, language))
    if (
        explained["standing"] is not None
        and not explained["standing"]["is_shown"]
        and explained["standing"]["last_shown"] is not None
    ):
        parts.append(_distance(explained["standing"]["last_shown"], language))
    return say("stop", language).join(parts)


def _failed(hard: Sequence[Mapping[str, Any]], language: Language) -> str:
    names = [
        name_within(entry["id"], language) for entry in hard if entry["status"] == "fail" and entry["cure"] is None
    ]
    return say("and", language).join(names)


def _place(explained: Mapping[str, Any], language: Language) -> str:
    stands = explained["standing"]
    text = say(
        "place" if explained["is_on_offer"] else "place_if_offered",
        language,
    )
    return text.format(name=label("list", stands["list"], language), place=stands["place"], of=stands["of"])


def _distance(last: Mapping[str, Any], language: Language) -> str:
    pair = "below_the_last" if last["ahead_by"] >= 0 else "above_the_last"
    return say(pair, language).format(points=points_text(abs(last["ahead_by"])))


def moved(entry: Mapping[str, Any], language: Language) -> str:
    """How one unit moved between two rankings, and by which criterion most."""
    old, new = entry["from"], entry["to"]
    text = say(
        "moved",
        language,
    )
    text = text.format(was=old["place"], now=new["place"], before=old["points"], after=new["points"])
    if entry["moved_by"] is not None:
        why = say("moved_by", language)
        text += why.format(name=name_within(entry["moved_by"], language))
    return text


def robustness_sentence(share: float, language: Language) -> str:
    """How often a unit stays in the first three."""
    return say("robustness", language).format(share=share)
