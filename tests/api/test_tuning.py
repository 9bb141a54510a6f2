from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.messages import Answer, Detection, ModelRef
from contracts.plan import question_key
from rules.plan.compile import compile_rule
from store.audited_frames import add_audited_frames
from store.incidents import IncidentRow, add_incident
from store.regression import keep_deciding_answers
from store.schema import rule_versions
from store.times import to_text
from tests.api.running import Site, now
from tests.api.test_labelling import FRAME, INCIDENT

EDGE = ModelRef("yolox_nano", "1", "edge")
CARS = compile_rule("a car is visible")


class Watched:
    """A rule on one camera, whose alarms a person grades."""

    def __init__(self, site: Site, text: str = "a car is visible", **values: object) -> None:
        self.site = site
        self.camera = str(site.add_camera()["id"])
        answer = site.admin.post("/api/v1/rules", json={"text": text} | values)
        assert answer.status_code == 201, answer.text
        self.rule: str = answer.json()["id"]
        self.path = f"/api/v1/rules/{self.rule}"

    def alarm(self, name: str, *scores: float, value: str | None = None, at: datetime | None = None) -> IncidentRow:
        boxes = tuple(Detection("car", score, (0.1, 0.2, 0.4, 0.6)) for score in scores)
        key = question_key(CARS.questions[0])
        row = replace(
            INCIDENT,
            id=name,
            rule_id=self.rule,
            rule_text="a car is visible",
            camera_id=self.camera,
            captured_at=to_text(at or now()),
            model=EDGE,
            margins={},
            ended_at=to_text(now()),
        )
        with self.site.deps.database.write() as connection:
            add_incident(connection, row)
            keep_deciding_answers(connection, name, [Answer(key, 3.0, count=len(boxes), detections=boxes)])
        if value:
            answer = self.site.admin.post(f"/api/v1/incidents/{name}/feedback", json={"value": value})
            assert answer.status_code == 200, answer.text
        return row

    def written(self, ago: timedelta) -> None:
        """As if the rule had watched for so long."""
        with self.site.deps.database.write() as connection:
            connection.execute(sa.update(rule_versions).values(created_at=to_text(now() - ago)))

    def patch(self, **values: object) -> tuple[int, dict[str, Any]]:
        answer = self.site.admin.patch(self.path, json=values)
        return answer.status_code, answer.json()

    def cases(self) -> list[tuple[str, str, str]]:
        items = self.site.admin.get(f"{self.path}/cases").json()["items"]
        return [(one["subject"], one["value"], one["outcome"]) for one in items]


def test_graded_alarms_become_cases_and_taking_the_word_back_forgets_them(site: Site) -> None:
    watched = Watched(site)
    watched.alarm("inc_1", 0.9, value="true_alarm")
    watched.alarm("inc_2", 0.4, value="false_alarm")
    watched.alarm("inc_3", 0.9)

    graded = watched.cases()
    site.admin.delete("/api/v1/incidents/inc_2/feedback")

    assert sorted(graded) == [("inc_1", "true_alarm", "passed"), ("inc_2", "false_alarm", "failed")]
    assert watched.cases() == [("inc_1", "true_alarm", "passed")]
    assert site.admin.get("/api/v1/rules/rul_9/cases").status_code == 404


def test_a_change_that_fails_graded_frames_does_not_go_live_until_it_is_accepted(site: Site) -> None:
    watched = Watched(site)
    watched.alarm("inc_1", 0.45, value="true_alarm")

    status, problem = watched.patch(threshold=0.8)
    unchanged = site.admin.get(watched.path).json()
    accepted, rule = watched.patch(threshold=0.8, accept_regressions=True)

    assert (status, problem["code"]) == (409, "regressed")
    (failed,) = problem["regressions"]
    assert (failed["subject"], failed["value"]) == ("inc_1", "true_alarm")
    assert (failed["before"], failed["outcome"]) == ("passed", "failed")
    assert "threshold" not in unchanged
    assert (accepted, rule["threshold"], rule["version"]) == (200, 0.8, 1)


def test_another_text_is_held_against_the_boxes_seen_then_and_makes_a_version_only_where_it_passes(site: Site) -> None:
    watched = Watched(site)
    watched.alarm("inc_1", 0.9, value="false_alarm")

    repeated, problem = watched.patch(text="at least 1 car is visible")
    passed, rule = watched.patch(text="more than 3 cars are visible")

    assert (repeated, problem["code"]) == (409, "regressed")
    assert "false alarms 1, true alarms missed 0" in problem["detail"]
    assert (passed, rule["version"]) == (200, 2)
    assert watched.cases() == [("inc_1", "false_alarm", "passed")]


def test_what_changes_no_judgement_needs_no_proof_and_incidents_keep_their_version(site: Site) -> None:
    watched = Watched(site)
    watched.alarm("inc_1", 0.9, value="false_alarm")

    renamed, _ = watched.patch(name="cars", enabled=False)
    asked_otherwise, rule = watched.patch(text="a person is visible")
    incident = site.admin.get("/api/v1/incidents/inc_1").json()

    assert (renamed, asked_otherwise) == (200, 200)
    assert rule["version"] == 2
    assert (incident["rule"]["version"], incident["threshold"]) == (1, 0.5)
    assert watched.cases() == [("inc_1", "false_alarm", "not_replayed")]


