import json
import re
from base64 import b64decode
from pathlib import Path

import pytest
import simplejpeg
from typer.testing import CliRunner
from typer.testing import Result as Done

from plainwatch.backtest.stretch import as_clock
from plainwatch.cli.app import app
from tests.plainwatch.recorded import write_scene

WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("footage") / "yard.mp4")


def run(*arguments: str | Path, **environment: str) -> Done:
    given = {"PLAINWATCH_ASSETS": "", "PLAINWATCH_DETECTOR": "", "PLAINWATCH_ENGINE": "edge"} | environment
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)], env=given)


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
