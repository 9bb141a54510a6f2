"""What a person looks like, as a vector: a re-identification model in ONNX Runtime.

Takes: an ONNX file; a picture and what was detected in it.
Gives: the same detections, people with a vector by which the tracks tell them apart.
Knows nothing about: other pictures, who somebody is. A vector lives as long as its track; there is no gallery."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from analyzer.edge.fit import Floats, planes, stretch
from analyzer.onnx_session import Session, open_session, runtime_errors
from analyzer.picture import Picture
from contracts.errors import ConfigError, EngineError
from contracts.messages import Detection

_WHO = "person"
#: fewer pixels say nothing of clothes
_LEAST_WIDTH, _LEAST_HEIGHT = 8, 16
#: as many people as a crowd has faces; each costs 8 ms of a core
_MOST = 16
_MEAN, _DEVIATION = (np.array(values, np.float32) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
_LARGEST = 127.0


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One model, loaded; used from one thread. Made by `load_recogniser`."""

    session: Session
    name: str
    width: int
    height: int

    def described(self, detections: tuple[Detection, ...], picture: Picture) -> tuple[Detection, ...]:
        """BGR. Raises EngineError where the runtime fails."""
        people = [i for i, each in enumerate(detections) if each.label == _WHO]
        crops = {i: crop for i in people[:_MOST] if (crop := _crop(detections[i], picture)) is not None}
        looks = {i: self._look(crop) for i, crop in crops.items()}
        return tuple(
            msgspec.structs.replace(each, look=looks[i]) if i in looks else each for i, each in enumerate(detections)
        )

    def _look(self, crop: Picture) -> bytes:
        """One by one: together they would take as long, and a crowd's memory."""
        (door,), (out,) = self.session.get_inputs(), self.session.get_outputs()
        try:
            (given,) = self.session.run([out.name], {door.name: self._prepared(crop)[None]})
        except runtime_errors() as error:
            raise EngineError(f"re-identification '{self.name}': it failed to run: {error}", "unset it") from error
        vector = np.asarray(given, np.float32).ravel()
        largest = float(np.abs(vector).max(initial=0.0))
        if not np.isfinite(largest) or largest == 0.0:
            return b""
        rounded: npt.NDArray[np.int8] = np.rint(vector / largest * _LARGEST).astype(np.int8)
        return rounded.tobytes()

    def _prepared(self, crop: Picture) -> Floats:  # (H, W, 3) BGR -> (3, height, width) RGB
        resized, _ = stretch(crop, self.width, self.height)
        colours = resized[:, :, ::-1].astype(np.float32) / 255.0
        return planes((colours - _MEAN) / _DEVIATION)


def load_recogniser(path: Path, *, require_gpu: bool = False) -> Recogniser:
    """Raises ConfigError where there is no such file, EngineError where it is no such model."""
    if not path.is_file():
        raise ConfigError(f"setting PLAINWATCH_REID: '{path}' is not there", "give the path of an ONNX file")
    session = open_session(path, what=f"re-identification '{path.name}'", require_gpu=require_gpu)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shape = inputs[0].shape if len(inputs) == 1 and len(outputs) == 1 else []
    height, width = shape[2:] if len(shape) == 4 and shape[1] == 3 else (None, None)
    if not isinstance(height, int) or not isinstance(width, int) or len(outputs[0].shape) != 2:
        raise EngineError(
            f"re-identification '{path.name}': it does not take pictures of one size and give vectors",
            "give a model of people, such as OSNet in ONNX",
        )
    return Recogniser(session, path.name, width, height)


def _crop(detection: Detection, picture: Picture) -> Picture | None:
    rows, columns = picture.shape[:2]
    x1, y1, x2, y2 = detection.box
    left, top, right, bottom = round(x1 * columns), round(y1 * rows), round(x2 * columns), round(y2 * rows)
    if right - left < _LEAST_WIDTH or bottom - top < _LEAST_HEIGHT:
        return None
    return picture[top:bottom, left:right]
