"""What a user is told about a camera before it is registered; and that no password leaves by any door."""

import logging
import shutil
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import simplejpeg

from contracts.broker import Client
from contracts.jobs import ask
from contracts.seal import Sealer
from contracts.service import Stop
from contracts.site import IngestCamera, Probe, ProbeReport
from ingest.camera import Camera, Shared
from ingest.desk import Desk
from ingest.opening import Opener
from ingest.probe import answer_probe, run_probe
from plainwatch.simulator import Clip, Fault, Mount, serve_in_thread
from tests.ingest.conftest import CLOCK, Serve, Until

PASSWORD = "hunter2/Geheim@42"


def test_a_good_camera_is_described_with_a_picture(walk_clip: Clip, opener: Opener) -> None:
    with serve_in_thread(Mount("yard", walk_clip)) as cameras:
        report = run_probe(Probe(cameras.url("yard"), seconds=1.8), opener)

    assert report.ok and (report.codec, report.width, report.height) == ("h264", 640, 360)
    assert report.keyframe_interval_s == pytest.approx(0.5, abs=0.05)
    assert report.fps == pytest.approx(10, rel=0.1)
    assert simplejpeg.decode_jpeg_header(report.picture)[:2] == (360, 640)


@pytest.mark.assets
def test_a_file_is_probed_faster_than_it_plays_and_rare_keyframes_show(
    media: Path, assets: Path, opener: Opener
) -> None:
    shutil.copyfile(assets / "clips_odd" / "vtest_longgop_750.mp4", media / "long.mp4")

    report = run_probe(Probe("file:long.mp4", seconds=6.0), opener)

    assert report.ok and report.keyframe_interval_s and report.keyframe_interval_s > 25
    assert simplejpeg.decode_jpeg_header(report.picture)[1] == 640


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("rtsp://127.0.0.1:1/x", "source_unreachable"),
        ("rtsp://10.0.0.1/x", "outbound_refused"),
        ("gopher://x/y", "source_unsupported"),
        ("rtsp://", "invalid"),
        ("file:none.mp4", "invalid"),
        ("rtsp://nowhere.invalid/x", "source_unreachable"),
    ],
)
def test_what_is_wrong_comes_back_as_a_report_with_its_code(opener: Opener, url: str, code: str) -> None:
    report = run_probe(Probe(url, seconds=0.5), opener)

    assert not report.ok and report.code == code and report.reason and report.remedy


def test_a_target_that_an_admin_confirmed_is_probed(serve: Serve, opener: Opener) -> None:
    closed = replace(opener, camera_allow=())
    port = serve(b"RTSP/1.0 404 Not Found\r\n\r\n").port

    refused = run_probe(Probe(f"rtsp://127.0.0.1:{port}/x"), closed)
    asked = run_probe(Probe(f"rtsp://127.0.0.1:{port}/x", allow=(f"127.0.0.1:{port}",)), closed)

    assert refused.code == "outbound_refused" and str(port) in refused.remedy
    assert asked.code == "source_unsupported"


def test_a_stream_without_keyframes_says_so(walk_clip: Clip, opener: Opener) -> None:
    mount = Mount("yard", walk_clip)
    mount.misbehave(Fault.NEVER_KEYFRAME)
    with serve_in_thread(mount) as cameras:
        report = run_probe(Probe(cameras.url("yard"), seconds=0.8), opener)

    assert not report.ok and "no keyframe" in report.reason and "GOP" in report.remedy


def test_credentials_that_our_key_did_not_seal_are_a_report_too(opener: Opener) -> None:
    report = run_probe(Probe("rtsp://127.0.0.1:1/x", sealed=b"gAAAAnonsense"), opener)

    assert report.code == "config"


def test_a_payload_that_is_no_probe_is_answered(opener: Opener) -> None:
    report = msgspec.msgpack.decode(answer_probe(b"\xc1", opener), type=ProbeReport)

    assert report.code == "invalid"


def test_a_probe_that_hangs_leaves_the_others_their_answers(client: Client, serve: Serve, opener: Opener) -> None:
    stop = Stop()
    desk = Desk(client, {"probe": lambda payload: answer_probe(payload, opener)}, CLOCK)
    thread = threading.Thread(target=desk.run, args=(stop,))
    thread.start()
    silent = serve(b"")
    slow = msgspec.msgpack.encode(Probe(f"rtsp://127.0.0.1:{silent.port}/x"))
    quick = msgspec.msgpack.encode(Probe("file:none.mp4"))
    hanging = threading.Thread(target=ask, args=(client, "ingest", "probe", slow), kwargs=_within(8.0))
    hanging.start()

    reply = ask(client, "ingest", "probe", quick, **_within(1.8))  # type: ignore[arg-type]

    stop.set()
    hanging.join()
    thread.join()
    assert msgspec.msgpack.decode(reply, type=ProbeReport).code == "invalid"


def test_a_job_past_its_deadline_is_left_alone(client: Client, opener: Opener) -> None:
    from contracts.jobs import Job, answer_job

    answered: list[bytes] = []
    late = Job("1", "probe", CLOCK.now() - timedelta(seconds=1), b"")

    answer_job(client, late, {"probe": lambda payload: answered.append(payload) or b""}, now=CLOCK.now())  # type: ignore[func-returns-value]

    assert not answered


def _within(seconds: float) -> dict[str, object]:
    return {"now": CLOCK.now(), "timeout_s": seconds}


@pytest.mark.parametrize("fault", [None, Fault.UNAUTHORIZED, Fault.NOT_FOUND, Fault.GARBAGE])
def test_no_password_in_any_log_error_or_health(
    walk_clip: Clip,
    shared: Shared,
    sealer: Sealer,
    opener: Opener,
    caplog: pytest.LogCaptureFixture,
    until: Until,
    fault: Fault | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    mount = Mount("yard", walk_clip, user="admin", password=PASSWORD if fault else "another")
    if fault:
        mount.misbehave(fault)
    with serve_in_thread(mount) as cameras:
        url = cameras.url("yard", with_password=False)
        report = run_probe(Probe(url, sealer.seal(f"admin:{PASSWORD}"), seconds=0.5), opener)
        camera = Camera(IngestCamera("cam", "yard", url, sealer.seal(f"admin:{PASSWORD}")), 1, shared)
        camera.start()
        until(lambda: camera.health().state == "offline")
        camera.stop()
        camera.join(5.0)

    said = [str(report), str(camera.health()), caplog.text, *(str(record.__dict__) for record in caplog.records)]
    assert not report.ok
    for text in said:
        assert "hunter2" not in text and "Geheim" not in text


