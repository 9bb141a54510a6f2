"""Clips through the engine, statement by statement.

Takes: labels, the folder with the clips, an engine.
Gives: a Row for each statement of each clip; each clip is looked at once.
Knows nothing about: how rows are summed up or shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alerts.trial.candidates import Candidate, camera_for, candidates
from alerts.trial.incidents import Incidents
from alerts.trial.watching import Moment
from analyzer.engine import Engine
from contracts.errors import SourceUnreachable
from contracts.messages import Answer, Answers
from plainwatch.evaluate.chance import frame_chance
from plainwatch.evaluate.frames import Example, Told, examples
from plainwatch.evaluate.labels import Labelled
from plainwatch.evaluate.matching import Fired, Matched, matched
from plainwatch.replay.footage import UNDATED, FileFootage
from plainwatch.replay.run import Replay
from rules.incidents.logic import Truth
from rules.incidents.spec import RuleSpec, spec_for
from store.cameras import CameraRow


@dataclass(frozen=True, slots=True)
class Row:
    """`reason`: why the engine cannot answer the statement; then there is nothing else."""

    labelled: Labelled
    reason: str = ""
    match: Matched | None = None
    examples: tuple[Example, ...] = ()
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Bench:
    """What all clips share."""

    engine: Engine
    every_s: float
    batch_frames: int
    monotonic_s: Callable[[], float]


def clip_path(clips: Path, clip: str) -> Path:
    """In the folder, whatever the label calls it: some archives lose the '#' of a name on the way."""
    if clips.is_file():
        return clips
    inside = [clips / name for name in (clip, clip.replace("#", ""), clip.replace("__#", "__"))]
    return next((path for path in inside if path.is_file()), inside[0])


def wanted(clips: Path, labelled: Sequence[Labelled]) -> tuple[Labelled, ...]:
    """All labels of a folder; of a single file only its own. Raises SourceUnreachable where a clip is not there."""
    if clips.is_file():
        mine = tuple(each for each in labelled if each.clip == clips.name)
        if not mine:
            raise SourceUnreachable(f"clip '{clips.name}' has no labels in the file", "give the labels of this clip")
        return mine
    if not clips.is_dir():
        raise SourceUnreachable(f"clips '{clips}' are not there", "give the folder that holds the labelled clips")
    gone = sorted({each.clip for each in labelled if not clip_path(clips, each.clip).is_file()})
    if gone:
        raise SourceUnreachable(
            f"clips '{clips}': {len(gone)} of the labelled clips are not there, the first is '{gone[0]}'",
            "copy them there, or label only the clips that are there",
        )
    return tuple(labelled)


def measure(clips: Path, labelled: Sequence[Labelled], bench: Bench, say: Callable[[str], None]) -> tuple[Row, ...]:
    """In the order of the labels."""
    by_clip: dict[str, list[Labelled]] = {}
    for each in labelled:
        by_clip.setdefault(each.clip, []).append(each)
    rows: list[Row] = []
    for number, (clip, mine) in enumerate(by_clip.items(), 1):
        say(f"clip {number} of {len(by_clip)}: {clip}")
        rows += _measured(clip_path(clips, clip), mine, bench)
    return tuple(rows)


def _measured(path: Path, labelled: Sequence[Labelled], bench: Bench) -> list[Row]:
    camera, can = replace(camera_for(path.name), zones=labelled[0].zones), bench.engine.capabilities("evaluate")
    tried = candidates([each.statement for each in labelled], camera, can, keep_windows=False)
    running = [one for one in tried if not one.reason]
    incidents = Incidents(one.rule.id for one in running)
    listeners = {one.rule.id: _Listener(_spec(one, camera)) for one in running}
    if running:
        replay = Replay(
            FileFootage(path, bench.every_s),
            camera,
            [one.rule for one in running],
            bench.engine,
            batch_frames=bench.batch_frames,
            timezone="UTC",
            monotonic_s=bench.monotonic_s,
        )
        for moment in replay.moments():
            incidents.hear(moment)
            for rule_id, listener in listeners.items():
                listener.hear(moment, rule_id)
    return [_row(each, one, listeners, incidents) for each, one in zip(labelled, tried, strict=True)]


def _row(labelled: Labelled, tried: Candidate, listeners: Mapping[str, "_Listener"], incidents: Incidents) -> Row:
    if tried.reason:
        return Row(labelled, tried.reason)
    opened = incidents.of(tried.rule.id)
    fired = [Fired(_s(one.opened_at), _s(one.ended_at) if one.ended_at else None) for one in opened]
    found, unanswered = examples(labelled, listeners[tried.rule.id].told)
    return Row(labelled, match=matched(labelled, fired), examples=found, unanswered=unanswered)


def _spec(candidate: Candidate, camera: CameraRow) -> RuleSpec:
    zones = {zone.name: zone.polygon for zone in camera.zones}
    return spec_for(candidate.rule.plan, rule_id=candidate.rule.id, version=1, zones=zones)


class _Listener:
    """What one rule's frames said; an unchanged frame says what the one before it said."""

    def __init__(self, spec: RuleSpec) -> None:
        self._spec = spec
        self._chance: float | None = None
        self.told: list[Told] = []

    def hear(self, moment: Moment, rule_id: str) -> None:
        if rule_id in moment.answers:
            self._chance = frame_chance(self._spec, _by_key(moment.answers[rule_id]))
        main = moment.judged[rule_id].main
        yes = main.stay is Truth.NO if self._spec.plan.temporal.kind == "absent" else main.enter is Truth.YES
        self.told.append(Told(_s(moment.at), self._chance, yes))


def _by_key(outcome: Answers) -> dict[str, Answer]:
    return {answer.question_key: answer for answer in outcome.answers}


def _s(at: datetime) -> float:
    return (at - UNDATED).total_seconds()
