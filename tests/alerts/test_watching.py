import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.episodes import STEADY_MOST
from alerts.unanswered import Unanswered
from alerts.watching import WatchBounds, Watcher
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.messages import CameraHealth, Capabilities, Keyframe, ModelRef, Scene, WorkerBeat
from contracts.plan import Predicate, Question
from contracts.site import Sampling
from store.cameras import change_camera, remove_camera
from store.conditions import active_conditions
from store.database import Database
from store.deliveries import page_of_deliveries
from store.endpoints import EndpointRow
from store.system_events import page_of_system_events
from tests.alerts.receiver import Clock
from tests.alerts.scene import CAMERA, RULE, Site, camera_row, plan, rule_row, seconds

Register = Callable[..., EndpointRow]
DETECTOR = Capabilities("analyzer-1", "edge", ModelRef("yolox", "1", "edge"), ("car", "person"), ("objects",))
BIRD = Question("q1", "Is a bird visible?", Predicate("objects", ("bird",)))


@dataclass
class Guarded:
    """A site with an ingest worker and an analyzer that are played, and a watcher that looks every two seconds."""

    site: Site
    clock: Clock
    watcher: Watcher
    #: None: ingest says nothing at all
    picture: str | None = "online"
    conditions: tuple[Any, ...] = ()
    analyzer: bool = True
    interval_s: float = 1.0
    unanswered: Unanswered = field(default_factory=Unanswered)

    def __post_init__(self) -> None:
        self.board = Board(self.site.client)
        self.pictured_at = self.clock()

    def go_on(self, duration_s: float, *, step_s: float = 2.0) -> None:
        for _ in range(round(duration_s / step_s)):
            self.clock.pass_by(seconds(step_s))
            self._play()
            self.watcher.turn()

    def _play(self) -> None:
        now = self.clock()
        if self.picture == "online":
            self.pictured_at = now
        if self.picture is not None:
            reason = "the camera does not answer" if self.picture == "offline" else ""
            word = CameraHealth(
                CAMERA,
                "ingest-1",
                1,
                now,
                self.picture,  # type: ignore[arg-type]
                now,
                reason,
                last_frame_at=self.pictured_at,
                conditions=self.conditions,
                keyframe_interval_s=self.interval_s,
            )
            self.board.report_health(word)
        if self.analyzer:
            self.board.offer(DETECTOR)
            self.board.beat(WorkerBeat("analyzer", "analyzer-1", now, 1))

    def restart(self) -> None:
        self.watcher = watcher_of(self.site, self.clock, self.unanswered)

    def told(self) -> list[str]:
        """Types, oldest first."""
        return [one["type"] for one in self.bodies()]

    def bodies(self) -> list[dict[str, Any]]:
        with self.site.database.read() as connection:
            rows = reversed(page_of_deliveries(connection, before="", limit=100))
        return [json.loads(row.body) for row in rows]


def watcher_of(
    site: Site,
    clock: Clock,
    unanswered: Unanswered,
    *,
    owns: Callable[[str], bool] = lambda _: True,
    leads: bool = True,
    worker: str = "alerts-1",
) -> Watcher:
    return Watcher(
        Board(site.client),
        FrameBus(site.client),
        site.database,
        WatchBounds(),
        owns=owns,
        leads=lambda: leads,
        clock=clock,
        unanswered=unanswered,
        worker=worker,
    )


@pytest.fixture
def guarded(site: Site, clock: Clock, endpoint: Register) -> Guarded:
    endpoint("http://203.0.113.1/")
    site.register()
    unanswered = Unanswered()
    guarded = Guarded(site, clock, watcher_of(site, clock, unanswered), unanswered=unanswered)
    guarded.go_on(5)
    return guarded


def test_a_camera_without_a_picture_for_twenty_seconds_is_told_once_and_its_return_once(guarded: Guarded) -> None:
    guarded.picture = "offline"
    guarded.go_on(18)
    before = guarded.told()
    guarded.go_on(60)
    guarded.picture = "online"
    guarded.go_on(30)

    offline, online = guarded.bodies()
    assert before == []
    assert (offline["type"], online["type"]) == ("camera.offline", "camera.online")
    assert offline["data"]["camera"] == {"id": CAMERA, "name": f"gate {CAMERA}"}
    assert offline["data"]["reason"] == "the camera does not answer"
    assert offline["data"]["since"] == "2026-11-22T12:00:04.000Z"
    assert online["data"]["recovered_from"] == "offline"
    assert 75 <= online["data"]["lasted_s"] <= 90


def test_a_camera_that_stutters_is_not_offline(guarded: Guarded) -> None:
    for _ in range(5):
        guarded.picture = "offline"
        guarded.go_on(15)
        guarded.picture = "online"
        guarded.go_on(2)

    assert guarded.told() == []


