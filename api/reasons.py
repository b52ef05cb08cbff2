"""A ranking as people read it: names beside ids, a sentence beside each reason. The numbers stay as they were kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from matching.rules import area
from matching.sentences.counts import counted, moved, robustness_sentence, standing
from matching.sentences.near_misses import relaxation_sentence
from matching.sentences.reasons import Sentences, summary
from texts.lookup import Language


def readable(
    answer: Mapping[str, Any], names: Mapping[str, Any], language: Language, pins: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The answer with what the caller may see of each unit, and its reasons in the caller's language.

    What staff pinned or set aside stands beside it and changes nothing of its order.
    """
    placements = {pin["asset_id"]: pin["placement"] for pin in pins}
    sentences = Sentences(language)
    lists = {
        kind: {
            **part,
            "text": counted(part["totals"], language),
            "results": [
                {**_result(result, names, sentences), "pin": placements.get(result["asset_ids"][0])}
                for result in part["results"]
            ],
            "alternatives": _bundles(part.get("alternatives"), names, language),
            "relaxations": _relaxations(part.get("relaxations"), names, language),
        }
        for kind, part in answer["lists"].items()
    }
    return {**answer, "pins": list(pins), "lists": lists}


def _robust(share: float | None, language: Language) -> str | None:
    return None if share is None else robustness_sentence(share, language)


def _bundles(
    alternatives: Mapping[str, Any] | None, names: Mapping[str, Any], language: Language
) -> dict[str, Any] | None:
    if alternatives is None:
        return None
    sentences = Sentences(language)
    return {**alternatives, "bundles": [_result(bundle, names, sentences) for bundle in alternatives["bundles"]]}


def _relaxations(
    relaxations: Sequence[Mapping[str, Any]] | None, names: Mapping[str, Any], language: Language
) -> list[dict[str, Any]] | None:
    if relaxations is None:
        return None
    return [
        {
            **relaxation,
            "text": relaxation_sentence(relaxation, language),
            "asset": {"id": relaxation["asset_id"], **names.get(relaxation["asset_id"], {})},
        }
        for relaxation in relaxations
    ]


def explained(explanation: Mapping[str, Any], names: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The explanation of one unit, with where it stands in words."""
    return {
        **explanation,
        "text": standing(explanation, language),
        "result": _result(explanation["result"], names, Sentences(language)),
    }


def compared(difference: Mapping[str, Any], names: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A difference of two rankings with what the caller sees of each unit, and how each moved in words."""

    def named(entry: Mapping[str, Any]) -> dict[str, Any]:
        return {"assets": [{"id": asset_id, **names.get(asset_id, {})} for asset_id in entry["asset_ids"]], **entry}

    lists = {
        kind: {
            **part,
            **{name: [named(entry) for entry in part[name]] for name in ("entered", "left")},
            "moved": [{**named(entry), "text": moved(entry, language)} for entry in part["moved"]],
        }
        for kind, part in difference["lists"].items()
    }
    return {**difference, "lists": lists}


#: What a feature says of a result; the reasons stand in the ranking itself.
_PROPERTIES = (
    "asset_ids",
    "status",
    "path",
    "score",
    "points",
    "taken_m2",
    "yearly_cost_yuan",
    "would_stand",
    "like_it",
    "summary",
    "pin",
)


def collection(shown: Mapping[str, Any], outlines: Mapping[str, str]) -> dict[str, Any]:
    """A readable ranking as a GeoJSON FeatureCollection: a feature a result, kind after kind, `rank` within its list.

    Empty: a unit whose outline the caller does not see has no geometry.
    """
    about = {name: value for name, value in shown.items() if name != "lists"}
    features = [
        {
            "type": "Feature",
            "id": result["asset_ids"][0],
            "geometry": _geometry([outlines[asset_id] for asset_id in result["asset_ids"] if asset_id in outlines]),
            "properties": {
                "kind": kind,
                "rank": rank,
                **{name: result["assets"][0].get(name) for name in ("code", "name", "park_id")},
                **{name: result.get(name) for name in _PROPERTIES},
            },
        }
        for kind, part in shown["lists"].items()
        for rank, result in enumerate(part["results"], 1)
    ]
    totals = {kind: {"totals": part["totals"], "text": part["text"]} for kind, part in shown["lists"].items()}
    return {"type": "FeatureCollection", "features": features, **about, "lists": totals}


def _geometry(texts: Sequence[str]) -> Any:
    parts = [json.loads(text) for text in texts]
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"type": "GeometryCollection", "geometries": parts}


def _result(result: Mapping[str, Any], names: Mapping[str, Any], sentences: Sentences) -> dict[str, Any]:
    taken = {"taken_m2": result.get("taken_m2")}
    return {
        "assets": [{"id": asset_id, **names.get(asset_id, {})} for asset_id in result["asset_ids"]],
        **result,
        "robustness_text": _robust(result.get("robustness"), sentences.language),
        "summary": None if result["score"] is None else summary(result, sentences.language),
        "hard": [
            {**entry, "text": sentences.sentence(entry | taken if entry["id"] == area.RULE.id else entry)}
            for entry in result["hard"]
        ],
        "soft": [{**entry, "text": sentences.sentence(entry)} for entry in result["soft"]],
    }
