import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import numpy as np
import pytest
import simplejpeg
from typer.testing import CliRunner
from typer.testing import Result as Done

from alerts.archive import Archive
from alerts.trial.candidates import camera_for, candidates
from alerts.trial.day import Tried, alerts_per_day, alerts_per_day_between, open_part, spacing_of
from alerts.trial.incidents import Incident, Look
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
from contracts.errors import Invalid
from contracts.plan import Window
from contracts.seal import sealer_from
from contracts.service import Stop
from contracts.settings import load_settings
from plainwatch.backtest.choose import Wanted, chosen
from plainwatch.backtest.estimate import cost_per_day
from plainwatch.backtest.play import Meters, Result, backtested
from plainwatch.backtest.report import as_json, in_words
from plainwatch.backtest.saying import verdict
from plainwatch.backtest.stretch import as_clock, clip_seconds, moment
from plainwatch.cli.app import app
from plainwatch.client import ApiClient
from plainwatch.replay.run import Figures
from plainwatch.simulator.scene import scene_picture
from store.cameras import CameraRow, Zone, add_camera, all_cameras, change_camera
from store.database import Database
from tests.plainwatch.recorded import write_scene

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WITHIN_S = 10.0
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("footage") / "yard.mp4")


def run(*arguments: str | Path, **environment: str) -> Done:
    given = {"PLAINWATCH_ASSETS": "", "PLAINWATCH_DETECTOR": "", "PLAINWATCH_ENGINE": "edge"} | environment
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)], env=given)


# arithmetic


def test_a_day_is_the_footage_over_and_over() -> None:
    assert alerts_per_day(2, watched_s=3600, open_share=1.0, cooldown_s=0) == pytest.approx(48)
    assert alerts_per_day(2, watched_s=3600, open_share=1 / 3, cooldown_s=0) == pytest.approx(16)
    assert alerts_per_day(0, watched_s=0, open_share=1.0, cooldown_s=0) is None


def test_a_cooldown_bounds_what_a_day_can_hold() -> None:
    assert alerts_per_day(5, watched_s=60, open_share=1.0, cooldown_s=3600) == pytest.approx(24)


@pytest.mark.parametrize(
    ("incidents", "watched_s", "cooldown_s", "expected"),
    [
        (0, 86_400, 0, (0.0, 3.7)),
        (1, 86_400, 0, (0.025, 5.6)),
        (10, 86_400, 0, (4.7, 19.0)),
        (2, 8, 0, (2_600.0, 79_000.0)),
        (2, 8, 3_600, (24.0, 24.0)),
    ],
)
def test_what_a_day_may_hold_is_the_exact_interval_rounded_outwards(
    incidents: int, watched_s: float, cooldown_s: float, expected: tuple[float, float]
) -> None:
    given = alerts_per_day_between(incidents, watched_s=watched_s, open_share=1.0, cooldown_s=cooldown_s)

    assert given == expected


def test_pictures_are_as_far_apart_as_they_are_for_half_of_the_time() -> None:
    frames_of_an_incident, an_outage = [0.5] * 100, [18_000.0]

    assert spacing_of([10.0] * 20 + frames_of_an_incident + an_outage) == 10.0
    assert spacing_of([300.0] * 3) == 300.0
    assert spacing_of([]) == 0.0


def tried(text: str, *, count: int, watched_s: float) -> Tried:
    (candidate,) = candidates([text], camera_for("x.mp4"), FakeEngine().capabilities("test"), keep_windows=True)
    incident = Incident(AT, AT, (Look(AT, b"", (), 0.5),))
    arguments = {"watched_s": watched_s, "open_share": 1.0, "cooldown_s": 0.0}
    per_day, between = alerts_per_day(count, **arguments), alerts_per_day_between(count, **arguments)
    return Tried(candidate, (incident,) * count, watched_s, 0.0, per_day, between)


@pytest.mark.parametrize(
    ("count", "watched_s", "said"),
    [
        (1, 8, "It would have fired once in 8 s, too short to tell how often it would in a day"),
        (2, 3_599, "It would have fired twice in 60 min, too short to tell how often it would in a day"),
        (3, 21_600, "It would have fired 3 times, about 12 alerts a day (between 2.4 and 36)"),
        (0, 21_600, "It would not have fired: at most 15 alerts a day"),
        (0, 0, "None of the footage lies within its hours"),
    ],
)
def test_how_often_it_would_fire_is_told_as_far_as_it_is_known(count: int, watched_s: float, said: str) -> None:
    assert verdict(tried("a car is visible", count=count, watched_s=watched_s), "en") == said


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
    low, high = moves["alerts_per_day_interval"]
    assert low < moves["alerts_per_day"] < high and report["spacing_s"] == 0.5
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
    assert len(text) < 700_000


