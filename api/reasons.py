"""A ranking as people read it: names beside ids, a sentence beside each reason. The numbers stay as they were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.messages import Language
from matching.places import counted, standing
from matching.relaxation_sentences import relaxation_sentence
from matching.sentences import sentence, summary


def readable(answer: Mapping[str, Any], names: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The answer with what the caller may see of each unit, and its reasons in the caller's language."""
    lists = {
        kind: {
            **part,
            "text": counted(part["totals"], language),
            "results": [_result(result, names, language) for result in part["results"]],
            "relaxations": _near_misses(part.get("relaxations"), names, language),
        }
        for kind, part in answer["lists"].items()
    }
    return {**answer, "lists": lists}


def _near_misses(
    found: Sequence[Mapping[str, Any]] | None, names: Mapping[str, Any], language: Language
) -> list[dict[str, Any]] | None:
    if found is None:
        return None
    return [
        {
            **one,
            "text": relaxation_sentence(one, language),
            "asset": {"id": one["asset_id"], **names.get(one["asset_id"], {})},
        }
        for one in found
    ]


def explained(told: Mapping[str, Any], names: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The explanation of one unit, with where it stands in words."""
    return {**told, "text": standing(told, language), "result": _result(told["result"], names, language)}


def _result(result: Mapping[str, Any], names: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        "assets": [{"id": one, "href": f"/api/v1/assets/{one}", **names.get(one, {})} for one in result["asset_ids"]],
        **result,
        "summary": None if result["score"] is None else summary(result, language),
        "hard": [{**entry, "text": sentence(entry, language)} for entry in result["hard"]],
        "soft": [{**entry, "text": sentence(entry, language)} for entry in result["soft"]],
    }
