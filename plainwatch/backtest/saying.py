"""What a backtest found, in sentences: English or Chinese, as the rules are.

Takes: Result and its parts, a language.
Gives: sentences and captions.
Knows nothing about: JSON, HTML, terminals."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from alerts.trial.day import TELLING_S, Tried
from alerts.trial.incidents import Incident
from plainwatch.backtest.play import Result
from plainwatch.backtest.stretch import as_clock
from rules.incidents.clockface import time_zone

Lang = Literal["en", "zh"]
Both = dict[Lang, str]

#: of what was watched; below it nobody needs to be told
_UNKNOWN_PART = 0.05
#: pictures nearer than that miss little
_APART_S = 2.0

_TITLE: Both = {"en": "Backtest of {}", "zh": "回放试验：{}"}
_HEAD: Both = {
    "en": "{span} watched, a picture every {apart:g} s",
    "zh": "看了 {span}，每 {apart:g} 秒一张图片",
}
_NOTHING: Both = {"en": "nothing could be tried", "zh": "没有一条规则能试"}
_ENGINE: Both = {"en": "engine {} ({})", "zh": "引擎 {}（{}）"}
_THRESHOLD: Both = {"en": "threshold {:g}", "zh": "阈值 {:g}"}
_ZONE: Both = {"en": "times in {}", "zh": "时间按 {}"}
_NOT_TRIED: Both = {"en": "Not tried: {}", "zh": "没有试：{}"}
_NEVER_OPEN: Both = {
    "en": "None of the footage lies within its hours",
    "zh": "录像里没有它的监看时段",
}
_NEVER: Both = {"en": "It would not have fired", "zh": "不会报警"}
_FIRED: Both = {"en": "It would have fired {}", "zh": "会报警 {}"}
_SHORT: Both = {
    "en": " in {}, too short to tell how often it would in a day",
    "zh": "（共 {}）：时间太短，说不出一天会有几次",
}
_AT_MOST: Both = {"en": ": at most {:,g} alerts a day", "zh": "：每天至多 {:,g} 次"}
_PER_DAY: Both = {
    "en": ", about {:,.0f} alerts a day (between {:,g} and {:,g})",
    "zh": "，大约每天 {:,.0f} 次（{:,g} 到 {:,g} 之间）",
}
_TOLD: Both = {"en": "Told at {}: from {} {}", "zh": "{} 报警：从 {} {}"}
_UNTIL: Both = {"en": "to {}", "zh": "到 {}"}
_ON: Both = {"en": "and on to the end of the footage", "zh": "直到录像结束"}
_CONFIDENCE: Both = {"en": ", confidence {:.2f}", "zh": "，置信度 {:.2f}"}
_PLACE: Both = {"en": ", in “{}”", "zh": "，在“{}”"}
_COST: Both = {
    "en": (
        "A day of this, a picture every {apart:g} s, costs about {frames:,.0f} looks of the engine, {minutes} "
        "minutes of it, and in all {share} % of a processor core, reading the footage included."
    ),
    "zh": (
        "照此一天（每 {apart:g} 秒一张图片）大约要引擎看 {frames:,.0f} 次、占用 {minutes} 分钟，"
        "连同读取录像共占一个处理器核心的 {share} %。"
    ),
}
_ALL_LIKE_THIS: Both = {
    "en": (
        "A day is extrapolated from {} of footage, as if all of it were like this; what lies between is the 95 % "
        "interval of alerts that come by chance."
    ),
    "zh": "一天的数字由 {} 的录像推算，假定整天都是这样；区间是随机到来的报警的 95 % 置信区间。",
}
_COST_LIKE_THIS: Both = {
    "en": "The cost of a day is extrapolated from {} of footage, as if all of it were like this.",
    "zh": "一天的开销由 {} 的录像推算，假定整天都是这样。",
}
_TOO_SHORT: Both = {
    "en": "{} of footage are too short to tell how many alerts a day would have: give an hour or more.",
    "zh": "{} 的录像太短，说不出一天会有几次报警：请给一小时以上的录像。",
}
_UNDATED: Both = {
    "en": (
        "When the footage was recorded is not known: every hour counts as one of the rule's; say it with --starts-at."
    ),
    "zh": "不知道录像是什么时候拍的：每个小时都算作规则的监看时段；请用 --starts-at 说明。",
}
_MISSED: Both = {
    "en": "The pictures are {:g} s apart: what lasts less may not be among them.",
    "zh": "图片相隔 {:g} 秒：比这更短的事可能没有拍到。",
}
_LIVE: Both = {
    "en": "Live, the camera is looked at up to every {:g} s, and costs up to {:.0f} times as much.",
    "zh": "实时监看时最多每 {:g} 秒看一次，开销最多是这里的 {:.0f} 倍。",
}
_UNDECODABLE: Both = {"en": "{} pictures could not be decoded.", "zh": "有 {} 张图片无法解码。"}
_UNKNOWN: Both = {
    "en": "For {} of {} nothing could be said about “{}”.",
    "zh": "{} / {} 的时间里，对“{}”说不出结果。",
}


def language_of(result: Result) -> Lang:
    """Chinese where all its rules are."""
    return "zh" if all(tried.candidate.plan.lang == "zh" for tried in result.rules) else "en"


def title(result: Result, lang: Lang) -> str:
    """Of the whole."""
    return _TITLE[lang].format(result.source)


def head(result: Result, lang: Lang) -> str:
    """What was looked at, and by whom."""
    span = _HEAD[lang].format(span=span_of(result.watched_s, lang), apart=round(result.spacing_s, 2))
    parts = [
        span if result.is_tried else _NOTHING[lang],
        _ENGINE[lang].format(result.by.engine, result.by.model.name),
        *([_THRESHOLD[lang].format(result.threshold)] if result.threshold is not None else []),
        *([_ZONE[lang].format(result.timezone)] if result.is_dated else []),
    ]
    return (", " if lang == "en" else ",").join(parts)


def verdict(tried: Tried, lang: Lang) -> str:
    """How often it would have fired, and in a day where enough was watched to say so; or why it was not tried."""
    if tried.candidate.reason:
        return _NOT_TRIED[lang].format(tried.candidate.reason)
    if tried.per_day is None or tried.per_day_between is None:
        return _NEVER_OPEN[lang]
    count = len(tried.incidents)
    fired = _FIRED[lang].format(_times(count, lang)) if count else _NEVER[lang]
    if not tried.tells_of_a_day:
        return fired + _SHORT[lang].format(span_of(tried.watched_s, lang))
    if not count:
        return fired + _AT_MOST[lang].format(tried.per_day_between[1])
    return fired + _PER_DAY[lang].format(tried.per_day, *tried.per_day_between)


def _times(count: int, lang: Lang) -> str:
    if lang == "zh":
        return f"{count} 次"
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def incident_in_words(result: Result, incident: Incident, lang: Lang) -> str:
    """From when to when, how sure, and where."""
    opened, day = moment_in_words(result, incident.opened_at), incident.opened_at
    started = moment_in_words(result, incident.started_at, day=day)
    end = _UNTIL[lang].format(moment_in_words(result, incident.ended_at, day=day)) if incident.ended_at else _ON[lang]
    place = _PLACE[lang].format(incident.zone) if incident.zone else ""
    return _TOLD[lang].format(opened, started, end) + _CONFIDENCE[lang].format(incident.confidence) + place


def moment_in_words(result: Result, at: datetime, *, day: datetime | None = None) -> str:
    """In the footage's own time, or by the calendar of the camera's time zone; the date left out where it is `day`."""
    if result.is_dated:
        zone = time_zone(result.timezone)
        here, there = at.astimezone(zone), day.astimezone(zone) if day else None
        return here.strftime("%H:%M:%S" if there and here.date() == there.date() else "%Y-%m-%d %H:%M:%S")
    return as_clock((at - result.starts_at).total_seconds())


def cost_in_words(result: Result, lang: Lang) -> str:
    """Of a day of this camera; empty where nothing was tried."""
    cost = result.cost
    if cost is None or not result.is_tried:
        return ""
    return _COST[lang].format(
        apart=round(result.spacing_s, 2),
        frames=cost.frames,
        minutes=_about(cost.engine_s / 60),
        share=_about(100 * cost.core_share),
    )


def _about(number: float) -> str:
    """Little is not nothing."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def notes(result: Result, lang: Lang = "en") -> list[str]:
    """What one has to know before one believes the figures."""
    return list(_notes(result, lang)) if result.is_tried else []


