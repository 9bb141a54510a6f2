"""What a gate learns from a machine's events, and what a closed gate does to the machine."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from alerts.closing import learn_from
from alerts.consume import ShardWorker
from alerts.gating import Chances, GateEvent
from contracts.messages import Answer, Answers, GateLook, Missed, ModelRef
from contracts.plan import Question, Temporal, question_key
from rules.learning.gate import events_needed, gateable
from rules.plan.compile import compile_rule
from store.database import Database
from store.gates import GateKey, GateRow, all_gates
from store.rules import change_rule
from store.site import site_version
from tests.alerts.receiver import NOW, Clock
from tests.alerts.scene import CAMERA, RULE, Site, plan, rule_row, seconds

CLIMB = Question("q1", "Is a person climbing?")
LADDER = Question("q2", "Is a ladder there?")
CLIMB_KEY, LADDER_KEY = question_key(CLIMB), question_key(LADDER)
VLM = ModelRef("qwen3-vl-2b", "main+ab12cd34", "vlm")
TOWER = "siglip2@main"
KEY = GateKey(RULE, 1, "", TOWER)
YES, NO = 4.0, -4.0


def answer(margin: float | None, score: float, why: str = "open", key: str = CLIMB_KEY, model: str = TOWER) -> Answer:
    """`margin` None: it was not asked."""
    look = GateLook(score, why, model)  # type: ignore[arg-type]
    return Answer(key, margin=margin, unknown_reason="gated" if margin is None else None, gate=look)


def frame(site: Site, clock: Clock, *answers: Answer, wait_s: float = 1.0) -> None:
    """Without answers it was gated as a whole."""
    clock.pass_by(seconds(wait_s))
    site.seq += 1
    said = Answers(CAMERA, site.epoch, site.seq, clock(), 1, VLM, answers, 0.0, 0.0)
    site._publish(said if answers else Missed(CAMERA, site.epoch, site.seq, clock(), "gated"))


def event(site: Site, clock: Clock, worker: ShardWorker, looks: Sequence[tuple[float, str]]) -> None:
    """A yes each second, then a no until it is over; the last frames score high, as a change does."""
    for score, why in looks:
        frame(site, clock, answer(YES, score, why))
    for _ in range(3):
        frame(site, clock, answer(NO, 0.99, looks[-1][1]))
    site.turn(worker, 1)


@pytest.fixture
def worker(site: Site) -> ShardWorker:
    site.register(rule_row(plan(questions=(CLIMB,))))
    worker = site.worker()
    site.turn(worker, 1)
    return worker


def gate_of(database: Database) -> GateRow:
    with database.read() as connection:
        (gate,) = all_gates(connection)
    return gate


def scores_of(database: Database) -> list[float]:
    with database.read() as connection:
        found = connection.exec_driver_sql("select score from gate_events order by id").all()
    return [score for (score,) in found]


def close(database: Database, clock: Clock, *, bar: float = 0.5) -> None:
    with database.write() as connection:
        learn_from(connection, [GateEvent(KEY, bar, was_open=True)] * events_needed(), now=clock())


def test_an_event_counts_once_with_the_best_score_of_the_frames_that_show_it(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    event(site, clock, worker, [(0.3, "open"), (0.7, "open"), (0.2, "open")])
    event(site, clock, worker, [(0.6, "open")])

    assert scores_of(database) == [0.7, 0.6]
    assert (gate_of(database).events, gate_of(database).bar) == (2, None)


def test_frames_that_confirmed_it_before_it_opened_belong_to_it(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    frame(site, clock, answer(0.5, 0.8))  # not sure enough to open at once
    frame(site, clock, answer(0.5, 0.4))
    for _ in range(3):
        frame(site, clock, answer(NO, 0.9))

    site.turn(worker, 1)

    assert scores_of(database) == [0.8]


def test_of_several_questions_the_smallest_score_is_the_frames(site: Site, database: Database, clock: Clock) -> None:
    site.register(rule_row(plan(questions=(CLIMB, LADDER), logic="q1 and q2")))
    worker = site.worker()
    frame(site, clock, answer(YES, 0.8), answer(YES, 0.3, key=LADDER_KEY))
    for _ in range(3):
        frame(site, clock, answer(NO, 0.9), answer(NO, 0.9, key=LADDER_KEY))

    site.turn(worker)

    assert scores_of(database) == [0.3]


def test_what_must_last_counts_only_frames_early_enough_for_it_to_last(
    site: Site, database: Database, clock: Clock
) -> None:
    site.register(rule_row(plan(Temporal("sustained", seconds=4.0), questions=(CLIMB,))))
    worker = site.worker()
    for score in (0.2, 0.3, 0.1, 0.1, 0.1, 0.8):
        frame(site, clock, answer(YES, score))
    for _ in range(3):
        frame(site, clock, answer(NO, 0.9))

    site.turn(worker)

    assert scores_of(database) == [0.3]


def test_an_event_during_which_the_gate_moved_or_nothing_looked_teaches_nothing(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    event(site, clock, worker, [(0.3, "open"), (0.7, "above")])
    frame(site, clock, answer(YES, 0.3, model="another@1"))
    event(site, clock, worker, [(0.3, "open")])
    frame(site, clock, Answer(CLIMB_KEY, margin=YES))
    for _ in range(3):
        frame(site, clock, Answer(CLIMB_KEY, margin=NO))
    site.turn(worker, 1)

    with database.read() as connection:
        assert all_gates(connection) == ()
    assert len(site.incidents()) == 3


def test_an_event_that_was_open_when_the_worker_was_killed_is_not_counted(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    frame(site, clock, answer(YES, 0.7))
    site.turn(worker, 1)

    after = site.worker()
    event(site, clock, after, [(0.6, "open")])
    site.turn(after, 1)
    event(site, clock, after, [(0.5, "open")])

    assert [incident.ended_at is not None for incident in site.incidents()] == [True, True]
    assert scores_of(database) == [0.5]


def test_the_gate_closes_with_enough_events_and_the_sites_version_tells_of_it_once(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    for _ in range(events_needed() - 1):
        event(site, clock, worker, [(0.6, "open")])
    with database.read() as connection:
        before = site_version(connection)
    still = gate_of(database).bar

    event(site, clock, worker, [(0.4, "open")])

    with database.read() as connection:
        assert site_version(connection) == before + 1
    assert (still, gate_of(database).bar) == (None, 0.4)
    assert gate_of(database).until == (clock() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_since_it_closed_events_are_caught_by_their_score_or_missed(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    for _ in range(25):
        event(site, clock, worker, [(0.6, "above"), (0.1, "likely")])
    event(site, clock, worker, [(0.2, "due"), *[(0.1, "likely")] * 12])  # it lasted until a look was due

    assert (gate_of(database).caught, gate_of(database).missed) == (25, 1.0)
    assert gate_of(database).bar == 0.5
    assert len(scores_of(database)) == events_needed()


def test_a_short_event_found_by_chance_stands_for_many_and_opens_the_gate_again(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    for _ in range(25):
        event(site, clock, worker, [(0.6, "above")])

    event(site, clock, worker, [(0.2, "audit")])

    assert gate_of(database).bar is None
    assert gate_of(database).reason == "of its events 25 were seen and about 50 were missed"
    assert scores_of(database) == []


def test_an_event_stands_for_as_many_as_its_time_in_sight_makes_likely(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    for _ in range(60):
        event(site, clock, worker, [(0.6, "above")])

    event(site, clock, worker, [(0.2, "audit"), *[(0.1, "likely")] * 4])  # four seconds of ten

    assert gate_of(database).missed == pytest.approx(Chances().due_s / 4.0)


def test_an_event_that_another_rules_lower_bar_let_through_is_one_miss(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    for _ in range(25):
        event(site, clock, worker, [(0.6, "above")])

    event(site, clock, worker, [(0.4, "above")])

    assert (gate_of(database).caught, gate_of(database).missed) == (25, 1.0)


def test_a_bar_whose_month_is_over_is_learnt_anew(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    clock.pass_by(timedelta(days=31))

    event(site, clock, worker, [(0.6, "open")])

    assert (gate_of(database).bar, gate_of(database).events) == (None, 1)
    assert gate_of(database).reason == "its month was over"
    assert scores_of(database) == [0.6]


def test_a_rule_that_was_reworded_learns_from_nothing(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    close(database, clock)
    reworded = rule_row(plan(questions=(CLIMB,)))
    reworded = type(reworded)(**{name: getattr(reworded, name) for name in reworded.__slots__} | {"version": 2})
    site.change(change_rule, reworded, new_version=True)

    event(site, clock, worker, [(0.6, "open")])

    gate = gate_of(database)
    assert (gate.key.rule_version, gate.bar, gate.events) == (2, None, 1)


def test_gated_frames_and_gated_answers_are_unknown_and_never_no(
    site: Site, database: Database, clock: Clock, worker: ShardWorker
) -> None:
    frame(site, clock, answer(YES, 0.6, "above"))
    for _ in range(20):
        frame(site, clock)
        frame(site, clock, answer(None, 0.1, "shut"))
    site.turn(worker, 1)
    during = site.incidents()[0]

    for _ in range(2):
        frame(site, clock, answer(NO, 0.1, "due"), wait_s=10.0)
    site.turn(worker, 1)

    assert during.ended_at is None
    assert site.incidents()[0].ended_at is not None
    assert clock.now > NOW


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("somebody climbs the fence", True),
        ("a dog is on the lawn for 30 seconds", True),
        ("nobody is at the desk for 5 minutes", False),
        ("a person passes by 3 times within 10 minutes", False),
    ],
)
def test_a_gate_is_learnt_for_rules_that_wait_for_one_event(text: str, may: bool) -> None:
    assert gateable(compile_rule(text)) is may
