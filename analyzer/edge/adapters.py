"""Which family an ONNX file belongs to, told by its inputs and outputs.

Takes: the file's name and the doors of the model.
Gives: the adapter; EngineError that names what was found and what is supported.
Knows nothing about: ONNX Runtime."""

from collections.abc import Callable

from analyzer.edge import fastestdet, nanodet, rtdetr, yolox
from analyzer.edge.port import Adapter, Doors
from contracts.errors import EngineError

_FAMILIES: tuple[Callable[[Doors], Adapter | None], ...] = (
    yolox.recognise,
    nanodet.recognise,
    fastestdet.recognise,
    rtdetr.recognise,
)
SUPPORTED = "YOLOX, NanoDet, NanoDet-Plus, FastestDet, RT-DETR and D-FINE exports with the 80 COCO classes"


def adapter_for(file: str, doors: Doors) -> Adapter:
    """The first family that recognises it."""
    for recognise in _FAMILIES:
        adapter = recognise(doors)
        if adapter:
            return adapter
    found = f"inputs {' '.join(map(str, doors.inputs))}, outputs {' '.join(map(str, doors.outputs))}"
    raise EngineError(f"detector '{file}': the model's shape is not one we read: {found}", f"supported: {SUPPORTED}")
