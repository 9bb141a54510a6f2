import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import simplejpeg
from typer.testing import CliRunner

from analyzer.edge.detector import load
from analyzer.edge.engine import EdgeEngine
from analyzer.fake import FakeEngine, Fault
from api.auth import create_key
from api.backtest_state import BacktestShelf
from contracts import keys
from contracts.messages import WorkerBeat
from plainwatch.cli.app import app
from tests.api.analyst import analyzing
from tests.api.running import PICTURE, Site, now, until

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATH = "/api/v1/rules/backtest"


def fill(site: Site, pictures: list[bytes], *, every_s: float = 10.0, name: str = "gate") -> str:
    camera = str(site.add_camera(name)["id"])
    for number, jpeg in enumerate(pictures):
        at = AT + timedelta(seconds=number * every_s)
        site.deps.pictures.archive.put(camera, jpeg, at=at, epoch=1, seq=number + 1)
    return camera


def drawn(number: int) -> bytes:
    pixels = np.full((48, 64, 3), 10 * number % 250, np.uint8)
    return bytes(simplejpeg.encode_jpeg(pixels, quality=90, colorspace="BGR"))


def backtest(site: Site, **body: object) -> dict[str, Any]:
    begun = site.admin.post(PATH, json=body)
    assert begun.status_code == 202, begun.text
    assert begun.headers["location"].endswith(begun.json()["id"])
    return ended(site, begun.json()["id"])


def ended(site: Site, backtest_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}

    def is_over() -> bool:
        site.board.beat(WorkerBeat("analyzer", "analyzer-1", now(), 1))
        answer = site.admin.get(f"/api/v1/rules/backtests/{backtest_id}")
        assert answer.status_code == 200, answer.text
        shown.update(answer.json())
        return shown["state"] in ("done", "failed")

    until(is_over)
    return shown


def test_a_rule_is_tried_on_the_pictures_that_were_kept_and_nothing_is_stored(site: Site) -> None:
    camera = fill(site, [drawn(number) for number in range(20)])
    with analyzing(site, FakeEngine()) as worker:
        done = backtest(site, text="a car is visible", camera="GATE")

        figures = worker.figures()

    result = done["result"]
    first = result["incidents"][0]
    assert (done["state"], done["camera"]) == ("done", {"id": camera, "name": "gate"})
    assert (done["pictures"], done["looked_at"], figures["tried"]) == (20, 20, 20)
    assert (done["first_at"], done["last_at"]) == ("2026-11-22T12:00:00.000Z", "2026-11-22T12:03:10.000Z")
    assert result["engine"] == "fake" and result["incidents_total"] == len(result["incidents"]) > 0
    assert result["alerts_per_day"] == pytest.approx(result["incidents_total"] / result["watched_s"] * 86400, rel=0.01)
    low, high = result["alerts_per_day_interval"]
    assert 0 < low < result["alerts_per_day"] < high
    assert any("200 s are too short" in note or "3 min are too short" in note for note in result["notes"])
    assert result["cost_per_day"]["frames"] > 0
    assert any("10 s apart" in note for note in result["notes"])
    path = first["picture_url"].partition("/api/")[2]
    assert site.client().get(f"/api/{path}").headers["content-type"] == "image/jpeg"
    assert site.admin.get("/api/v1/rules").json()["items"] == []
    assert site.admin.get("/api/v1/incidents").json()["items"] == []


def test_a_rule_is_tried_at_the_threshold_that_it_was_tuned_to(site: Site) -> None:
    fill(site, [drawn(number) for number in range(20)])
    with analyzing(site, FakeEngine()):
        lenient, strict = (
            backtest(site, text="a car is visible", camera="gate", threshold=threshold)["result"]["incidents_total"]
            for threshold in (0.3, 0.99)
        )
    refused = site.admin.post(PATH, json={"text": "a car is visible", "camera": "gate", "threshold": 1})

    assert lenient > strict
    assert refused.status_code == 422


def test_a_stretch_is_looked_at_alone(site: Site) -> None:
    fill(site, [drawn(number) for number in range(20)])
    stretch = {"from": "2026-11-22T12:00:30Z", "to": "2026-11-22T13:01:00+01:00"}
    with analyzing(site, FakeEngine()):
        done = backtest(site, text="a car is visible", camera="gate", **stretch)

    assert (done["first_at"], done["looked_at"]) == ("2026-11-22T12:00:30.000Z", 3)


