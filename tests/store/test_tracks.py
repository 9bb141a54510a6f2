from datetime import UTC, datetime

from store.cameras import CameraRow, add_camera, remove_camera
from store.database import Database
from store.tracks import TracksRow, all_tracks, drop_tracks, keep_tracks

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_tracks_are_written_over_and_dropped(database: Database) -> None:
    changed = TracksRow("cam_1", '{"looks":2}')

    with database.write() as connection:
        keep_tracks(connection, [TracksRow("cam_1", "{}"), TracksRow("cam_2", "{}")], now=NOW)
        keep_tracks(connection, [changed], now=NOW)
        drop_tracks(connection, "cam_2")
        keep_tracks(connection, [], now=NOW)

    with database.read() as connection:
        assert all_tracks(connection) == (changed,)


def test_a_camera_takes_its_tracks_with_it(database: Database) -> None:
    with database.write() as connection:
        add_camera(connection, CameraRow(id="cam_1", name="gate", url="rtsp://10.0.0.9/1", sealed=b"", created_at=""))
        keep_tracks(connection, [TracksRow("cam_1", "{}")], now=NOW)

    with database.write() as connection:
        remove_camera(connection, "cam_1")

    with database.read() as connection:
        assert all_tracks(connection) == ()
