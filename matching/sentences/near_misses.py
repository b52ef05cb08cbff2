"""One sentence for a near miss, Chinese or English, made when it is read from the numbers of the answer alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matching.sentences.labels import say, works_for
from texts.lookup import Language, field_label, label


def relaxation_sentence(relaxation: Mapping[str, Any], language: Language) -> str:
    """What would have to give, how many units would then fit, and how good the best of them would be."""
    joint = say("joint", language)
    changes = joint.join(_change(change, language) for change in relaxation["changes"])
    text = say(
        "relaxation",
        language,
    )
    text = text.format(changes=changes, units=relaxation["units"], points=relaxation["best_points"])
    if relaxation["to_confirm"]:
        more = say("more_to_confirm", language)
        text += more.format(count=relaxation["to_confirm"])
    return text


def _change(change: Mapping[str, Any], language: Language) -> str:
    if change["bound"] == "works":
        text = say(
            "works_accepted",
            language,
        )
        works = works_for(change["id"], language)
        return text.format(
            works=works, cost=change["to"], days=change["days"], payer=change["payer"], source=change["source"]
        )
    if change["unit"] == "date":
        text = say("handover_later", language)
        return text.format(days=change["days"], to=change["to"])
    if "more" in change:
        text = say("radius_wider", language)
        return text.format(more=change["more"])
    text = say("bound_changed", language)
    unit = f" {label('unit', change['unit'], language)}"
    return text.format(
        bound=field_label("demand", change["bound"], language),
        before=f"{change['from']:,.2f}{unit}",
        after=f"{change['to']:,.2f}{unit}",
    )
