import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from alerts.enrich import ATTEMPTS, EXPLAIN_WITHIN, MOST_WAITING, RETRY_AFTER, Enricher
from alerts.evidence import EvidenceKeeper, Wanted
from contracts.broker import Client, connect
from contracts.errors import EngineError
from contracts.explain import Explained, ExplainRequest
from contracts.pins import Pins
from contracts.plan import Question
from contracts.service import Stop
from store.database import Database
from store.deliveries import page_of_deliveries
from store.endpoints import EndpointRow
from store.explanations import claim_wish, end_wish, give_up_wishes, waiting_wishes, want_explanation
from store.incidents import Evidence, IncidentState, acknowledge_incident, add_incident, retract_incident
from tests.alerts.analyst import FOUND, SAID, Analyst, ReadingSite
from tests.alerts.receiver import NOW, Clock, eventually
from tests.alerts.scene import CAMERA, CAR, CAR_BOX, camera_row, picture, plan, rule_row, seconds
from tests.alerts.test_incident_json import BARE
from tests.postgres import ON_BOTH

pytestmark = ON_BOTH

Register = Callable[..., EndpointRow]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(database: Database, client: Client, tmp_path: Path, clock: Clock) -> ReadingSite:
    return ReadingSite(database, client, tmp_path / "evidence", clock)


@pytest.fixture
def analyst(valkey: str, clock: Clock) -> Iterator[Analyst]:
    client, over = connect(valkey), threading.Event()
    analyst = Analyst(client, clock)
    analyst.come_online()
    thread = threading.Thread(target=analyst.serve, args=(over,))
    thread.start()
    yield analyst
    over.set()
    thread.join(timeout=10)
    client.close()


@pytest.fixture
def enricher(site: ReadingSite, analyst: Analyst) -> Enricher:
    return enricher_of(site)


def url_of(database: Database) -> str:
    """For a process of its own."""
    return database.engine.url.render_as_string(hide_password=False)


def enricher_of(site: ReadingSite, *, worker: str = "alerts-1", timeout_s: float = 10.0) -> Enricher:
    keeper = EvidenceKeeper(site.folder, site.pins)
    address = "http://site.example:8600"
    return Enricher(
        site.database, site.client, keeper, base_url=address, worker=worker, clock=site.clock, timeout_s=timeout_s
    )


def bodies(database: Database) -> list[dict[str, object]]:
    """In the order of what they say: ids of one millisecond have none."""
    with database.read() as connection:
        found = [json.loads(row.body) for row in page_of_deliveries(connection, before="", limit=100)]
    return sorted(found, key=lambda body: int(body["data"]["sequence"]))


def wishes(database: Database) -> int:
    with database.read() as connection:
        return waiting_wishes(connection)


