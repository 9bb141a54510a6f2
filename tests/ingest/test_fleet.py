"""Which worker reads which camera, and what a change of the site does, on a real Valkey."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.board import Board
from contracts.broker import Client
from contracts.leases import Leases
from contracts.messages import WorkerBeat
from contracts.site import AnalyzerSite, IngestCamera, IngestSite, Sampling
from ingest.backoff import Backoff
from ingest.camera import Camera, Shared
from ingest.fleet import Fleet
from ingest.sharing import owner_of
from plainwatch.simulator import Clip, Mount, serve_in_thread
from tests.ingest.conftest import CLOCK, Until


def _publish(client: Client, *cameras: IngestCamera, allow: tuple[str, ...] = ()) -> None:
    Board(client).publish_site(IngestSite(1, cameras, allow), AnalyzerSite(1))


def _beat(client: Client, *workers: str) -> None:
    for worker in workers:
        Board(client).beat(WorkerBeat("ingest", worker, CLOCK.now(), 1))


def _fleet(client: Client, shared: Shared, worker: str) -> Fleet:
    named = replace(shared, worker=worker)

    def make(spec: IngestCamera, epoch: int) -> Camera:
        return Camera(spec, epoch, named)

    return Fleet(Board(client), Leases(client, worker=worker), CLOCK, worker, make)


def _missing(number: int, **changes: object) -> IngestCamera:
    return IngestCamera(f"cam_{number}", f"camera {number}", "file:missing.mp4", **changes)  # type: ignore[arg-type]


def test_cameras_wait_for_a_site_and_keep_running_when_it_vanishes(client: Client, fleet: Fleet) -> None:
    fleet.tick()
    assert not fleet.figures()["cameras"]
    _publish(client, _missing(1))
    fleet.tick()
    client.flushall()

    fleet.tick()

    assert fleet.figures()["cameras"] == 1


def test_only_the_camera_whose_configuration_changed_is_restarted(client: Client, fleet: Fleet) -> None:
    _publish(client, _missing(1), _missing(2))
    fleet.tick()
    before = dict(fleet._cameras)

    _publish(client, _missing(1, epoch_floor=7), _missing(2, sampling=Sampling("every_s", 2.0)))
    fleet.tick()

    assert fleet._cameras["cam_1"] is before["cam_1"]
    assert fleet._cameras["cam_2"] is not before["cam_2"]
    assert fleet._cameras["cam_2"].epoch > before["cam_2"].epoch


def test_a_removed_camera_is_stopped_says_its_last_word_and_gives_its_lease_back(client: Client, fleet: Fleet) -> None:
    _publish(client, _missing(1))
    fleet.tick()

    _publish(client)
    fleet.tick()

    assert not fleet.figures()["cameras"] and "cam_1" not in Board(client).health()
    assert [word.camera for word in Board(client).last_words()] == ["cam_1"]
    assert Leases(client, worker="other").acquire("cam_1", now=CLOCK.now())


def test_a_new_lease_starts_above_what_the_database_has_seen(client: Client, fleet: Fleet) -> None:
    floor = 4_000_000_000_000
    _publish(client, _missing(1, epoch_floor=floor))

    fleet.tick()

    assert fleet._cameras["cam_1"].epoch == floor + 1


def test_two_workers_share_the_cameras_and_a_dead_one_leaves_its_own_to_the_other(
    client: Client, shared: Shared
) -> None:
    one, two = _fleet(client, shared, "one"), _fleet(client, shared, "two")
    _beat(client, "one", "two")
    _publish(client, *(_missing(number) for number in range(12)))
    one.tick()
    two.tick()
    shares = (set(one._cameras), set(two._cameras))

    two.close()
    client.delete("pw:beats")
    _beat(client, "one")
    one.tick()
    everything = set(one._cameras)
    one.close()

    assert shares[0] and shares[1] and not shares[0] & shares[1]
    assert everything == shares[0] | shares[1]


def test_a_camera_of_a_dead_worker_waits_for_its_lease_to_end(client: Client, fleet: Fleet) -> None:
    Leases(client, worker="dead").acquire("cam_1", now=CLOCK.now())
    _publish(client, _missing(1))

    fleet.tick()

    assert not fleet.figures()["cameras"]


def test_a_worker_that_dies_moves_only_its_own_cameras() -> None:
    cameras = [f"cam_{number}" for number in range(300)]
    before = {camera: owner_of(camera, ["a", "b", "c"]) for camera in cameras}

    after = {camera: owner_of(camera, ["a", "b"]) for camera in cameras}

    assert all(after[camera] == before[camera] for camera in cameras if before[camera] != "c")
    assert min(sum(owner == name for owner in before.values()) for name in "abc") > 60


def test_a_lost_lease_stops_the_camera(client: Client, fleet: Fleet) -> None:
    _publish(client, _missing(1))
    fleet.tick()
    Leases(client, worker="ingest-test").release("cam_1")
    Leases(client, worker="thief").acquire("cam_1", now=CLOCK.now())
    fleet._renewed_s = float("-inf")

    fleet.tick()

    assert not fleet.figures()["cameras"]


def test_one_silent_camera_delays_no_other(
    walk_clip: Clip, client: Client, fleet: Fleet, until: Until
) -> None:
    silent, fine = Mount("silent", walk_clip), Mount("fine", walk_clip)
    silent.misbehave("silent")
    with serve_in_thread(silent, fine) as cameras:
        _publish(
            client,
            IngestCamera("silent", "silent", cameras.url("silent")),
            IngestCamera("fine", "fine", cameras.url("fine")),
        )
        states: Callable[[], dict[str, str]] = lambda: {  # noqa: E731
            name: health.state for name, health in Board(client).health().items()
        }

        def both_are_known() -> bool:
            fleet.tick()
            return states() == {"silent": "offline", "fine": "online"}

        until(both_are_known)


@pytest.mark.parametrize(
    ("number", "shortest_s", "longest_s"), [(0, 0.75, 1.25), (3, 6.0, 10.0), (9, 22.5, 37.5), (60, 22.5, 37.5)]
)
def test_an_unreachable_camera_is_tried_less_and_less_and_never_in_step(
    number: int, shortest_s: float, longest_s: float
) -> None:
    from contracts.errors import SourceUnauthorized, SourceUnreachable

    backoff = Backoff()
    waits = [backoff.next_s(SourceUnreachable("camera 'x' is away")) for _ in range(number + 1)]

    assert shortest_s <= waits[-1] <= longest_s
    assert Backoff().next_s(SourceUnauthorized("camera 'x' rejected the password")) >= 22.5


def test_the_media_root_is_not_needed_to_start(client: Client, fleet: Fleet, media: Path, until: Until) -> None:
    _publish(client, _missing(1))

    def is_offline() -> bool:
        fleet.tick()
        health = Board(client).health().get("cam_1")
        return health is not None and health.state == "offline" and "is not there" in health.reason

    until(is_offline)