def test_what_cannot_be_tried_is_refused_with_a_remedy(site: Site) -> None:
    fill(site, [])
    fill(site, [PICTURE], name="yard")

    def refused(**body: str) -> tuple[int, str, str]:
        answer = site.admin.post(PATH, json={"text": "a car is visible", "camera": "yard"} | body)
        return answer.status_code, answer.json()["code"], answer.json()["detail"]

    nobody = refused()
    site.analyzer_is_online()

    assert nobody == (503, "unavailable", "no analyzer is online")
    assert refused(camera="back door") == (422, "invalid", "camera: there is no camera 'back door'")
    assert refused(camera="gate")[:2] == (404, "not_found") and "no picture was kept" in refused(camera="gate")[2]
    assert refused(text="you hear glass break")[:2] == (422, "rule_refused")
    assert refused(text="a man climbs over the fence")[:2] == (422, "refused")
    assert "how the live picture changes" in refused(text="something moves")[2]
    assert refused(**{"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T11:00:00Z"})[:2] == (422, "invalid")
    assert refused(**{"from": "yesterday"})[0] == 422
    assert site.admin.get("/api/v1/rules/backtests/bkt_1").status_code == 404
    assert site.with_scopes("view").post(PATH, json={"text": "a car", "camera": "yard"}).status_code == 403


def test_a_picture_that_cannot_be_read_is_left_out_and_said_so(site: Site) -> None:
    fill(site, [drawn(1), b"no picture", drawn(2)])
    with analyzing(site, FakeEngine({b"never": Fault.FAIL})):
        done = backtest(site, text="a car is visible", camera="gate")

    assert (done["pictures"], done["looked_at"]) == (3, 2)
    assert any("Of 3 pictures 2 were looked at" in note for note in done["result"]["notes"])


def test_only_so_many_wait_and_one_whose_api_died_says_so(site: Site) -> None:
    fill(site, [drawn(1)])
    site.analyzer_is_online()
    body = {"text": "a car is visible", "camera": "gate"}

    begun = [site.admin.post(PATH, json=body) for _ in range(5)]
    shelf = BacktestShelf(site.deps.client)
    orphan = shelf.find(begun[3].json()["id"], now() + timedelta(minutes=10))

    assert [answer.status_code for answer in begun] == [202, 202, 202, 202, 503]
    assert "4 backtests" in begun[4].json()["detail"]
    assert orphan is not None and orphan.state == "failed" and "start it again" in orphan.problem
    assert 0 < site.deps.client.ttl(keys.backtest(orphan.id)) <= 3600
    with analyzing(site, FakeEngine()):
        assert {ended(site, answer.json()["id"])["state"] for answer in begun[:4]} == {"done"}


@pytest.mark.assets
def test_it_finds_what_the_command_line_finds(site: Site, assets: Path) -> None:
    detector = assets / "models" / "yolox_nano.onnx"
    fill(site, frames_of(assets / "clips" / "intel_person-bicycle-car-detection.mp4", every_s=1.0), every_s=1.0)
    key = create_key(site.deps.database, "cli", ("admin",), now())
    environment = {"PLAINWATCH_KEY": key, "PLAINWATCH_DETECTOR": str(detector), "PLAINWATCH_ENGINE": "edge"}
    for text in ("a car is visible", "a person is visible for 3 seconds"):
        asked = ["backtest", "--rule", text, "--source", "gate", "--api", site.url, "--json"]

        by_command = CliRunner().invoke(app, asked, env=environment)
        with analyzing(site, EdgeEngine(load(detector, require_gpu=False))):
            by_api = backtest(site, text=text, camera="gate")["result"]

        expected = json.loads(by_command.stdout)["rules"][0]
        told = [(one["opened_at"], one["confidence"], len(one["boxes"])) for one in expected["incidents"]]
        assert told
        assert [(one["opened_at"], one["confidence"], len(one["boxes"])) for one in by_api["incidents"]] == told
        assert by_api["alerts_per_day"] == expected["alerts_per_day"]
        assert by_api["watched_s"] == expected["watched_s"]


def frames_of(clip: Path, *, every_s: float) -> list[bytes]:
    found: list[bytes] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= len(found) * every_s:
                pixels = frame.to_ndarray(format="bgr24")
                found.append(bytes(simplejpeg.encode_jpeg(pixels, quality=90, colorspace="BGR")))
    return found
