"""Every vocabulary of the interface by the name its component has, and what each of its words means.

An enumeration of code is called as its class; words that a record lists for itself have their name here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from api.queries import SORTS
from domain import words
from domain.fields import CHECK_METHODS, USES
from matching.rules import CRITERIA, CURABLE, RULES
from matching.rules.verdict import FIELDS
from outcomes.enquiry import AnswerMeans, ClosedAs, EnquiryState
from outcomes.idle_clock import Cause, ClockGround, ClockStatus
from outcomes.revival import RevivalVerdict
from outcomes.service_request import RequestStage, Topic
from outcomes.stages import Stage
from outcomes.standing import Direction
from outcomes.supervision import Colour, LightReason
from texts.lookup import Language, field_label, languages, side_by_side, tables
from texts.words import meaning

ENUMERATIONS: Final = (
    words.Kind, words.Level, words.Listing, words.Availability, words.Path, words.TransferTax, words.HazardClass,
    words.Effluent, words.Connection, words.Policy, words.Equipment, words.LandRight, words.IdleBasis, words.Mortgage,
    words.Audience, words.Role, words.Purpose, words.AreaUnit, words.DatePrecision, words.Evidence, words.HeightPoint,
    words.InterestAct, words.AttachmentKind, words.AttachmentReaders, Cause, ClockGround, ClockStatus, Colour,
    Direction, LightReason, RequestStage, RevivalVerdict, Stage, Topic, EnquiryState, AnswerMeans, ClosedAs,
)  # fmt: skip
#: Component → its words, in the order in which they are explained.
VOCABULARIES: Final[Mapping[str, tuple[str, ...]]] = {
    **{vocabulary.__name__: tuple(vocabulary) for vocabulary in ENUMERATIONS},
    "NewRole": ("firm", "staff", "leader", "auditor", "admin"),
    "Rule": RULES,
    "Criterion": tuple(CRITERIA),
    "CurableRule": tuple(rule.id for rule in CURABLE),
    "UnknownFact": FIELDS,
    "PictureSize": ("original", "large", "medium", "small"),
    "Fulfilment": ("pass", "fail", "unknown", "not_applicable"),
    "Standing": ("fit", "fit_after_works", "to_confirm"),
    "AnyStanding": ("fit", "fit_after_works", "to_confirm", "no_fit"),
    "Placement": ("pinned", "set_aside"),
    "Formality": ("title_registration", "encumbrance_clearance", "encumbrance_release"),
    "ImportanceBasis": ("stated", "template", "version"),
    "WorthPart": ("tax_yuan_year", "output_yuan_year", "jobs", "energy_tce"),
    "PlannedUseSystem": USES,
    "CheckMethod": CHECK_METHODS,
    "RevivedGrouping": ("park", "path", "kind", "industry"),
    "DeliveryGrouping": ("park", "path", "industry"),
    "StockGrouping": ("park", "kind", "basis"),
    "PromisedName": ("output", "revenue", "tax", "added_value", "investment", "jobs", "energy", "research"),
    "PromisedUnit": ("yuan", "person", "tce", "kwh"),
    "PromisedPer": ("year", "total"),
    "AgreementState": ("in_force", "replaced", "withdrawn"),
    "ApprovalResult": ("approved", "refused"),
    "ApprovalStatus": ("open", "applied", "overdue", "approved", "refused"),
    "TenancyState": ("in_term", "to_verify", "stays", "renewed", "left", "corrected"),
    "TenantAnswer": ("waived", "exercised", "none"),
    "WebhookState": ("active", "failing", "paused"),
    "HealthStatus": ("live", "ready", "degraded"),
    "NewListing": ("draft", "published"),
    "BulkAct": ("publish", "withdraw", "amend", "check"),
    "BulkActDone": ("published", "withdrawn", "amended", "checked"),
    "DateOrder": ("ymd", "mdy", "dmy"),
    "ImportState": ("queued", "running", "ready", "saved", "failed", "cancelled"),
    "StartedState": ("queued", "ready", "cancelled"),
    "ImportStage": ("reading", "comparing", "checking", "writing"),
    "RowVerdict": ("new", "changed", "same", "conflict", "refused"),
    "RowSeverity": ("error", "warning", "note"),
    "ConflictChoice": ("file", "register"),
    "ColumnGround": ("mapping", "label", "heading", "cut", "pinyin", "part", "unknown"),
    "BatchKind": ("import", "change", "undo", "split", "merge"),
    "TitleLanguage": languages(),
    "TimelineForm": ("json", "csv", "ics"),
    "SheetForm": ("csv", "xlsx"),
    "FiguresForm": ("csv", "xlsx", "pdf"),
    "PaperForm": ("pdf", "xlsx"),
    "AssetSort": SORTS,
}
_BY_WORDS: Final = {frozenset(listed): name for name, listed in VOCABULARIES.items()}


def name_of(listed: Iterable[Any]) -> str | None:
    """The component of a list of words; None for a list that nobody named."""
    return _BY_WORDS.get(frozenset(word for word in listed if word is not None))


def component(name: str) -> dict[str, Any]:
    """The schema of a vocabulary: what it is and its words, each explained in every language."""
    lines = "\n".join(f"- `{word}`: {explained(name, word)}" for word in VOCABULARIES[name])
    about = f"{side_by_side('vocabularies', 'vocabulary', name)}\n\n{lines}"
    return {"type": "string", "title": name, "enum": list(VOCABULARIES[name]), "description": about}


def explained(name: str, word: str) -> str:
    """What a word of a vocabulary means, in every language."""
    meanings = dict.fromkeys(_meaning(name, word, language) for language in languages())
    return " ".join(meanings)


def _meaning(name: str, word: str, language: Language) -> str:
    return COMPUTED[name](word, language) if name in COMPUTED else meaning(name, word, language)


def _sort(word: str, language: Language) -> str:
    name = word.removeprefix("-")
    order = tables("vocabularies", language)["AssetSort"]["descending" if word.startswith("-") else "ascending"]
    return order.format(field=field_label("asset", name, language))


def _unknown_fact(word: str, language: Language) -> str:
    own = tables("vocabularies", language)["UnknownFact"]
    return own[word] if word in own else field_label("asset", word, language)


COMPUTED: Final[Mapping[str, Callable[[str, Language], str]]] = {"AssetSort": _sort, "UnknownFact": _unknown_fact}
