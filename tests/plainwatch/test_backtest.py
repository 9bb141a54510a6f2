import json
import re
import threading
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import numpy as np
import pytest
import simplejpeg
from typer.testing import CliRunner, Result

from alerts.archive import Archive
from alerts.trial.day import alerts_per_day, open_part
from api.app import create_app
from api.auth import create_key
from api.deps import Deps
from api.live import LiveBoard
from api.pictures import Pictures
from api.server import listen, serve
from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.errors import Invalid
from contracts.plan import Window
from contracts.seal import sealer_from
from contracts.service import Stop
from contracts.settings import load_settings
from plainwatch.backtest.estimate import cost_per_day
from plainwatch.backtest.stretch import as_clock, clip_seconds, moment
from plainwatch.cli.app import app
from plainwatch.replay.run import Figures
from plainwatch.simulator.scene import scene_picture
from store.cameras import CameraRow, Zone, add_camera
from store.database import Database
from tests.plainwatch.recorded import write_scene

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WITHIN_S = 10.0


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("footage") / "yard.mp4")


def run(*arguments: str | Path, **environment: str) -> Result:
    given = {"PLAINWATCH_ASSETS": "", "PLAINWATCH_DETECTOR": "", "PLAINWATCH_ENGINE": "edge"} | environment
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)], env=given)


# arithmetic


def test_a_day_is_the_footage_over_and_over() -> None:
    assert alerts_per_day(2, watched_s=3600, open_share=1.0, cooldown_s=0) == pytest.approx(48)
    assert alerts_per_day(2, watched_s=3600, open_share=1 / 3, cooldown_s=0) == pytest.approx(16)
    assert alerts_per_day(0, watched_s=0, open_share=1.0, cooldown_s=0) is None


def test_a_cooldown_bounds_what_a_day_can_hold() -> None:
    assert alerts_per_day(5, watched_s=60, open_share=1.0, cooldown_s=3600) == pytest.approx(24)


def test_the_cost_of_a_day_grows_with_what_was_looked_at() -> None:
    cost = cost_per_day(Figures(sampled=60, analysed=30, engine_ms=600), watched_s=60, cpu_s=3)

    assert cost is not None
    assert (cost.frames, cost.engine_s, cost.core_share) == (43_200, pytest.approx(864), pytest.approx(0.05))


def test_the_hours_of_a_rule_are_a_part_of_the_week() -> None:
    night, weekend = Window(("mon",), "22:00", "06:00"), Window(("sat", "sun"), "00:00", "24:00")

    assert open_part([]) == 1.0
    assert open_part([night]) == pytest.approx(8 / 168)
    assert open_part([night, weekend]) == pytest.approx((8 + 48) / 168)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1:30", 90), ("1:02:30.5", 3750.5), ("12.5s", 12.5)])
def test_a_place_in_a_clip_is_read(text: str, seconds: float) -> None:
    assert clip_seconds(text, "--from") == seconds


def test_what_is_no_place_and_no_moment_is_refused_with_the_form_to_write() -> None:
    with pytest.raises(Invalid, match="write seconds"):
        clip_seconds("soon", "--from")
    with pytest.raises(Invalid, match="2026-11-22T18:00:00Z"):
        moment("yesterday", "--to")
    with pytest.raises(Invalid, match="names no time zone"):
        moment("2026-11-22T18:00:00", "--to")


def test_a_clip_s_time_is_shown_as_players_show_it() -> None:
    assert [as_clock(seconds) for seconds in (0, 9.96, 75.5, 3725.04)] == ["0:00.0", "0:10.0", "1:15.5", "1:02:05.0"]


# the command


def test_a_rule_s_incidents_are_told_in_the_clip_s_time(scene: Path) -> None:
    done = run("--rule", "something moves", "--rule", "the picture is dark", "--source", scene, "--json")

    report = json.loads(done.stdout)
    moves, dark = report["rules"]
    first = moves["incidents"][0]
    assert done.exit_code == 0
    assert 4.0 <= first["started_s"] <= first["opened_s"] <= 6.0 < first["ended_s"] <= 10.0
    assert first["boxes"] and first["boxes"][0]["label"] == "motion"
    assert moves["alerts_per_day"] == pytest.approx(len(moves["incidents"]) / 24 * 86_400, rel=0.01)
    assert dark["incidents"] == [] and dark["alerts_per_day"] == 0
    assert report["watched_s"] == pytest.approx(24, abs=0.5) and report["frames"]["sampled"] == 48
    assert report["cost_per_day"]["frames"] > 0
    assert any("extrapolated from 24 s" in note for note in report["notes"])


def test_two_backtests_of_the_same_footage_say_the_same(scene: Path, tmp_path: Path) -> None:
    sheets = [tmp_path / "one.html", tmp_path / "two.html"]

    reports = [
        json.loads(run("--rule", "something moves", "--source", scene, "--html", sheet, "--json").stdout)
        for sheet in sheets
    ]

    for report in reports:
        del report["cost_per_day"], report["html"]
    assert reports[0] == reports[1]
    assert pictures_in(sheets[0]) == pictures_in(sheets[1])


def pictures_in(sheet: Path) -> list[bytes]:
    return [b64decode(found) for found in re.findall(r"base64,([^\"]+)\"", sheet.read_text())]


