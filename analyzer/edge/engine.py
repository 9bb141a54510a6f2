"""The edge engine behind the port: predicates only, each picture decoded once and seen by the model once.

Takes: queries; a detector, where there is one.
Gives: answers; what needs a model that is not there is unknown, with the remedy.
Knows nothing about: Redis, rules."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from analyzer.edge.colour import coloured
from analyzer.edge.detector import Detector, Sight, load
from analyzer.edge.objects import answer_objects
from analyzer.edge.registry import find_model
from analyzer.edge.reid import Recogniser, load_recogniser
from analyzer.edge.scene_answers import KINDS, answer_scene
from analyzer.edge.to_track import WITHOUT_DETECTOR, answer_to_track, is_to_track, said_once
from analyzer.engine import Query
from analyzer.picture import Picture, decode
from contracts.errors import Invalid
from contracts.messages import Answer, Capabilities, Detection, ModelRef
from contracts.plan import TRACK_KINDS
from contracts.settings import Settings
from contracts.site import AskedQuestion
from rules.tracks.riding import paired

_NO_DETECTOR = Sight(failed="no object detector is loaded: set PLAINWATCH_DETECTOR to an ONNX file or a known name")
_SCENE = ModelRef("scene", "1", "edge")


class EdgeEngine:
    """Without a detector it still answers what the scene history shows. What takes several frames it only prepares."""

    def __init__(self, detector: Detector | None = None, recogniser: Recogniser | None = None) -> None:
        self._detector = detector
        self._recogniser = recogniser

    def capabilities(self, worker: str) -> Capabilities:
        """Labels and `objects` only where a detector is loaded."""
        if not self._detector:
            return Capabilities(worker, "edge", _SCENE, predicates=(*KINDS, *WITHOUT_DETECTOR))
        return Capabilities(
            worker,
            "edge",
            ModelRef(self._detector.name, self._detector.revision, "edge"),
            labels=self._detector.labels,
            predicates=("objects", *KINDS, *TRACK_KINDS),
            device=self._detector.device,
        )

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """The model runs on the frames of which a question needs it."""
        sights = self._look(batch)
        return [
            said_once([self._one(question, query, sight) for question in query.questions])
            for query, sight in zip(batch, sights, strict=True)
        ]

    def close(self) -> None:
        """Lets the models go."""
        self._detector = self._recogniser = None

    def _look(self, batch: Sequence[Query]) -> list[Sight]:
        sights = [_NO_DETECTOR] * len(batch)
        detector = self._detector
        if not detector:
            return sights
        pictures: dict[int, Picture] = {}
        for index, query in enumerate(batch):
            if not any(_needs_objects(question) for question in query.questions):
                continue
            try:
                pictures[index] = _picture(query, detector)
            except Invalid as error:
                sights[index] = Sight(failed=error.problem)
        for index, seen in zip(pictures, detector.detect(list(pictures.values())), strict=True):
            sight = Sight(paired(seen.detections), seen.failed)
            if self._recogniser and any(is_to_track(question.predicate) for question in batch[index].questions):
                sight = Sight(self._recogniser.described(sight.detections, pictures[index]), sight.failed)
            sights[index] = _coloured(sight, pictures[index]) if _needs_colours(batch[index]) else sight
        return sights

    def _one(self, question: AskedQuestion, query: Query, sight: Sight) -> Answer:
        predicate = question.predicate
        if predicate is None:
            return Answer(
                question.key, unknown_reason="the edge engine reads no free text: this needs a vision-language model"
            )
        if is_to_track(predicate):
            known = self._detector.labels if self._detector else ()
            return answer_to_track(question.key, predicate, query.frame.scene, sight if self._detector else None, known)
        if predicate.kind != "objects":
            return answer_scene(question.key, predicate, query.frame.scene)
        if sight.failed or not self._detector:
            return Answer(question.key, unknown_reason=sight.failed)
        seen = [_plain(each) for each in sight.detections]
        return answer_objects(question.key, predicate, seen, self._detector.labels)


def open_edge_engine(settings: Settings) -> EdgeEngine:
    """With the detector that the settings name, fetched where it must be."""
    path: Path | None = find_model(
        settings.detector,
        url=settings.detector_url,
        sha256=settings.detector_sha256,
        folder=settings.data_dir / "models",
    )
    if not path:
        return EdgeEngine()
    reid = load_recogniser(Path(settings.reid), require_gpu=settings.require_gpu) if settings.reid else None
    return EdgeEngine(load(path, require_gpu=settings.require_gpu), reid)


def _needs_objects(question: AskedQuestion) -> bool:
    wanted = question.predicate
    return wanted is not None and (wanted.kind == "objects" or is_to_track(wanted))


def _needs_colours(query: Query) -> bool:
    return any(question.predicate is not None and question.predicate.colour for question in query.questions)


def _plain(detection: Detection) -> Detection:
    """Only the tracks ask what it looks like."""
    return msgspec.structs.replace(detection, look=b"") if detection.look else detection


def _coloured(sight: Sight, picture: Picture) -> Sight:
    return Sight(coloured(sight.detections, picture), sight.failed)


def _picture(query: Query, detector: Detector) -> Picture:
    width, height = detector.input_size
    return decode(query.frame.picture, width=width, height=height)
