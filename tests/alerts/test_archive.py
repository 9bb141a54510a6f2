from datetime import datetime, timedelta
from pathlib import Path

from alerts.archive import Archive
from tests.alerts.receiver import NOW

CAMERA = "cam_1"
JPEG = b"\xff\xd8 picture \xff\xd9"


def filled(folder: Path, *, pictures: int, every_s: float = 10.0, camera: str = CAMERA) -> Archive:
    archive = Archive(folder)
    for number in range(pictures):
        archive.put(camera, JPEG, at=at(number * every_s), epoch=1, seq=number)
    return archive


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def seqs(archive: Archive, **given: object) -> list[int]:
    return [picture.seq for picture in archive.pictures(CAMERA, **given)]  # type: ignore[arg-type]


def test_pictures_come_back_oldest_first_with_the_frame_that_they_are(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put(CAMERA, JPEG, at=at(3700.25), epoch=2, seq=9)
    archive.put(CAMERA, JPEG, at=at(0), epoch=1, seq=70)

    first, second = archive.pictures(CAMERA)

    assert (first.at, first.epoch, first.seq, first.size_bytes) == (at(0), 1, 70, len(JPEG))
    assert (second.at, second.epoch, second.seq) == (at(3700.25), 2, 9)
    assert (tmp_path / second.path).read_bytes() == JPEG


def test_a_picture_is_written_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)

    added = [archive.put(CAMERA, JPEG, at=at(0), epoch=1, seq=1) for _ in range(2)]

    assert added == [len(JPEG), 0]
    assert seqs(archive) == [1]


def test_a_stretch_is_read_page_by_page(tmp_path: Path) -> None:
    archive = filled(tmp_path, pictures=10, every_s=900)

    page = archive.pictures(CAMERA, since=at(1800), until=at(7200), limit=2)
    rest = archive.pictures(CAMERA, since=at(1800), until=at(7200), after=page[-1].name)

    assert [picture.seq for picture in (*page, *rest)] == [2, 3, 4, 5, 6, 7]
    assert seqs(archive, since=at(100_000)) == []
    assert archive.pictures("cam_2") == ()


def test_what_is_too_old_goes_and_then_the_oldest_of_what_is_too_much(tmp_path: Path) -> None:
    archive = filled(tmp_path, pictures=10, every_s=900)
    size_bytes = 10 * len(JPEG)

    by_age = archive.prune(CAMERA, size_bytes=size_bytes, most_bytes=size_bytes, before=at(1800))
    left = seqs(archive)
    by_size = archive.prune(CAMERA, size_bytes=by_age, most_bytes=3 * len(JPEG), before=at(0))

    assert (left[0], by_age) == (2, 8 * len(JPEG))
    assert (seqs(archive), by_size) == ([7, 8, 9], 3 * len(JPEG))
    assert len(list((tmp_path / CAMERA).iterdir())) == 2


def test_what_a_crash_left_half_done_is_cleared_away_and_never_shown(tmp_path: Path) -> None:
    archive = filled(tmp_path, pictures=2)
    hour = next((tmp_path / CAMERA).iterdir())
    (hour / ".20261122T120030000Z-1-3.jpg.part").write_bytes(b"\xff\xd8 hal")
    (hour / "20261122T120040000Z-1-4.jpg").write_bytes(b"")
    (hour / "notes.jpg").write_bytes(b"not ours")

    before = seqs(archive)
    size_bytes, newest = archive.clear_up(CAMERA)

    assert before == [0, 1]
    assert (size_bytes, newest) == (2 * len(JPEG), at(10))
    assert {file.name for file in hour.iterdir() if file.name != "notes.jpg"} == {
        "20261122T120000000Z-1-0.jpg",
        "20261122T120010000Z-1-1.jpg",
    }


def test_only_folders_of_cameras_are_ours_to_drop(tmp_path: Path) -> None:
    archive = filled(tmp_path, pictures=1)
    (tmp_path / "lost+found").mkdir()

    found = archive.cameras()
    archive.drop(CAMERA)
    archive.drop(CAMERA)

    assert found == {CAMERA}
    assert [file.name for file in tmp_path.iterdir()] == ["lost+found"]
    assert archive.pictures("../lost+found") == ()
