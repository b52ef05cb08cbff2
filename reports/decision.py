"""The decision sheet of a kept ranking: what was wanted, what came first and why, what was left out by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from matching.sentences.labels import name_of
from reports.paper import Cell, Paper, Part
from reports.words import ReportWords
from texts.lookup import Language, heading

FIRST = 5
SIGNED_BY = (
    "investment_office",
    "park_administration",
    "firm",
    "date",
)
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
) -> Paper:
    """The sheet of a ranking already made readable; `replay` None: it cannot be replayed by this release."""
    say = ReportWords(language)
    parts = [_demand(demand, say), _weights(ranking, demand, say)]
    for kind, listed in ranking["lists"].items():
        parts += [_first(kind, listed, say), *_reasons(kind, listed, say), _left_out(kind, listed, say)]
    parts += [
        _made(ranking, replay, say),
        Part("signatures", say("signatures"), [[say(role)] for role in SIGNED_BY]),
    ]
    has_invented = any(
        asset.get("illustrative")
        for listed in ranking["lists"].values()
        for result in listed["results"][:FIRST]
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


def _demand(demand: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [say("kinds"), say.joined([say.word(word) for word in demand.get("kinds") or ()])],
        [
            say("paths_accepted"),
            say.joined([say.word(word) for word in demand.get("accepted_paths") or ()]),
        ],
        [say("product_codes"), say.joined(demand.get("product_codes") or ()) or None],
    ]
    for name, unit in SHOWN_MEMBERS.items():
        if demand.get(name) is not None:
            value = str(demand[name]) if unit is None else f"{demand[name]} {say.label('unit', unit)}"
            rows.append([heading(say.field("demand", name)), value])
    return Part("pairs", say("the_need"), rows)


def _weights(ranking: Mapping[str, Any], demand: Mapping[str, Any], say: ReportWords) -> Part:
    """The importance of each criterion, and its weight for the first unit, over the criteria that apply to it."""
    importances = demand.get("importances") or {}
    shares = {
        entry["id"]: Decimal(str(entry["weight"]))
        for listed in ranking["lists"].values()
        for result in listed["results"][:1]
        for entry in result["soft"]
    }
    rows: list[list[Cell]] = [
        [
            name_of(name, say.language),
            Decimal(str(importances[name])).normalize() if name in importances else None,
            f"{shares[name] * 100:.1f} %" if name in shares else None,
        ]
        for name in dict.fromkeys([*importances, *shares])
    ]
    columns = [say("criterion"), say("importance_0_5"), say("weight")]
    return Part("table", say("weights"), rows, columns, (3, 2, 2), is_numeric=True)


def _title(kind: str, say: ReportWords) -> str:
    return str(say.word(kind))


def _first(kind: str, listed: Mapping[str, Any], say: ReportWords) -> Part:
    rows: list[list[Cell]] = [
        [
            place,
            say.joined(
                [f"{asset.get('code', '')} {asset.get('name', asset['id'])}".strip() for asset in result["assets"]]
            ),
            result["points"],
            say.word(result["path"]),
            None if result["taken_m2"] is None else Decimal(str(result["taken_m2"])),
            None if result["yearly_cost_yuan"] is None else Decimal(str(result["yearly_cost_yuan"])),
        ]
        for place, result in enumerate(listed["results"][:FIRST], 1)
    ]
    columns = [
        say(key)
        for key in (
            "place",
            "space",
            "score",
            "path",
            "area_m2",
            "yearly_cost_yuan",
        )
    ]
    heading = _title(kind, say) + say("first_five")
    return Part("table", heading, rows, columns, (1, 5, 1, 2, 2, 2), listed["text"])


def _reasons(kind: str, listed: Mapping[str, Any], say: ReportWords) -> list[Part]:
    rows: list[list[Cell]] = []
    for place, result in enumerate(listed["results"][:FIRST], 1):
        open_rules = [entry for entry in result["hard"] if entry["status"] not in ("pass", "not_applicable")]
        texts = [result["summary"], *(entry["text"] for entry in [*result["soft"], *open_rules])]
        rows.append([place, "\n".join(f"· {text}" if n else text for n, text in enumerate(texts) if text)])
    columns = [say("place"), say("reason")]
    heading = _title(kind, say) + say("of_reasons")
    return [Part("table", heading, rows, columns, (1, 12))] if rows else []


def _left_out(kind: str, listed: Mapping[str, Any], say: ReportWords) -> Part:
    totals = listed["totals"]
    rows: list[list[Cell]] = [
        [f"{rule} {name_of(rule, say.language)}", count] for rule, count in totals["out_by"].items() if count
    ]
    note = say("a_unit_may_break_several_rules")
    columns = [say("rule"), say("units_left_out")]
    heading = _title(kind, say) + say("of_left_out")
    if not rows:
        return Part("lines", heading, [[say("no_unit_was_left_out")]])
    return Part("table", heading, rows, columns, (4, 1), note)


def _made(ranking: Mapping[str, Any], replay: Mapping[str, Any] | None, say: ReportWords) -> Part:
    if replay is None:
        again = say("cannot_be_replayed")
    elif replay["identical"]:
        again = say("replay_identical")
    else:
        again = say("replay_differences", count=len(replay["differences"]))
    rows: list[list[Cell]] = [
        [say("day_ranked"), ranking["day"]],
        [say("model"), ranking["model_version"]],
        [say("chain_table"), ranking["chain_version"]],
        [say("replay"), again],
        [say("version_of_the_need"), str(ranking["demand"]["version"])],
        [say("units_compared"), str(ranking["compared"])],
    ]
    return Part("pairs", say("how_it_was_made"), rows)
