from dataclasses import replace
from typing import Any

from contracts.messages import ModelRef
from contracts.plan import question_key
from rules.plan.compile import compile_rule
from store.audited_frames import AuditedFrame, add_audited_frames
from store.calibration import LabelRow, labels_version, newest_labels
from store.incidents import Evidence, EvidenceFrame, IncidentRow, IncidentState, Latency, add_incident
from store.rules import RuleRow, add_rule
from tests.api.running import Site

AT = "2026-11-22T12:00:00.000Z"
PLAN = compile_rule("a person is climbing the fence")
KEY = question_key(PLAN.questions[0])
VLM = ModelRef("qwen3-vl-2b", "main+ab12cd34", "vlm")
INCIDENT = IncidentRow(
    id="inc_1",
    state=IncidentState.OPENED,
    rule_id="rul_1",
    rule_version=1,
    rule_text="a person is climbing the fence",
    rule_lang="en",
    camera_id="cam_1",
    camera_name="gate",
    severity="medium",
    confidence=0.95,
    threshold=0.5,
    calibrated=False,
    started_at=AT,
    captured_at=AT,
    decided_at=AT,
    opened_at=AT,
    latency_ms=Latency(1.0, 2.0, 3.0),
    evidence=Evidence(),
    model=VLM,
    margins={KEY: 3.0},
    camera_group="yard",
)
FRAME = AuditedFrame(
    id="aud_1",
    rule_id="rul_1",
    rule_version=1,
    camera_id="cam_1",
    camera_group="yard",
    epoch=1,
    seq=7,
    captured_at=AT,
    model="vlm/qwen3-vl-2b@main+ab12cd34",
    margins={KEY: -1.5},
    evidence=Evidence((EvidenceFrame(AT, "2026/11/22/aud_1-1.jpg", "ab" * 32),)),
    probability=0.02,
)


def keep(site: Site, *, incident: IncidentRow | None = None, frame: AuditedFrame | None = None) -> None:
    rule = RuleRow("rul_1", 1, INCIDENT.rule_text, PLAN, AT, AT)
    with site.deps.database.write() as connection:
        add_rule(connection, rule)
        if incident:
            add_incident(connection, incident)
        if frame:
            add_audited_frames(connection, [frame])


def labels(site: Site) -> tuple[LabelRow, ...]:
    with site.deps.database.read() as connection:
        return newest_labels(connection)


def said(site: Site, value: str) -> dict[str, Any]:
    answer = site.admin.post("/api/v1/incidents/inc_1/feedback", json={"value": value})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def test_feedback_becomes_a_label_and_another_word_takes_its_place(site: Site) -> None:
    keep(site, incident=INCIDENT)

    said(site, "true_alarm")
    (first,) = labels(site)
    shown = said(site, "false_alarm")

    (label,) = labels(site)
    assert (first.truth, label.truth, shown["feedback"]) == (True, False, "false_alarm")
    assert (label.subject, label.question_key, label.rule_id, label.rule_version) == ("inc_1", KEY, "rul_1", 1)
    assert (label.margin, label.weight, label.source, label.camera_group) == (3.0, 1.0, "feedback", "yard")
    assert label.model == "vlm/qwen3-vl-2b@main+ab12cd34"


def test_feedback_that_is_taken_back_leaves_nothing(site: Site) -> None:
    keep(site, incident=INCIDENT)
    said(site, "true_alarm")

    taken = site.admin.delete("/api/v1/incidents/inc_1/feedback")
    again = site.admin.delete("/api/v1/incidents/inc_1/feedback")

    assert (taken.status_code, again.status_code) == (200, 200)
    assert "feedback" not in taken.json()
    assert labels(site) == ()
    assert site.admin.delete("/api/v1/incidents/inc_9/feedback").status_code == 404
    assert site.with_scopes("view").delete("/api/v1/incidents/inc_1/feedback").status_code == 403


def test_an_incident_of_a_detector_takes_feedback_and_gives_no_label(site: Site) -> None:
    keep(site, incident=replace(INCIDENT, margins={}, model=ModelRef("yolox_nano", "1", "edge")))

    shown = said(site, "false_alarm")

    assert shown["feedback"] == "false_alarm"
    assert labels(site) == ()
    with site.deps.database.read() as connection:
        assert labels_version(connection) == 0


def test_audited_frames_are_listed_and_a_word_on_one_weighs_what_it_stands_for(site: Site) -> None:
    keep(site, frame=FRAME)

    (listed,) = site.admin.get("/api/v1/audits?rule=rul_1&unseen=true").json()["items"]
    judged = site.admin.post("/api/v1/audits/aud_1", json={"value": "true_alarm"})

    assert (listed["id"], listed["probability"]) == ("aud_1", 0.02)
    assert "aud_1-1.jpg?exp=" in listed["picture_url"]
    assert "value" not in listed
    assert judged.json()["value"] == "true_alarm"
    (label,) = labels(site)
    assert (label.subject, label.truth, label.margin, label.weight, label.source) == (
        "aud_1",
        True,
        -1.5,
        50.0,
        "audit",
    )
    assert site.admin.get("/api/v1/audits?unseen=true").json()["items"] == []
    assert site.admin.get("/api/v1/audits?rule=rul_2").json()["items"] == []


def test_a_word_on_an_unknown_frame_or_without_the_scope_is_refused(site: Site) -> None:
    keep(site, frame=FRAME)

    unknown = site.admin.post("/api/v1/audits/aud_9", json={"value": "true_alarm"})
    viewer = site.with_scopes("view").post("/api/v1/audits/aud_1", json={"value": "true_alarm"})
    wrong = site.admin.post("/api/v1/audits/aud_1", json={"value": "perhaps"})

    assert (unknown.status_code, viewer.status_code, wrong.status_code) == (404, 403, 422)
    assert labels(site) == ()


def test_a_camera_has_a_group_that_can_be_changed(site: Site) -> None:
    bare = site.add_camera("hall")
    yard = site.add_camera("yard", group=" outdoors ")

    moved = site.admin.patch(f"/api/v1/cameras/{bare['id']}", json={"group": "indoors"}).json()
    emptied = site.admin.patch(f"/api/v1/cameras/{yard['id']}", json={"group": ""}).json()

    assert "group" not in bare
    assert yard["group"] == "outdoors"
    assert moved["group"] == "indoors"
    assert "group" not in emptied
