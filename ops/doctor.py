"""`panhuo doctor`: what is checked, in which order, and what to do about each thing found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from actions.attachment import KEPT_DAYS
from domain.errors import Refusal
from domain.settings import Settings
from ops import anchor
from ops.cluster import Urls
from ops.launcher import logins, refusal_text
from reports import pdf
from store import attachment, chain, doctor, files, migrations, roles
from store.db import Database
from texts.lookup import languages, side_by_side, tables

#: How many findings of one check are shown.
MOST = 20
#: A check may read every row.
TIMEOUT_MS = 600_000


@dataclass(frozen=True)
class Check:
    """A check, and the remedy for what it finds: both keys of texts; whether what it finds is wrong, or only told."""

    name: str
    remedy: str
    is_of_faults: bool = True


@dataclass
class CheckResult:
    """What a check found. Empty: nothing wrong."""

    check: Check
    findings: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not self.findings or not self.check.is_of_faults


FONT = Check("font", "install_packages")
DATABASE = Check("database", "migrate")
CHECKS = [
    Check("constraints", "validate"),
    Check("outlines", "mend_outline"),
    Check("unplaced", "draw", is_of_faults=False),
    Check("zones", "mend_outline"),
    Check("areas", "save_again"),
    Check("overlaps", "mend_outline"),
    Check("wholes", "mend_outline"),
    Check("availability", "save_again"),
    Check("holdings", "restore"),
    Check("promises", "correct_agreement"),
    Check("deals", "restore"),
    Check("claims", "find_out_who_has_it"),
    Check("space", "separate"),
    Check("codes", "change_code"),
    Check("revivals", "load_reference"),
    Check("features", "write_features_anew"),
    Check("unchangeable", "switch_guard_on"),
]
FILES = Check("files", "restore_files")
UNREFERENCED = Check("unreferenced", "wait", is_of_faults=False)
CHAIN = Check("chain", "restore")
ANCHOR = Check("anchor", "compare_with_backup")


def lines(result: CheckResult) -> list[str]:
    """A result as people read it: what was checked, what was found, what to do."""
    subject = side_by_side("doctor", "subject", result.check.name)
    if not result.findings:
        return [f"✓ {subject}"]
    remedy = side_by_side("doctor", "remedy", result.check.remedy, between="\n    ")
    more = ["  …"] if len(result.findings) >= MOST else []
    return [
        f"{'·' if result.is_well else '✗'} {subject}",
        *(f"  {finding}" for finding in result.findings),
        *more,
        f"  → {remedy}",
    ]


def record(result: CheckResult) -> dict[str, object]:
    """A result as programs read it."""
    remedy = {language: tables("doctor", language)["remedy"][result.check.remedy] for language in languages()}
    return {"check": result.check.name, "found": result.findings, "do": remedy if result.findings else None}


async def examine(
    settings: Settings, urls: Urls, *, today: date, show: Callable[[CheckResult], None], anchor_file: Path | None = None
) -> list[CheckResult]:
    """Every check in turn, passed to `show` as it ends; where the database does not serve, no record is looked at.

    The heads in `anchor_file` are checked, and today's are kept there where events and anchor are well.
    """
    anchored = {} if anchor_file is None else anchor.kept(anchor_file)
    results: list[CheckResult] = []

    async def add(check: Check, finding: Awaitable[list[str]]) -> None:
        results.append(CheckResult(check, await finding))
        show(results[-1])

    await add(FONT, _lacking_font())
    await add(DATABASE, _lacking(settings, urls))
    if results[-1].findings:
        return results
    db = await Database.connect(urls.service, size=2, public_size=1, statement_timeout_ms=TIMEOUT_MS)
    try:
        for check in CHECKS:
            await add(check, doctor.findings(db, check.name, today=today, most=MOST))
        await add(FILES, _lost(db, settings.files_dir))
        await add(UNREFERENCED, _unreferenced(db, settings.files_dir, today))
        await add(CHAIN, _broken(db))
        if anchor_file is not None:
            departures, heads = await chain.departures(db, anchored, most=MOST)
            results.append(CheckResult(ANCHOR, [_break_text(departure) for departure in departures]))
            show(results[-1])
            if all(result.is_well for result in results[-2:]):
                anchor.keep(anchor_file, heads)
    except Refusal as refusal:
        results.append(CheckResult(DATABASE, [refusal_text(refusal)]))
        show(results[-1])
    finally:
        await db.close()
    return results


async def _lacking_font() -> list[str]:
    return [] if pdf.font_file() else [f"{pdf.PACKAGE}/{pdf.FILE}"]


async def _lacking(settings: Settings, urls: Urls) -> list[str]:
    """What the database lacks before its records can be looked at; migrations, where a login may read of them."""
    try:
        lacking = await roles.lacking(urls.superuser, **logins(settings, urls))
        if not lacking and await roles.may_migrate(urls.admin):
            lacking = [name for name, applied in await migrations.status(urls.admin) if not applied]
        return lacking
    except Refusal as refusal:
        return [refusal_text(refusal)]
    except migrations.MigrationFault as fault:
        return [str(fault)]


async def _lost(db: Database, folder: Path) -> list[str]:
    """Files whose bytes, or those of a smaller picture, are not in the folder."""
    lost: list[str] = []
    async with db.system() as conn:
        async for portion in attachment.kept(conn):
            for row in portion:
                missing = [sha256 for sha256 in row["hashes"] if not files.path_of(folder, sha256).exists()]
                lost += [f"{row['park_id']}/{row['id']} {sha256}" for sha256 in missing]
            if len(lost) >= MOST:
                break
    return lost[:MOST]


async def _unreferenced(db: Database, folder: Path, today: date) -> list[str]:
    """Bytes in the folder that nothing refers to, nor did within 30 days."""
    referenced = await attachment.referenced(db, today - timedelta(days=KEPT_DAYS))
    return [sha256 for sha256 in sorted(files.hashes(folder)) if sha256 not in referenced][:MOST]


async def _broken(db: Database) -> list[str]:
    return [_break_text(broken) for broken in await chain.breaks(db, most=MOST)]


def _break_text(broken: chain.Break) -> str:
    parts = {
        "scope": broken.scope_id,
        "break": broken.kind.value,
        "rev": broken.rev,
        "n": broken.n,
        "other": broken.other,
    }
    return " ".join(f"{name}={value}" for name, value in parts.items() if value is not None)
