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
from plainwatch.backtest.saying import cost_in_words, head, incident_in_words, language_of, notes, verdict
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
        **({"spacing_s": round(result.spacing_s, 3)} if result.is_tried else {}),
        **({"threshold": result.threshold} if result.threshold is not None else {}),
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
    per_day: Json = {}
    if tried.per_day is not None and tried.per_day_between is not None:
        per_day = {"alerts_per_day": round(tried.per_day, 1), "alerts_per_day_interval": list(tried.per_day_between)}
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


def in_words(result: Result, html: Path | None) -> list[str]:
    """For people, rule by rule; each rule in its own language."""
    lang = language_of(result)
    lines = [f"{result.source}: {head(result, lang)}"]
    for tried in result.rules:
        lines += ["", *rule_in_words(result, tried)]
    said = [each for each in (cost_in_words(result, lang), *notes(result, lang)) if each]
    lines += ["", *said] if said else []
    return [*lines, *([f"contact sheet: {html}"] if html else [])]


def rule_in_words(result: Result, tried: Tried) -> list[str]:
    """The sentence, how it was understood, each incident."""
    lang = tried.candidate.plan.lang
    lines = [f"“{tried.candidate.text}”", f"  {tried.candidate.plan.summary}", f"  {verdict(tried, lang)}"]
    return [*lines, *(f"  {incident_in_words(result, incident, lang)}" for incident in tried.incidents)]
