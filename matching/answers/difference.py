"""What changed between two rankings of one demand: which units came, went and moved, by which criterion, and why.

Plain documents in, a plain document out: the answers and inputs as they were kept. Units: scores and shares 1e-9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
#: Of a result kept before buildings were folded.
NOTHING: Document = {"asset_ids": ()}
#: Of a demand, what says nothing of what is sought.
NOT_SOUGHT = ("version", "revision", "recorded_at", "listing", "audience", "firm_id", "id", "illustrative")


def difference(old: Document, new: Document, old_inputs: Document, new_inputs: Document) -> dict[str, Any]:
    """The lists compared kind by kind, beside what was asked, the day, the versions and the facts of parks.

    A unit that came or went says `behind` which one the other list shows its building; it is still ranked there.
    Empty: a kind that only one of the two lists has counts as a list of nothing in the other.
    """
    kinds = dict.fromkeys((*old["lists"], *new["lists"]))
    return {
        "changed": {
            **{name: _pair(old.get(name), new.get(name)) for name in ("day", "model_version", "chain_version")},
            "limit": _pair(old_inputs.get("limit"), new_inputs.get("limit")),
            "demand": _fields(_sought(old_inputs["demand"]), _sought(new_inputs["demand"])),
            "park_facts": _parks(old_inputs.get("park_facts") or {}, new_inputs.get("park_facts") or {}),
        },
        "lists": {kind: _list(old["lists"].get(kind), new["lists"].get(kind), _ids(new_inputs)) for kind in kinds},
    }


def _ids(inputs: Document) -> set[str]:
    """Every id that stands in the rows kept."""
    rows = inputs.get("rows") or {}
    parts = [rows] if "ids" in rows else [part for part in rows.values() if isinstance(part, Mapping)]
    return {unit_id for part in parts for unit_id in part.get("ids", ())}


def _sought(demand: Document) -> Document:
    return {name: value for name, value in demand.items() if name not in NOT_SOUGHT}


def _pair(old: Any, new: Any) -> dict[str, Any] | None:
    return None if old == new else {"from": old, "to": new}


def _fields(old: Document, new: Document) -> dict[str, Any]:
    names = dict.fromkeys((*old, *new))
    return {name: pair for name in names if (pair := _pair(old.get(name), new.get(name))) is not None}


def _parks(old: Mapping[str, Document], new: Mapping[str, Document]) -> dict[str, Any]:
    """Facts that changed of the parks and zones whose units both rankings kept."""
    both = [key for key in old if key in new]
    return {key: fields for key in both if (fields := _fields(old[key], new[key]))}


def _list(old: Document | None, new: Document | None, kept: set[str]) -> dict[str, Any]:
    before, after = _placed(old), _placed(new)
    moved = [(key, before[key], after[key]) for key in after if key in before]
    return {
        "totals": _fields((old or {}).get("totals", {}), (new or {}).get("totals", {})),
        "entered": [{**_brief(*after[key]), "behind": _behind(old, key)} for key in after if key not in before],
        "left": [
            {**_brief(*before[key]), "behind": front, "is_still_ranked": front is not None or set(key) <= kept}
            for key in before
            if key not in after
            for front in [_behind(new, key)]
        ],
        "moved": [_moved(was, now) for _, was, now in moved if _brief(*was) != _brief(*now)],
        "unchanged": sum(_brief(*was) == _brief(*now) for _, was, now in moved),
    }


def _placed(listing: Document | None) -> dict[tuple[str, ...], tuple[int, Document]]:
    results = [] if listing is None else listing["results"]
    return {tuple(result["asset_ids"]): (place, result) for place, result in enumerate(results, 1)}


def _behind(listing: Document | None, key: tuple[str, ...]) -> list[str] | None:
    """The result a unit stands behind in a list, as far as the list names what is like it."""
    results = [] if listing is None else listing["results"]
    fronts = (head["asset_ids"] for head in results if set(key) <= set(head.get("like_it", NOTHING)["asset_ids"]))
    return next(fronts, None)


def _brief(place: int, result: Document) -> dict[str, Any]:
    names = ("asset_ids", "status", "path", "score", "points")
    return {"place": place, **{name: result[name] for name in names}}


def _moved(was: tuple[int, Document], now: tuple[int, Document]) -> dict[str, Any]:
    """A unit in both lists: places, scores, and the criteria whose share changed, the greatest change first."""
    old, new = _brief(*was), _brief(*now)
    shares = [{entry["id"]: entry["contribution"] for entry in result["soft"]} for _, result in (was, now)]
    changes = {
        name: shares[1].get(name, 0) - shares[0].get(name, 0) for name in dict.fromkeys((*shares[0], *shares[1]))
    }
    criteria = [
        {"id": name, "from": shares[0].get(name), "to": shares[1].get(name), "change": change}
        for name, change in sorted(changes.items(), key=lambda item: -abs(item[1]))
        if change
    ]
    rules = {
        name: [{e["id"]: e[name] for e in result["hard"]} for _, result in (was, now)] for name in ("status", "offered")
    }
    return {
        "asset_ids": new["asset_ids"],
        "from": {name: value for name, value in old.items() if name != "asset_ids"},
        "to": {name: value for name, value in new.items() if name != "asset_ids"},
        "change": new["score"] - old["score"],
        "moved_by": criteria[0]["id"] if criteria else None,
        "criteria": criteria,
        "rules": [
            {"id": rule, "status": _pair(status, rules["status"][1].get(rule)), "offered": _pair(offered, offered_now)}
            for rule, status in rules["status"][0].items()
            for offered, offered_now in [(rules["offered"][0].get(rule), rules["offered"][1].get(rule))]
            if status != rules["status"][1].get(rule) or offered != offered_now
        ],
    }
