"""Every text stands in every language; a code word that is shown has one label in each."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path as File
from string import Formatter

import pytest

from actions.agreement import UNITS
from actions.interest import OTHER
from api.app import ROUTES
from domain.fields import TABLES
from domain.words import (
    AreaUnit,
    Availability,
    Connection,
    DatePrecision,
    Effluent,
    Equipment,
    Evidence,
    HazardClass,
    Kind,
    Listing,
    Path,
    Policy,
)
from matching.rules import CURABLE, LABELS
from matching.sentences import labels
from matching.sentences.counts import LISTS
from ops import doctor
from ops.settings import VARIABLES
from outcomes.revival import RevivalVerdict
from outcomes.stages import Stage
from outcomes.supervision import Colour, LightReason
from reports.decision import SHOWN_MEMBERS
from texts import lookup

ROOT = File(__file__).parents[2]
SUBJECTS = sorted(file.stem for file in (ROOT / "texts/zh").glob("*.toml"))
#: The packages that travel, without those of the demonstration.
PACKAGES = ("actions", "api", "domain", "geo", "ledger", "matching", "ops", "outcomes", "reports", "store", "texts")
CHECKED = [doctor.FONT, doctor.DATABASE, *doctor.CHECKS, doctor.FILES, doctor.UNREFERENCED, doctor.CHAIN, doctor.ANCHOR]
#: Vocabulary → the code words that are shown by it.
WORDS: dict[str, set[str]] = {
    "kind": set(Kind),
    "path": set(Path),
    "stage": set(Stage),
    "light": set(Colour),
    "light_reason": set(LightReason),
    "figure": set(UNITS),
    "verdict": set(RevivalVerdict),
    "evidence": set(Evidence),
    "requirement": {"kind", *LABELS.values()},
    "works": {LABELS[rule.id] for rule in CURABLE},
    "list": set(LISTS),
    "off_offer": set(Availability) - {Availability.available},
    "hazard_class": set(HazardClass),
    "effluent": set(Effluent),
    "connection": set(Connection),
    "policy": set(Policy),
    "equipment": set(Equipment),
    "refused_for": {OTHER},
    "listing": set(Listing),
    "availability": set(Availability),
    "date_precision": set(DatePrecision),
}
#: Subject and table → the keys that its code has.
KEYS: dict[tuple[str, str], set[str]] = {
    ("description", "operation"): {route.handler_name for route in ROUTES if "hidden" not in route.opt},
    ("description", "tag"): {tag for route in ROUTES for tag in route.tags or ()},
    ("doctor", "subject"): {check.name for check in CHECKED},
    ("doctor", "remedy"): {check.remedy for check in CHECKED},
    ("settings", "variable"): {variable.field for variable in VARIABLES},
}
#: Tables that a language lacks: what docstrings say of operations and records in English.
LACKING = {("en", "description"): {"operation"}, ("en", "members"): {"record"}}
#: Vocabularies in which one word means two things: a unit, in a cell and in a sentence, and a deal; a requirement and
#: what cures it; how one unit stands and how many do; a span of time and how exactly a day is known.
TWO_THINGS = [
    {"stage", "off_offer", "listing", "availability"},
    {"requirement", "works"},
    {"standing", "list"},
    {"unit", "date_precision"},
]


def vocabularies(language: str) -> dict[str, Mapping[str, str]]:
    """The labels by vocabulary; requirements stand beside the fields they read."""
    return {**lookup.tables("labels", language), "requirement": lookup.tables("fields", language)["requirement"]}


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_language_has_the_same_texts_with_the_same_parameters(subject: str) -> None:
    def shape(language: str) -> dict[str, dict[str, set[str]]]:
        tables = lookup.tables(subject, language)
        return {table: {key: holes(text) for key, text in texts.items()} for table, texts in tables.items()}

    for language in lookup.languages():
        lacking = LACKING.get((language, subject), set())
        assert shape(language) == {table: texts for table, texts in shape("zh").items() if table not in lacking}


def test_each_language_has_every_subject() -> None:
    subjects = {
        language: sorted(file.stem for file in (ROOT / "texts" / language).glob("*.toml"))
        for language in lookup.languages()
    }

    assert subjects == dict.fromkeys(lookup.languages(), SUBJECTS)
    assert {"zh", "en"} <= subjects.keys()


def test_no_text_is_in_the_other_language() -> None:
    texts = [
        (subject, key, text)
        for subject in SUBJECTS
        for table in lookup.tables(subject, "en").values()
        for key, text in table.items()
    ]
    assert [text for text in texts if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text[2])] == []
    refusals = lookup.tables("refusals", "zh")["refusal"]
    assert [code for code, text in refusals.items() if not re.search(r"[\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize("vocabulary", WORDS)
def test_every_word_that_is_shown_has_a_label_and_no_label_is_without_a_word(vocabulary: str) -> None:
    for language in lookup.languages():
        assert set(vocabularies(language)[vocabulary]) == WORDS[vocabulary]


@pytest.mark.parametrize(("subject", "table"), KEYS)
def test_every_key_that_is_shown_has_a_text_and_no_text_is_without_a_key(subject: str, table: str) -> None:
    for language in lookup.languages():
        if table not in LACKING.get((language, subject), ()):
            assert set(lookup.tables(subject, language)[table]) == KEYS[subject, table]


def test_every_unit_has_a_label() -> None:
    units = {*AreaUnit, *(unit for units in UNITS.values() for unit in units), *SHOWN_MEMBERS.values()} - {None}
    units |= {field.unit for table in TABLES.values() for field in table.values() if field.unit}

    assert units <= set(lookup.tables("labels", "zh")["unit"])


@pytest.mark.parametrize("language", lookup.languages())
def test_a_word_has_one_label_wherever_it_is_shown(language: str) -> None:
    seen: dict[str, dict[str, str]] = {}
    for vocabulary, texts in vocabularies(language).items():
        for word, text in texts.items():
            seen.setdefault(word, {})[vocabulary] = text

    assert [
        (word, texts)
        for word, texts in seen.items()
        if len(set(texts.values())) > 1 and not any(set(texts) <= two for two in TWO_THINGS)
    ] == []


def test_no_word_of_the_ranking_stands_in_two_vocabularies() -> None:
    words = [word for vocabulary in labels.VOCABULARIES for word in lookup.tables("labels", "zh")[vocabulary]]

    assert len(words) == len(set(words))


def test_a_path_is_called_as_its_scheme_calls_it() -> None:
    paths = json.loads((ROOT / "fixtures/reference/paths_2.json").read_text(encoding="utf-8"))["paths"]

    for language in lookup.languages():
        assert lookup.tables("labels", language)["path"] == {name: path[language] for name, path in paths.items()}


def texts_in(code: str) -> list[str]:
    """The Chinese texts that stand in code, docstrings apart."""
    tree = ast.parse(code)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if re.search(r"[\u4e00-\u9fff]", node.value)
    ]


#: File with Chinese in its code → how many texts, and why they stand there.
IN_CODE = {
    "bootstrap.py": (2, "read by a Python that is too old to read the files of texts, to say so"),
    "docs/recompute_figure.py": (12, "a script of its own, to be run where nothing of the service is"),
    "domain/fields.py": (294, "headings that people write above a field in sheets and files"),
    "domain/telephone.py": (1, "a pattern: the words that people write before an extension"),
    "geo/corner_points.py": (8, "words of the format of survey texts"),
    "geo/encodings.py": (3, "patterns: what characters texts in a survey file may hold, and what lost ones look like"),
    "ledger/days.py": (2, "patterns: the signs of year, month and day"),
    "store/spelling.py": (2, "a pattern: the ending most names of firms share; a character that opens the dictionary"),
}


def test_code_has_its_texts_from_here_alone() -> None:
    folders = [*PACKAGES, "docs"]
    files = [*ROOT.glob("*.py"), *(file for folder in folders for file in (ROOT / folder).rglob("*.py"))]

    counts = {str(file.relative_to(ROOT)): len(texts_in(file.read_text(encoding="utf-8"))) for file in files}

    assert {file: count for file, count in counts.items() if count} == {
        file: count for file, (count, _) in IN_CODE.items()
    }
    assert len(files) > 200
    assert texts_in('"""租赁"""\nPATHS = {"lease": ("租赁", "Lease")}') == ["租赁"]


SAY = "say|texts|joined"
#: Subject and table → the files that use it, and the calls that name its keys.
USED: dict[tuple[str, str], tuple[list[str], str]] = {
    ("reports", "report"): (["reports/*.py", "api/report.py"], SAY),
    ("ranking", "sentence"): (["matching/sentences/*.py"], SAY),
    ("chart", "chart"): (["outcomes/*.py"], SAY),
    ("command_line", "help"): (["ops/cli.py"], "_help"),
    ("command_line", "answer"): (["ops/*.py"], "_answer"),
    ("command_line", "fault"): (["ops/*.py", "bootstrap.py"], "ClusterRefused|fault"),
    ("command_line", "environment"): (["bootstrap.py"], ""),
    ("settings", "fault"): (["ops/settings.py"], "SettingsError"),
    ("settings", "table"): (["ops/settings.py"], ""),
    ("description", "page"): (["api/*.py", "ops/launcher.py"], ""),
    ("description", "part"): (["api/description.py"], ""),
    ("description", "header"): (["api/*.py"], ""),
    ("description", "member"): (["api/*.py"], ""),
    ("enquiry", "question"): (["api/*.py"], ""),
    ("enquiry", "visit"): (["api/*.py"], ""),
    ("sources", "source"): (["actions/*.py"], ""),
}


@pytest.mark.parametrize(("subject", "table"), USED)
def test_every_text_is_used_and_every_key_has_a_text(subject: str, table: str) -> None:
    places, calls = USED[subject, table]
    code = "".join(file.read_text(encoding="utf-8") for place in places for file in sorted(ROOT.glob(place)))
    keys = set(lookup.tables(subject, "zh")[table])
    named = re.findall(rf"side_by_side\([\"']{subject}[\"'], [\"']{table}[\"'], [\"'](\w+)[\"']", code)
    named += re.findall(rf"\b(?:{calls})\([\"'](\w+)[\"']", code) if calls else []

    assert [key for key in sorted(keys) if not re.search(f"[\"']{key}[\"']", code)] == []
    assert set(named) <= keys


def test_every_text_travels_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["texts"]

    packed = {file for pattern in patterns for file in (ROOT / "texts").glob(pattern)}

    assert packed == set((ROOT / "texts").rglob("*.toml"))
