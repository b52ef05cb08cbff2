"""`panhuo doctor`: what is checked, in which order, and what to do about each thing found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from domain.errors import Refusal
from domain.settings import Settings
from ops import anchor
from ops.cluster import Urls
from ops.launcher import logins, refusal_text
from store import chain, doctor, migrations, roles
from store.db import Database

#: How many findings of one check are shown.
MOST = 20
#: A check may read every row.
TIMEOUT_MS = 600_000


@dataclass(frozen=True)
class Check:
    """A check: its subject, and the remedy for what it finds; Chinese, English."""

    name: str
    subject: tuple[str, str]
    remedy: tuple[str, str]


@dataclass
class CheckResult:
    """What a check found. Empty: nothing wrong."""

    check: Check
    findings: list[str] = field(default_factory=list)


_RESTORE = (
    "有人绕过服务改了数据库：与备份比对后恢复（panhuo db restore）",
    "Someone changed the database behind the service: compare with a backup and restore (panhuo db restore)",
)
_REWRITE = (
    "在接口中重新保存该单元即可重算；反复出现请提交问题",
    "Save the unit again over the interface: it is computed anew; if it comes back, report it",
)
_AGREE = (
    "在接口中更正或撤回重复的监管协议，并更正承诺期外的填报",
    "Correct or take back the agreement that says it twice, and the report outside its promise, over the interface",
)
_REDRAW = ("修改轮廓后重新保存", "Mend the outline and save it again")
DATABASE = Check(
    "database",
    ("数据库：版本、扩展、角色、迁移", "Database: version, extensions, roles, migrations"),
    ("执行 panhuo db migrate，或按所列 SQL 处理", "Run panhuo db migrate, or the SQL shown"),
)
CHECKS = [
    Check("constraints", ("约束与索引", "Constraints and indexes"), ("VALIDATE CONSTRAINT / REINDEX", "the same")),
    Check("outlines", ("轮廓有效且在园区内", "Outlines valid and in their park"), _REDRAW),
    Check("zones", ("园中园在园区内", "Zones inside their park"), _REDRAW),
    Check("areas", ("实测面积与轮廓一致", "Measured areas follow from outlines"), _REWRITE),
    Check("overlaps", ("同层各部分不重叠", "Parts of one floor do not overlap"), _REDRAW),
    Check("wholes", ("部分不超出整体", "Parts within their whole"), _REDRAW),
    Check("availability", ("可用状态与占用一致", "Availability follows from claims"), _REWRITE),
    Check("holdings", ("产权份额与账本一致", "Holdings follow from the ledger"), _RESTORE),
    Check("promises", ("每项承诺只计一次", "What is promised counts once"), _AGREE),
    Check("deals", ("进行中的交易均已占位", "Open deals have their claims"), _RESTORE),
    Check(
        "claims",
        (
            "整体已占用的，其各部分及地上建筑均已占位",
            "What is let whole is claimed in all its parts, with the buildings on it",
        ),
        (
            "核实该部分由谁使用：若属于该交易，撤回或更正后重新登记；若土地单独成交，注明不含建筑",
            "Find out who has it: correct the deal and tell it anew, or open one that is about land alone as such",
        ),
    ),
    Check(
        "space",
        ("同期占用的空间互不重叠", "What is claimed on the same days does not overlap"),
        (
            "修改轮廓，或说明两者各自独立的理由（POST /api/v1/assets/…/separations），或更正其中一笔交易",
            "Mend an outline, say why they are separate (POST /api/v1/assets/…/separations), or correct a deal",
        ),
    ),
    Check(
        "codes",
        ("单元编号不重复（不计空格、全半角、大小写）", "Codes of units differ in more than blanks, width or case"),
        ("修改其中一个编号，或作废重复的草稿", "Change one of the codes, or void the draft that is the double"),
    ),
    Check(
        "revivals",
        ("盘活均已按计数规则判定", "What was revived is judged by the rule of counting"),
        ("执行 panhuo load reference", "Run panhuo load reference"),
    ),
    Check(
        "unchangeable",
        ("事件与账本只增不改", "Events and ledger can only be added to"),
        (
            "有人关闭了保护：重新启用（ALTER TABLE … ENABLE ALWAYS TRIGGER …），再按下列各项核对",
            "A guard was switched off: switch it on (ALTER TABLE … ENABLE ALWAYS TRIGGER …), see what else is found",
        ),
    ),
]
CHAIN = Check("chain", ("事件链完整", "Chain of events whole"), _RESTORE)
ANCHOR = Check(
    "anchor",
    ("事件链与库外存证一致", "Chain of events as kept outside"),
    (
        "事件链被整体改写或截短：与备份比对。若刚恢复过备份，核实后移走存证文件再执行一次",
        "Events were rewritten together with their head, or are fewer: compare with a backup. After a restore "
        "of your own, move the file away and run this once more",
    ),
)


def lines(result: CheckResult) -> list[str]:
    """A result as people read it: what was checked, what was found, what to do."""
    check = result.check
    if not result.findings:
        return [f"✓ {check.subject[0]} {check.subject[1]}"]
    more = ["  …"] if len(result.findings) >= MOST else []
    return [
        f"✗ {check.subject[0]} {check.subject[1]}",
        *(f"  {finding}" for finding in result.findings),
        *more,
        f"  → {check.remedy[0]}",
        f"    {check.remedy[1]}",
    ]


def record(result: CheckResult) -> dict[str, object]:
    """A result as programs read it."""
    check = result.check
    do = {"zh": check.remedy[0], "en": check.remedy[1]} if result.findings else None
    return {"check": check.name, "found": result.findings, "do": do}


async def examine(
    settings: Settings, urls: Urls, *, today: date, show: Callable[[CheckResult], None], anchor_file: Path | None = None
) -> list[CheckResult]:
    """Every check in turn, passed to `show` as it ends; where the database does not serve, no other is made.

    The heads in `anchor_file` are checked, and today's are kept there where events and anchor are well.
    """
    anchored = {} if anchor_file is None else anchor.kept(anchor_file)
    results: list[CheckResult] = []

    async def add(check: Check, finding: Awaitable[list[str]]) -> None:
        results.append(CheckResult(check, await finding))
        show(results[-1])

    await add(DATABASE, _lacking(settings, urls))
    if results[0].findings:
        return results
    db = await Database.connect(urls.service, size=2, public_size=1, statement_timeout_ms=TIMEOUT_MS)
    try:
        for check in CHECKS:
            await add(check, doctor.findings(db, check.name, today=today, most=MOST))
        await add(CHAIN, _broken(db))
        if anchor_file is not None:
            departures, heads = await chain.departures(db, anchored, most=MOST)
            results.append(CheckResult(ANCHOR, [_break_text(departure) for departure in departures]))
            show(results[-1])
            if not any(result.findings for result in results[-2:]):
                anchor.keep(anchor_file, heads)
    except Refusal as refusal:
        results.append(CheckResult(DATABASE, [refusal_text(refusal)]))
        show(results[-1])
    finally:
        await db.close()
    return results


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