def test_the_contact_sheet_holds_everything_and_loads_nothing(scene: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"

    done = run("--rule", "something <b>moves</b>", "--rule", "something moves", "--source", scene, "--html", sheet)

    text, pictures = sheet.read_text(), pictures_in(sheet)
    assert done.exit_code in (0, 3) and str(sheet) in done.stdout
    assert "<b>" not in text and "<script" not in text and "http" not in text
    assert pictures and all(simplejpeg.decode_jpeg(one).shape[1] == 480 for one in pictures)
    assert len(text) < 500_000


def test_a_stretch_is_looked_at_alone(scene: Path) -> None:
    done = run("--rule", "something moves", "--source", scene, "--from", "0:10", "--to", "17", "--json")

    report = json.loads(done.stdout)
    assert report["watched_s"] == pytest.approx(7.5, abs=0.51)
    assert all(10 <= one["opened_s"] <= 17 for one in report["rules"][0]["incidents"])


def test_hours_count_once_the_time_of_recording_is_known(scene: Path) -> None:
    rule = ("--rule", "something moves between 22:00 and 06:00", "--source", scene, "--json")

    undated = json.loads(run(*rule).stdout)
    noon = json.loads(run(*rule, "--starts-at", "2026-11-22T12:00:00Z").stdout)
    night = json.loads(run(*rule, "--starts-at", "2026-11-22T23:00:00Z").stdout)

    assert undated["rules"][0]["incidents"] and any("every hour counts" in note for note in undated["notes"])
    assert noon["rules"][0]["incidents"] == [] and "alerts_per_day" not in noon["rules"][0]
    assert night["rules"][0]["incidents"][0]["opened_at"].startswith("2026-11-22T23:00:0")
    assert night["rules"][0]["alerts_per_day"] == pytest.approx(undated["rules"][0]["alerts_per_day"])


def test_a_rule_that_cannot_be_tried_is_exit_code_3_and_the_others_are_tried(scene: Path) -> None:
    done = run("--rule", "people are fighting", "--rule", "something moves", "--source", scene, "--json")

    report = json.loads(done.stdout)
    fighting, moves = report["rules"]
    assert done.exit_code == 3
    assert fighting["status"] == "unanswerable" and "vision-language model" in fighting["reason"]
    assert moves["status"] == "answered" and moves["incidents"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--source", "nothing.mp4"), 4, "source 'nothing.mp4' is not there"),
        (("--source", "rtsp://10.0.0.1/x"), 2, "has no past"),
        (("--source", "SCENE", "--from", "20", "--to", "10"), 2, "does not lie before"),
        (("--source", "SCENE", "--from", "100"), 4, "no picture in this stretch"),
        (("--source", "SCENE", "--starts-at", "noon"), 2, "no date and time"),
        (("--source", "front gate", "--api", "http://127.0.0.1:1"), 4, "no site can be asked"),
        ((), 2, "--source"),
    ],
)
def test_what_does_not_fit_is_said_with_its_exit_code(
    scene: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    given = [str(scene) if each == "SCENE" else each for each in arguments]

    done = run("--rule", "something moves", "--data-dir", tmp_path, *given)

    assert done.exit_code == code
    assert said in " ".join(done.stderr.split())


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")

    done = run("--rule", "something moves", "--source", tmp_path / "notes.mp4")

    assert done.exit_code == 4
    assert "not a video file" in " ".join(done.stderr.split())


# a camera of a running site


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


def test_a_camera_s_kept_pictures_are_footage(site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=0.5)

    done = run("--rule", "something moves", "--source", "Front Gate", "--api", address, "--json", PLAINWATCH_KEY=key)

    report = json.loads(done.stdout)
    incidents = report["rules"][0]["incidents"]
    assert done.exit_code == 0
    assert report["source"] == "front gate" and report["starts_at"] == "2026-11-22T12:00:00.000Z"
    assert report["frames"]["sampled"] == 48
    assert incidents and incidents[0]["opened_at"].startswith("2026-11-22T12:00:0")


def test_a_stretch_of_a_camera_is_given_by_the_calendar(site: tuple[str, str, Deps]) -> None:
    address, key, deps = site
    archive_scene(deps, every_s=1.0)
    stretch = ("--from", "2026-11-22T12:00:05Z", "--to", "2026-11-22T13:00:10+01:00")
    asked = ("--rule", "something moves", "--source", "cam_1", "--api", address, "--json")

    some = json.loads(run(*asked, *stretch, PLAINWATCH_KEY=key).stdout)
    none = run(*asked, "--from", "2026-11-23T12:00:05Z", PLAINWATCH_KEY=key)

    assert some["frames"]["sampled"] == 5
    assert none.exit_code == 3 and "no picture was kept of this time" in " ".join(none.stderr.split())


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


# real footage


def test_a_car_is_found_where_it_is(assets: Path, tmp_path: Path) -> None:
    clip, sheet = assets / "clips" / "intel_person-bicycle-car-detection.mp4", tmp_path / "sheet.html"

    done = run(
        *("--rule", "a car is visible", "--source", clip, "--html", sheet, "--json"),
        PLAINWATCH_DETECTOR=str(assets / "models" / "yolox_nano.onnx"),
    )

    incidents = json.loads(done.stdout)["rules"][0]["incidents"]
    assert [0 <= one["opened_s"] <= 3.7 or 28 <= one["opened_s"] <= 33.5 for one in incidents] == [True, True]
    assert all(one["boxes"][0]["label"] == "car" for one in incidents)
    assert len(pictures_in(sheet)) >= 2