def _notes(result: Result, lang: Lang) -> Iterator[str]:
    like_this = _ALL_LIKE_THIS if any(tried.tells_of_a_day for tried in result.rules) else _COST_LIKE_THIS
    yield like_this[lang].format(span_of(result.watched_s, lang))
    if result.watched_s < TELLING_S:
        yield _TOO_SHORT[lang].format(span_of(result.watched_s, lang))
    if result.spacing_s >= _APART_S:
        yield _MISSED[lang].format(round(result.spacing_s, 1))
    if result.live_every_s and result.spacing_s > 1.5 * result.live_every_s:
        yield _LIVE[lang].format(result.live_every_s, result.spacing_s / result.live_every_s)
    if not result.is_dated and any(tried.candidate.plan.window for tried in result.rules):
        yield _UNDATED[lang]
    if result.figures.undecodable:
        yield _UNDECODABLE[lang].format(result.figures.undecodable)
    for tried in result.rules:
        if tried.unknown_s > _UNKNOWN_PART * tried.watched_s:
            spans = (span_of(seconds, lang) for seconds in (tried.unknown_s, tried.watched_s))
            yield _UNKNOWN[lang].format(*spans, tried.candidate.text)


def span_of(seconds: float, lang: Lang) -> str:
    """For people, in the unit that suits it."""
    units = {"en": ("s", "min", "h"), "zh": ("秒", "分钟", "小时")}[lang]
    if seconds < 120:
        return f"{seconds:.0f} {units[0]}"
    return f"{seconds / 60:.0f} {units[1]}" if seconds < 7200 else f"{seconds / 3600:.1f} {units[2]}"
