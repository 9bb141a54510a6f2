"""RT-DETR, D-FINE and their kin: a fixed number of boxes that need no suppression.

Takes: the doors of a model, exported with its post-processing (labels, boxes, scores) or without (logits, pred_boxes).
Gives: its adapter, or None where it is another family.
Knows nothing about: ONNX Runtime."""

from dataclasses import dataclass

import numpy as np

from analyzer.edge.coco import LABELS
from analyzer.edge.fit import Fit, Floats, planes, stretch
from analyzer.edge.port import SCORE_FLOOR, Candidates, Doors, Outputs, best_classes, fixed, sigmoid
from analyzer.picture import Picture

#: what all published checkpoints take, where the export leaves the size open
_USUAL_SIZE = (640, 640)


@dataclass(frozen=True, slots=True)
class RtDetr:
    """`sizes`: the name of the input that asks for the picture's size, or "" in an export without post-processing."""

    input: str
    sizes: str
    width: int
    height: int
    any_batch: bool
    family: str = "rtdetr"
    suppress_iou: float | None = None

    def prepare(self, picture: Picture) -> tuple[Floats, Fit]:
        """RGB, 0-1, stretched."""
        pixels, fit = stretch(picture, self.width, self.height)
        return planes(pixels[:, :, ::-1]) / np.float32(255), fit

    def feeds(self, batch: Floats) -> Outputs:
        if not self.sizes:
            return {self.input: batch}
        # Its boxes then come in pixels of the input, as those of every family here.
        return {self.input: batch, self.sizes: np.array([[self.width, self.height]] * len(batch), np.int64)}

    def decode(self, outputs: Outputs, index: int) -> Candidates:
        if self.sizes:
            scores = outputs["scores"][index].astype(np.float32)
            labels = outputs["labels"][index].astype(np.int64)
            kept = (scores >= SCORE_FLOOR) & (labels >= 0) & (labels < len(LABELS))
            return Candidates(outputs["boxes"][index].astype(np.float32)[kept], scores[kept], labels[kept])
        boxes = outputs["pred_boxes"][index].astype(np.float32)  # (N, 4) centre, size, 0-1
        pixels = boxes * np.array([self.width, self.height] * 2, np.float32)
        centre, half = pixels[:, :2], pixels[:, 2:] / 2
        scores = sigmoid(outputs["logits"][index].astype(np.float32))
        return best_classes(np.concatenate([centre - half, centre + half], axis=1), scores)


def recognise(doors: Doors) -> RtDetr | None:
    """By the names, which all exports share. 92 classes would be DETR, which is normalised in another way."""
    pictures = doors.pictures()
    if not pictures:
        return None
    outputs = {door.name: door.shape for door in doors.outputs}
    others = [door.name for door in doors.inputs if door.name != pictures.name]
    size = fixed(pictures) or _USUAL_SIZE
    any_batch = pictures.shape[0] is None
    if others == ["orig_target_sizes"] and {"labels", "boxes", "scores"} <= outputs.keys():
        return RtDetr(pictures.name, others[0], *size, any_batch)
    if not others and "pred_boxes" in outputs and outputs.get("logits", ())[2:] == (len(LABELS),):
        return RtDetr(pictures.name, "", *size, any_batch)
    return None