def test_an_incident_is_shown_as_it_began_as_it_was_told_and_as_it_was_over(scene: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"

    done = run("--rule", "something moves for 2 seconds", "--source", scene, "--html", sheet, "--json")

    text, incident = sheet.read_text(), json.loads(done.stdout)["rules"][0]["incidents"][0]
    shown = re.findall(r'alt="([^"]*)".*?<figcaption>([^<]*)</figcaption>', text)
    times = [as_clock(incident[name]) for name in ("started_s", "opened_s", "ended_s")]
    told = [caption for _, caption in shown if not caption.startswith("Seen better")]
    assert told[:3] == [f"{name} · {at}" for name, at in zip(("It began", "Told", "Over"), times, strict=True)]
    assert all(alt.startswith("Picture of 0:") for alt, _ in shown) and "motion" in shown[1][0]
    assert re.findall(r"<text[^>]*>([^<]*)</text>", text) == ["0:00", "0:05", "0:10", "0:15", "0:20"]
    assert f'aria-label="On: {times[1]} to {times[2]}' in text


def test_the_sheet_speaks_the_language_of_the_rules(scene: Path, tmp_path: Path) -> None:
    chinese, mixed = tmp_path / "zh.html", tmp_path / "mixed.html"

    said = run("--rule", "画面中有东西停留超过3秒", "--source", scene, "--html", chinese).stdout
    run("--rule", "画面中有东西停留超过3秒", "--rule", "something moves", "--source", scene, "--html", mixed)

    fixed = re.compile(r"It would|Told|picture every|Backtest|Picture of|confidence")
    assert '<html lang="zh">' in chinese.read_text() and not fixed.search(chinese.read_text())
    assert not fixed.search(said) and "报警" in said
    assert '<html lang="en">' in mixed.read_text() and '<section class="rule" lang="zh">' in mixed.read_text()


def test_where_nothing_was_tried_nothing_is_said_of_a_day(scene: Path) -> None:
    done = run("--rule", "people are fighting", "--source", scene)

    assert done.exit_code == 3
    assert "nothing could be tried" in done.stdout and "Not tried: " in done.stdout
    assert "a day" not in done.stdout.casefold() and "0 s" not in done.stdout


ZONES = [{"name": "left half", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}]


@pytest.mark.parametrize("form", [ZONES, {"zones": ZONES}, {"clips": {}, "zones": {"yard.mp4": {"left half": WHOLE}}}])
def test_a_place_can_be_drawn_on_a_file(scene: Path, tmp_path: Path, form: object) -> None:
    drawn = tmp_path / "zones.json"
    drawn.write_text(json.dumps(form))
    asked = ("--rule", "something moves in the left half", "--source", scene, "--json")

    without, done = run(*asked), run(*asked, "--zones", drawn)

    (told,) = json.loads(done.stdout)["rules"]
    assert without.exit_code == 3 and '"unanswerable"' in without.stdout
    assert done.exit_code == 0 and [one["zone"] for one in told["incidents"]][:1] == ["left half"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "cannot be read"),
        ("[", "in no form that is known"),
        ('[{"name": "gate"}]', "in no form that is known"),
        ("[]", "hold none"),
        ('[{"name": "gate", "polygon": [[0, 0]]}]', "zone 'gate' is no part of a picture"),
        ('[{"name": "gate", "polygon": [[0, 0], [300, 200]]}]', "zone 'gate' is no part of a picture"),
        ('[{"name": " ", "polygon": [[0, 0], [1, 1]]}]', "a zone has no name"),
        (json.dumps([ZONES[0], ZONES[0] | {"name": "Left Half"}]), "'Left Half' is drawn twice"),
        ('{"zones": {"other.mp4": {}}}', "none are drawn on 'yard.mp4'; it has zones of: 'other.mp4'"),
    ],
)
def test_zones_that_are_none_are_refused_with_what_to_write(
    scene: Path, tmp_path: Path, written: str | None, said: str
) -> None:
    drawn = tmp_path / "zones.json"
    if written is not None:
        drawn.write_text(written)

    done = run("--rule", "something moves", "--source", scene, "--zones", drawn)

    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split()).replace("- ", "-") and "zones.json" in done.stderr.replace("\n", "")


def test_a_tuned_rule_is_tried_at_its_own_threshold(scene: Path) -> None:
    asked = ("--rule", "something moves", "--source", scene, "--json")

    usual, strict = (json.loads(run(*asked, *more).stdout) for more in ((), ("--threshold", "0.99")))

    assert "threshold" not in usual and strict["threshold"] == 0.99
    opened = [report["rules"][0]["incidents"][0]["opened_s"] for report in (usual, strict)]
    assert opened[0] < opened[1]
    assert run(*asked, "--threshold", "1").exit_code == 2


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