def test_an_audited_frame_that_should_have_alarmed_is_a_case_too(site: Site) -> None:
    watched = Watched(site, "a person is climbing the fence")
    frame = replace(FRAME, rule_id=watched.rule, camera_id=watched.camera)
    with site.deps.database.write() as connection:
        add_audited_frames(connection, [frame])
    site.admin.post("/api/v1/audits/aud_1", json={"value": "true_alarm"})

    before = watched.cases()
    lower, _ = watched.patch(threshold=0.15)

    assert before == [("aud_1", "true_alarm", "failed")]
    assert lower == 200
    assert watched.cases() == [("aud_1", "true_alarm", "passed")]


def test_cases_go_with_their_rule_and_stay_when_a_camera_is_removed(site: Site) -> None:
    watched = Watched(site)
    watched.alarm("inc_1", 0.9, value="true_alarm")

    site.admin.delete(f"/api/v1/cameras/{watched.camera}")
    left = site.admin.get(f"{watched.path}/cases").json()["items"]

    assert [(one["outcome"], one["reason"]) for one in left] == [("not_replayed", "its camera was removed")]
    assert site.admin.delete(watched.path).status_code == 204


def test_the_threshold_for_a_budget_is_suggested_and_applied_to_the_same_version(site: Site) -> None:
    watched = Watched(site)
    watched.written(timedelta(weeks=4))
    for number in range(10):
        watched.alarm(f"inc_f{number}", 0.40, value="false_alarm", at=now() - timedelta(days=2 * number))
        watched.alarm(f"inc_t{number}", 0.60, value="true_alarm", at=now() - timedelta(days=2 * number))

    asked = site.admin.post(f"{watched.path}/tune", json={"false_alarm_budget_per_week": 2}).json()
    before = site.admin.get(watched.path).json()
    site.admin.post(f"{watched.path}/tune", json={"false_alarm_budget_per_week": 2, "apply": True})
    after = site.admin.get(watched.path).json()

    assert (asked["threshold"], asked["applied"], asked["current_threshold"]) == (0.58, False, 0.5)
    assert (asked["labels"], asked["false_labels"], asked["watched_weeks"]) == (20, 10, 4.0)
    assert (asked["expected_false_per_week"], asked["expected_recall"]) == (0.0, 1.0)
    assert asked["at_most_false_per_week"] == pytest.approx(2.302585 / 4, abs=1e-3)
    assert ("threshold" in before, after["threshold"], after["version"]) == (False, 0.58, 1)
    assert after["false_alarm_budget_per_week"] == 2.0
    assert site.admin.get("/api/v1/incidents/inc_f1").json()["threshold"] == 0.5


def test_alarms_that_nobody_graded_count_as_those_that_were(site: Site) -> None:
    watched = Watched(site, threshold=0.5)
    watched.written(timedelta(weeks=4))
    watched.alarm("inc_a", 0.40, value="false_alarm")
    one_of_one = site.admin.post(f"{watched.path}/tune", json={"false_alarm_budget_per_week": 2}).json()
    for number in range(9):
        watched.alarm(f"inc_{number}", 0.40)
    one_of_ten = site.admin.post(f"{watched.path}/tune", json={"false_alarm_budget_per_week": 2}).json()

    assert (one_of_one["threshold"], one_of_one["expected_false_per_week"]) == (0.5, 0.25)
    assert "threshold" not in one_of_ten
    assert "too few of its alarms are graded" in one_of_ten["reason"]


def test_where_nothing_can_be_proved_no_threshold_is_suggested_nor_applied(site: Site) -> None:
    watched = Watched(site, false_alarm_budget_per_week=2)
    nobody = site.admin.post(f"{watched.path}/tune", json={"apply": True}).json()
    watched.written(timedelta(days=1))
    watched.alarm("inc_1", 0.9, value="true_alarm")
    short = site.admin.post(f"{watched.path}/tune", json={"apply": True}).json()

    assert (nobody["applied"], "nobody" in nobody["reason"]) == (False, True)
    assert "1.0 of 8.1 days" in short["reason"]
    assert "threshold" not in site.admin.get(watched.path).json()


def test_a_rule_without_a_budget_or_without_such_a_threshold_says_so(site: Site) -> None:
    watched = Watched(site)
    absent = site.admin.post("/api/v1/rules", json={"text": "no car is visible for 10 seconds"}).json()

    without = site.admin.post(f"{watched.path}/tune", json={})
    turned = site.admin.post(f"/api/v1/rules/{absent['id']}/tune", json={"false_alarm_budget_per_week": 2})
    viewer = site.with_scopes("view").post(f"{watched.path}/tune", json={"false_alarm_budget_per_week": 2})

    assert (without.status_code, turned.status_code, viewer.status_code) == (422, 409, 403)
    assert "cannot be tuned" in turned.json()["detail"]


def test_a_tuned_threshold_has_to_pass_the_graded_frames_as_any_other(site: Site) -> None:
    watched = Watched(site)
    watched.written(timedelta(weeks=4))
    for number in range(10):
        watched.alarm(f"inc_f{number}", 0.40, value="false_alarm", at=now() - timedelta(days=2 * number))
        watched.alarm(f"inc_t{number}", 0.60, value="true_alarm", at=now() - timedelta(days=2 * number))
    watched.alarm("inc_weak", 0.40, value="true_alarm")
    asked = {"false_alarm_budget_per_week": 2, "apply": True}

    refused = site.admin.post(f"{watched.path}/tune", json=asked)
    unchanged = site.admin.get(watched.path).json()
    accepted = site.admin.post(f"{watched.path}/tune", json=asked | {"accept_regressions": True}).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "regressed")
    assert [one["subject"] for one in refused.json()["regressions"]] == ["inc_weak"]
    assert "threshold" not in unchanged
    assert (accepted["applied"], site.admin.get(watched.path).json()["threshold"]) == (True, 0.58)
