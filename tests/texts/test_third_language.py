"""A third language is one folder: with every text of it in brackets, nothing that is shown stands outside them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path as File
from random import Random
from string import Formatter
from typing import Any
from xml.etree import ElementTree

import pytest

from actions.agreement import UNITS
from api.errors import STATUS
from domain.errors import Fault
from domain.words import Path
from matching import Catalogue
from matching.answers.explain import explain
from matching.sentences import labels
from matching.sentences.counts import counted, robustness_sentence, standing
from matching.sentences.near_misses import relaxation_sentence
from matching.sentences.reasons import sentence as reason
from matching.sentences.reasons import summary
from ops.settings import table_markdown
from outcomes.chart import as_svg
from outcomes.figures import BESIDE, ClosedYear
from outcomes.stages import Stage
from outcomes.supervision import Colour, Fulfilment, Light, LightReason
from outcomes.timeline import Bar, Progress, StageRow, Timeline, as_ics
from reports.decision import SHOWN_MEMBERS, decision_sheet
from reports.figures import AGES, PeriodFigures, figures_paper, month_report
from reports.outcomes import outcome_list, outcome_page
from reports.paper import Paper
from tests.matching.samples import MODEL, columns, crowd, random_demand, ranked
from texts import lookup
from texts.bilingual import Bilingual
from texts.refusal_sentences import note, sentence, title

ROOT = File(__file__).parents[2]
SUBJECTS = sorted(file.stem for file in (ROOT / "texts/zh").glob("*.toml"))
OTHER_LANGUAGE = "xx"
DAY = date(2026, 3, 31)


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.fixture
def other(tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A third language: every text in brackets."""
    for language in lookup.languages():
        shutil.copytree(lookup.FOLDER / language, tmp_path / language)
    write_other(tmp_path)
    monkeypatch.setattr(lookup, "FOLDER", tmp_path)
    forget()
    yield OTHER_LANGUAGE
    monkeypatch.undo()
    forget()


def write_other(folder: File) -> None:
    (folder / OTHER_LANGUAGE).mkdir()
    for subject in SUBJECTS:
        lines = []
        for table, texts in lookup.tables(subject, "zh").items():
            lines.append(f"[{table}]")
            lines += [
                f"{json.dumps(key)} = {json.dumps(f'[{text}]', ensure_ascii=False)}" for key, text in texts.items()
            ]
        (folder / OTHER_LANGUAGE / f"{subject}.toml").write_text("\n".join(lines), encoding="utf-8")


def forget() -> None:
    for cached in (lookup.languages, lookup.tables, labels._words, labels._names, labels._template):
        cached.cache_clear()


def outside(text: str) -> str:
    """The letters of a text that stand in no brackets."""
    before = None
    while text != before:
        before, text = text, re.sub(r"\[[^\[\]]*\]", "", text)
    return "".join(re.findall(r"[^\W\d_]+|[\[\]]", text))


def test_what_stands_outside_brackets_is_found() -> None:
    assert (outside("[一[2]三] 4 – 5"), outside("[a] b ]"), outside("[租赁]亩")) == ("", "b]", "亩")


def test_a_third_language_is_one_folder(other: str) -> None:
    assert lookup.languages() == ("zh", "en", other)
    assert (lookup.language_of("xx, en;q=0.5"), lookup.language_of("yy, en;q=0.5"), lookup.tag(other)) == (
        "xx",
        "en",
        "xx",
    )


