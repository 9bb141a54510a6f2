"""An object detector in ONNX Runtime: pictures in, things seen out.

Takes: an ONNX file; pictures.
Gives: for each picture what was detected, boxes 0-1, best first; or why that picture failed.
Knows nothing about: questions, cameras."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analyzer.edge.adapters import adapter_for
from analyzer.edge.coco import LABELS
from analyzer.edge.fit import Fit
from analyzer.edge.port import Adapter, Candidates, Door, Doors, Outputs
from analyzer.edge.suppress import suppress
from analyzer.onnx_session import Session, device_of, open_session, runtime_errors
from analyzer.picture import Picture
from contracts.errors import EngineError
from contracts.messages import Detection


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen in one picture; with `failed` nothing can be said about it."""

    detections: tuple[Detection, ...] = ()
    failed: str = ""


class Detector:
    """One model, loaded; used from one thread. Made by `load`."""

    def __init__(self, session: Session, adapter: Adapter, *, name: str, revision: str) -> None:
        self._session = session
        self._adapter = adapter
        self.name = name
        self.revision = revision
        self.labels = LABELS
        self.family = adapter.family
        self.input_size = (adapter.width, adapter.height)
        self.device = device_of(session)

    def detect(self, pictures: Sequence[Picture]) -> list[Sight]:
        """Raises EngineError where the runtime fails; one picture's broken numbers fail that picture only."""
        prepared = [self._adapter.prepare(picture) for picture in pictures]
        step = len(prepared) if self._adapter.any_batch else 1
        sights: list[Sight] = []
        for start in range(0, len(prepared), max(1, step)):
            part = prepared[start : start + step]
            outputs = self._run(self._adapter.feeds(np.stack([tensor for tensor, _ in part])))
            sights += [self._sight(outputs, index, fit) for index, (_, fit) in enumerate(part)]
        return sights

    def _run(self, feeds: Outputs) -> Outputs:
        names = [output.name for output in self._session.get_outputs()]
        try:
            given = self._session.run(names, feeds)
        except runtime_errors() as error:
            raise EngineError(f"detector '{self.name}': it failed to run: {error}", "try another model") from error
        return dict(zip(names, given, strict=True))

    def _sight(self, outputs: Outputs, index: int, fit: Fit) -> Sight:
        # A comparison with NaN is false and would read as "nothing seen".
        if not all(np.isfinite(values[index]).all() for values in outputs.values()):
            return Sight(failed="the detector gave numbers that are not finite")
        kept = suppress(self._adapter.decode(outputs, index), self._adapter.suppress_iou)
        return Sight(_named(kept, fit))


def load(path: Path, *, require_gpu: bool = False) -> Detector:
    """Loads and runs the model once. Raises EngineError naming the file, the problem and what is supported."""
    session = open_session(path, what=f"detector '{path.name}'", require_gpu=require_gpu)
    doors = Doors(
        tuple(Door(given.name, _shape(given.shape)) for given in session.get_inputs()),
        tuple(Door(given.name, _shape(given.shape)) for given in session.get_outputs()),
    )
    adapter = adapter_for(path.name, doors)
    revision = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    detector = Detector(session, adapter, name=path.name, revision=revision)
    try:  # so that a model whose numbers do not fit its shape fails now, not at the first camera
        detector.detect([np.full((adapter.height, adapter.width, 3), 114, np.uint8)])
    except (IndexError, KeyError, ValueError) as error:
        raise EngineError(
            f"detector '{path.name}': recognised as {adapter.family}, but its outputs do not fit: {error}",
            "export it again, or use another model",
        ) from error
    return detector


def _shape(given: Sequence[int | str | None]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) and size > 0 else None for size in given)


def _named(kept: Candidates, fit: Fit) -> tuple[Detection, ...]:
    return tuple(
        Detection(LABELS[label], float(score), (float(x1), float(y1), float(x2), float(y2)))
        for (x1, y1, x2, y2), score, label in zip(fit.to_unit(kept.boxes), kept.scores, kept.labels, strict=True)
    )
