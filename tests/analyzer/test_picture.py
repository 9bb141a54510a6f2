"""JPEG bytes that are honest, and others."""

import struct

import numpy as np
import pytest
import simplejpeg

from analyzer.picture import decode
from contracts.errors import Invalid


def jpeg_of(rows: int, columns: int) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.zeros((rows, columns, 3), np.uint8), colorspace="BGR"))


def claiming(rows: int, columns: int) -> bytes:
    """A small JPEG whose header says otherwise."""
    jpeg = jpeg_of(16, 16)
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", rows, columns) + jpeg[at + 4 :]


@pytest.mark.parametrize(
    ("rows", "columns", "decoded"),
    [(240, 320, (240, 320)), (720, 1280, (720, 1280)), (1080, 1920, (540, 960)), (2160, 3840, (540, 960))],
)
def test_a_picture_far_larger_than_needed_is_decoded_smaller_but_never_below(
    rows: int, columns: int, decoded: tuple[int, int]
) -> None:
    assert decode(jpeg_of(rows, columns), width=416, height=416).shape == (*decoded, 3)


def test_a_header_that_claims_too_many_pixels_is_refused_before_any_is_decoded() -> None:
    with pytest.raises(Invalid, match="16000 x 16000"):
        decode(claiming(16000, 16000), width=416, height=416)


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8", b"GIF89a", claiming(16, 400)])
def test_what_is_no_sound_jpeg_is_refused(broken: bytes) -> None:
    with pytest.raises(Invalid, match="could not be decoded"):
        decode(broken, width=416, height=416)