def test_what_all_readers_share_has_a_third_language_beside_the_others(other: str) -> None:
    assert lookup.side_by_side("command_line", "answer", "stopped") == "已停止 stopped [已停止]"
    assert table_markdown().splitlines()[:2] == [
        "| 变量 variable [变量] | 默认 default [默认] | 含义 | meaning | [含义] |",
        "|---|---|---|---|---|",
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a process shows whose only language is the third one."""
    folder = tmp_path_factory.mktemp("texts")
    write_other(folder)
    command = [sys.executable, "-m", "tests.texts.alone", str(folder)]
    shown: dict[str, list[str]] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return shown


@pytest.mark.parametrize(("part", "least"), [("command_line", 150), ("interface", 400), ("sources", 6)])
def test_what_all_readers_share_has_all_its_words_from_its_languages(
    alone: dict[str, list[str]], part: str, least: int
) -> None:
    files_named = [re.sub(r"\.\w+", "", text) for text in alone[part]]

    assert len(files_named) >= least
    assert [text for text in files_named if outside(text)] == []


def test_a_refusal_has_all_its_words_from_its_language(other: str) -> None:
    texts = lookup.tables("refusals", other)
    params: dict[str, object] = {name: 1 for text in texts["refusal"].values() for name in holes(text)}
    params |= {"expected": ["int", "date"], "got": "null", "orders": ["ymd", "dmy"], "name": "code"}
    params |= {"vocabulary": "Kind", "words": ["land", "factory"]}

    body = [sentence(Fault(code, "x", params), other) for code in texts["refusal"]]

    assert len(body) > 200
    assert [text for text in body if outside(text)] == []
    assert [kind for _, kind in STATUS.values() if outside(title(kind, other))] == []
    assert [code for code in texts["note"] if outside(note(code, other))] == []


@pytest.mark.parametrize("stage", Stage)
def test_a_chart_has_all_its_words_from_its_language(other: str, stage: Stage) -> None:
    bar, late = Bar(date(2026, 1, 1), date(2026, 2, 1)), Bar(date(2025, 1, 1), DAY, is_open=True)
    rows = [
        StageRow("signed", bar, bar, True, False, False),
        StageRow("handed_over", bar, late, False, False, True),
        StageRow("retrofit", None, late, False, False, False),
        StageRow(stage.value, bar, None, True, True, False),
    ]
    progress = [
        Progress(name, unit, Fulfilment(year, Decimal(900_000), actual, False, None, actual is not None))
        for name, units in UNITS.items()
        for unit in units
        for year, actual in ((2026, Decimal(5)), (None, None))
    ]
    for colour in Colour:
        light = Light(colour, Decimal(1), 1, tuple(LightReason), None)
        chart_of = Timeline("001", "lease", stage.value, light, rows, progress, True, DAY)
        chart = as_svg(chart_of, Bilingual(other, other))
        calendar = as_ics(chart_of, "1", "1", Bilingual(other, other)).decode().replace("\r\n ", "")
        texts = [text for text in ElementTree.fromstring(chart).itertext() if text.strip()]
        assert len(texts) > 60
        assert [text for text in texts if outside(text)] == []
        assert [text for text in re.findall("SUMMARY:(.*)", calendar) if outside(text)] == []


def shown(paper: Paper) -> list[str]:
    """All that stands on a paper."""
    texts = [paper.title, paper.subtitle, paper.foot, paper.flag, paper.issuer]
    for part in paper.parts:
        cells = [paper.shown(cell) for row in (*part.rows, part.total) for cell in row]
        texts += [part.heading, part.note, *part.columns, *cells]
    return texts


NUMBERS = {"area_mu": Decimal(1), "area_m2": Decimal(2), "cases": 1, "illustrative_area_mu": 1} | {
    "illustrative_area_m2": 1,
    "cases_without_area": 1,
}
SUMS = {"land": NUMBERS, "factory": NUMBERS}
STOCK = [
    {"kind": kind, "median_days": 3}
    | {f"{what}_{name}": Decimal(1) for what in ("idle", "to_verify") for name in ("units", "area_mu", "area_m2")}
    | {"area_m2": Decimal(9), "illustrative_area_m2": 1}
    for kind in ("land", "factory")
]
PARK = {"name_zh": "001", "name_en": None}
STEPS = {name: 1 for name in ("shown", "viewed", "visited", "signed", "producing")}
REQUESTS = {"raised": 2, "closed": 1, "median_days_to_close": 1, "median_age_open": 1, "oldest_open": 1}


def figures(parks: int) -> PeriodFigures:
    """Figures in which every part has a row."""
    return PeriodFigures(
        date(2026, 3, 1),
        DAY,
        SUMS,
        SUMS,
        SUMS,
        groups={
            name: [{"key": key, "kind": kind, **NUMBERS} for key in keys for kind in ("land", "factory")]
            for name, keys in (("park", ["1", None]), ("path", [*map(str, Path)]), ("industry", ["13"]))
        },
        names={"park": {"1": PARK}, "path": {}, "industry": {"13": PARK}},
        stock=STOCK,
        waited=STOCK,
        totals={"land": Decimal(10), "factory": None},
        funnel={True: STEPS, False: STEPS},
        promised=[
            {"name": name, "unit": unit, "promised": 1, "promised_of_reported": 1, "delivered": 1}
            | {"figures": 2, "figures_reported": 1}
            for name, units in UNITS.items()
            for unit in units
        ],
        requests=REQUESTS,
        parks=[PARK] * parks,
        beside=[{"verdict": verdict, "kind": "land", **NUMBERS} for verdict in BESIDE],
        closed=[
            ClosedYear(2025, DAY, DAY, whole, datetime(2026, 1, 1, tzinfo=UTC), *[dict.fromkeys(SUMS, Decimal(1))] * 2)
            for whole in (True, False)
        ],
        months=[date(2026, month, 1) for month in (1, 2, 3)],
        by_month=[{"key": key, "kind": "land", **NUMBERS} for key in ("2026-02", None)],
        by_age=[{**row, "key": key} for key in AGES for row in STOCK],
    )


@pytest.mark.parametrize("parks", [0, 1, 9])
def test_figures_have_all_their_words_from_their_language(other: str, parks: int) -> None:
    papers = [figures_paper(figures(parks), other, DAY), month_report(figures(parks), None, other, DAY)]

    for paper in papers:
        assert len(shown(paper)) > 100
        assert [text for text in shown(paper) if outside(text)] == []


ID = "00000000-0000-0000-0000-000000000001"


def outcome_at(stage: str, light: str) -> dict[str, Any]:
    """A row of the list of deals in which everything is told."""
    days = {"planned_on": "2026-01-01", "planned_on_precision": "month"}
    happened = {"happened_on": "2026-01-01", "happened_on_precision": "day"}
    outcome = {
        "id": "1", "path": "lease", "stage": stage, "light": light, "opened_on": "2026-01-01", "signed_on": None,
        "ended_on": None, "revived_on": "2026-01-01", "revived_on_precision": "year", "source": "1",
        "revenue_yuan_year": 1, "output_yuan_year": 1, "tax_yuan_year": 1,
        "illustrative": list(lookup.tables("fields", "zh")["outcome"]),
        "assets": [
            {"kind": "land", "stated_area": 1, "stated_area_unit": unit, "is_illustrative": True}
            for unit in ("m2", "mu", "ha")
        ],
        "notes": [{"code": code, "article": "1"} for code in lookup.tables("refusals", "zh")["note"]],
        "revivals": [
            {"clause": "1", "version": "1", "verdict": verdict, "revived_on": "2026-01-01"}
            | {"revived_on_precision": "day", "idle_since": "2025-01-01", "is_idle_told_afterwards": True}
            for verdict in ("counted", *BESIDE)
        ] * 2,
        "milestones": [{"stage": stage, "amount_yuan": 1}],
    }  # fmt: skip
    supervision = {
        "milestones": [
            {"stage": stage.value, "evidence": evidence, **days, **happened}
            for stage in Stage
            for evidence in ("stated", "not_stated")
        ],
        "indicators": [
            {"id": ID, "name": name, "value": 1, "unit": unit, "per": per, "due_on": None, "state": "in_force"}
            | {"starts_on": "2026-01-01"}
            for name, units in UNITS.items()
            for unit in units
            for per in ("year", "total")
        ],
        "reports": [{"indicator_id": ID, "is_counted": True, "year": 2026, "quarter": None, "value": 1}],
        "approvals": [{"name": "1", "target_days": 1, "applied_on": None, "done_on": None}] * 9,
    }
    tenancies = [
        {"code": "1", "starts_on": "2026-01-01", "ends_on": None, "rent": 1, "state": state}
        for state in lookup.tables("reports", "zh")["tenancy_state"]
    ]
    return {
        "park_zh": "001", "park_en": None, "codes": "1", "units": "1", "firm": "1", "owner": None,
        "tenancies": json.dumps(tenancies[::-1] if stage == Stage.signed else tenancies),
        "document": json.dumps(outcome), "supervision": json.dumps(supervision),
    }  # fmt: skip


@pytest.mark.parametrize("colour", Colour)
def test_deals_on_paper_have_all_their_words_from_their_language(other: str, colour: Colour) -> None:
    rows = [outcome_at(stage.value, colour.value) for stage in Stage]

    papers = [outcome_list(rows, 99, [], other, DAY), *(outcome_page(row, other, DAY) for row in rows)]

    assert [text for paper in papers for text in shown(paper) if outside(text)] == []


def sentences(result: dict[str, Any], language: str) -> list[str]:
    hard = [reason({**entry, "taken_m2": result["taken_m2"]}, language) for entry in result["hard"]]
    return [summary(result, language), *hard, *(reason(entry, language) for entry in result["soft"])]


def test_a_ranking_and_its_sheet_have_all_their_words_from_their_language(other: str) -> None:
    random = Random(7)
    units, demand = crowd(random, 140, unknown=0.1), random_demand(random)
    answer = ranked(demand, units, limit=20, near_misses=True)
    body = [robustness_sentence(0.5, other)]
    for listed in answer["lists"].values():
        listed["text"] = counted(listed["totals"], other)
        body += [listed["text"], *(relaxation_sentence(change, other) for change in listed["relaxations"])]
        for result in listed["results"]:
            body += sentences(result, other)
            result |= {"summary": "1", "assets": [{"id": "1", "illustrative": True}], "pin": "pinned"}
            for entry in (*result["hard"], *result["soft"]):
                entry["text"] = "1"
    for unit in units[:40]:
        alone = explain(demand, Catalogue.from_columns(columns([unit])), Catalogue.from_columns(columns(units)), MODEL)
        body += [standing({**alone, "availability": state}, other) for state in ("occupied", "available")]

    sheet = decision_sheet(
        {**answer, "id": "1", "day": str(DAY), "model_version": "1", "chain_version": "1", "demand": {"version": 1}}
        | {"pins": [{"asset_id": "1", "placement": placement, "reason": "1"} for placement in ("pinned", "set_aside")]},
        {**dict.fromkeys(SHOWN_MEMBERS, 1), "importances": demand["importances"], "accepted_paths": [*map(str, Path)]}
        | {"need_on": str(DAY), "product_codes": ["3752"]},
        "1",
        {"identical": False, "differences": [1]},
        other,
        str(DAY),
    )

    assert len(body) > 250
    assert [text for text in body if outside(text)] == []
    rules_bare = [re.sub(r"^H\d+ ", "", text) for text in shown(sheet)]
    assert len(rules_bare) > 80
    assert [text for text in rules_bare if outside(text)] == []
