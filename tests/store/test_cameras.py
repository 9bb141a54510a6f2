from dataclasses import replace

import pytest

from contracts.errors import Conflict
from contracts.site import ProbeReport, Sampling
from store.cameras import (
    CameraRow,
    Zone,
    add_camera,
    all_cameras,
    camera_by_id,
    change_camera,
    page_of_cameras,
    remove_camera,
)
from store.database import Database
from store.site import next_site_version, site_version

TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
GATE = CameraRow(
    id="cam_1",
    name="gate",
    url="rtsp://192.168.1.20/1",
    sealed=b"sealed",
    created_at="2026-11-22T09:00:00.000Z",
    sampling=Sampling("every_s", 0.5),
    zones=(Zone("driveway", TRIANGLE),),
    masks=(TRIANGLE,),
    timezone="Asia/Shanghai",
    armed=False,
    probe=ProbeReport(ok=True, codec="h264", fps=25.0, picture=b"jpeg"),
)


def test_a_camera_comes_back_as_it_was_without_the_probes_picture(database: Database) -> None:
    with database.write() as connection:
        add_camera(connection, GATE)

    with database.read() as connection:
        found = camera_by_id(connection, "cam_1")

    assert found == replace(GATE, probe=ProbeReport(ok=True, codec="h264", fps=25.0))


def test_a_name_is_taken_once_also_by_a_change(database: Database) -> None:
    yard = replace(GATE, id="cam_2", name="yard")
    with database.write() as connection:
        add_camera(connection, GATE)
        add_camera(connection, yard)

    with pytest.raises(Conflict, match="'gate'"), database.write() as connection:
        add_camera(connection, replace(GATE, id="cam_3"))
    with pytest.raises(Conflict, match="'gate'"), database.write() as connection:
        change_camera(connection, replace(yard, name="gate"))

    with database.read() as connection:
        assert [camera.name for camera in all_cameras(connection)] == ["gate", "yard"]


def test_a_change_and_a_removal_hold(database: Database) -> None:
    changed = replace(GATE, zones=(), probe=None, armed=True)
    with database.write() as connection:
        add_camera(connection, GATE)
        change_camera(connection, changed)

    with database.read() as connection:
        assert camera_by_id(connection, "cam_1") == changed
    with database.write() as connection:
        assert remove_camera(connection, "cam_1")
        assert not remove_camera(connection, "cam_1")
        assert camera_by_id(connection, "cam_1") is None


def test_pages_go_on_after_the_last_id(database: Database) -> None:
    with database.write() as connection:
        for number in range(5):
            add_camera(connection, replace(GATE, id=f"cam_{number}", name=f"camera {number}"))

        first = page_of_cameras(connection, after="", limit=3)
        rest = page_of_cameras(connection, after=first[-1].id, limit=3)

    assert [camera.id for camera in (*first, *rest)] == [f"cam_{number}" for number in range(5)]


def test_the_sites_version_grows_by_one_and_rolls_back_with_its_change(database: Database) -> None:
    with database.write() as connection:
        before = site_version(connection)
        first, second = next_site_version(connection), next_site_version(connection)

    with pytest.raises(Conflict), database.write() as connection:
        next_site_version(connection)
        raise Conflict("the change failed")

    with database.read() as connection:
        assert (before, first, second, site_version(connection)) == (0, 1, 2, 2)
