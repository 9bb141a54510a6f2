"""Rows summed up: by statement over its clips, and all together.

Takes: rows.
Gives: Group for each statement that several clips label, Macro over all.
Knows nothing about: how they are shown.

Macro figures are means over the statements' rows, each row counting the same, but for false incidents: those are
counted and divided by the labelled hours of all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from plainwatch.evaluate.bootstrap import interval
from plainwatch.evaluate.frames import FrameFigures, figures
from plainwatch.evaluate.measure import Row
from plainwatch.evaluate.metrics import auc, average_precision

Interval = tuple[float, float]
#: chances and truths of one clip's frames
_Frames = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]
_OfFrames = Callable[[npt.NDArray[np.float64], npt.NDArray[np.bool_]], float | None]
_Value = TypeVar("_Value")
_OF_FRAMES: dict[str, _OfFrames] = {"auc": auc, "ap": average_precision}
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Macro:
    """`figures`: by name, absent where they have no meaning. `intervals`: by drawing clips anew; none with one clip."""

    answered: int
    unanswerable: int
    events: int
    found: int
    false_incidents: int
    labelled_false_s: float
    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]

    @property
    def false_per_hour_below(self) -> float | None:
        """The rule of three: what seconds without a false incident prove, at 95 %; drawing clips anew would say 0."""
        silent = not self.false_incidents and self.labelled_false_s > 0.0
        return 3.0 / self.labelled_false_s * _HOUR_S if silent else None


@dataclass(frozen=True, slots=True)
class Group:
    """One statement over several clips, all frames together."""

    statement: str
    clips: int
    events: int
    found: int
    false_incidents: int
    frames: FrameFigures
    intervals: Mapping[str, Interval]


def event_recall(row: Row) -> float | None:
    """None where nothing happens."""
    return row.match.found / row.match.events if row.match and row.match.events else None


def time_to_detect_s(row: Row) -> float | None:
    """From the start of an event to its incident, on average; None where none was found."""
    return _mean(row.match.delays_s) if row.match else None


def macro(rows: Sequence[Row]) -> Macro:
    """The macro row."""
    answered = [row for row in rows if not row.reason]
    matches = [row.match for row in answered if row.match]
    told = [name for name in _FIGURES if name != "false_per_hour" or any(match.false_incidents for match in matches)]
    clips = [[_summed(row) for row in mine] for mine in _by_clip(answered)]
    return Macro(
        answered=len(answered),
        unanswerable=len(rows) - len(answered),
        events=sum(match.events for match in matches),
        found=sum(match.found for match in matches),
        false_incidents=sum(match.false_incidents for match in matches),
        labelled_false_s=sum(match.labelled_false_s for match in matches),
        figures=_known({name: _over(figure)(clips) for name, figure in _FIGURES.items()}),
        intervals=_known({name: interval(clips, _over(_FIGURES[name])) for name in told}),
    )


def groups(rows: Sequence[Row]) -> tuple[Group, ...]:
    """Of the statements that more than one clip labels."""
    by_statement: dict[str, list[Row]] = {}
    for row in rows:
        if not row.reason:
            by_statement.setdefault(row.labelled.statement, []).append(row)
    return tuple(_group(name, mine) for name, mine in by_statement.items() if len(mine) > 1)


def _group(statement: str, rows: Sequence[Row]) -> Group:
    matches = [row.match for row in rows if row.match]
    frames = [_frames_of(mine) for mine in _by_clip(rows)]
    return Group(
        statement,
        len(frames),
        sum(match.events for match in matches),
        sum(match.found for match in matches),
        sum(match.false_incidents for match in matches),
        figures([one for row in rows for one in row.examples], sum(row.unanswered for row in rows)),
        _known({name: interval(frames, _pooled(figure)) for name, figure in _OF_FRAMES.items()}),
    )


@dataclass(frozen=True, slots=True)
class _Summed:
    """One row's figures, computed once: clips are drawn a thousand times."""

    event_recall: float | None
    time_to_detect_s: float | None
    false_incidents: int
    labelled_false_s: float
    frames: FrameFigures


def _summed(row: Row) -> _Summed:
    match = row.match
    false, seconds = (match.false_incidents, match.labelled_false_s) if match else (0, 0.0)
    return _Summed(event_recall(row), time_to_detect_s(row), false, seconds, figures(row.examples))


def _false_per_hour(rows: Sequence[_Summed]) -> float | None:
    seconds = sum(row.labelled_false_s for row in rows)
    return sum(row.false_incidents for row in rows) / seconds * _HOUR_S if seconds else None


_FIGURES: dict[str, Callable[[Sequence[_Summed]], float | None]] = {
    "event_recall": lambda rows: _mean([row.event_recall for row in rows]),
    "false_per_hour": _false_per_hour,
    "time_to_detect_s": lambda rows: _mean([row.time_to_detect_s for row in rows]),
    "auc": lambda rows: _mean([row.frames.auc for row in rows]),
    "ap": lambda rows: _mean([row.frames.ap for row in rows]),
    "f1": lambda rows: _mean([row.frames.f1 for row in rows]),
    "calibration_error": lambda rows: _mean([row.frames.calibration_error for row in rows]),
}


def _over(figure: Callable[[Sequence[_Summed]], float | None]) -> Callable[[Sequence[list[_Summed]]], float | None]:
    return lambda clips: figure([row for clip in clips for row in clip])


def _by_clip(rows: Sequence[Row]) -> list[list[Row]]:
    clips: dict[str, list[Row]] = {}
    for row in rows:
        clips.setdefault(row.labelled.clip, []).append(row)
    return list(clips.values())


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _frames_of(rows: Sequence[Row]) -> _Frames:
    found = [one for row in rows for one in row.examples]
    return np.array([one.chance for one in found], np.float64), np.array([one.truth for one in found], bool)


def _pooled(figure: _OfFrames) -> Callable[[Sequence[_Frames]], float | None]:
    return lambda clips: figure(np.concatenate([one for one, _ in clips]), np.concatenate([one for _, one in clips]))


def _known(values: Mapping[str, _Value | None]) -> dict[str, _Value]:
    return {name: value for name, value in values.items() if value is not None}
