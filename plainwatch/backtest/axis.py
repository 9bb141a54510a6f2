"""When a rule was firing, as a bar with its time axis.

Takes: Result, one rule's incidents, a language.
Gives: SVG; numbers and names of ours only.
Knows nothing about: pictures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape

from alerts.trial.day import Tried
from plainwatch.backtest.play import Result
from plainwatch.backtest.saying import Lang, moment_in_words
from plainwatch.backtest.stretch import as_clock
from rules.incidents.clockface import time_zone

_STEPS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY_S = 86_400
#: so many labels stand side by side on a telephone, and fewer where they name the day
_MOST, _MOST_WITH_DAY = 6, 4
#: a label nearer to an end than that, in percent, is set towards the middle
_EDGE = 7.0
_NAMED_MOST = 20
_NEVER = {"en": "Never on", "zh": "从未报警"}
_ON = {"en": "On: {}", "zh": "报警：{}"}
_UNTIL = {"en": "{} to {}", "zh": "{} 到 {}"}
_END = {"en": "the end", "zh": "结束"}


def bar_of(result: Result, tried: Tried, lang: Lang) -> str:
    """Over the whole stretch, white where pictures are missing."""
    ends = (result.first_at, result.last_at + timedelta(seconds=result.spacing_s))
    missing = (_rect(ends, gap, "#fff") for gap in result.unwatched)
    fired = (_rect(ends, (one.opened_at, one.ended_at or ends[1]), "#d1420f", 0.5) for one in tried.incidents)
    marks = "".join((*missing, *fired, *_axis(result, ends)))
    name = escape(_in_words(result, tried, lang), quote=True)
    return (
        f'<svg class="bar" role="img" aria-label="{name}"><rect width="100%" height="22" fill="#e0e0e0"/>{marks}</svg>'
    )


def _rect(ends: tuple[datetime, datetime], part: tuple[datetime, datetime], fill: str, least: float = 0.0) -> str:
    start, end = (_place(ends, at) for at in part)
    return f'<rect x="{start:.2f}%" width="{max(least, end - start):.2f}%" height="22" fill="{fill}"/>'


def _place(ends: tuple[datetime, datetime], at: datetime) -> float:
    """In percent of the bar."""
    whole_s = max((ends[1] - ends[0]).total_seconds(), 0.001)
    return min(100.0, max(0.0, 100.0 * (at - ends[0]).total_seconds() / whole_s))


def _axis(result: Result, ends: tuple[datetime, datetime]) -> Iterator[str]:
    whole_s = (ends[1] - ends[0]).total_seconds()
    with_day = result.is_dated and whole_s > _DAY_S
    step_s = _step(whole_s, _MOST_WITH_DAY if with_day else _MOST)
    zero = _midnight(result) if result.is_dated else result.starts_at
    first = -(-(ends[0] - zero).total_seconds() // step_s)
    at = zero + timedelta(seconds=first * step_s)
    while at <= ends[1]:
        place = _place(ends, at)
        anchor = "start" if place < _EDGE else "end" if place > 100.0 - _EDGE else "middle"
        yield f'<rect x="{place:.2f}%" y="22" width="1" height="5" fill="#777"/>'
        label = _label(result, at, step_s, with_day=with_day)
        yield f'<text x="{place:.2f}%" y="39" text-anchor="{anchor}">{label}</text>'
        at += timedelta(seconds=step_s)


def _step(whole_s: float, most: int) -> float:
    fits = next((step for step in _STEPS_S if whole_s / step <= most - 1), None)
    return fits or _DAY_S * max(1, -(-whole_s // (_DAY_S * (most - 1))))


def _midnight(result: Result) -> datetime:
    zone = time_zone(result.timezone)
    return result.first_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _label(result: Result, at: datetime, step_s: float, *, with_day: bool) -> str:
    if result.is_dated:
        form = "%m-%d %H:%M" if with_day else "%H:%M" if step_s >= 60 else "%H:%M:%S"
        return at.astimezone(time_zone(result.timezone)).strftime(form)
    clock = as_clock((at - result.starts_at).total_seconds())
    return clock if step_s < 1 else clock.partition(".")[0]


def _in_words(result: Result, tried: Tried, lang: Lang) -> str:
    """For who does not see it."""
    if not tried.incidents:
        return _NEVER[lang]
    spans = [
        _UNTIL[lang].format(
            moment_in_words(result, one.opened_at),
            moment_in_words(result, one.ended_at) if one.ended_at else _END[lang],
        )
        for one in tried.incidents[:_NAMED_MOST]
    ]
    more = ["…"] if len(tried.incidents) > _NAMED_MOST else []
    return _ON[lang].format("; ".join([*spans, *more]))
