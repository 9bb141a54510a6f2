"""JPEG bytes into pixels, with a bound on what they may cost.

Takes: JPEG bytes and the size that is needed.
Gives: a BGR array, no larger than useful; Invalid where the bytes are no sound JPEG.
Knows nothing about: models, cameras."""

import numpy as np
import numpy.typing as npt
import simplejpeg

from contracts.errors import Invalid

#: rows x columns x (blue, green, red), 0-255
Picture = npt.NDArray[np.uint8]

# A JPEG of 109 KB that claimed 16000 x 16000 took 732 MB: look at the header before the pixels.
MAX_PIXELS = 40_000_000


def decode(jpeg: bytes, *, width: int, height: int) -> Picture:
    """A picture more than twice as large in both directions comes halved, quartered or in eighths: that is cheaper."""
    try:
        rows, columns, _, _ = simplejpeg.decode_jpeg_header(jpeg)
        if rows * columns > MAX_PIXELS:
            raise Invalid(
                f"picture: it claims {columns} x {rows} pixels, more than {MAX_PIXELS // 1_000_000} million",
                "lower the camera's resolution",
            )
        shrink = _shrink(rows // max(1, height), columns // max(1, width))
        pixels: Picture = simplejpeg.decode_jpeg(
            jpeg, colorspace="BGR", min_width=-(-columns // shrink), min_height=-(-rows // shrink)
        )
    except ValueError as error:
        raise Invalid(f"picture: it could not be decoded: {error}", "look at the camera's stream") from error
    return pixels


def _shrink(rows_times: int, columns_times: int) -> int:
    """The decoder's other factors, such as 5/8, cost more than the whole picture (measured)."""
    return max(factor for factor in (1, 2, 4, 8) if factor <= max(1, min(rows_times, columns_times)))
