import struct
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from alerts.drawing import colour_of, draw_boxes
from alerts.evidence import EvidenceKeeper, Wanted, write_synced
from contracts.broker import Client, connect
from contracts.messages import Detection
from contracts.pins import Pins
from tests.alerts.receiver import NOW
from tests.alerts.scene import CAMERA, CAR_BOX, picture, seconds


def test_a_box_is_drawn_in_its_labels_colour_where_it_belongs() -> None:
    drawn = draw_boxes(picture(90), [CAR_BOX])

    assert drawn
    image = simplejpeg.decode_jpeg(drawn, colorspace="BGR")
    middle_of_the_right_edge = image[int(0.45 * 180), int(0.5 * 319)].astype(int)
    assert np.abs(middle_of_the_right_edge - colour_of("car")).max() < 90
    assert np.abs(image[170, 300].astype(int) - 90).max() < 12


@pytest.mark.parametrize(
    "box", [(0.0, 0.0, 1.0, 1.0), (0.99, 0.99, 1.0, 1.0), (-0.2, -0.1, 0.1, 0.02), (0.5, 0.5, 0.5, 0.5)]
)
def test_boxes_at_the_edges_are_drawn_without_fail(box: tuple[float, float, float, float]) -> None:
    assert draw_boxes(picture(), [Detection("traffic light", 0.5, box)])


def test_bytes_that_are_no_picture_and_pictures_that_claim_too_much_are_not_drawn() -> None:
    header_of_a_bomb = bytearray(picture())
    at = header_of_a_bomb.index(b"\xff\xc0") + 5
    header_of_a_bomb[at : at + 4] = struct.pack(">HH", 65000, 65000)

    assert draw_boxes(b"no picture", [CAR_BOX]) is None
    assert draw_boxes(bytes(header_of_a_bomb), [CAR_BOX]) is None


def test_boxes_are_not_put_on_a_picture_that_was_not_the_one_judged(client: Client, tmp_path: Path) -> None:
    pins = Pins(client)
    pins.keep_last(CAMERA, picture(50), captured_at=NOW + seconds(3))
    keeper = EvidenceKeeper(tmp_path, pins)

    kept = keeper.keep("inc_1", Wanted(CAMERA, NOW, "0" * 64, (CAR_BOX,)), now=NOW)

    assert kept.frames[0].boxes == ()
    assert kept.frames[0].at == "2026-11-22T12:00:03.000Z"


@pytest.mark.parametrize("off_by_s", [3.0, -9.5, 0.0])
def test_a_picture_that_stands_in_says_how_far_it_is_from_what_was_judged(
    client: Client, tmp_path: Path, off_by_s: float
) -> None:
    pins = Pins(client)
    pins.keep_last(CAMERA, picture(50), captured_at=NOW + seconds(off_by_s))

    (frame,) = EvidenceKeeper(tmp_path, pins).keep("inc_1", Wanted(CAMERA, NOW, None), now=NOW).frames

    assert frame.off_by_s == off_by_s


@pytest.mark.parametrize("off_by_s", [61.0, -3600.0])
def test_a_picture_of_another_time_is_no_evidence(client: Client, tmp_path: Path, off_by_s: float) -> None:
    pins = Pins(client)
    pins.keep_last(CAMERA, picture(50), captured_at=NOW + seconds(off_by_s))

    kept = EvidenceKeeper(tmp_path, pins).keep("inc_1", Wanted(CAMERA, NOW, None), now=NOW)

    assert (kept.frames, kept.missing) == ((), True)
    assert "the camera's last one is of 2026-11-22T1" in kept.reason
    assert list(tmp_path.rglob("*.jpg")) == []


def test_a_disk_that_is_nearly_full_and_a_redis_that_is_away_cost_the_picture_only(
    client: Client, tmp_path: Path
) -> None:
    pins = Pins(client)
    sha256 = pins.keep(CAMERA, picture(), now=NOW)
    full = EvidenceKeeper(tmp_path, pins, keep_free_bytes=1 << 60)
    alone = EvidenceKeeper(tmp_path, Pins(connect(f"unix://{tmp_path / 'nobody.sock'}")))

    wanted = Wanted(CAMERA, NOW, sha256)

    assert full.keep("inc_1", wanted, now=NOW).reason == "the disk is nearly full"
    assert alone.keep("inc_1", wanted, now=NOW).missing


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()

    with pytest.raises(OSError, match="directory"):
        write_synced(tmp_path, "a.jpg", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
