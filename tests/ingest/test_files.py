"""Streams that go wrong, registered as cameras: a clear state for each, exact counts, nobody else disturbed."""

from pathlib import Path

import pytest

from contracts.board import Board
from contracts.broker import Client
from contracts.bus import FrameBus
from contracts.errors import SourceUnreachable, SourceUnsupported
from contracts.site import AnalyzerSite, IngestCamera, IngestSite, Sampling
from ingest.camera import Camera, Shared
from ingest.fleet import Fleet
from ingest.opening import Opener
from ingest.source import Picture, Undecodable
from tests.ingest.conftest import Analyst, Until

KEYFRAMES = Sampling()
ALL_KEYFRAMES = Sampling(every_s=0.0)


def _counted(opener: Opener, name: str, sampling: Sampling) -> tuple[int, int, set[tuple[int, int]]]:
    """(pictures, undecodable, sizes) of a whole file, unpaced."""
    pictures, broken, sizes = 0, 0, set()
    for sampled in opener.open(f"file:{name}", b"", sampling, (), is_paced=False).pictures():
        if isinstance(sampled, Undecodable):
            broken += 1
        elif not isinstance(sampled.image, bytes):
            pictures += 1
            sizes.add((sampled.image.width, sampled.image.height))
    return pictures, broken, sizes


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "keyframes"),
    [
        ("shop_hevc.mp4", 6),
        ("vtest_longgop_750.mp4", 1),
        ("aboda_mpeg4_g300.avi", 2),
        ("vtest_resolution_change.ts", 4),
        ("aboda_corrupt_bytes.ts", 20),
    ],
)
def test_every_keyframe_comes_out_or_is_counted_open_gops_and_b_frames_included(
    odd_media: Path, opener: Opener, name: str, keyframes: int
) -> None:
    pictures, broken, _ = _counted(opener, name, ALL_KEYFRAMES)

    assert pictures + broken == keyframes
    assert pictures > 0


@pytest.mark.assets
def test_damaged_keyframes_are_counted_and_never_shown(odd_media: Path, opener: Opener) -> None:
    pictures, broken, _ = _counted(opener, "aboda_corrupt_bytes.ts", ALL_KEYFRAMES)

    assert pictures >= 5 and broken >= 5


@pytest.mark.assets
@pytest.mark.parametrize("sampling", [ALL_KEYFRAMES, Sampling("every_s", 1.0)])
def test_a_change_of_resolution_and_timestamps_that_restart_are_survived(
    odd_media: Path, opener: Opener, sampling: Sampling
) -> None:
    _, broken, sizes = _counted(opener, "vtest_resolution_change.ts", sampling)

    assert sizes == {(768, 576), (384, 288)} and broken == 0


@pytest.mark.assets
def test_full_decode_gives_one_picture_an_interval_where_keyframes_are_rare(odd_media: Path, opener: Opener) -> None:
    pictures, _, _ = _counted(opener, "vtest_longgop_750.mp4", Sampling("every_s", 1.0))

    assert pictures == 30


@pytest.mark.assets
def test_a_file_without_its_index_is_refused_by_name(odd_media: Path, opener: Opener) -> None:
    with pytest.raises(SourceUnsupported, match="moov"):
        opener.open("file:vtest_truncated_nomoov.mp4", b"", KEYFRAMES, ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00AVI " + b"\x00" * 500,
        b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 500,
        (b"G" + b"\x1f" * 187) * 40,
        b"\x1a\x45\xdf\xa3" + b"\x00" * 500,
    ],
)
def test_what_is_no_video_is_refused_and_opens_nothing_else(media: Path, opener: Opener, content: bytes) -> None:
    (media / "evil.mp4").write_bytes(content)

    with pytest.raises((SourceUnsupported, SourceUnreachable)) as refused:
        list(opener.open("file:evil.mp4", b"", KEYFRAMES, (), is_paced=False).pictures())

    assert "evil.mp4" in str(refused.value)


def test_a_closed_file_ends_at_once_in_the_middle_of_a_wait(media: Path, opener: Opener, assets: Path) -> None:
    (media / "slow.mp4").symlink_to(media / "real.mp4")
    (media / "real.mp4").write_bytes((assets / "clips_odd" / "vtest_longgop_750.mp4").read_bytes())
    source = opener.open("file:slow.mp4", b"", KEYFRAMES, ())
    pictures = source.pictures()

    assert isinstance(next(pictures), Picture)
    source.close()

    assert list(pictures) == []


@pytest.mark.assets
def test_every_odd_file_as_a_camera_has_a_clear_state_and_exact_counts(
    odd_media: Path, fleet: Fleet, client: Client, analyst: Analyst, until: Until
) -> None:
    names = sorted(path.name for path in odd_media.iterdir())
    cameras = [IngestCamera(f"{mode}-{name}", name, f"file:{name}", sampling=Sampling(mode, 0.4))
               for name in names for mode in ("keyframes", "every_s")]  # fmt: skip
    Board(client).publish_site(IngestSite(1, tuple(cameras)), AnalyzerSite(1))
    states: dict[str, str] = {}

    def all_are_clear() -> bool:
        fleet.tick()
        states.update({name: health.state for name, health in Board(client).health().items()})
        return len(states) == len(cameras) and "connecting" not in states.values() and len(analyst.keyframes) > 40

    until(all_are_clear)
    running = list(fleet._cameras.values())
    _stopped(running)

    assert {name for name, state in states.items() if state == "offline"} == {
        "keyframes-vtest_truncated_nomoov.mp4",
        "every_s-vtest_truncated_nomoov.mp4",
    }
    for camera in running:
        until(lambda camera=camera: _is_conserved(camera, analyst, client))  # type: ignore[misc]


@pytest.mark.assets
def test_without_an_analyzer_what_is_overwritten_is_counted_and_two_frames_wait(
    odd_media: Path, shared: Shared, client: Client, until: Until
) -> None:
    spec = IngestCamera("cam", "shop", "file:shop_hevc.mp4", sampling=Sampling("every_s", 0.1))
    camera = Camera(spec, 1, shared)
    camera.start()

    until(lambda: camera.health().sampled > 10)
    _stopped([camera])

    health = camera.health()
    assert FrameBus(client).in_flight("cam") == 2
    assert health.sampled == 2 + sum(health.dropped.values())
    assert set(health.dropped) == {"overwritten"}


def _stopped(cameras: list[Camera]) -> None:
    for camera in cameras:
        camera.stop()
    for camera in cameras:
        camera.join(5.0)


def _is_conserved(camera: Camera, analyst: Analyst, client: Client) -> bool:
    health = camera.health()
    analysed = sum(analyst.count(camera.spec.id))
    return health.sampled == analysed + sum(health.dropped.values()) + FrameBus(client).in_flight(camera.spec.id)
