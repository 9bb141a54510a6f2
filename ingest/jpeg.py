"""Pictures as JPEG with the right levels and colours, masked before anybody sees them.

Takes: a decoded frame or a camera's own JPEG, masks, the longest side allowed.
Gives: Encoded, and the luma that the scene looks at.
Knows nothing about: sources, scenes."""


from dataclasses import dataclass
from typing import Any, Literal

import av
import numpy as np
import numpy.typing as npt
import simplejpeg
from av.video.reformatter import ColorRange

from ingest.masks import Masks

Plane = npt.NDArray[np.uint8]

QUALITY = 85
LONG_SIDE = 1280
#: formats whose first plane is 8-bit luma, to be looked at without a copy
_LUMA_FIRST = frozenset(
    ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv411p", "nv12", "nv21", "gray")
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JPEG and its size."""

    picture: bytes
    width: int
    height: int


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) from the header alone; None: not a JPEG."""
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    except (ValueError, MemoryError):
        return None
    return int(width), int(height)


@dataclass(frozen=True, slots=True)
class Luma:
    """`is_full_range`: black is 0, and not 16 as television has it."""

    pixels: Plane
    is_full_range: bool


def luma(image: av.VideoFrame | bytes, width: int) -> Luma | None:
    """Without a copy where that can be; a JPEG perhaps smaller, yet not below `width`. None: the JPEG is damaged."""
    if isinstance(image, bytes):
        pixels = _decoded(image, "GRAY", width)
        return Luma(pixels, True) if pixels is not None else None
    if image.format.name in _LUMA_FIRST:
        full = image.format.name.startswith(("yuvj", "gray")) or image.color_range == ColorRange.JPEG
        return Luma(_plane(image.planes[0]), bool(full))
    # What swscale calls gray has full range whatever it was made from.
    return Luma(_plane(image.reformat(format="gray", threads=1).planes[0]), True)


def encode(image: av.VideoFrame | bytes, masks: Masks, long_side: int = LONG_SIDE) -> Encoded | None:
    """None: the camera's JPEG is damaged. A JPEG that needs no change is passed on as it is."""
    if isinstance(image, bytes):
        return _reencoded(image, masks, long_side)
    width, height = fitted(image.width, image.height, long_side)
    # A plain copy of the planes of limited range would be 7 of 255 levels off on average.
    frame = image.reformat(
        width=width, height=height, format="yuvj420p", dst_color_range=ColorRange.JPEG, threads=1
    )
    planes = [_plane(plane) for plane in frame.planes]
    if masks:
        planes = [np.array(plane) for plane in planes]
        masks.blacken_planes(planes)
    picture = simplejpeg.encode_jpeg_yuv_planes(*(np.ascontiguousarray(plane) for plane in planes), quality=QUALITY)
    return Encoded(picture, width, height)


def _reencoded(data: bytes, masks: Masks, long_side: int) -> Encoded | None:
    size = jpeg_size(data)
    if size is None:
        return None
    width, height = fitted(*size, long_side)
    if (width, height) == size and not masks:
        return Encoded(data, width, height)
    decoded = _decoded(data, "RGB", width)
    if decoded is None:
        return None
    frame = av.VideoFrame.from_ndarray(decoded, format="rgb24")
    return encode(frame, masks, long_side)


def _decoded(data: bytes, colours: Literal["GRAY", "RGB"], width: int) -> Plane | None:
    """Scaled down while decoding (by 1/2, 1/4, 1/8) as far as `width` allows."""
    options: dict[str, Any] = {"colorspace": colours, "min_width": width, "min_height": 1, "min_factor": 1}
    size = jpeg_size(data)
    if size is None or size[0] < width:
        options = {"colorspace": colours}
    try:
        pixels: Plane = simplejpeg.decode_jpeg(data, **options)
    except (ValueError, MemoryError):
        return None
    return pixels[..., 0] if colours == "GRAY" else pixels


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Smaller, never larger; even where it changes."""
    longest = max(width, height)
    if longest <= long_side:
        return width, height
    return max(2, round(width * long_side / longest / 2) * 2), max(2, round(height * long_side / longest / 2) * 2)


def _plane(plane: av.video.plane.VideoPlane) -> Plane:
    """A view, not a copy; the padding at the right is cut off."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def blackened(plane: Plane, masks: Masks) -> Plane:
    """Of what the scene looks at."""
    if not masks:
        return plane
    copy = np.array(plane)
    masks.blacken(copy, 0)
    return copy


