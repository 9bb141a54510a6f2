"""Privacy masks: parts of the picture that nobody behind ingest ever sees.

Takes: polygons of 0-1 coordinates.
Gives: planes with those parts black.
Knows nothing about: where the planes come from."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]
_CHROMA_NEUTRAL = 128


class Masks:
    """False where there are none."""

    def __init__(self, polygons: Sequence[Sequence[tuple[float, float]]]) -> None:
        self._polygons = [np.array(polygon, np.float64) for polygon in polygons if len(polygon) >= 3]

    def __bool__(self) -> bool:
        return bool(self._polygons)

    def blacken(self, plane: Plane, value: int) -> None:
        """In place; the polygon's border belongs to it, rounded outwards."""
        import cv2

        height, width = plane.shape
        for polygon in self._polygons:
            corners = np.rint(polygon * (width, height)).astype(np.int32)
            cv2.fillPoly(plane, [corners], value)
            cv2.polylines(plane, [corners], True, value, thickness=2)

    def blacken_planes(self, planes: Sequence[Plane]) -> None:
        """Y, U and V of a full-range picture."""
        for plane, value in zip(planes, (0, _CHROMA_NEUTRAL, _CHROMA_NEUTRAL), strict=True):
            self.blacken(plane, value)
