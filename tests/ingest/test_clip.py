"""Films made of what a camera sent: cut from a ring, and asked for as a job of a real RTSP camera."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext

from contracts.board import Board
from contracts.broker import Client
from contracts.clips import ClipReply, ClipRequest
from contracts.messages import Box
from contracts.site import AnalyzerSite, IngestCamera, IngestSite
from ingest.camera import Camera, Shared
from ingest.clip import film
from ingest.filming import answer_clip
from ingest.masks import Masks
from ingest.opening import Opener
from ingest.ring import Cut, Kept, PacketRing, Rings, StreamHead
from plainwatch.simulator import AccessUnits, Clip, Fault, Mount, serve_in_thread
from tests.ingest.conftest import CLOCK, Analyst, Until

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MASK = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.7), (0.2, 0.7))
INSIDE: Box = (0.22, 0.22, 0.58, 0.68)


def cut_of(units: AccessUnits, *, since_s: float, until_s: float) -> Cut:
    ring = PacketRing(max_bytes=32 << 20, seconds=60)
    ring.begin(StreamHead("h264", units.width, units.height, Fraction(1, 90_000), b""))
    step = round(90_000 / units.fps)
    for number, unit in enumerate(units.units):
        arrived = START + timedelta(seconds=number / float(units.fps))
        ring.note(Kept(unit.data, 7_000_000 + number * step, unit.is_key, arrived))
    since, until = START + timedelta(seconds=since_s), START + timedelta(seconds=until_s)
    cut = ring.cut(since, since, until)
    assert cut
    return cut


def frames_of(video: bytes) -> list["av.VideoFrame"]:
    with av.open(io.BytesIO(video)) as container:
        return list(container.decode(container.streams.video[0]))


def brightest(frame: "av.VideoFrame", box: Box) -> int:
    gray = frame.to_ndarray(format="gray")
    height, width = gray.shape
    left, top, right, bottom = box
    return int(gray[int(top * height) : int(bottom * height), int(left * width) : int(right * width)].max())


def test_a_remuxed_film_is_what_the_camera_sent_from_a_keyframe_on_with_its_index_in_front(walk: AccessUnits) -> None:
    cut = cut_of(walk, since_s=1.2, until_s=3.0)

    video = film(cut, Masks(()))

    frames = frames_of(video)
    assert len(frames) == len(cut.packets)
    assert frames[0].key_frame
    assert [float(frame.time or 0) for frame in frames[:3]] == pytest.approx([0.0, 0.1, 0.2])
    assert 0 < video.find(b"moov") < video.find(b"mdat")
    assert len(video) < sum(len(packet.data) for packet in cut.packets) * 1.05 + 8192


def test_a_masked_film_is_black_in_the_mask_in_every_frame_and_as_before_outside(walk: AccessUnits) -> None:
    cut = cut_of(walk, since_s=1.0, until_s=3.0)

    masked, plain = frames_of(film(cut, Masks([MASK]))), frames_of(film(cut, Masks(())))

    assert len(masked) == len(plain) == len(cut.packets)
    assert max(brightest(frame, INSIDE) for frame in masked) <= 8
    assert min(brightest(frame, INSIDE) for frame in plain) > 60
    corner = np.s_[:50, :50]
    seen, sent = masked[0].to_ndarray(format="gray")[corner], plain[0].to_ndarray(format="gray")[corner]
    assert abs(float(seen.mean()) - float(sent.mean())) < 6


def test_showing_times_out_of_order_as_b_frames_have_them_make_a_film_all_the_same() -> None:
    sizes, file = (320, 240), io.BytesIO()
    with av.open(file, "w", format="mpegts") as out:
        stream = out.add_stream("libx264", rate=10, options={"bf": "2", "g": "20"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *sizes, "yuv420p"
        for number in range(30):
            picture = np.full((sizes[1], sizes[0], 3), number * 8, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as source:
        packets = [packet for packet in source.demux(source.streams.video[0]) if packet.size]
        kept = [Kept(bytes(each), each.pts or 0, each.is_keyframe, START) for each in packets]
        head = StreamHead("h264", *sizes, Fraction(1, 90_000), b"")

    frames = frames_of(film(Cut(head, tuple(kept)), Masks(())))

    times = [float(frame.time or 0) for frame in frames]
    assert len(frames) == 30
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(2.9, abs=0.01)


@pytest.mark.assets
def test_a_film_of_an_hevc_camera_bears_the_mark_that_browsers_of_apple_take(assets: Path) -> None:
    with av.open(str(assets / "clips_odd" / "shop_hevc.mp4")) as source:
        stream = source.streams.video[0]
        assert stream.time_base
        head = StreamHead("hevc", stream.width, stream.height, stream.time_base, b"")
        as_sent = BitStreamFilterContext("hevc_mp4toannexb", stream)  # as RTSP brings them
        packets = [sent for packet in islice(source.demux(stream), 40) for sent in as_sent.filter(packet)]
        kept = [Kept(bytes(each), each.pts or 0, each.is_keyframe, START) for each in packets]

    video = film(Cut(head, tuple(kept)), Masks(()))

    assert 0 < video.find(b"hvc1") < video.find(b"hvcC") < video.find(b"mdat")
    assert b"hev1" not in video[: video.find(b"mdat")]
    assert len(frames_of(video)) == len(kept)


@pytest.fixture
def rings() -> Rings:
    return Rings(max_bytes=8 << 20, seconds=30)


@pytest.fixture
def filmed(shared: Shared, opener: Opener, rings: Rings) -> Shared:
    def open_camera(spec: IngestCamera) -> object:
        return opener.open(spec.url, spec.sealed, spec.sampling, (), ring=rings.of(spec.id))

    return Shared(shared.board, shared.door, shared.clock, shared.limits, shared.worker, open_camera)  # type: ignore[arg-type]


def ask(client: Client, rings: Rings, spec: IngestCamera, at: datetime, *, pre_s: float = 1.0) -> ClipReply:
    board = Board(client)
    board.publish_site(IngestSite(1, (spec,)), AnalyzerSite(1))
    payload = msgspec.msgpack.encode(ClipRequest(spec.id, at, pre_s, 1.0))
    return msgspec.msgpack.decode(answer_clip(payload, rings=rings, board=board), type=ClipReply)


@pytest.fixture
def yard(walk_clip: Clip) -> Iterator[tuple[Mount, str]]:
    mount = Mount("yard", walk_clip)
    with serve_in_thread(mount) as cameras:
        yield mount, cameras.url("yard")


@pytest.mark.parametrize("masks", [(), (MASK,)])
def test_a_real_cameras_clip_covers_the_moment_masked_where_the_camera_is(
    yard: tuple[Mount, str],
    filmed: Shared,
    rings: Rings,
    client: Client,
    analyst: Analyst,
    until: Until,
    masks: tuple[tuple[tuple[float, float], ...], ...],
) -> None:
    spec = IngestCamera("cam", "yard", yard[1], masks=masks)
    camera = Camera(spec, 1, filmed)
    camera.start()
    until(lambda: len(analyst.keyframes) >= 5)
    moment = analyst.keyframes[3].captured_at
    until(lambda: CLOCK.now() > moment + timedelta(seconds=1.3))

    reply = ask(client, rings, spec, moment)

    camera.stop()
    camera.join(5)
    assert reply.reason == ""
    assert reply.is_masked is bool(masks)
    frames = frames_of(reply.video)
    assert frames[0].key_frame
    length_s = float(frames[-1].time or 0) - float(frames[0].time or 0)
    assert 1.5 < length_s < 3.0
    darkest = max(brightest(frame, INSIDE) for frame in frames)
    assert darkest <= 8 if masks else darkest > 60


def test_a_camera_that_went_away_leaves_what_it_sent_before(
    yard: tuple[Mount, str], filmed: Shared, rings: Rings, client: Client, analyst: Analyst, until: Until
) -> None:
    spec = IngestCamera("cam", "yard", yard[1])
    camera = Camera(spec, 1, filmed)
    camera.start()
    until(lambda: len(analyst.keyframes) >= 3)
    moment = analyst.keyframes[-1].captured_at
    yard[0].misbehave(Fault.CLOSE_AFTER, 0.1)
    until(lambda: camera.health().state == "offline")

    reply = ask(client, rings, spec, moment)

    camera.stop()
    camera.join(5)
    assert len(frames_of(reply.video)) >= 5


def test_what_was_never_kept_is_said(client: Client, rings: Rings) -> None:
    spec = IngestCamera("cam", "yard", "rtsp://127.0.0.1/x")

    nothing = ask(client, rings, spec, START)
    ring = rings.of("cam")
    assert ring
    gone = ask(client, rings, spec, START)

    assert "no RTSP camera" in nothing.reason
    assert "no longer kept" in gone.reason
    assert not nothing.video and not gone.video
