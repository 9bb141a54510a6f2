"""A backtest's result: the JSON object, the words, the exit code.

Takes: Result.
Gives: `as_json`, `in_words`, `exit_code`.
Knows nothing about: pictures, terminals."""

from datetime import datetime
from pathlib import Path

from alerts.trial.day import Tried
from alerts.trial.incidents import Incident
from contracts.messages import Detection
from plainwatch.backtest.play import Result
from plainwatch.backtest.stretch import as_clock
from plainwatch.client import Json
from store.times import to_text

FINE, NOTHING_TO_ANSWER = 0, 3


def exit_code(result: Result) -> int:
    """3 where a rule could not be tried; that it never fired is a result, not a failure."""
    return NOTHING_TO_ANSWER if any(tried.candidate.reason for tried in result.rules) else FINE


def seconds_of(result: Result, at: datetime) -> float:
    """Of the footage's own clock."""
    return round((at - result.starts_at).total_seconds(), 3)


def as_json(result: Result, html: Path | None) -> Json:
    """The one object that `backtest --json` prints. `seconds_measured` and what follows from it differ between runs."""
    figures = result.figures
    frames = {
        "sampled": figures.sampled,
        "analysed": figures.analysed,
        "unchanged": figures.unchanged,
        "undecodable": figures.undecodable,
    }
    return {
        "source": result.source,
        "engine": result.by.engine,
        "model": result.by.model.name,
        "device": result.by.device,
        "every_s": result.every_s,
        "watched_s": round(result.watched_s, 3),
        **({"starts_at": to_text(result.starts_at)} if result.is_dated else {}),
        "frames": frames,
        "rules": [_rule(result, tried) for tried in result.rules],
        **({"cost_per_day": _cost(result)} if result.cost else {}),
        **({"html": str(html)} if html else {}),
        "notes": notes(result),
    }


def _rule(result: Result, tried: Tried) -> Json:
    head: Json = {"text": tried.candidate.text, "summary": tried.candidate.plan.summary}
    if tried.candidate.reason:
        return {**head, "status": "unanswerable", "reason": tried.candidate.reason}
    per_day = {} if tried.per_day is None else {"alerts_per_day": round(tried.per_day, 1)}
    return {
        **head,
        "status": "answered",
        "incidents": [_incident(result, one) for one in tried.incidents],
        **per_day,
        "watched_s": round(tried.watched_s, 3),
        "unknown_s": round(tried.unknown_s, 3),
    }


def _incident(result: Result, incident: Incident) -> Json:
    over: Json = {}
    if incident.ended_at:
        over = {"ended_s": seconds_of(result, incident.ended_at), "end_reason": incident.end_reason}
    dated = {"opened_at": to_text(incident.opened_at)} if result.is_dated else {}
    return {
        "started_s": seconds_of(result, incident.started_at),
        "opened_s": seconds_of(result, incident.opened_at),
        **over,
        **dated,
        "confidence": round(incident.confidence, 3),
        **({"zone": incident.zone} if incident.zone else {}),
        "boxes": [_box(box) for box in incident.looks[0].boxes],
    }


def _box(box: Detection) -> Json:
    return {"label": box.label, "score": round(box.score, 3), "xyxy": [round(edge, 4) for edge in box.box]}


def _cost(result: Result) -> Json:
    cost, figures = result.cost, result.figures
    if cost is None:
        return {}
    per_frame = {"engine_ms_per_frame": round(figures.engine_ms / figures.analysed, 2)} if figures.analysed else {}
    return {
        "frames": round(cost.frames),
        **per_frame,
        "engine_s": round(cost.engine_s, 1),
        "core_share": round(cost.core_share, 4),
    }


def notes(result: Result) -> list[str]:
    """What one has to know before one believes the figures."""
    told = [f"A day is extrapolated from {_span(result.watched_s)} of footage, as if all of it were like this."]
    if not result.is_dated and any(tried.candidate.plan.window for tried in result.rules):
        told.append(
            "When the footage was recorded is not known: every hour counts as one of the rule's; "
            "say it with --starts-at."
        )
    if result.figures.undecodable:
        told.append(f"{result.figures.undecodable} pictures could not be decoded.")
    for tried in result.rules:
        if tried.unknown_s > 0.05 * tried.watched_s:
            told.append(
                f"For {_span(tried.unknown_s)} of {_span(tried.watched_s)} nothing could be said "
                f"about “{tried.candidate.text}”."
            )
    return told


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def in_words(result: Result, html: Path | None) -> list[str]:
    """For people, rule by rule."""
    lines = [
        f"{result.source}: {_span(result.watched_s)}, a picture every {result.every_s:g} s, "
        f"engine {result.by.engine} ({result.by.model.name})"
    ]
    for tried in result.rules:
        lines += ["", *rule_in_words(result, tried)]
    lines += ["", *([cost_in_words(result)] if result.cost else []), *notes(result)]
    return [*lines, *([f"contact sheet: {html}"] if html else [])]


def rule_in_words(result: Result, tried: Tried) -> list[str]:
    """The sentence, how it was understood, each incident."""
    lines = [f"“{tried.candidate.text}”", f"  {tried.candidate.plan.summary}"]
    if tried.candidate.reason:
        return [*lines, f"  not tried: {tried.candidate.reason}"]
    lines.append(f"  {verdict(tried)}")
    for incident in tried.incidents:
        lines.append(f"  {incident_in_words(result, incident)}, confidence {incident.confidence:.2f}")
    return lines


def verdict(tried: Tried) -> str:
    """How often it would have fired, and how often in a day."""
    count = len(tried.incidents)
    times = "it would not have fired" if not count else "it would have fired once" if count == 1 else ""
    per_day = f", about {tried.per_day:.0f} alerts a day" if tried.per_day else ""
    return f"{times or f'it would have fired {count} times'}{per_day}"


def incident_in_words(result: Result, incident: Incident) -> str:
    """From when to when, in the footage's own time or by the calendar."""

    def shown(at: datetime) -> str:
        return to_text(at) if result.is_dated else as_clock(seconds_of(result, at))

    end = f"to {shown(incident.ended_at)}" if incident.ended_at else "and on to the end of the footage"
    return f"told at {shown(incident.opened_at)}: from {shown(incident.started_at)} {end}"


def cost_in_words(result: Result) -> str:
    """Of a day of this camera."""
    cost = result.cost
    if cost is None:
        return ""
    return (
        f"a day of this costs about {cost.frames:,.0f} looks of the engine, {cost.engine_s / 60:,.0f} minutes of it, "
        f"and in all {100 * cost.core_share:.0f} % of a processor core, reading the file included"
    )
