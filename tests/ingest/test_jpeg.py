import av
import numpy as np
import numpy.typing as npt
import pytest
import simplejpeg
from av.video.reformatter import ColorRange

from ingest.jpeg import encode, jpeg_size
from ingest.masks import Masks
from ingest.view import view_of

NO_MASKS = Masks(())


def _smooth_picture(width: int, height: int) -> npt.NDArray[np.uint8]:
    """All levels and many colours, and no detail that JPEG itself would lose."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)


def _frame(pixel_format: str, width: int = 640, height: int = 360) -> av.VideoFrame:
    full = ColorRange.JPEG if pixel_format.startswith("yuvj") else ColorRange.MPEG
    frame = av.VideoFrame.from_ndarray(_smooth_picture(width, height), format="bgr24")
    return frame.reformat(format=pixel_format, dst_color_range=full if "yuv" in pixel_format else None)


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuv420p10le", "yuv422p10le", "nv12"]
)
def test_levels_and_colours_come_out_as_they_went_in(pixel_format: str) -> None:
    frame = _frame(pixel_format)

    encoded = encode(frame, NO_MASKS)

    assert encoded
    shown = simplejpeg.decode_jpeg(encoded.picture, colorspace="BGR").astype(int)
    reference = frame.to_ndarray(format="bgr24").astype(int)
    assert np.abs(shown - reference).mean() < 2.0


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv420p10le"])
def test_what_the_scene_looks_at_has_full_range_too(pixel_format: str) -> None:
    view = view_of(_frame(pixel_format), NO_MASKS)

    assert view
    reference = _smooth_picture(320, 180).astype(float) @ (0.114, 0.587, 0.299)
    assert view.gray.shape == (180, 320)
    assert np.abs(view.gray - reference).mean() < 2.0


def test_large_pictures_are_brought_down_to_1280_and_small_ones_stay() -> None:
    large, small = encode(_frame("yuv420p", 1920, 1080), NO_MASKS), encode(_frame("yuv420p", 352, 288), NO_MASKS)

    assert large and small
    assert (large.width, large.height) == (1280, 720) == jpeg_size(large.picture)
    assert (small.width, small.height) == (352, 288) == jpeg_size(small.picture)


def test_odd_sizes_keep_their_last_row_and_column() -> None:
    encoded = encode(_frame("yuv420p", 427, 241), NO_MASKS)

    assert encoded and jpeg_size(encoded.picture) == (427, 241)


def test_masked_parts_are_black_in_the_jpeg_and_in_what_the_scene_sees() -> None:
    left_half = Masks((((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),))
    frame = _frame("yuv420p")

    encoded, view = encode(frame, left_half), view_of(frame, left_half)

    assert encoded and view
    shown = simplejpeg.decode_jpeg(encoded.picture, colorspace="BGR")
    assert shown[:, :312].max() <= 8
    assert shown[:, 340:].mean() > 60
    assert view.gray[:, :160].max() == 0
    assert view.gray[:, 170:].mean() > 60


def test_a_cameras_own_jpeg_is_passed_on_untouched_and_masked_where_it_must_be() -> None:
    own = simplejpeg.encode_jpeg(_smooth_picture(640, 360), colorspace="BGR", quality=90)
    everything = Masks((((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),))

    passed, masked = encode(own, NO_MASKS), encode(own, everything)

    assert passed and passed.picture == own
    assert masked and simplejpeg.decode_jpeg(masked.picture).max() <= 2


def test_a_large_jpeg_of_a_camera_is_brought_down_with_its_colours_kept() -> None:
    own = simplejpeg.encode_jpeg(_smooth_picture(2560, 1440), colorspace="BGR", quality=90)

    encoded = encode(own, NO_MASKS)

    assert encoded and (encoded.width, encoded.height) == (1280, 720)
    shown = simplejpeg.decode_jpeg(encoded.picture, colorspace="BGR").astype(int)
    assert np.abs(shown - _smooth_picture(1280, 720).astype(int)).mean() < 2.5


def test_a_damaged_jpeg_is_no_picture() -> None:
    own = simplejpeg.encode_jpeg(_smooth_picture(640, 360), colorspace="BGR", quality=90)

    assert view_of(own[: len(own) // 2], NO_MASKS) is None
    assert encode(b"not a picture", NO_MASKS) is None
