"""How much each criterion weighs, and where its importance comes from. Source: model R1 §5.4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Invalid
from matching.codes import nearest
from matching.ranking.question import Question
from matching.rules import CRITERIA
from matching.score import in_order


def weights(question: Question) -> dict[str, float]:
    """The weight of each criterion that is mentioned, applies to the kind and matters: i² / Σ i², in the fixed order.

    Empty: no importances at all, those of the model version; some, the others are 0.
    Raises: Invalid on `importances` where nothing is left to weigh.
    """
    stated = importances(question)
    squares = {
        criterion: stated[criterion] * stated[criterion]
        for criterion in question.parameters.criteria
        if stated.get(criterion, 0.0) > 0 and CRITERIA[criterion].is_mentioned(question)
    }
    total = in_order(squares.values())
    if total == 0:
        raise Invalid("no_criterion_weighs", "importances", kind=question.kind)
    return {criterion: square / total for criterion, square in squares.items()}


def importances(question: Question) -> Mapping[str, float]:
    """What the firm states, else its sector's template, else the version's own; of criteria the version knows.

    Raises: Invalid on one that no version knows.
    """
    template, stated = question.template, question.demand.importances
    for criterion in stated:
        if criterion not in CRITERIA:
            raise Invalid("unknown_field", f"importances.{criterion}", nearest=nearest(str(criterion), CRITERIA))
    if stated:
        return _of_the_version(question, stated)
    by_template = question.parameters.importances if template is None else template.importances
    name = None if template is None else template.name
    return question.shared(("importances", name), lambda: _of_the_version(question, by_template))


def _of_the_version(question: Question, stated: Mapping[str, float]) -> dict[str, float]:
    return {criterion: stated[criterion] for criterion in question.parameters.criteria if criterion in stated}


def basis(question: Question) -> dict[str, Any]:
    """The importances in force and where they come from: stated, a sector's template, or the version's own."""
    template = question.template
    source = "stated" if question.demand.importances else "version" if template is None else "template"
    named = None if template is None else {"id": template.name, "zh": template.zh, "en": template.en}
    return {"basis": source, "template": named, "by_criterion": dict(importances(question))}