def test_a_camera_that_says_it_is_online_and_gives_no_picture_is_offline(guarded: Guarded) -> None:
    guarded.picture = "connecting"
    guarded.go_on(25)

    assert guarded.told() == ["camera.offline"]


def test_who_wakes_from_a_long_sleep_blames_no_camera_at_once(guarded: Guarded) -> None:
    guarded.clock.pass_by(timedelta(hours=8))
    guarded.watcher.turn()
    guarded.go_on(15)
    asleep = guarded.told()
    guarded.clock.pass_by(timedelta(hours=-8))
    guarded.go_on(3)
    guarded.picture = "offline"
    guarded.go_on(25)

    assert (asleep, guarded.told()) == ([], ["camera.offline"])


def test_a_camera_that_no_ingest_worker_reports_on_is_offline(guarded: Guarded) -> None:
    guarded.picture = None
    guarded.go_on(25)

    (offline,) = guarded.bodies()
    assert offline["data"]["reason"] == "no ingest worker reports on it"


def test_a_camera_that_gives_a_picture_every_half_minute_is_waited_for(guarded: Guarded, site: Site) -> None:
    site.change(change_camera, replace(camera_row(), sampling=Sampling("every_s", 30.0)))
    guarded.picture = "connecting"
    guarded.go_on(60)
    before = guarded.told()
    guarded.go_on(40)

    assert (before, guarded.told()) == ([], ["camera.offline"])


def test_a_restart_neither_repeats_nor_misses_an_episode(guarded: Guarded) -> None:
    guarded.picture = "offline"
    guarded.go_on(25)
    guarded.restart()
    guarded.go_on(60)
    repeated = guarded.told()
    guarded.restart()
    guarded.picture = "online"
    guarded.go_on(10)

    assert (repeated, guarded.told()) == (["camera.offline"], ["camera.offline", "camera.online"])


def test_a_return_that_nobody_watched_is_told_by_the_next_worker(guarded: Guarded) -> None:
    guarded.picture = "offline"
    guarded.go_on(25)
    guarded.picture = "online"
    guarded.clock.pass_by(timedelta(hours=1))
    guarded.restart()

    guarded.go_on(10)

    assert guarded.told() == ["camera.offline", "camera.online"]


def test_two_workers_that_watch_the_same_camera_tell_it_once(guarded: Guarded, site: Site, clock: Clock) -> None:
    other = watcher_of(site, clock, Unanswered())
    guarded.picture = "offline"
    for _ in range(15):
        guarded.go_on(2)
        other.turn()
    guarded.picture = "online"
    for _ in range(5):
        guarded.go_on(2)
        other.turn()

    assert guarded.told() == ["camera.offline", "camera.online"]


def test_another_workers_cameras_are_left_to_it(guarded: Guarded, site: Site, clock: Clock) -> None:
    guarded.watcher = watcher_of(site, clock, Unanswered(), owns=lambda _: False, leads=False)
    guarded.picture = "offline"
    guarded.analyzer = False

    guarded.go_on(120)

    assert guarded.told() == []


