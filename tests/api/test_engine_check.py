"""The model is changed: what people said of the old one's alarms is held against the new one."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from analyzer.engine import Query
from analyzer.fake import FakeEngine
from contracts.messages import Answer, Detection, Keyframe, Scene
from contracts.plan import question_key
from rules.asking.questions import asked_questions
from store.incidents import Evidence, EvidenceFrame, add_incident
from store.regression import keep_deciding_answers
from store.times import to_text
from tests.api.analyst import analyzing
from tests.api.running import Site, now
from tests.api.test_labelling import INCIDENT
from tests.api.test_tuning import CARS, EDGE, Watched


def seen_by_the_other(says: bool) -> bytes:
    """A picture in which the engine `fake` plainly sees a car, or plainly none."""
    for number in range(1000):
        jpeg = b"\xff\xd8 %d \xff\xd9" % number
        query = Query(Keyframe("x", 1, 1, now(), jpeg, 1, 1, Scene()), asked_questions([CARS]))
        ((answer,),) = FakeEngine().answer([query])
        if answer.margin is not None and (answer.margin > 2 if says else answer.margin < -2):
            return jpeg
    raise AssertionError("no picture")


def graded(watched: Watched, name: str, value: str, picture: bytes | None) -> None:
    """An alarm that the detector raised, with its picture where one is kept."""
    deps, at = watched.site.deps, to_text(now())
    frames: tuple[EvidenceFrame, ...] = ()
    if picture is not None:
        deps.settings.evidence_dir.mkdir(parents=True, exist_ok=True)
        (deps.settings.evidence_dir / f"{name}.jpg").write_bytes(picture)
        frames = (EvidenceFrame(at, f"{name}.jpg", hashlib.sha256(picture).hexdigest()),)
    row = replace(
        INCIDENT,
        id=name,
        rule_id=watched.rule,
        camera_id=watched.camera,
        captured_at=at,
        model=EDGE,
        margins={},
        ended_at=at,
        evidence=Evidence(frames),
    )
    box = Detection("car", 0.9, (0.1, 0.2, 0.4, 0.6))
    with deps.database.write() as connection:
        add_incident(connection, row)
        answers = [Answer(question_key(CARS.questions[0]), 3.0, count=1, detections=(box,))]
        keep_deciding_answers(connection, name, answers)
    assert watched.site.admin.post(f"/api/v1/incidents/{name}/feedback", json={"value": value}).status_code == 200


def state(watched: Watched) -> dict[str, Any]:
    shown: dict[str, Any] = watched.site.admin.get(watched.path).json()["state"]
    return shown


def check(watched: Watched, **body: bool) -> dict[str, Any]:
    answer = watched.site.admin.post(f"{watched.path}/check", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def watched(site: Site) -> Watched:
    watched = Watched(site)
    site.report(watched.camera, last_frame_at=now())
    return watched


def test_a_model_that_told_of_the_graded_alarms_needs_no_check(watched: Watched) -> None:
    graded(watched, "inc_1", "true_alarm", None)

    watched.site.analyzer_is_online()

    assert state(watched) == {"state": "live"}


def test_another_model_is_not_trusted_until_it_judges_the_graded_alarms_as_people_did(watched: Watched) -> None:
    graded(watched, "inc_1", "true_alarm", seen_by_the_other(True))
    graded(watched, "inc_2", "false_alarm", seen_by_the_other(False))
    graded(watched, "inc_3", "true_alarm", None)
    with analyzing(watched.site, FakeEngine()) as worker:
        before = state(watched)
        found = check(watched)
        after, asked = state(watched), worker.figures()["tried"]
        check(watched)
        asked_again = worker.figures()["tried"]

    assert before["state"] == "degraded"
    assert before["reason"].startswith("the model changed since its 3 cases were checked")
    assert (found["model"], found["cases"], found["passed"], found["not_replayed"]) == ("fake/fake@1", 3, 2, 1)
    assert (found["regressions"], found["left"], found["accepted"]) == ([], 0, True)
    assert after == {"state": "live"}
    assert asked == asked_again == 2


def test_a_model_that_misses_what_was_a_true_alarm_stays_out_until_that_is_accepted(watched: Watched) -> None:
    graded(watched, "inc_1", "true_alarm", seen_by_the_other(False))
    graded(watched, "inc_2", "false_alarm", seen_by_the_other(True))
    with analyzing(watched.site, FakeEngine()):
        found, degraded = check(watched), state(watched)
        accepted = check(watched, accept_regressions=True)
        live = state(watched)

    assert [one["subject"] for one in found["regressions"]] == ["inc_1"]  # the other one was a false alarm before, too
    assert (found["failed"], found["accepted"], degraded["state"]) == (2, False, "degraded")
    assert (accepted["accepted"], live) == (True, {"state": "live"})


def test_what_cannot_be_checked_says_why(watched: Watched) -> None:
    site = watched.site
    moving = site.admin.post("/api/v1/rules", json={"text": "something moves"}).json()["id"]

    no_engine = site.admin.post(f"{watched.path}/check", json={})
    no_picture = site.admin.post(f"/api/v1/rules/{moving}/check", json={})

    assert (no_engine.status_code, no_picture.status_code) == (503, 422)
    assert "no single picture shows" in no_picture.json()["detail"]
    assert site.admin.post("/api/v1/rules/rul_9/check", json={}).status_code == 404