def test_an_incident_that_was_told_at_once_is_explained_afterwards_with_boxes_on_its_picture(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, database: Database, endpoint: Register
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    site.open_one()
    (told,) = site.incidents()

    assert enricher.turn(Stop())

    (incident,) = site.incidents()
    (frame,) = incident.evidence.frames
    assert (told.sequence, told.explanation, told.grounded, told.evidence.frames[0].boxes) == (1, None, None, ())
    assert (incident.sequence, incident.state) == (2, IncidentState.OPENED)
    assert (incident.explanation, incident.grounded) == (SAID.text, True)
    assert [(box.label, box.xyxy) for box in frame.boxes] == [(FOUND.label, FOUND.box)]
    assert frame.sha256 == told.evidence.frames[0].sha256
    assert (site.folder / frame.drawn).read_bytes() != (site.folder / frame.path).read_bytes() == picture()
    assert analyst.asked == [ExplainRequest(CAMERA, (frame.sha256,), (CAR.text,))]
    opened, updated = bodies(database)
    assert (opened["type"], updated["type"]) == ("incident.opened", "incident.updated")
    assert updated["data"]["id"] == opened["data"]["id"]  # type: ignore[index]
    assert updated["data"]["explanation"] == SAID.text  # type: ignore[index]
    assert not enricher.turn(Stop())


def test_a_rule_about_change_is_explained_from_the_pictures_that_it_was_judged_by(
    site: ReadingSite, enricher: Enricher, analyst: Analyst
) -> None:
    falls = Question("q1", "Is a person falling?", frames=3)
    site.register(rule_row(plan(questions=(falls,))))
    # Another rule's question was about four of them.
    _, second, third, newest = site.read_change(falls, picture(10), picture(20), picture(30))
    site.turn(site.worker())

    enricher.turn(Stop())

    assert analyst.asked == [ExplainRequest(CAMERA, (newest,), (falls.text,), earlier=(second, third))]
    (frame,) = site.incidents()[0].evidence.frames
    assert (frame.sha256, frame.before) == (newest, (second, third))
    assert [box.label for box in frame.boxes] == [FOUND.label]


def test_where_too_few_of_them_are_kept_the_picture_itself_must_do(
    site: ReadingSite, enricher: Enricher, analyst: Analyst
) -> None:
    falls = Question("q1", "Is a person falling?", frames=3)
    site.register(rule_row(plan(questions=(falls,))))
    _, newest = site.read_change(falls, picture(10))
    site.turn(site.worker())

    enricher.turn(Stop())

    assert analyst.asked == [ExplainRequest(CAMERA, (newest,), (falls.text,))]


def test_the_language_of_the_rule_and_the_will_of_the_camera_go_with_the_question(
    site: ReadingSite, enricher: Enricher, analyst: Analyst
) -> None:
    site.register(rule_row(plan(lang="zh")), cameras=(replace(camera_row(), keep_local=True),))
    site.open_one()

    enricher.turn(Stop())

    (request,) = analyst.asked
    assert (request.lang, request.keep_local) == ("zh", True)


def test_a_detectors_boxes_stay_and_ground_what_is_said(
    site: ReadingSite, enricher: Enricher, analyst: Analyst
) -> None:
    analyst.said = replace_said(grounded=False)
    site.register()
    site.see(CAR_BOX)
    site.turn(site.worker())

    enricher.turn(Stop())

    (incident,) = site.incidents()
    assert [box.label for box in incident.evidence.frames[0].boxes] == ["car"]
    assert (incident.explanation, incident.grounded) == (SAID.text, True)


def test_a_claim_that_was_not_found_in_the_picture_is_marked_ungrounded(
    site: ReadingSite, enricher: Enricher, analyst: Analyst
) -> None:
    analyst.said = replace_said(detections=(), grounded=True)
    site.register()
    site.open_one()

    enricher.turn(Stop())

    (incident,) = site.incidents()
    assert (incident.grounded, incident.evidence.frames[0].boxes, incident.evidence.frames[0].drawn) == (False, (), "")


@pytest.mark.parametrize("state", [IncidentState.ACKNOWLEDGED, IncidentState.ENDED])
def test_an_incident_that_moved_on_meanwhile_is_explained_and_stays_what_it_is(
    state: IncidentState, site: ReadingSite, enricher: Enricher, clock: Clock
) -> None:
    site.register()
    worker = site.worker()
    site.read()
    site.turn(worker)
    if state is IncidentState.ENDED:
        for _ in range(6):
            clock.pass_by(seconds(0.5))
            site.read(car=-6.0)
        site.turn(worker)
    else:
        site.change(acknowledge_incident, site.incidents()[0])

    enricher.turn(Stop())

    (incident,) = site.incidents()
    assert (incident.state, incident.sequence, incident.explanation) == (state, 3, SAID.text)


def test_a_retracted_incident_is_left_alone_also_when_it_was_retracted_while_the_model_thought(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, database: Database, clock: Clock
) -> None:
    analyst.before = lambda: site.change(retract_incident, site.incidents()[0], reason="", at=clock())
    site.register()
    site.open_one()

    enricher.turn(Stop())

    (incident,) = site.incidents()
    assert (incident.state, incident.sequence, incident.explanation) == (IncidentState.RETRACTED, 2, None)
    assert wishes(database) == 0


def test_no_incident_waits_for_an_explanation_where_nobody_explains(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, database: Database
) -> None:
    site.register()
    analyst.come_online(explains=False)
    enricher.turn(Stop())
    heard_without = enricher.is_heard()
    site.explains = heard_without
    site.open_one()
    waiting = wishes(database)
    analyst.come_online()

    enricher.turn(Stop())

    assert (heard_without, waiting, enricher.is_heard()) == (False, 0, True)
    assert analyst.asked == []


def test_a_model_that_fails_is_asked_again_after_a_while(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, clock: Clock
) -> None:
    analyst.said = EngineError("engine: out of memory", "lower the batch")
    site.register()
    site.open_one()
    enricher.turn(Stop())
    at_once = enricher.turn(Stop())
    analyst.said = SAID
    clock.pass_by(RETRY_AFTER)
    analyst.come_online()

    enricher.turn(Stop())

    assert (at_once, len(analyst.asked)) == (False, 2)
    assert site.incidents()[0].explanation == SAID.text


def test_a_model_that_never_answers_is_given_up_and_the_incident_stays_as_it_was_told(
    site: ReadingSite, client: Client, clock: Clock, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    deaf = Analyst(client, clock)  # nobody serves its jobs
    site.register()
    site.open_one()
    (before,) = site.incidents()
    hasty = enricher_of(site, timeout_s=0.1)

    with caplog.at_level("INFO"):
        for _ in range(ATTEMPTS):
            deaf.come_online()
            assert hasty.turn(Stop())
            clock.pass_by(RETRY_AFTER)

    assert [record.message for record in caplog.records] == ["explanation put off"] * 2 + ["explanation given up"]
    assert (site.incidents(), wishes(database)) == ((before,), 0)


def test_what_waited_too_long_is_given_up_without_asking(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, clock: Clock, database: Database
) -> None:
    site.register()
    site.open_one()
    clock.pass_by(EXPLAIN_WITHIN + seconds(1))
    analyst.come_online()

    enricher.turn(Stop())

    assert (analyst.asked, wishes(database), site.incidents()[0].sequence) == ([], 0, 1)


def test_a_picture_that_is_no_longer_pinned_costs_the_explanation_only(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, client: Client, clock: Clock, database: Database
) -> None:
    site.register()
    site.open_one()
    client.flushall()
    for _ in range(ATTEMPTS):
        analyst.come_online()
        enricher.turn(Stop())
        clock.pass_by(RETRY_AFTER)

    assert (len(analyst.asked), wishes(database), site.incidents()[0].sequence) == (ATTEMPTS, 0, 1)


def test_boxes_are_told_and_not_drawn_where_the_stored_picture_was_tampered_with(
    site: ReadingSite, enricher: Enricher
) -> None:
    site.register()
    site.open_one()
    (site.folder / site.incidents()[0].evidence.frames[0].path).write_bytes(picture(10))

    enricher.turn(Stop())

    (frame,) = site.incidents()[0].evidence.frames
    assert (len(frame.boxes), frame.drawn) == (1, "")


def test_an_answer_that_is_not_one_is_an_attempt_that_failed(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, database: Database
) -> None:
    analyst.said = replace_said(text="\u200b \n")
    site.register()
    site.open_one()

    enricher.turn(Stop())

    assert (site.incidents()[0].sequence, wishes(database)) == (1, 1)


def test_the_most_severe_comes_first_then_the_newest_and_no_more_wait_than_may(database: Database) -> None:
    severities = ["low", "critical", "high", "critical", *["info"] * MOST_WAITING]
    with database.write() as connection:
        for number, severity in enumerate(severities):
            each = replace(BARE, id=f"inc_{number:02}", severity=severity, rule_id=f"rul_{number}")
            add_incident(connection, each)
            want_explanation(connection, each.id, (CAR.text,), now=NOW + seconds(number))
        now = NOW + seconds(60)
        dropped = give_up_wishes(connection, now=now, since=NOW, attempts=ATTEMPTS, most=MOST_WAITING)
        claimed = [claim_wish(connection, worker="a", now=now, until=now + seconds(9)) for _ in range(5)]

    assert dropped == ("inc_04", "inc_05", "inc_06", "inc_07")
    assert [wish.incident_id for wish in claimed if wish] == ["inc_03", "inc_01", "inc_02", "inc_00", "inc_23"]


def test_a_worker_whose_lease_ran_out_can_no_longer_tell(database: Database) -> None:
    with database.write() as connection:
        add_incident(connection, BARE)
        want_explanation(connection, BARE.id, (CAR.text,), now=NOW)
        slow = claim_wish(connection, worker="a", now=NOW, until=NOW + seconds(9))
        meanwhile = claim_wish(connection, worker="b", now=NOW + seconds(8), until=NOW + seconds(18))
        after = claim_wish(connection, worker="b", now=NOW + seconds(9), until=NOW + seconds(18))
        assert slow and after

        assert meanwhile is None
        assert not end_wish(connection, slow)
        assert end_wish(connection, after)


def test_an_answer_that_comes_after_another_worker_took_over_is_not_told(
    site: ReadingSite, enricher: Enricher, analyst: Analyst, clock: Clock, database: Database
) -> None:
    later = clock() + seconds(60)
    analyst.before = lambda: site.change(claim_wish, worker="alerts-2", now=later, until=later + seconds(50))
    site.register()
    site.open_one()

    enricher.turn(Stop())

    assert (site.incidents()[0].sequence, wishes(database)) == (1, 1)


def test_two_workers_never_explain_one_incident_twice(site: ReadingSite, analyst: Analyst, database: Database) -> None:
    frame = keep_evidence(site)
    names = [f"inc_{number}" for number in range(8)]
    with database.write() as connection:
        for name in names:
            add_incident(connection, replace(BARE, id=name, camera_id=CAMERA, rule_id=f"rul_{name}", evidence=frame))
            want_explanation(connection, name, (name,), now=NOW)
    site.register()
    stop = Stop()
    threads = [threading.Thread(target=enricher_of(site, worker=worker).run, args=(stop,)) for worker in ("a", "b")]
    for thread in threads:
        thread.start()

    eventually(lambda: wishes(database) == 0)
    stop.set()
    for thread in threads:
        thread.join(timeout=10)

    assert sorted(request.questions[0] for request in analyst.asked) == names
    assert {incident.sequence for incident in site.incidents()} == {2}


def test_the_service_ends_while_a_model_thinks_and_the_next_one_asks_once_more(
    site: ReadingSite, analyst: Analyst, database: Database
) -> None:
    thinking, go_on, stop = threading.Event(), threading.Event(), Stop()

    def think() -> None:
        thinking.set()
        go_on.wait(20)

    analyst.before = think
    site.register()
    site.open_one()
    thread = threading.Thread(target=enricher_of(site).run, args=(stop,))
    thread.start()
    assert thinking.wait(20)
    stop.set()
    thread.join(timeout=10)
    ended = not thread.is_alive()
    go_on.set()

    enricher_of(site).turn(Stop())

    assert (ended, len(analyst.asked), wishes(database)) == (True, 2, 0)
    assert (site.incidents()[0].sequence, site.incidents()[0].explanation) == (2, SAID.text)


@pytest.mark.parametrize("moment", ["while_the_model_thinks", "before_the_commit"])
def test_a_kill_in_the_middle_asks_once_more_and_tells_once(
    moment: str,
    site: ReadingSite,
    enricher: Enricher,
    analyst: Analyst,
    database: Database,
    valkey: str,
    tmp_path: Path,
    endpoint: Register,
) -> None:
    endpoint("http://203.0.113.1/")
    site.register()
    site.open_one()
    given = [str(tmp_path), url_of(database), valkey, site.clock().isoformat()]
    doomed = subprocess.Popen([sys.executable, "-m", "tests.alerts.doomed_enricher", *given], cwd=ROOT)
    if moment == "while_the_model_thinks":
        analyst.before = doomed.kill
    assert doomed.wait(timeout=60) == -signal.SIGKILL
    eventually(lambda: len(analyst.asked) == 1)
    analyst.before = lambda: None

    enricher.turn(Stop())

    assert len(analyst.asked) == 2
    (incident,) = site.incidents()
    assert (incident.sequence, incident.explanation) == (2, SAID.text)
    assert [body["type"] for body in bodies(database)] == ["incident.opened", "incident.updated"]
    assert wishes(database) == 0


def test_the_service_itself_explains_what_it_opened(
    site: ReadingSite, analyst: Analyst, clock: Clock, valkey: str, tmp_path: Path
) -> None:
    clock.now = datetime.now(UTC)
    analyst.come_online()
    site.register()
    environment = {
        **os.environ,
        "PLAINWATCH_DATA_DIR": str(tmp_path),
        "PLAINWATCH_DATABASE_URL": url_of(site.database),
        "PLAINWATCH_REDIS_URL": valkey,
    }
    with (tmp_path / "alerts.log").open("wb") as log:
        service = subprocess.Popen([sys.executable, "-m", "alerts"], cwd=ROOT, env=environment, stderr=log)
    try:
        eventually(lambda: "shard taken" in (tmp_path / "alerts.log").read_text())
        site.read()

        eventually(lambda: any(incident.explanation for incident in site.incidents()))
    finally:
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=20) == 0
    assert len(analyst.asked) == 1


def keep_evidence(site: ReadingSite) -> Evidence:
    """One picture, pinned and kept."""
    sha256 = Pins(site.client).keep(CAMERA, picture(), now=site.clock())
    return EvidenceKeeper(site.folder, site.pins).keep("inc_0", Wanted(CAMERA, NOW, sha256), now=NOW)


def replace_said(**changes: object) -> Explained:
    return msgspec.structs.replace(SAID, **changes)
