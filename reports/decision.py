"""The decision sheet of a kept ranking: what was wanted, what came first and why, what was left out by which rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.quantity import two_places
from matching.sentences.labels import name_of
from reports.paper import Cell, Paper, Part, Share
from reports.words import ReportWords, wan
from texts.lookup import Language, heading

FIRST = 5
_AMOUNT = re.compile(r"(?<![\d.,])\d{4,}\.\d+")
SIGNED_BY = ("investment_office", "park_administration", "firm")
#: What of a list is shown, its first five each: heading, and how a unit there stands.
SHOWN_LISTS = {"first_five": ("fit", "fit_after_works"), "first_to_confirm": ("to_confirm",)}
#: Members of a demand that are shown, with their units.
SHOWN_MEMBERS: Mapping[str, str | None] = {
    "land_area_m2_min": "m2",
    "land_area_m2_max": "m2",
    "floor_area_m2_min": "m2",
    "floor_area_m2_pref": "m2",
    "floor_area_m2_max": "m2",
    "clear_height_m_min": "m",
    "floor_load_kn_m2_min": "kN/m2",
    "power_kva_min": "kVA",
    "rent_yuan_m2_month_max": "yuan/m2/month",
    "price_yuan_m2_max": "yuan/m2",
    "yearly_cost_yuan_max": "yuan",
    "need_on": None,
}


def decision_sheet(
    ranking: Mapping[str, Any],
    demand: Mapping[str, Any],
    firm: str | None,
    replay: Mapping[str, Any] | None,
    language: Language,
    today: str,
    industries: Mapping[str, str] | None = None,
    units: Mapping[str, Mapping[str, Any]] | None = None,
) -> Paper:
    """The sheet of a ranking already made readable; `replay` None: it cannot be replayed by this release.

    `industries`: the names on record of the products' codes; `units`: what the caller may see of units pinned.
    """
    say = ReportWords(language)
    parts = [_demand(demand, industries or {}, say), *_weights(ranking, demand, say)]
    for kind, listed in ranking["lists"].items():
        for key, standing in SHOWN_LISTS.items():
            results = [result for result in listed["results"] if result["status"] in standing][:FIRST]
            if results or key == "first_five":
                title = _title(kind, key, say)
                parts += [_units(title, listed["text"] if key == "first_five" else "", results, say)]
                parts += _reasons(title, results, say)
        parts.append(_left_out(kind, listed, say))
    parts += [*_pins(ranking.get("pins") or (), units or {}, say), _made(ranking, replay, say)]
    parts.append(Part("signatures", say("signatures"), say.signatures(SIGNED_BY)))
    has_invented = any(
        asset.get("illustrative")
        for listed in ranking["lists"].values()
        for result in listed["results"]
        for asset in result["assets"]
    )
    return Paper(
        f"decision-{ranking['id']}",
        say("decision_sheet"),
        " · ".join(part for part in (firm, demand.get("title"), ranking["day"]) if part),
        parts,
        f"{say('foot')} · {today} · {ranking['id']}",
        flag=say("illustrative") if has_invented or demand.get("illustrative") else "",
        language=language,
    )


def _title(kind: str, key: str, say: ReportWords) -> str:
    return heading(f"{say.word(kind)}{say(key)}")


def _demand(demand: Mapping[str, Any], industries: Mapping[str, str], say: ReportWords) -> Part:
    products = [f"{code} {say.industry(code, industries.get(code))}" for code in demand.get("product_codes") or ()]
    rows: list[list[Cell]] = [
        [say("kinds"), say.joined([say.word(word) for word in demand.get("kinds") or ()])],
        [
            say("paths_accepted"),
            say.joined([say.word(word) for word in demand.get("accepted_paths") or ()]) or say("any_path"),
        ],
        [say("products"), say.joined(products) or None],
    ]
    for name, unit in SHOWN_MEMBERS.items():
        if demand.get(name) is not None:
            rows.append([heading(say.field("demand", name)), _value(demand[name], unit, say)])
    return Part("pairs", say("the_need"), rows)


def _value(value: Any, unit: str | None, say: ReportWords) -> Cell:
    if unit is None:
        return say.day(str(value))
    if unit == "yuan":
        return "{:,} {}".format(*say.amount(value, unit))
    number = Decimal(str(value))
    return f"{number.quantize(Decimal(1)) if number == number.to_integral() else number:,f} {say.label('unit', unit)}"


def _weights(ranking: Mapping[str, Any], demand: Mapping[str, Any], say: ReportWords) -> list[Part]:
    """Of each kind the importance of each criterion, stated or filled in, and its weight for the first unit.

    What weighs most comes first.
    """
    parts = []
    for kind, listed in ranking["lists"].items():
        used = listed.get("importances") or {}
        importances = used.get("by_criterion") or demand.get("importances") or {}
        shares = {entry["id"]: entry["weight"] for result in listed["results"][:1] for entry in result["soft"]}
        names = dict.fromkeys([*importances, *shares])
        rows: list[list[Cell]] = [
            [
                name_of(name, say.language),
                Decimal(str(importances[name])).normalize() if name in importances else None,
                Share(str(shares[name])) if name in shares else None,
            ]
            for name in sorted(names, key=lambda name: (-shares.get(name, 0), -importances.get(name, 0)))
        ]
        columns = [say("criterion"), say("importance_0_5"), say("weight")]
        title = _title(kind, "of_weights", say)
        note = say.from_table("importances", used["basis"]) if used.get("basis") else ""
        parts.append(Part("table", title, rows, columns, (3, 2, 2), note, is_numeric=True))
    return parts


def _units(title: str, note: str, results: Sequence[Mapping[str, Any]], say: ReportWords) -> Part:
    if not results:
        return Part("lines", title, [[say("no_unit_fits")]], note=note)
    rows: list[list[Cell]] = [
        [
            place,
            _codes(result["assets"], say),
            _names(result["assets"], say),
            None if result["points"] is None else Decimal(result["points"]),
            say.word(result["path"]),
            None if result["taken_m2"] is None else two_places(Decimal(str(result["taken_m2"]))),
            wan(result["yearly_cost_yuan"]),
            _checked(result["assets"], say),
            say.from_table("pin", result["pin"]) if result.get("pin") else "",
        ]
        for place, result in enumerate(results, 1)
    ]
    names = ("place", "unit_code", "space", "score", "path", "area_m2", "yearly_cost_wan", "checked_on", "pin")
    shown = len(names) if any(result.get("pin") for result in results) else len(names) - 1
    columns, widths = [say(key) for key in names[:shown]], (2, 4, 6, 2, 3, 3, 4, 4, 3)[:shown]
    return Part("table", title, [row[:shown] for row in rows], columns, widths, note)


def _codes(assets: Sequence[Mapping[str, Any]], say: ReportWords) -> str:
    return say.joined([asset.get("code") for asset in assets])


def _checked(assets: Sequence[Mapping[str, Any]], say: ReportWords) -> str:
    """The days on which their listings were last checked, as far as anybody has."""
    days = [asset.get("checked_on") or say("not_checked") for asset in assets]
    return say.joined([*dict.fromkeys(days)])


def _names(assets: Sequence[Mapping[str, Any]], say: ReportWords) -> str:
    return say.joined([asset.get("name") or say("not_shown") for asset in assets])


def _reasons(title: str, results: Sequence[Mapping[str, Any]], say: ReportWords) -> list[Part]:
    rows: list[list[Cell]] = []
    for place, result in enumerate(results, 1):
        open_rules = [entry for entry in result["hard"] if entry["status"] not in ("pass", "not_applicable")]
        texts = [result["summary"], *(entry["text"] for entry in [*open_rules, *result["soft"]])]
        lines = [f"· {text}" if n else text for n, text in enumerate(texts) if text]
        rows.append([place, _grouped("\n".join(lines))])
    columns = [say("place"), say("reason")]
    return [Part("table", title + say("of_reasons"), rows, columns, (1, 12))] if rows else []


def _grouped(text: str) -> str:
    """A sentence with the digits of its amounts in groups, as everywhere on paper; codes have no decimals and stay."""
    return _AMOUNT.sub(lambda amount: f"{Decimal(amount[0]):,}", text)


def _left_out(kind: str, listed: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [f"{rule} {name_of(rule, say.language)}", count] for rule, count in listed["totals"]["out_by"].items() if count
    ]
    title = _title(kind, "of_left_out", say)
    if not rows:
        return Part("lines", title, [[say("no_unit_was_left_out")]])
    note = say("a_unit_may_break_several_rules")
    return Part("table", title, rows, [say("rule"), say("units_left_out")], (4, 1), note)


def _pins(pins: Sequence[Mapping[str, Any]], units: Mapping[str, Mapping[str, Any]], say: ReportWords) -> list[Part]:
    """What staff pinned or set aside, and why; they change nothing of the order."""
    rows: list[list[Cell]] = [
        [
            _codes([units.get(pin["asset_id"], {})], say) or None,
            _names([units.get(pin["asset_id"], {})], say),
            say.from_table("pin", pin["placement"]),
            pin["reason"],
        ]
        for pin in pins
    ]
    columns = [say(key) for key in ("unit_code", "space", "pin", "reason")]
    return [Part("table", say("pins"), rows, columns, (3, 4, 2, 7), say("pins_note"))] if rows else []


def _made(ranking: Mapping[str, Any], replay: Mapping[str, Any] | None, say: ReportWords) -> Part:
    if replay is None:
        again = say("cannot_be_replayed")
    elif replay["identical"]:
        again = say("replay_identical")
    else:
        again = say("replay_differences", count=len(replay["differences"]))
    rows: list[list[Cell]] = [
        [say("day_ranked"), say.day(ranking["day"])],
        [say("model"), ranking["model_version"]],
        [say("chain_table"), ranking["chain_version"]],
        [say("replay"), again],
        [say("version_of_the_need"), str(ranking["demand"]["version"])],
        [say("units_compared"), str(ranking["compared"])],
    ]
    return Part("pairs", say("how_it_was_made"), rows)
