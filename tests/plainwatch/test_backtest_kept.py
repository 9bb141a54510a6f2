"""Backtests with a camera of a running site."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import numpy as np
import pytest
import simplejpeg

from alerts.archive import Archive
from analyzer.fake import FakeEngine
from api.app import create_app
from api.auth import create_key
from api.deps import Deps
from api.live import LiveBoard
from api.pictures import Pictures
from api.server import listen, serve
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.seal import sealer_from
from contracts.service import Stop
from contracts.settings import load_settings
from plainwatch.backtest.choose import Wanted, chosen
from plainwatch.backtest.play import Meters, Result, backtested
from plainwatch.backtest.report import as_json, in_words
from plainwatch.client import ApiClient
from plainwatch.simulator.scene import scene_picture
from store.cameras import CameraRow, Zone, add_camera, all_cameras, change_camera
from store.database import Database
from tests.plainwatch.test_backtest import run, scene

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WITHIN_S = 10.0

__all__ = ["scene"]


@pytest.fixture
def site(tmp_path: Path, client: Client) -> Iterator[tuple[str, str, Deps]]:
    """(address, key, parts) of an API on a port."""
    settings = load_settings(data_dir=tmp_path / "data")
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    deps = Deps(
        database=database,
        client=client,
        live=LiveBoard(Board(client)),
        bus=FrameBus(client),
        sealer=sealer_from(settings.key_file, ""),
        settings=settings,
        pictures=Pictures(database, settings),
        clock=lambda: datetime.now(UTC),
        changed=lambda: None,
    )
    stop, sock = Stop(), listen("127.0.0.1", 0)
    thread = threading.Thread(target=serve, args=(create_app(deps), sock, stop), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{sock.getsockname()[1]}", create_key(database, "test", ("admin",), deps.clock()), deps
    stop.set()
    thread.join(timeout=WITHIN_S)
    database.close()


def archive_scene(deps: Deps, *, every_s: float) -> None:
    camera = CameraRow("cam_1", "front gate", "rtsp://10.0.0.9/1", b"", "2026-11-22T11:00:00.000Z", zones=(_LEFT,))
    with deps.database.write() as connection:
        add_camera(connection, camera)
    archive = Archive(deps.settings.archive_dir)
    for number in range(int(24 / every_s)):
        at_s = number * every_s
        pixels = np.ascontiguousarray(scene_picture(at_s, noise_seed=number))
        jpeg = bytes(simplejpeg.encode_jpeg(pixels, quality=90, colorspace="BGR"))
        archive.put("cam_1", jpeg, at=AT + timedelta(seconds=at_s), epoch=1, seq=number + 1)


_LEFT = Zone("left half", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


def kept(
    site: tuple[str, str, Deps], *texts: str, named: str = "Front Gate", since: str = "", until: str = ""
) -> Result:
    """By an engine that answers anything, since the edge engine needs a model to see things in single pictures."""
    address, key, _ = site
    with closing(ApiClient(address, key)) as client:
        footage, camera, is_dated = chosen(Wanted(named, 0.5, since, until), lambda: client)
        return backtested(
            texts,
            footage,
            camera,
            FakeEngine(),
            is_dated=is_dated,
            timezone="Asia/Shanghai",
            batch_frames=4,
            meters=Meters(time.monotonic, time.process_time),
        )


def test_a_camera_s_kept_pictures_are_footage(site: tuple[str, str, Deps]) -> None:
    archive_scene(site[2], every_s=0.5)

    result = kept(site, "a car is visible")

    report = as_json(result, None)
    incidents = report["rules"][0]["incidents"]
    assert report["source"] == "front gate" and report["starts_at"] == "2026-11-22T12:00:00.000Z"
    assert report["frames"]["sampled"] == 48
    assert incidents and incidents[0]["opened_at"].startswith("2026-11-22T12:00:0")
    assert "times in Asia/Shanghai" in in_words(result, None)[0]
    assert any(line.startswith("  Told at 2026-11-22 20:00:0") for line in in_words(result, None))


def test_pictures_that_are_far_apart_are_said_to_be_and_cost_what_they_cost(site: tuple[str, str, Deps]) -> None:
    archive_scene(site[2], every_s=4.0)

    result = kept(site, "a car is visible")

    said = in_words(result, None)
    assert as_json(result, None)["spacing_s"] == 4.0 and "a picture every 4 s" in said[0]
    assert result.cost is not None and result.cost.frames == pytest.approx(21_600, rel=0.2)
    assert "The pictures are 4 s apart: what lasts less may not be among them." in said
    assert any(line.startswith("Live, the camera is looked at up to every 0.4 s") for line in said)


def test_kept_pictures_show_no_history_and_the_command_says_what_does(site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=4.0)
    rules = ("--rule", "something moves", "--rule", "a bag is left alone for 5 seconds", "--rule", "画面变暗了")

    done = run(*rules, "--source", "front gate", "--api", address, "--json", PLAINWATCH_KEY=key)

    told = json.loads(done.stdout)["rules"]
    assert done.exit_code == 3 and [one["status"] for one in told] == ["unanswerable"] * 3
    assert all("plainwatch backtest --rule … --source FILE" in one["reason"] for one in told)


def test_a_stretch_of_a_camera_is_given_by_the_calendar(site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=1.0)

    stretch = {"since": "2026-11-22T12:00:05Z", "until": "2026-11-22T13:00:10+01:00"}
    some = kept(site, "a car is visible", named="cam_1", **stretch)
    asked = ("--rule", "something moves", "--source", "cam_1", "--api", address, "--from", "2026-11-23T12:00:05Z")
    none = run(*asked, PLAINWATCH_KEY=key)

    assert some.figures.sampled == 5
    assert none.exit_code == 3 and "no picture was kept of this time" in " ".join(none.stderr.split())


def test_a_file_may_have_the_zones_and_masks_of_a_camera(scene: Path, site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=12.0)
    asked = ("--rule", "something moves in the left half", "--source", scene, "--api", address, "--json")

    seen = run(*asked, "--camera", "front gate", PLAINWATCH_KEY=key)
    with deps.database.write() as connection:
        change_camera(connection, replace(all_cameras(connection)[0], masks=(_LEFT.polygon,)))
    masked = run(*asked, "--camera", "front gate", PLAINWATCH_KEY=key)
    unknown = run(*asked, "--camera", "back door", PLAINWATCH_KEY=key)
    twice = run("--rule", "x", "--source", "front gate", "--camera", "front gate", "--api", address, PLAINWATCH_KEY=key)

    assert json.loads(seen.stdout)["rules"][0]["incidents"]
    assert json.loads(masked.stdout)["rules"][0]["incidents"] == []
    assert unknown.exit_code == 3 and "--camera: camera 'back door' is none of this site" in unknown.stderr
    assert twice.exit_code == 2 and "the source is a camera itself" in " ".join(twice.stderr.split())


def test_a_camera_that_the_site_does_not_have_is_named_with_those_it_has(site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=12.0)

    done = run("--rule", "something moves", "--source", "back door", "--api", address, PLAINWATCH_KEY=key)

    assert done.exit_code == 3
    assert "neither a file nor a camera" in " ".join(done.stderr.split()) and "front gate" in done.stderr


def test_a_site_that_does_not_answer_is_exit_code_4(tmp_path: Path) -> None:
    with pytest.raises(httpx2.HTTPError):
        httpx2.get("http://127.0.0.1:1/", trust_env=False)

    done = run("--rule", "x", "--source", "gate", "--api", "http://127.0.0.1:1", PLAINWATCH_KEY="pw_none")

    assert done.exit_code == 4
