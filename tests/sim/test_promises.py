"""Promises 2 to 6 under schedules of faults that chance draws: kills between any two steps, answers that get lost, a
store and a bus that are away, an emptied bus, clocks that run on, endpoints that fail.

Every run of the suite plays the same few schedules, so that it fails where something was changed and not by chance.
PLAINWATCH_SIM_EXAMPLES asks for so many others, drawn anew each time."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alerts.judging import Judges
from alerts.schedule import WAITS
from contracts import keys
from contracts.answers import AnswerStream
from contracts.broker import Client, connect
from contracts.bus import MAILBOX_FRAMES
from contracts.messages import Answers
from rules.incidents.state import ChangeKind
from store.cameras import add_camera
from store.database import Database
from store.deliveries import delivery_by_id, replay_delivery
from store.endpoints import EndpointRow, add_endpoint
from store.progress import totals
from store.rulebook import Rulebook
from store.rules import add_rule
from store.schema import deliveries, endpoints, incidents
from store.site import next_site_version
from store.times import to_text
from tests.alerts.scene import camera_row, rule_row
from tests.sim.breakable import BROKEN, NOT_SEEN, SEEN, Store
from tests.sim.town import ANALYZERS, ANOTHER_DELIVERER, BOUNDS, CAMERAS, DELIVERERS, ENDPOINTS, Town

ASKED_FOR = os.environ.get("PLAINWATCH_SIM_EXAMPLES", "")
EXAMPLES = int(ASKED_FOR or 20)
STEPS = 30
#: nothing here is about fsync, which is all that would take time
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
KILLS = ("while it looks", "before ack", "after ack", "before commit", "after commit")
LOSSES = ("bus", "reply", "finish reply", "stream", "put", "store")
STATUSES = (204, 204, 500, 429, 302, None, 410)
#: longer than the longest wait between two attempts
LONG_S = 13 * 3600.0
MOST_TURNS = 100
#: as promised, not as the schedule happens to say
MOST_ATTEMPTS = 10


class Promises(RuleBasedStateMachine):
    client: Client
    template: Path

    @initialize(may_be_emptied=st.booleans(), may_lose_ingest=st.booleans())
    def open(self, may_be_emptied: bool, may_lose_ingest: bool) -> None:
        self.client.flushall()
        self.folder = Path(tempfile.mkdtemp(prefix="plainwatch-sim-", dir=MEMORY))
        self.may_be_emptied, self.may_lose_ingest = may_be_emptied, may_lose_ingest
        shutil.copy(self.template, self.folder / "plainwatch.sqlite")
        self.town = Town(self.client, Store(f"sqlite:///{self.folder / 'plainwatch.sqlite'}"), self.folder)
        self.ingest_died = False
        # Whatever comes, something is at stake: an incident on every camera, and webhooks that wait.
        for shown in (NOT_SEEN, SEEN):
            self.everything_goes_its_way_for_a_moment(shown, 0.5)

    # What happens all day.

    @rule(camera=st.sampled_from(CAMERAS), shown=st.sampled_from((SEEN, SEEN, NOT_SEEN, NOT_SEEN, BROKEN, None)))
    def a_camera_sends_a_keyframe(self, camera: str, shown: bytes | None) -> None:
        self.town.sample(camera, shown)

    @rule(shown=st.sampled_from((SEEN, NOT_SEEN)), seconds=st.sampled_from((0.5, 2.0)))
    def everything_goes_its_way_for_a_moment(self, shown: bytes, seconds: float) -> None:
        for camera in CAMERAS:
            self.town.sample(camera, shown)
        self.town.moment.pass_by(seconds)
        for name in ANALYZERS:
            self.town.analyse(name)
        self.town.judge()

    @rule(name=st.sampled_from(ANALYZERS))
    def an_analyzer_takes_its_turn(self, name: str) -> None:
        self.town.analyse(name)

    @rule()
    def alerts_takes_its_turn(self) -> None:
        self.town.judge()

    @rule()
    def ingest_reports_and_frames_are_counted(self) -> None:
        self.town.moment.pass_by(1.0)
        self.town.report()
        self.town.count()

    @rule(name=st.sampled_from(DELIVERERS), status=st.sampled_from(STATUSES))
    def a_deliverer_takes_its_turn(self, name: str, status: int | None) -> None:
        self.town.deliver(name, lambda endpoint: status if endpoint == ENDPOINTS[0] else 204)

    @rule(name=st.sampled_from(DELIVERERS))
    def an_endpoint_fails_for_longer_than_a_delivery_is_tried(self, name: str) -> None:
        for wait in (timedelta(), *WAITS, *2 * [timedelta(seconds=LONG_S)]):
            self.town.moment.pass_by(wait.total_seconds() + 1.0)
            self.town.deliver(name, lambda endpoint: 500 if endpoint == ENDPOINTS[0] else 204)

    @rule(seconds=st.sampled_from((0.2, 1.0, 6.0, 50.0, 600.0)))
    def time_passes(self, seconds: float) -> None:
        self.town.moment.pass_by(seconds)

    # What goes wrong.

    @rule(fault=st.sampled_from(KILLS))
    def somebody_will_be_killed(self, fault: str) -> None:
        self.town.books.planned.append(fault)

    @rule(fault=st.sampled_from(LOSSES))
    def something_will_be_away(self, fault: str) -> None:
        self.town.books.planned.append(fault)

    @rule(
        name=st.sampled_from(DELIVERERS),
        dies=st.sampled_from(("before sending", "before recording")),
        comes_back=st.booleans(),
    )
    def a_deliverer_is_killed(self, name: str, dies: str, comes_back: bool) -> None:
        self.town.deliver(name, lambda _: 204, dies=dies, comes_back=comes_back)

    @rule(slow=st.sampled_from(ANALYZERS), dies_at=st.sampled_from((0, 1, 2, 3, 4)))
    def an_analyzer_thinks_until_another_one_has_its_frame(self, slow: str, dies_at: int) -> None:
        """The other one may be killed while it looks at one of them: then it holds that one still."""
        other = next(name for name in ANALYZERS if name != slow)

        def meanwhile() -> None:
            self.town.moment.pass_by(BOUNDS.visible_for_s + 1.0)
            for turn in range(1, max(2, dies_at + 1)):
                if turn == dies_at:
                    self.town.books.planned.append("while it looks")
                self.town.analyse(other)

        for camera in CAMERAS:
            self.town.sample(camera, SEEN)
        self.town.analyzers[slow][1].meanwhile = meanwhile
        self.town.analyse(slow)

    @precondition(lambda self: self.may_lose_ingest)
    @rule(camera=st.sampled_from(CAMERAS))
    def ingest_is_killed(self, camera: str) -> None:
        self.ingest_died = True
        self.town.kill_ingest(camera)

    @precondition(lambda self: self.may_be_emptied)
    @rule()
    def the_bus_is_emptied(self) -> None:
        self.town.empty_bus()

    # What must hold at any moment.

    @invariant()
    def one_incident_is_open_for_a_rule_and_a_camera(self) -> None:
        if not hasattr(self, "town"):
            return
        still_open = sa.select(incidents.c.rule_id, incidents.c.camera_id).where(incidents.c.ended_at.is_(None))
        assert max(Counter(self.town.rows(still_open)).values(), default=0) <= 1

    @invariant()
    def nothing_is_given_up_before_its_time_or_tried_after_it(self) -> None:
        if hasattr(self, "town"):
            self._only_what_had_ten_attempts_or_was_not_wanted_is_dead()

    @invariant()
    def a_mailbox_holds_two_frames_and_one_that_was_given_back(self) -> None:
        if not hasattr(self, "town"):
            return
        for camera in CAMERAS:
            assert int(self.client.llen(keys.mailbox(0, camera))) <= MAILBOX_FRAMES + 1  # type: ignore[arg-type]

    @invariant()
    def no_camera_in_the_queue_is_overtaken_twice_by_another(self) -> None:
        if hasattr(self, "town"):
            assert self.town.books.worst_overtaking <= 1, self.town.books.overtaken

    # What must hold in the end.

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            if sys.exc_info()[0] is not None:
                return  # a step failed, or Hypothesis broke off: nothing came to its end
            self._let_everything_end()
            self._no_frame_is_finished_twice()
            self._frames_are_conserved()
            self._no_old_frame_reached_the_model()
            self._every_incident_was_told_to_everybody()
            self._every_rule_had_its_effect_once()
            self._nothing_is_read_for_ever()
        finally:
            self.town.database.close()
            shutil.rmtree(self.folder)

    def _let_everything_end(self) -> None:
        town = self.town
        town.books.planned.clear()
        for name in ANALYZERS:
            town.analyzers[name][1].meanwhile = lambda: None
        town.moment.pass_by(BOUNDS.visible_for_s + 60.0)
        # Two more frames of each camera: what was lost shows once a later frame was answered.
        for _ in range(2):
            for camera in CAMERAS:
                town.sample(camera, NOT_SEEN)
            while any(town.bus.in_flight(camera) for camera in CAMERAS):
                for name in ANALYZERS:
                    town.analyse(name)
                town.moment.pass_by(1.1)
            for _ in range(3):
                town.judge()
            for _ in range(3):
                town.report()
                town.count()
                town.moment.pass_by(1.0)
        # None of those who were killed comes back: what they held has to come free by itself.
        town.moment.pass_by(LONG_S)
        town.deliver(ANOTHER_DELIVERER, lambda _: 204)
        self._only_what_had_ten_attempts_or_was_not_wanted_is_dead()
        for _ in range(MOST_TURNS):
            self._revive()
            town.moment.pass_by(LONG_S)
            town.deliver(ANOTHER_DELIVERER, lambda _: 204)
            if not town.rows(sa.select(deliveries.c.id).where(deliveries.c.state != "delivered")):
                break

    def _revive(self) -> None:
        """As an admin would: an endpoint that said 410 is switched on again, and dead letters are sent again."""
        with self.town.database.write() as connection:
            connection.execute(sa.update(endpoints).values(status="untried", failures=0, open_until=None))
            dead = sa.select(deliveries.c.id).where(deliveries.c.state == "dead")
            for delivery_id in list(connection.execute(dead).scalars()):
                row = delivery_by_id(connection, delivery_id)
                assert row is not None
                replay_delivery(connection, row, now=self.town.moment.now)

    def _only_what_had_ten_attempts_or_was_not_wanted_is_dead(self) -> None:
        """Nothing was revived so far."""
        row = deliveries.c
        refusing = {
            each for (each,) in self.town.rows(sa.select(endpoints.c.id).where(endpoints.c.status == "disabled"))
        }
        found = self.town.rows(sa.select(row.id, row.state, row.attempts, row.last_status, row.endpoint_id))
        for delivery, state, attempts, last_status, endpoint in found:
            if state == "dead":
                why = (delivery, attempts, last_status, endpoint)
                assert attempts == MOST_ATTEMPTS or last_status == 410 or endpoint in refusing, why
            elif state == "pending":
                assert isinstance(attempts, int) and attempts < MOST_ATTEMPTS, (delivery, attempts)

    def _no_frame_is_finished_twice(self) -> None:
        """Whoever lost a frame to another worker has no say in it any more."""
        for camera, messages in self.town.books.published.items():
            times = Counter((message.epoch, message.seq) for message in messages)
            assert max(times.values()) == 1, (camera, times.most_common(3))

    def _frames_are_conserved(self) -> None:
        with self.town.database.read() as connection:
            found = totals(connection)
        for camera in CAMERAS:
            frames, sampled = found[camera], self.town.sampled[camera]
            known = frames.analysed + frames.unchanged + sum(frames.dropped.values()) + frames.in_flight
            assert frames.sampled == known
            assert frames.in_flight == 0, (camera, frames, sampled)
            assert sampled - self.town.untold[camera] <= frames.sampled <= sampled, (camera, frames, sampled)
            if not self.town.was_emptied and not self.ingest_died:
                assert frames.dropped.get("broker", 0) == 0, (camera, frames)

    def _no_old_frame_reached_the_model(self) -> None:
        assert max(self.town.books.ages_s, default=0.0) <= BOUNDS.max_age_s

    def _every_incident_was_told_to_everybody(self) -> None:
        opened = self.town.rows(sa.select(incidents.c.id))
        row = deliveries.c
        told = sa.select(row.incident_id, row.endpoint_id, row.message_id, row.state)
        rows = self.town.rows(told.where(row.type == "incident.opened"))
        by_incident = Counter((incident, endpoint) for incident, endpoint, _, _ in rows)
        assert max(by_incident.values(), default=0) <= 1
        for (incident,) in opened:
            assert by_incident[incident, ENDPOINTS[1]] == 1, incident
        for _, endpoint, message, state in self.town.rows(told):
            assert state == "delivered"
            assert message in self.town.inbox[str(endpoint)]

    def _every_rule_had_its_effect_once(self) -> None:
        """Against the rules alone, played over what the analyzers published; what an emptied bus took is not known."""
        if self.town.was_emptied:
            return
        with self.town.database.read() as connection:
            rows = connection.execute(
                sa.select(incidents.c.camera_id, incidents.c.captured_at).order_by(incidents.c.opened_at)
            ).all()
        found = {camera: [at for each, at in rows if each == camera] for camera in CAMERAS}
        assert found == {camera: self._expected(camera) for camera in CAMERAS}

    def _nothing_is_read_for_ever(self) -> None:
        assert AnswerStream(self.client, shard=0, consumer="looker").depth() == 0

    def _expected(self, camera: str) -> list[str]:
        judges = Judges(Rulebook(1, {camera: camera_row(camera)}, (rule_row(),)), timezone="UTC")
        (watch,) = judges.watches(camera)
        states, opened, mark = {}, [], (0, 0)
        for message in self.town.books.published[camera]:
            if (message.epoch, message.seq) <= mark:
                continue
            count = 1 if isinstance(message, Answers) else message.count
            before = mark[1] if mark[0] == message.epoch else 0
            skipped = max(0, message.seq - count - before)
            mark = (message.epoch, message.seq)
            changes = judges.hear(watch, states, message, skipped=skipped)
            opened += [to_text(change.at) for change in changes if change.kind is ChangeKind.OPENED]
        return opened


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three cameras, one rule and two endpoints, to be copied."""
    path = tmp_path_factory.mktemp("template") / "plainwatch.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.write() as connection:
        for camera in CAMERAS:
            add_camera(connection, camera_row(camera))
        add_rule(connection, rule_row())
        for endpoint in ENDPOINTS:
            made = EndpointRow(endpoint, endpoint, "http://203.0.113.1/", b"", b"", "2026-11-22T11:00:00.000Z")
            add_endpoint(connection, made)
        next_site_version(connection)
    database.close()
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.mark.timeout(900)
def test_promises_two_to_six_hold_under_any_schedule_of_faults(valkey: str, template: Path) -> None:
    Promises.client, Promises.template = connect(valkey), template
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=slow,
        derandomize=not ASKED_FOR,
    )

    run_state_machine_as_test(Promises, settings=chosen)
