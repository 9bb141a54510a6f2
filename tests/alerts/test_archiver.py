import logging
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.archive import Archive
from alerts.archiver import MASKED_WITHIN, SITE_EVERY, ArchiveBounds, Archiver
from contracts.messages import Detection
from store.cameras import change_camera, remove_camera
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, Site, camera_row, picture

CAR = Detection("car", 0.9, (0.1, 0.1, 0.5, 0.5))
BOUNDS = ArchiveBounds(keep_free_bytes=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def archiver(site: Site, folder: Path, bounds: ArchiveBounds = BOUNDS) -> Archiver:
    return Archiver(folder, site.pins, site.database, bounds, owns=lambda _: True, clock=site.clock)


def seqs(folder: Path, camera: str = CAMERA) -> list[int]:
    return [one.seq for one in Archive(folder).pictures(camera)]


def show(site: Site, seq: int, camera: str = CAMERA) -> None:
    site.pins.keep_last(camera, picture(seq), captured_at=site.clock(), epoch=1, seq=seq)


def test_one_picture_a_camera_is_kept_per_interval(site: Site, folder: Path, clock: Clock) -> None:
    site.register()
    keeper = archiver(site, folder)

    for seq in range(61):  # a minute, a picture a second
        show(site, seq)
        keeper.turn()
        clock.pass_by(timedelta(seconds=1))

    kept = Archive(folder).pictures(CAMERA)
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(kept)]
    assert kept[0].seq == 0
    assert len(kept) >= 5
    assert all(10.0 <= gap <= 11.0 for gap in gaps)
    assert (folder / kept[0].path).read_bytes() == picture(0)


def test_a_camera_that_gives_nothing_new_is_not_archived_twice_nor_after_a_restart(
    site: Site, folder: Path, clock: Clock
) -> None:
    site.register()
    show(site, 1)
    archiver(site, folder).turn()
    clock.pass_by(timedelta(seconds=30))

    archiver(site, folder).turn()

    assert seqs(folder) == [1]


def test_every_frame_of_an_incident_is_kept(site: Site, folder: Path, clock: Clock) -> None:
    site.register()
    keeper = archiver(site, folder)
    worker = site.worker(archive=keeper.incident_frame)
    site.see()
    site.turn(worker)
    keeper.turn()
    for shade in range(4):
        clock.pass_by(timedelta(seconds=0.5))
        site.see(CAR, pinned=picture(100 + shade))
        site.turn(worker)

    keeper.turn()

    assert len(site.incidents()) == 1
    assert seqs(folder)[-4:] == [2, 3, 4, 5]


def test_what_is_too_old_or_of_a_removed_camera_goes(site: Site, folder: Path, clock: Clock) -> None:
    site.register(cameras=(camera_row(), camera_row("cam_2")))
    keeper = archiver(site, folder)
    show(site, 1)
    show(site, 2, "cam_2")
    keeper.turn()
    site.change(remove_camera, "cam_2")

    clock.pass_by(timedelta(hours=12))
    show(site, 3)
    keeper.turn()
    half_a_day = Archive(folder).cameras(), seqs(folder)
    clock.pass_by(timedelta(hours=13))
    keeper.turn()

    assert half_a_day == ({CAMERA}, [1, 3])
    assert seqs(folder) == [3]


def test_the_archive_never_grows_beyond_its_share_of_the_disk(site: Site, folder: Path, clock: Clock) -> None:
    site.register(cameras=(camera_row(), camera_row("cam_2")))
    least = len(picture(1))
    keeper = archiver(site, folder, replace(BOUNDS, total_bytes=2 * (3 * least + least // 2)))

    for seq in range(10):
        show(site, seq)
        keeper.turn()
        clock.pass_by(timedelta(seconds=10))

    assert seqs(folder) == [7, 8, 9]


def test_switched_off_it_keeps_nothing_and_empties_itself(site: Site, folder: Path, clock: Clock) -> None:
    site.register()
    show(site, 1)
    archiver(site, folder).turn()
    clock.pass_by(timedelta(seconds=20))
    show(site, 2)

    archiver(site, folder, replace(BOUNDS, hours=0.0)).turn()

    assert seqs(folder) == []


def test_a_full_disk_stops_the_archive_with_one_line_and_it_goes_on_afterwards(
    site: Site, folder: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.register()
    show(site, 1)
    full = archiver(site, folder, replace(BOUNDS, keep_free_bytes=1 << 60))

    full.turn()
    full.turn()
    stopped = [record.problem for record in caplog.records if "archive stopped" in record.message]  # type: ignore[attr-defined]

    assert stopped == ["the disk is nearly full"]
    assert seqs(folder) == []
    archiver(site, folder).turn()
    assert seqs(folder) == [1]


def test_cameras_of_another_worker_are_left_alone(site: Site, folder: Path, tmp_path: Path) -> None:
    site.register()
    show(site, 1)
    Archive(folder).put("cam_gone", picture(), at=site.clock(), epoch=1, seq=1)
    other = Archiver(folder, site.pins, site.database, BOUNDS, owns=lambda _: False, clock=site.clock)

    other.turn()

    assert Archive(folder).cameras() == {"cam_gone"}


def test_what_was_taken_under_other_masks_goes_and_what_was_on_its_way_is_not_kept(
    site: Site, folder: Path, clock: Clock
) -> None:
    site.register(cameras=(camera_row(), camera_row("cam_2")))
    keeper = archiver(site, folder)
    show(site, 1)
    show(site, 2, "cam_2")
    keeper.turn()
    with site.database.write() as connection:
        change_camera(connection, replace(camera_row(), masks=(((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)))
    show(site, 3)
    clock.pass_by(SITE_EVERY)

    keeper.turn()
    at_once = seqs(folder)
    clock.pass_by(MASKED_WITHIN)
    show(site, 4)
    keeper.turn()
    archiver(site, folder).turn()

    assert at_once == []
    assert seqs(folder) == [4]
    assert seqs(folder, "cam_2") == [2]
