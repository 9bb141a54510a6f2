"""`evaluate`, from its arguments to rows.

Takes: clips, a label file, the settings.
Gives: rows and the conditions under which they were measured.
Knows nothing about: terminals."""

from collections.abc import Callable
from pathlib import Path

from contracts.errors import Invalid
from contracts.settings import Settings
from plainwatch.evaluate.labels import Labelled, read_labels
from plainwatch.evaluate.measure import Bench, Row, clip_path, measure, wanted
from plainwatch.evaluate.report import Conditions
from plainwatch.replay.footage import clip_rate
from plainwatch.replay.opening import opened_engine


def evaluated(
    clips: Path,
    labels: Path,
    settings: Settings,
    *,
    every_s: float,
    statement: str,
    monotonic_s: Callable[[], float],
    say: Callable[[str], None],
) -> tuple[tuple[Row, ...], Conditions]:
    """Labels are read before the engine is opened: they are sooner wrong. Raises PlainwatchError."""
    read = read_labels(labels, lambda clip: clip_rate(clip_path(clips, clip)), statement=statement)
    labelled = wanted(clips, _only(read, statement))
    began_s = monotonic_s()
    engine = opened_engine(settings, say)
    try:
        can = engine.capabilities("evaluate")
        bench = Bench(engine, every_s, settings.batch_frames, monotonic_s)
        rows = measure(clips, labelled, bench, say)
    finally:
        engine.close()
    return rows, Conditions(can.engine, can.model.name, can.device, every_s, monotonic_s() - began_s)


def _only(labelled: tuple[Labelled, ...], statement: str) -> tuple[Labelled, ...]:
    if not statement:
        return labelled
    found = tuple(each for each in labelled if each.statement.casefold() == statement.strip().casefold())
    if not found:
        known = ", ".join(sorted({f"“{each.statement}”" for each in labelled})[:5])
        raise Invalid(f"statement '{statement}' is not in the labels", f"they hold {known} …")
    return found
