"""Sentences for the numbers of an answer, Chinese or English, made when it is read; the answer itself holds none.

A template sees only what the answer shows, so it cannot say what the answer keeps back. A rule names its template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from matching.rules import HARD_RULES
from matching.sentences.labels import fill, name_of, opened, say, word_of
from texts.lookup import Language, label

AnswerEntry = Mapping[str, Any]
#: Each kind of cost a firm may bound, with its unit.
_COST_UNITS: Mapping[str, str] = MappingProxyType(
    {"rent_yuan_m2_month": "yuan/m2/month", "price_yuan_m2": "yuan/m2", "yearly_cost_yuan": "yuan/year"}
)


class Sentences:
    """The sentences of one answer; what is the same of one unit after the other is worded once."""

    def __init__(self, language: Language) -> None:
        self.language = language
        #: By rule or criterion, the last entry and its sentence.
        self._last: dict[str, tuple[AnswerEntry, str]] = {}
        #: By criterion, what was wished last, and the sentence with what differs from unit to unit left open.
        self._opened: dict[str, tuple[Any, str]] = {}

    def sentence(self, entry: AnswerEntry) -> str:
        """One hard rule or one criterion of a result; with `taken_m2`, how much of the unit is taken."""
        last = self._last.get(entry["id"])
        if last is None or last[0] != entry:
            text = self._criterion(entry) if "weight" in entry else _rule(entry, self.language)
            self._last[entry["id"]] = last = entry, text
        return last[1]

    def _criterion(self, entry: AnswerEntry) -> str:
        language, wished = self.language, (entry["required"], entry.get("basis"))
        last = self._opened.get(entry["id"])
        if last is None or last[0] != wished:
            required = _figure(entry["required"], entry["unit"], language) + _registered(entry, language)
            text = opened("criterion", language, name=_name(entry, language), required=required)
            self._opened[entry["id"]] = last = wished, text
        values = {
            "offered": _offered(entry["offered"], entry["unit"], language) + _taxes(entry, language),
            "parts": _parts(entry, language),
            "d": entry["d"],
            "weight": 100 * entry["weight"],
            "points": entry["points"],
        }
        return last[1] % values


def sentence(entry: AnswerEntry, language: Language) -> str:
    """One rule or criterion alone."""
    return Sentences(language).sentence(entry)


def summary(result: AnswerEntry, language: Language) -> str:
    """A whole result: its score, its standing, and what the score is made of."""
    stop, comma = say("stop", language), say("and", language)
    shares = comma.join(f"{_name(entry, language)} {entry['points']}" for entry in result["soft"])
    status = label("standing", result["status"], language)
    text = fill("summary", language, points=result["points"], status=status, shares=shares)
    if result["would_stand"] is not None:
        place = "would_stand"
        text += stop + say(place, language).format(place=result["would_stand"])
    count = (result.get("like_it") or {"count": 0})["count"]  # kept before buildings were folded: none
    if count:
        is_land = any(entry["offered"] == "land" for entry in result["hard"])
        like = "like_it_on_the_plot" if is_land else "like_it_in_the_building"
        text += stop + say(like, language).format(count=count)
    return text


def _rule(entry: AnswerEntry, language: Language) -> str:
    status = label("fulfilment", entry["status"], language)
    if entry["status"] == "not_applicable":
        return _name(entry, language) + say("colon", language) + status
    text = _BY_RULE[entry["id"]](entry, language)
    return text + say("colon", language) + (status if entry["cure"] is None else _cured(entry, language))


def _cured(entry: AnswerEntry, language: Language) -> str:
    cure, text = entry["cure"], say("met_after_works", language)
    up_to = _figure(cure["up_to"], entry["unit"], language)
    return text.format(
        up_to=up_to, cost=cure["cost_yuan"], days=cure["days"], payer=cure["payer"], source=cure["source"]
    )


def _least(entry: AnswerEntry, language: Language) -> str:
    return fill(
        "least",
        language,
        name=_name(entry, language),
        offered=_offered(entry["offered"], entry["unit"], language),
        required=_figure(entry["required"], entry["unit"], language),
    )


def _part(entry: AnswerEntry, language: Language) -> str:
    """What is taken of a unit that is more than that."""
    taken, offered = entry.get("taken_m2"), entry["offered"]
    if taken is None or offered is None or taken >= offered:
        return ""
    text = "taken_if_divisible" if entry["status"] == "unknown" else "taken"
    return fill(text, language, taken=_figure(taken, entry["unit"], language))


def _range(entry: AnswerEntry, language: Language) -> str:
    """A least, a greatest or both; and which part is taken. Without a bound a part alone is in question."""
    unit = entry["unit"]
    name, offered = _name(entry, language), _offered(entry["offered"], unit, language) + _part(entry, language)
    if entry["required"] is None:
        return name + offered
    low, high = entry["required"]["min"], entry["required"]["max"]
    bound = "at_least" if high is None else "at_most" if low is None else "between"
    wanted = fill(bound, language, low=_figure(low or 0, unit, language), high=_figure(high or 0, unit, language))
    return fill("range", language, name=name, offered=offered, wanted=wanted)


def _date(entry: AnswerEntry, language: Language) -> str:
    offered = _offered(entry["offered"], entry["unit"], language)
    return fill("date", language, name=_name(entry, language), offered=offered, required=entry["required"])


def _budget(entry: AnswerEntry, language: Language) -> str:
    parts = []
    for field, bound in sorted(entry["required"].items()):  # a kept answer has its names in another order
        unit = _COST_UNITS[field]
        offered, most = _offered(entry["offered"][field], unit, language), _figure(bound, unit, language)
        parts.append(fill("budget", language, field=word_of(field, language), offered=offered, bound=most))
    return _name(entry, language) + fill("in_brackets", language, text="; ".join(parts))


def _entry(entry: AnswerEntry, language: Language) -> str:
    codes = _words(entry["required"], language)
    whole = fill("entry", language, name=_name(entry, language), codes=codes, basis=_registered(entry, language))
    if entry["status"] != "pass" and entry["offered"]:
        whole += fill("entry_hit", language, hit=_words(entry["offered"], language))
    return whole


def _effluent(entry: AnswerEntry, language: Language) -> str:
    offered, required = entry["offered"], entry["required"]
    return fill(
        "effluent",
        language,
        name=_name(entry, language),
        offered=_discharge(offered, say("discharge_unknown", language), language),
        required=_discharge(required, "", language),
    )


def _discharge(side: AnswerEntry, unsaid: str, language: Language) -> str:
    """The kinds and the quota of one side."""
    kinds = unsaid if side["types"] is None else _words(side["types"], language) or say("nothing", language)
    if side["t_d"] is None:
        return kinds
    return kinds + fill("quota", language, quota=_figure(side["t_d"], "t/d", language))


def _location(entry: AnswerEntry, language: Language) -> str:
    """Each area or radius asked for, with where the unit lies."""
    required, offered = entry["required"], entry["offered"]
    parts = []
    if required["within"]:
        inside = None if offered is None else offered["inside"]
        words = {None: "position_unknown", True: "inside_the_area_named"}
        parts.append(say(words.get(inside, "outside_the_area_named"), language))
    for number, place in enumerate(required["places"]):
        text = say("distance", language)
        name = place["name"] or say("nth_place", language).format(n=number + 1)
        far = None if offered is None else offered["distance_m"][number] / 1000
        unknown = say("unknown", language)
        parts.append(
            text.format(
                name=name,
                far=unknown if far is None else _figure(far, "km", language),
                most=_figure(place["radius_m"] / 1000, "km", language),
            )
        )
    return _name(entry, language) + fill("in_brackets", language, text="; ".join(parts))


def _title(entry: AnswerEntry, language: Language) -> str:
    name = _name(entry, language)
    if not entry["formalities"]:
        return name
    text = say("title", language)
    return text.format(name=name, what=_words(entry["formalities"], language))


def _listed(entry: AnswerEntry, language: Language) -> str:
    offered, required = entry["offered"], entry["required"] or []
    return fill(
        "listed",
        language,
        name=_name(entry, language),
        offered=say("offered_unknown", language) if offered is None else " " + _words(offered, language),
        required=_words(required, language) or say("any", language),
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


def _parts(entry: AnswerEntry, language: Language) -> str:
    """What an industry fit is made of, where it is made of more than one part."""
    entry_parts = entry.get("parts")
    if not entry_parts:
        return ""
    parts = {name: entry_parts[name] for name in ("lead", "density", "anchor") if entry_parts.get(name) is not None}
    if len(parts) < 2:
        return ""
    listed = [f"{word_of(name, language)} {value:.2f}" for name, value in parts.items()]
    return fill("made_of_parts", language, parts=say("and", language).join(listed))


def _taxes(entry: AnswerEntry, language: Language) -> str:
    """What the taxes on a transfer come to once, where they are part of the cost and known."""
    if "transfer_taxes" not in entry:
        return ""
    taxes = {tax: yuan for tax, yuan in entry["transfer_taxes"].items() if yuan is not None}
    if not taxes:
        return ""
    listed = [f"{word_of(tax, language)} {_figure(yuan, 'yuan', language)}" for tax, yuan in taxes.items()]
    return fill("with_taxes", language, taxes=say("and", language).join(listed))


def _registered(entry: AnswerEntry, language: Language) -> str:
    """Says that no product was declared, so that the code of the registered industry had to serve."""
    if entry.get("basis") != "registered":
        return ""
    return say("registered", language)


def _offered(value: Any, unit: str | None, language: Language) -> str:
    return say("offered_unknown", language) if value is None else " " + _figure(value, unit, language)


def _figure(value: Any, unit: str | None, language: Language) -> str:
    if isinstance(value, int | float):
        return _number(value, unit, language)
    if value is None:
        return say("not_stated", language)
    if isinstance(value, list) and unit == "m":
        return say("and", language).join(_distance(entry, language) for entry in value)
    if isinstance(value, list):
        return _words(value, language) or say("none", language)
    if isinstance(value, dict):
        return say("and", language).join(
            f"{word_of(name, language)} {_amount(amount, language)}" for name, amount in value.items()
        )
    return _measured(str(value), unit, language)


@lru_cache(maxsize=4096)  # an answer says the same numbers again and again
def _number(value: float, unit: str | None, language: Language) -> str:
    return _measured(f"{value:.2f}", unit, language)


def _measured(text: str, unit: str | None, language: Language) -> str:
    return text if unit is None or unit == "date" else f"{text} {label('unit', unit, language)}"


def _distance(entry: Any, language: Language) -> str:
    """A distance, or a place with the distance at which it counts a quarter."""
    if not isinstance(entry, dict):
        return f"{entry / 1000:.2f} km"
    near = fill("within_km", language, scale=f"{entry['scale_m'] / 1000:.2f}")
    return f"{entry['name']} {near}" if entry["name"] else near


def _amount(value: Any, language: Language) -> str:
    """How much of a piece of equipment there is, or whether it is there; words of a list."""
    if value is None:
        return say("unknown", language)
    if isinstance(value, bool):
        return say("is_there" if value else "is_not_there", language)
    if isinstance(value, list):
        return _words(value, language) or say("none", language)
    return f"{value:g}"


def _words(words: Any, language: Language) -> str:
    listed = [words] if isinstance(words, str) else words
    return say("and", language).join(word_of(word, language) for word in listed)


def _name(entry: AnswerEntry, language: Language) -> str:
    return name_of(entry["id"], language)