def test_a_loose_plug_has_to_hold_for_longer_each_time(guarded: Guarded) -> None:
    for _ in range(20):
        guarded.picture = "offline"
        guarded.go_on(25, step_s=5)
        guarded.picture = "online"
        guarded.go_on(25, step_s=5)
    while_loose = guarded.told()
    guarded.go_on(STEADY_MOST.total_seconds() + 5, step_s=5)

    assert 6 <= len(while_loose) <= 8
    assert guarded.told()[-1] == "camera.online"
    assert guarded.told()[::2] == ["camera.offline"] * (len(guarded.told()) // 2)


@pytest.mark.parametrize("condition", ["frozen", "covered"])
def test_a_camera_that_sees_nothing_new_is_told_after_ten_seconds_and_when_it_sees_again(
    condition: str, guarded: Guarded
) -> None:
    guarded.conditions = (condition,)
    guarded.go_on(8)
    before = guarded.told()
    guarded.go_on(10)
    guarded.conditions = ()
    guarded.go_on(10)

    assert before == []
    assert guarded.told() == [f"camera.{condition}", "camera.online"]
    assert guarded.bodies()[1]["data"]["recovered_from"] == condition


def test_darkness_is_no_event(guarded: Guarded) -> None:
    guarded.conditions = ("dark",)
    guarded.go_on(60)

    assert guarded.told() == []


def test_of_a_camera_that_is_removed_or_switched_off_nothing_more_is_told(guarded: Guarded, site: Site) -> None:
    guarded.picture = "offline"
    guarded.go_on(25)
    site.change(remove_camera, CAMERA)
    guarded.go_on(30)

    assert guarded.told() == ["camera.offline"]
    with site.database.read() as connection:
        assert active_conditions(connection) == ()


def test_a_disarmed_camera_is_watched_for_silence(guarded: Guarded, site: Site) -> None:
    site.change(change_camera, replace(camera_row(), armed=False))
    guarded.picture = "offline"
    guarded.go_on(25)

    assert guarded.told() == ["camera.offline"]


def test_an_analyzer_that_is_away_for_a_minute_is_told_and_its_return(guarded: Guarded) -> None:
    guarded.analyzer = False
    guarded.go_on(60)
    before = guarded.told()
    guarded.go_on(30)
    guarded.analyzer = True
    guarded.go_on(20)

    assert before == []
    assert guarded.told() == ["analyzer.down", "analyzer.up"]


def test_a_frame_that_waits_for_too_long_for_a_minute_is_told_as_behind(guarded: Guarded, site: Site) -> None:
    for number in range(40):
        if number % 5 == 0:
            site.bus.forget(CAMERA)
            at = guarded.clock() - seconds(8)
            site.bus.put(Keyframe(CAMERA, 1, number + 1, at, b"jpeg", 320, 180, Scene()))
        guarded.go_on(2)

    (behind,) = guarded.bodies()
    assert behind["type"] == "analyzer.behind"
    assert "has been waiting for" in behind["data"]["reason"]


def test_a_site_without_rules_misses_no_analyzer(site: Site, clock: Clock, endpoint: Register) -> None:
    endpoint("http://203.0.113.1/")
    guarded = Guarded(site, clock, watcher_of(site, clock, Unanswered()), analyzer=False)

    guarded.go_on(100)

    assert guarded.told() == []


def test_a_rule_that_no_engine_online_can_answer_is_degraded(site: Site, clock: Clock, endpoint: Register) -> None:
    endpoint("http://203.0.113.1/")
    site.register(rule_row(), rule_row(plan(questions=(BIRD,)), rule_id="rul_2"))
    guarded = Guarded(site, clock, watcher_of(site, clock, Unanswered()))

    guarded.go_on(70)

    (degraded,) = guarded.bodies()
    assert degraded["type"] == "rule.degraded"
    assert degraded["data"]["rule"] == {"id": "rul_2", "version": 1, "text": "a car is visible"}


def test_a_rule_whose_questions_fail_is_degraded_until_they_are_answered(
    guarded: Guarded, site: Site, clock: Clock
) -> None:
    worker = site.worker(unanswered=guarded.unanswered)

    def live(duration_s: int, failure: str) -> None:
        for _ in range(duration_s):
            guarded.go_on(2)
            site.see(failure=failure)
            site.turn(worker, times=1)

    live(35, "the model ran out of memory")
    failing = guarded.told()
    live(5, "")

    assert failing == ["rule.degraded"]
    assert "the model ran out of memory" in guarded.bodies()[0]["data"]["reason"]
    assert guarded.bodies()[0]["data"]["rule"]["id"] == RULE
    assert guarded.told()[1:] == ["rule.live"]


def test_what_another_worker_gets_no_answers_to_is_told_by_the_one_that_speaks_for_the_site(
    guarded: Guarded, site: Site, clock: Clock
) -> None:
    theirs = Unanswered()
    other = watcher_of(site, clock, theirs, leads=False, worker="alerts-2")
    worker = site.worker(unanswered=theirs)

    def live(duration_s: int, failure: str) -> None:
        for _ in range(duration_s):
            other.turn()
            guarded.go_on(2)
            site.see(failure=failure)
            site.turn(worker, times=1)

    live(35, "the model ran out of memory")
    failing = guarded.told()
    live(6, "")

    assert failing == ["rule.degraded"]
    assert guarded.told()[1:] == ["rule.live"]


def test_while_redis_is_away_no_camera_is_blamed_and_the_analyzers_are_told_as_down(
    guarded: Guarded, site: Site, clock: Clock
) -> None:
    broken = connect("redis://127.0.0.1:1/0")
    guarded.watcher = Watcher(
        Board(broken),
        FrameBus(broken),
        site.database,
        WatchBounds(),
        owns=lambda _: True,
        leads=lambda: True,
        clock=clock,
    )

    guarded.go_on(90)

    (down,) = guarded.bodies()
    assert down["type"] == "analyzer.down"
    assert "unix" not in down["data"]["reason"]
    broken.close()


def test_an_endpoint_that_wants_other_events_is_not_told_and_the_list_has_them_all(
    site: Site, clock: Clock, endpoint: Register, database: Database
) -> None:
    endpoint("http://203.0.113.1/", event_types=("camera.online",))
    site.register()
    guarded = Guarded(site, clock, watcher_of(site, clock, Unanswered()))
    guarded.go_on(3)
    guarded.picture = "offline"
    guarded.go_on(25)
    guarded.picture = "online"
    guarded.go_on(10)

    with database.read() as connection:
        listed = page_of_system_events(connection, before="", limit=10)
    assert guarded.told() == ["camera.online"]
    assert [event.type for event in listed] == ["camera.online", "camera.offline"]
