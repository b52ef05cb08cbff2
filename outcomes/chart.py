"""The chart of a deal as SVG: bars of plan and of what came over the days, the light with its word, figures by year.

One drawing for screen and paper: no script, no outside font, every text in Chinese with English beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from domain.words import DatePrecision
from outcomes.supervision import Colour, months_after
from outcomes.timeline import BOTH, Bar, Progress, StageRow, Timeline
from texts.bilingual import Bilingual
from texts.lookup import heading, label

WIDTH, LEFT, RIGHT = 1000, 206, 964
HEAD, AXIS, ROW, LINE = 92, 34, 40, 34
#: More would run into the light.
LONGEST_NAME = 30
FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
INK, SOFT, FAINT, PAPER, BAND = "#1f2933", "#616e7c", "#d9e2ec", "#ffffff", "#f5f7fa"
PLAN, PLAN_EDGE, REAL, LATE = "#d3dce6", "#9fb3c8", "#2c7a7b", "#c53030"
LIGHTS = {Colour.blue: "#2b6cb0", Colour.green: "#2f855a", Colour.yellow: "#c27803", Colour.red: "#c53030"}


def as_svg(timeline: Timeline, words: Bilingual = BOTH) -> str:
    """The chart as an SVG document."""
    scale = _Scale(timeline)
    top = HEAD + AXIS
    below = top + len(timeline.rows) * ROW
    height = below + (62 + len(timeline.progress) * LINE if timeline.progress else 22) + 46
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" role="img">',
        f"<title>{escape(timeline.firm_name)} {escape(' · '.join(words.texts('title')))}</title>",
        '<defs><pattern id="open" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="8" height="8" fill="{REAL}" fill-opacity=".28"/><rect width="4" height="8" fill="{REAL}" '
        'fill-opacity=".55"/></pattern></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        *_head(timeline, words),
        *_axis(scale, top, below, words),
        *(piece for n, row in enumerate(timeline.rows) for piece in _row(row, scale, top + n * ROW, n, words)),
        *_today(scale, timeline.today, top, below, words),
        *_progress(timeline, below, words),
        *_legend(height - 18, words),
        *(
            [_text(RIGHT, height - 18, words.joined("invented"), size=11.5, fill=LATE, anchor="end")]
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

    def ticks(self) -> Iterator[tuple[date, bool]]:
        """Days to mark: every month, quarter, half-year or year, at most about a dozen; is it a year?"""
        months = (self.last - self.first).days / 30.4
        step = next((n for n in (1, 3, 6, 12, 24, 60) if months / n <= 13), 120)
        day = date(self.first.year, 1, 1)
        while day <= self.last:
            if day >= self.first:
                yield day, day.month == 1
            day = months_after(day, step)


def _text(
    x: float, y: float, text: str, *, size: float = 13, fill: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )


def _head(timeline: Timeline, words: Bilingual) -> Iterator[str]:
    name = (
        timeline.firm_name if len(timeline.firm_name) <= LONGEST_NAME else f"{timeline.firm_name[: LONGEST_NAME - 1]}…"
    )
    yield _text(28, 38, name, size=21, bold=True)
    lines = [
        " · ".join((heading(title), path, now.format(stage=stage)))
        for title, path, now, stage in zip(
            words.texts("title"),
            words.labels("path", timeline.path),
            words.texts("stage_now"),
            words.labels("stage", timeline.stage),
            strict=True,
        )
    ]
    yield _text(28, 62, lines[0], fill=SOFT)
    yield _text(28, 80, f"{lines[1]} · {timeline.today.isoformat()}", size=11.5, fill=SOFT)
    if timeline.light is None:
        return
    (first, second), colour = words.labels("light", timeline.light.colour), LIGHTS[timeline.light.colour]
    yield f'<circle cx="{RIGHT - 14}" cy="36" r="14" fill="{colour}"/>'
    yield _text(RIGHT - 38, 34, first, size=15, fill=colour, anchor="end", bold=True)
    yield _text(RIGHT - 38, 51, second, size=11.5, fill=SOFT, anchor="end")
    why = " · ".join(
        f"{label('light_reason', reason, words.first)} {label('light_reason', reason, words.second)}"
        for reason in timeline.light.reasons
    )
    yield _text(RIGHT, 76, why, size=11.5, fill=SOFT, anchor="end")


def _axis(scale: _Scale, top: int, below: int, words: Bilingual) -> Iterator[str]:
    yield f'<line x1="{LEFT}" y1="{top}" x2="{RIGHT}" y2="{top}" stroke="{FAINT}"/>'
    month = words.texts("month")[0]
    for day, is_year in scale.ticks():
        mark = str(day.year) if is_year else month.format(month=day.month)
        x, stroke = scale.x(day), "#bcccdc" if is_year else "#e9eef4"
        yield f'<line x1="{x}" y1="{top - 6}" x2="{x}" y2="{below}" stroke="{stroke}"/>'
        yield _text(x, top - 11, mark, size=11.5, fill=INK if is_year else SOFT, anchor="middle", bold=is_year)


def _row(row: StageRow, scale: _Scale, y: int, n: int, words: Bilingual) -> Iterator[str]:
    if n % 2:
        yield f'<rect x="20" y="{y}" width="{RIGHT - 20}" height="{ROW}" fill="{BAND}" fill-opacity=".6"/>'
    first, second = words.labels("stage", row.stage)
    yield _text(28, y + 18, first, bold=True)
    yield _text(28, y + 32, second, size=10.5, fill=SOFT)
    if row.plan is not None:
        yield _bar(scale, row.plan, y + 7, 10, PLAN, f' stroke="{PLAN_EDGE}" stroke-width=".8"')
    if row.actual is not None:
        fill = LATE if row.is_late else "url(#open)" if row.actual.is_open else REAL
        yield _bar(scale, row.actual, y + 21, 12, fill, ' fill-opacity=".75"' if row.is_late else "")
        yield from _days(row, row.actual, scale, y + 31, words)
    if row.is_not_stated:
        yield _text(LEFT + 8, y + 31, words.joined("not_stated"), size=10.5, fill=SOFT)


def _bar(scale: _Scale, bar: Bar, y: int, height: int, fill: str, more: str) -> str:
    x, end = scale.x(bar.first), scale.x(bar.last + timedelta(days=1))
    return (
        f'<rect x="{x}" y="{y}" width="{max(3.0, round(end - x, 1))}" height="{height}" rx="2.5" fill="{fill}"{more}/>'
    )


def _days(row: StageRow, bar: Bar, scale: _Scale, y: int, words: Bilingual) -> Iterator[str]:
    """The day a stage was reached, or how it stands, beside its bar where there is room."""
    date_format = {DatePrecision.day: "%Y-%m-%d", DatePrecision.month: "%Y-%m", DatePrecision.year: "%Y"}[bar.precision]
    text = bar.last.strftime(date_format)
    if bar.is_open:
        text = words.joined("late" if row.is_late else "open")
    x = scale.x(bar.last + timedelta(days=1))
    if x + 86 < RIGHT:
        yield _text(x + 5, y, text, size=10.5, fill=LATE if row.is_late else SOFT)
    else:
        yield _text(scale.x(bar.first) - 5, y, text, size=10.5, fill=LATE if row.is_late else SOFT, anchor="end")


def _today(scale: _Scale, today: date, top: int, below: int, words: Bilingual) -> Iterator[str]:
    x = scale.x(today)
    yield f'<path d="M{x} {top}V{below + 4}" stroke="{LATE}" stroke-width="1.2" stroke-dasharray="4 3"/>'
    yield _text(x, below + 17, words.joined("today"), size=10.5, fill=LATE, anchor="middle")


def _progress(timeline: Timeline, below: int, words: Bilingual) -> Iterator[str]:
    if not timeline.progress:
        return
    y = below + 48
    first, second = words.texts("figures")
    yield _text(28, y, first, size=14, bold=True)
    yield _text(124, y, second, size=11.5, fill=SOFT)
    for n, progress in enumerate(timeline.progress):
        yield from _figure(progress, y + 14 + n * LINE, words)


def _figure(progress: Progress, y: int, words: Bilingual) -> Iterator[str]:
    first, second = words.labels("figure", progress.name)
    fulfilment = progress.fulfilment
    target = _amount(fulfilment.target, progress.unit, words)
    when = words.joined("total") if fulfilment.year is None else str(fulfilment.year)
    yield _text(28, y + 15, f"{first} {when}", size=12.5, bold=True)
    yield _text(28, y + 28, second, size=10, fill=SOFT)
    width = 430
    yield f'<rect x="{LEFT}" y="{y + 7}" width="{width}" height="13" rx="3" fill="{PLAN}"/>'
    x = LEFT + width + 14
    if fulfilment.actual is None:
        promised = f"{words.joined('promised')} {target} · {words.joined('not_reported')}"
        yield _text(x, y + 18, promised, size=11.5, fill=SOFT)
        return
    share = fulfilment.actual / fulfilment.target if fulfilment.target else Decimal(1)
    fill = LATE if fulfilment.is_breach else REAL
    filled = round(float(min(share, Decimal(1))) * width, 1)
    yield f'<rect x="{LEFT}" y="{y + 7}" width="{filled}" height="13" rx="3" fill="{fill}"/>'
    partly = "" if fulfilment.is_complete else f" {words.joined('partly')}"
    breach = f" · {words.joined('short')}" if fulfilment.is_breach else ""
    amounts = f"{share * 100:.1f} % · {_amount(fulfilment.actual, progress.unit, words)} / {target}"
    yield _text(x, y + 18, amounts + partly + breach, size=11.5, fill=LATE if fulfilment.is_breach else INK)


def _amount(value: Decimal, unit: str, words: Bilingual) -> str:
    """Much money in 万元 as people read it, other figures in their unit."""
    if unit == "yuan" and abs(value) >= 100_000:
        value, unit = value / 10_000, "wan_yuan"
    return f"{value:,.0f} {label('unit', unit, words.first)}"


def _legend(y: int, words: Bilingual) -> Iterator[str]:
    for n, (fill, key) in enumerate(((PLAN, "plan"), (REAL, "actual"), ("url(#open)", "open"), (LATE, "late"))):
        x = LEFT + n * 150
        yield f'<rect x="{x}" y="{y - 10}" width="22" height="11" rx="2.5" fill="{fill}"/>'
        yield _text(x + 28, y, words.joined(key), size=11, fill=SOFT)
