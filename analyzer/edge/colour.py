"""The colour of a thing, where its pixels say it plainly.

Takes: a picture, detections.
Gives: the same detections with one of COLOURS, or with none where it is dark, small, mixed or in between.
Knows nothing about: questions."""

import msgspec
import numpy as np
import numpy.typing as npt

from analyzer.picture import Picture
from contracts.messages import Detection

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "black", "grey", "white")
#: where each hue begins, in degrees; what lies before the first is red again
_HUES = ((15.0, "orange"), (40.0, "yellow"), (70.0, "green"), (165.0, "blue"), (260.0, "purple"), (345.0, "red"))
#: of the box: at its edges there is street
_MIDDLE = 0.7
_LEAST_PIXELS = 8
_MOST_PIXELS = 48
#: levels of 255; in a picture darker than this everything is grey
_NIGHT = 50.0
_BLACK_BELOW, _WHITE_ABOVE = 60, 170
_COLOURFUL_SATURATION, _COLOURFUL_CHROMA = 0.25, 30
#: shares of pixels: windows and tyres of a red car are not red
_IS_COLOURFUL, _IS_COLOURLESS = 0.35, 0.15
_ONE_HUE, _ONE_GREY = 0.75, 0.6

Shares = dict[str, float]


def coloured(detections: tuple[Detection, ...], picture: Picture) -> tuple[Detection, ...]:
    """BGR."""
    if float(picture[::8, ::8].mean()) < _NIGHT:
        return detections
    return tuple(msgspec.structs.replace(each, colour=_colour_of(_middle(picture, each))) for each in detections)


def _middle(picture: Picture, detection: Detection) -> Picture:
    rows, columns = picture.shape[:2]
    x1, y1, x2, y2 = detection.box
    cut_x, cut_y = (x2 - x1) * (1 - _MIDDLE) / 2, (y2 - y1) * (1 - _MIDDLE) / 2
    left, right = round((x1 + cut_x) * columns), round((x2 - cut_x) * columns)
    top, bottom = round((y1 + cut_y) * rows), round((y2 - cut_y) * rows)
    step = max(1, min(right - left, bottom - top) // _MOST_PIXELS)
    return picture[top:bottom:step, left:right:step]


def _colour_of(pixels: Picture) -> str:  # (H, W, 3) BGR
    if min(pixels.shape[:2]) < _LEAST_PIXELS:
        return ""
    levels = pixels.reshape(-1, 3).astype(np.float32)
    high, low = levels.max(axis=1), levels.min(axis=1)
    chroma = high - low
    colourful = (chroma >= _COLOURFUL_CHROMA) & (chroma >= _COLOURFUL_SATURATION * high)
    share = float(colourful.mean())
    if share >= _IS_COLOURFUL:
        return _plainest(_hues(levels[colourful], high[colourful], chroma[colourful]), _ONE_HUE)
    if share > _IS_COLOURLESS:
        return ""
    black, white = float((high < _BLACK_BELOW).mean()), float((low > _WHITE_ABOVE).mean())
    return _plainest({"black": black, "white": white, "grey": 1.0 - black - white - share}, _ONE_GREY)


def _hues(levels: npt.NDArray[np.float32], high: npt.NDArray[np.float32], chroma: npt.NDArray[np.float32]) -> Shares:
    blue, green, red = levels[:, 0], levels[:, 1], levels[:, 2]
    sixth = np.select(
        [high == red, high == green],
        [((green - blue) / chroma) % 6, (blue - red) / chroma + 2],
        (red - green) / chroma + 4,
    )
    begun = np.searchsorted([begins for begins, _ in _HUES], sixth * 60.0, side="right")
    shares = np.bincount(begun, minlength=len(_HUES) + 1) / len(begun)
    named = {name: float(shares[i + 1]) for i, (_, name) in enumerate(_HUES)}
    return named | {"red": named["red"] + float(shares[0])}


def _plainest(shares: Shares, least: float) -> str:
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= least else ""
