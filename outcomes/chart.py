"""The chart of a deal as SVG: bars of plan and of what came over the days, the light with its word, figures by year.

One drawing for screen and paper: no script, no outside font, every text in Chinese with English beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from domain.words import DatePrecision
from outcomes.supervision import REASONS, WORDS, Colour, months_after
from outcomes.timeline import FIGURES, STAGES, UNITS, Bar, Progress, StageRow, Timeline

WIDTH, LEFT, RIGHT = 1000, 206, 964
HEAD, AXIS, ROW, LINE = 92, 34, 40, 34
INVENTED = "含示例数据 with invented figures"
#: More would run into the light.
LONGEST_NAME = 30
FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
INK, SOFT, FAINT, PAPER, BAND = "#1f2933", "#616e7c", "#d9e2ec", "#ffffff", "#f5f7fa"
PLAN, PLAN_EDGE, REAL, LATE = "#d3dce6", "#9fb3c8", "#2c7a7b", "#c53030"
LIGHTS = {Colour.blue: "#2b6cb0", Colour.green: "#2f855a", Colour.yellow: "#c27803", Colour.red: "#c53030"}
PATHS = {
    "lease": ("租赁", "Lease"),
    "sublease": ("转租", "Sublease"),
    "part_use": ("部分利用", "Part use"),
    "temporary_use": ("临时利用", "Temporary use"),
    "owner_restart": ("业主重启", "Owner restart"),
    "joint_development": ("合作开发", "Joint development"),
    "built_to_suit": ("定制建设", "Built to suit"),
    "sale": ("转让", "Sale"),
    "equity_swap": ("厂房入股", "Equity swap"),
    "share_purchase": ("股权收购", "Share purchase"),
    "judicial_auction": ("司法拍卖", "Judicial auction"),
    "repurchase_resupply": ("收储再供应", "Repurchase and resupply"),
    "merger": ("兼并重组", "Merger"),
}


def as_svg(timeline: Timeline) -> str:
    """The chart as an SVG document."""
    scale = _Scale(timeline)
    top = HEAD + AXIS
    below = top + len(timeline.rows) * ROW
    height = below + (62 + len(timeline.progress) * LINE if timeline.progress else 22) + 46
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" role="img">',
        f"<title>{escape(timeline.firm_name)} 一企一图 · one chart per firm</title>",
        '<defs><pattern id="open" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="8" height="8" fill="{REAL}" fill-opacity=".28"/><rect width="4" height="8" fill="{REAL}" '
        'fill-opacity=".55"/></pattern></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        *_head(timeline),
        *_axis(scale, top, below),
        *(piece for n, row in enumerate(timeline.rows) for piece in _row(row, scale, top + n * ROW, n)),
        *_today(scale, timeline.today, top, below),
        *_progress(timeline, below),
        *_legend(height - 18),
        *(
            [_text(RIGHT, height - 18, INVENTED, size=11.5, fill=LATE, anchor="end")]
            if timeline.is_illustrative
            else []
        ),
        "</svg>",
    ]
    return "\n".join(parts)


class _Scale:
    """Days as places between the left and the right edge."""

    def __init__(self, timeline: Timeline) -> None:
        bars = [bar for row in timeline.rows for bar in (row.plan, row.actual) if bar is not None]
        self.first = min([bar.first for bar in bars], default=timeline.today)
        last = max([*(bar.last for bar in bars), timeline.today])
        margin = max(10, (last - self.first).days // 40)
        self.first -= timedelta(days=margin)
        self.last = last + timedelta(days=margin)

    def x(self, day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - self.first).days / (self.last - self.first).days, 1)

    def ticks(self) -> Iterator[tuple[date, str, bool]]:
        """Days with their label: every month, quarter, half-year or year, at most about a dozen; is it a year?"""
        months = (self.last - self.first).days / 30.4
        step = next((n for n in (1, 3, 6, 12, 24, 60) if months / n <= 13), 120)
        day = date(self.first.year, 1, 1)
        while day <= self.last:
            if day >= self.first:
                yield day, str(day.year) if day.month == 1 else f"{day.month}月", day.month == 1
            day = months_after(day, step)


def _text(
    x: float, y: float, text: str, *, size: float = 13, fill: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )


def _head(timeline: Timeline) -> Iterator[str]:
    name = (
        timeline.firm_name if len(timeline.firm_name) <= LONGEST_NAME else f"{timeline.firm_name[: LONGEST_NAME - 1]}…"
    )
    yield _text(28, 38, name, size=21, bold=True)
    zh, en = PATHS[timeline.path]
    stage_zh, stage_en = STAGES.get(timeline.stage, (timeline.stage, timeline.stage))
    yield _text(28, 62, f"一企一图 · {zh} · 现阶段：{stage_zh}", fill=SOFT)
    yield _text(
        28, 80, f"One chart per firm · {en} · now: {stage_en} · {timeline.today.isoformat()}", size=11.5, fill=SOFT
    )
    if timeline.light is None:
        return
    (zh, en), colour = WORDS[timeline.light.colour], LIGHTS[timeline.light.colour]
    yield f'<circle cx="{RIGHT - 14}" cy="36" r="14" fill="{colour}"/>'
    yield _text(RIGHT - 38, 34, zh, size=15, fill=colour, anchor="end", bold=True)
    yield _text(RIGHT - 38, 51, en, size=11.5, fill=SOFT, anchor="end")
    why = " · ".join(f"{REASONS[reason][0]} {REASONS[reason][1]}" for reason in timeline.light.reasons)
    yield _text(RIGHT, 76, why, size=11.5, fill=SOFT, anchor="end")


def _axis(scale: _Scale, top: int, below: int) -> Iterator[str]:
    yield f'<line x1="{LEFT}" y1="{top}" x2="{RIGHT}" y2="{top}" stroke="{FAINT}"/>'
    for day, label, is_year in scale.ticks():
        x, stroke = scale.x(day), "#bcccdc" if is_year else "#e9eef4"
        yield f'<line x1="{x}" y1="{top - 6}" x2="{x}" y2="{below}" stroke="{stroke}"/>'
        yield _text(x, top - 11, label, size=11.5, fill=INK if is_year else SOFT, anchor="middle", bold=is_year)


def _row(row: StageRow, scale: _Scale, y: int, n: int) -> Iterator[str]:
    if n % 2:
        yield f'<rect x="20" y="{y}" width="{RIGHT - 20}" height="{ROW}" fill="{BAND}" fill-opacity=".6"/>'
    zh, en = STAGES[row.stage]
    yield _text(28, y + 18, zh, bold=True)
    yield _text(28, y + 32, en, size=10.5, fill=SOFT)
    if row.plan is not None:
        yield _bar(scale, row.plan, y + 7, 10, PLAN, f' stroke="{PLAN_EDGE}" stroke-width=".8"')
    if row.actual is not None:
        fill = LATE if row.is_late else "url(#open)" if row.actual.is_open else REAL
        yield _bar(scale, row.actual, y + 21, 12, fill, ' fill-opacity=".75"' if row.is_late else "")
        yield from _days(row, row.actual, scale, y + 31)
    if row.is_not_stated:
        yield _text(LEFT + 8, y + 31, "日期未载 day not stated", size=10.5, fill=SOFT)


def _bar(scale: _Scale, bar: Bar, y: int, height: int, fill: str, more: str) -> str:
    x, end = scale.x(bar.first), scale.x(bar.last + timedelta(days=1))
    return (
        f'<rect x="{x}" y="{y}" width="{max(3.0, round(end - x, 1))}" height="{height}" rx="2.5" fill="{fill}"{more}/>'
    )


def _days(row: StageRow, bar: Bar, scale: _Scale, y: int) -> Iterator[str]:
    """The day a stage was reached, or how it stands, beside its bar where there is room."""
    date_format = {DatePrecision.day: "%Y-%m-%d", DatePrecision.month: "%Y-%m", DatePrecision.year: "%Y"}[bar.precision]
    text = bar.last.strftime(date_format)
    if bar.is_open:
        text = "延误 late" if row.is_late else "进行中 under way"
    x = scale.x(bar.last + timedelta(days=1))
    if x + 86 < RIGHT:
        yield _text(x + 5, y, text, size=10.5, fill=LATE if row.is_late else SOFT)
    else:
        yield _text(scale.x(bar.first) - 5, y, text, size=10.5, fill=LATE if row.is_late else SOFT, anchor="end")


def _today(scale: _Scale, today: date, top: int, below: int) -> Iterator[str]:
    x = scale.x(today)
    yield f'<path d="M{x} {top}V{below + 4}" stroke="{LATE}" stroke-width="1.2" stroke-dasharray="4 3"/>'
    yield _text(x, below + 17, "今天 today", size=10.5, fill=LATE, anchor="middle")


def _progress(timeline: Timeline, below: int) -> Iterator[str]:
    if not timeline.progress:
        return
    y = below + 48
    yield _text(28, y, "指标完成情况", size=14, bold=True)
    yield _text(124, y, "Promised and delivered", size=11.5, fill=SOFT)
    for n, progress in enumerate(timeline.progress):
        yield from _figure(progress, y + 14 + n * LINE)


def _figure(progress: Progress, y: int) -> Iterator[str]:
    zh, en = FIGURES[progress.name]
    fulfilment, unit = progress.fulfilment, progress.unit
    when = "合计 total" if fulfilment.year is None else str(fulfilment.year)
    yield _text(28, y + 15, f"{zh} {when}", size=12.5, bold=True)
    yield _text(28, y + 28, en, size=10, fill=SOFT)
    width = 430
    yield f'<rect x="{LEFT}" y="{y + 7}" width="{width}" height="13" rx="3" fill="{PLAN}"/>'
    x = LEFT + width + 14
    if fulfilment.actual is None:
        yield _text(
            x,
            y + 18,
            f"承诺 promised {_amount(fulfilment.target, unit)} · 未填报 not reported",
            size=11.5,
            fill=SOFT,
        )
        return
    share = fulfilment.actual / fulfilment.target if fulfilment.target else Decimal(1)
    fill = LATE if fulfilment.is_breach else REAL
    filled = round(float(min(share, Decimal(1))) * width, 1)
    yield f'<rect x="{LEFT}" y="{y + 7}" width="{filled}" height="13" rx="3" fill="{fill}"/>'
    partly = "" if fulfilment.is_complete else " 部分期间 partly"
    breach = " · 未达标 short" if fulfilment.is_breach else ""
    amounts = f"{share * 100:.1f} % · {_amount(fulfilment.actual, unit)} / {_amount(fulfilment.target, unit)}"
    yield _text(x, y + 18, amounts + partly + breach, size=11.5, fill=LATE if fulfilment.is_breach else INK)


def _amount(value: Decimal, unit: str) -> str:
    """Money in 万元 as people read it, other figures in their unit."""
    if unit == "yuan":
        return f"{value / 10_000:,.0f} 万元" if abs(value) >= 100_000 else f"{value:,.0f} 元"
    return f"{value:,.0f} {UNITS[unit][0]}"


def _legend(y: int) -> Iterator[str]:
    items = [(PLAN, "计划 planned"), (REAL, "实际 actual"), ("url(#open)", "进行中 under way"), (LATE, "延误 late")]
    for n, (fill, text) in enumerate(items):
        x = LEFT + n * 150
        yield f'<rect x="{x}" y="{y - 10}" width="22" height="11" rx="2.5" fill="{fill}"/>'
        yield _text(x + 28, y, text, size=11, fill=SOFT)
