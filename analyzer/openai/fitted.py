"""A camera's picture as servers get it: no larger than the budget of visual tokens allows.

Takes: a JPEG, the budget.
Gives: the JPEG to send and its size; Invalid where it is broken.
Knows nothing about: servers, questions.

Qwen's processors bring a picture's sides to multiples of a patch's, and one above their bound below it. A picture sent
at camera's size costs a 4K frame 8 100 tokens, and boxes in pixels are then of a size that we do not see. So we do
that ourselves, by the same rule, and the server finds nothing left to do: what we send is what the model sees."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from analyzer.picture import decode
from contracts.errors import Invalid

_QUALITY = 90
#: only looks whether the JPEG is sound: the smallest decoding there is
_LOOK = 64
#: what is a whole number but for rounding counts as one
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is sent."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Budget:
    """Of one picture. `side`: in pixels, of the square that becomes one token."""

    tokens: int
    side: int

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Whole squares within the budget, in the picture's shape as nearly as they allow; never larger than it is."""
        scale = min(1.0, math.sqrt(self.tokens * self.side**2 / (width * height)))
        across, down = (max(1, math.floor(length * scale / self.side + _ROUNDING)) for length in (width, height))
        # Of a picture that is narrower than one square, the other side may be too long yet.
        across, down = min(across, self.tokens), min(down, self.tokens)
        return min(width, across * self.side), min(height, down * self.side)

    def fit(self, jpeg: bytes) -> Fitted:
        """As it came where it fits already. Raises Invalid: servers answer a broken picture with anything from 400 to a
        crash."""
        try:
            rows, columns, _, _ = simplejpeg.decode_jpeg_header(jpeg)
        except ValueError as error:
            raise Invalid(f"picture: it could not be decoded: {error}", "look at the camera's stream") from error
        width, height = self.size(columns, rows)
        if (width, height) == (columns, rows):
            decode(jpeg, width=_LOOK, height=_LOOK)
            return Fitted(jpeg, width, height)
        pixels = cv2.resize(decode(jpeg, width=width, height=height), (width, height), interpolation=cv2.INTER_AREA)
        sent = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=_QUALITY, colorspace="BGR")
        return Fitted(bytes(sent), width, height)
