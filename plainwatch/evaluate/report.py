"""The table: JSON for programs, Markdown for people.

Takes: rows, the conditions of the run.
Gives: one JSON object; Markdown lines. What could not be answered stands in both.
Knows nothing about: how it was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plainwatch.client import Json
from plainwatch.evaluate.frames import FrameFigures, figures
from plainwatch.evaluate.measure import Row
from plainwatch.evaluate.summary import Group, Interval, Macro, event_recall, groups, macro, time_to_detect_s

_COLUMNS = (
    "clip",
    "statement",
    "events",
    "found",
    "false incidents",
    "labelled false, s",
    "to detect, s",
    "AUC",
    "AP",
    "true frames",
    "F1",
    "calibration error",
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of one run; without them a figure means nothing."""

    engine: str
    model: str
    device: str
    every_s: float
    seconds: float


def as_json(rows: Sequence[Row], run: Conditions) -> Json:
    """The one object that `evaluate --json` prints; what has no meaning is absent."""
    several = [_group(group) for group in groups(rows)]
    return {
        "engine": run.engine,
        "model": run.model,
        "device": run.device,
        "every_s": run.every_s,
        "statements": [_statement(row) for row in rows],
        **({"by_statement": several} if several else {}),
        "macro": _macro(macro(rows)),
        "seconds": round(run.seconds, 1),
    }


def as_markdown(rows: Sequence[Row], run: Conditions) -> list[str]:
    """A table and what it does not hold."""
    total = macro(rows)
    answered, unanswerable = [row for row in rows if not row.reason], [row for row in rows if row.reason]
    lines = [
        f"Engine {run.engine} ({run.model}, {run.device}), a picture every {run.every_s:g} s; "
        f"{len(answered)} of {len(rows)} statements answered, in {run.seconds:.0f} s.",
        "",
        _line(_COLUMNS),
        _line(["---"] * len(_COLUMNS)),
        *(_line(_cells(row)) for row in answered),
        _line(_macro_cells(total)),
    ]
    for group in groups(rows):
        lines += ["", _group_words(group)]
    if total.intervals:
        told = ", ".join(f"{name} {low:.2f}-{high:.2f}" for name, (low, high) in total.intervals.items())
        lines += ["", f"95 % intervals of the last row, clips drawn anew with replacement: {told}."]
    if total.false_per_hour_below is not None:
        lines += [
            "",
            f"No false incident proves no more than this: fewer than {total.false_per_hour_below:.0f} an hour (95 %).",
        ]
    if unanswerable:
        lines += ["", f"Not answered by this engine ({len(unanswerable)}), and in no figure above:"]
        lines += [f"- {row.labelled.clip}: {row.labelled.statement}: {row.reason}" for row in unanswerable]
    return lines


def _statement(row: Row) -> Json:
    head: Json = {"clip": row.labelled.clip, "statement": row.labelled.statement}
    if row.match is None:
        return {**head, "status": "unanswerable", "reason": row.reason, "events": len(row.labelled.true)}
    match = row.match
    return {
        **head,
        "status": "answered",
        "events": match.events,
        "events_found": match.found,
        **_present(event_recall=event_recall(row)),
        "false_incidents": match.false_incidents,
        "labelled_false_s": round(match.labelled_false_s, 3),
        "lingering_s": round(match.lingering_s, 3),
        "unlabelled_incidents": match.elsewhere,
        **_present(time_to_detect_s=time_to_detect_s(row)),
        **_frames(figures(row.examples, row.unanswered)),
    }


def _frames(of: FrameFigures) -> Json:
    return {
        "frames": of.frames,
        "unanswered_frames": of.unanswered,
        **_present(true_part=of.true_part, auc=of.auc, ap=of.ap, f1=of.f1, calibration_error=of.calibration_error),
    }


def _group(group: Group) -> Json:
    return {
        "statement": group.statement,
        "clips": group.clips,
        "events": group.events,
        "events_found": group.found,
        "false_incidents": group.false_incidents,
        **_frames(group.frames),
        "intervals": _intervals(group.intervals),
    }


def _macro(total: Macro) -> Json:
    return {
        "answered": total.answered,
        "unanswerable": total.unanswerable,
        "events": total.events,
        "events_found": total.found,
        "false_incidents": total.false_incidents,
        "labelled_false_s": round(total.labelled_false_s, 3),
        **_present(**total.figures, false_per_hour_below=total.false_per_hour_below),
        "intervals": _intervals(total.intervals),
    }


def _present(**values: float | None) -> Json:
    return {name: round(value, 4) for name, value in values.items() if value is not None}


def _intervals(given: Mapping[str, Interval]) -> Json:
    return {name: [round(end, 4) for end in ends] for name, ends in given.items()}


def _cells(row: Row) -> list[str]:
    match, frames = row.match, figures(row.examples, row.unanswered)
    if match is None:
        return []
    return [
        row.labelled.clip,
        row.labelled.statement,
        str(match.events),
        str(match.found),
        str(match.false_incidents),
        f"{match.labelled_false_s:.1f}",
        _shown(time_to_detect_s(row), 1),
        _shown(frames.auc),
        _shown(frames.ap),
        _shown(frames.true_part),
        _shown(frames.f1),
        _shown(frames.calibration_error),
    ]


def _macro_cells(total: Macro) -> list[str]:
    of = total.figures
    recall = f"{total.found} ({_shown(of.get('event_recall'))} by statement)"
    rate = f"{total.false_incidents} ({_shown(of.get('false_per_hour'), 1)} an hour)"
    times = [f"{total.labelled_false_s:.1f}", _shown(of.get("time_to_detect_s"), 1)]
    frames = [
        _shown(of.get("auc")),
        _shown(of.get("ap")),
        "",
        _shown(of.get("f1")),
        _shown(of.get("calibration_error")),
    ]
    return ["all", "", str(total.events), recall, rate, *times, *frames]


def _group_words(group: Group) -> str:
    figure = f"AUC {_shown(group.frames.auc)}{_ends(group.intervals.get('auc'))}, AP {_shown(group.frames.ap)}"
    return (
        f"“{group.statement}” on {group.clips} clips: {group.found} of {group.events} events found, "
        f"{group.false_incidents} false incidents; all frames together {figure}{_ends(group.intervals.get('ap'))}."
    )


def _ends(interval: Interval | None) -> str:
    return f" ({interval[0]:.2f}-{interval[1]:.2f})" if interval else ""


def _shown(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
