import json
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from alerts.incident_json import incident_body, incident_json
from contracts.messages import ModelRef
from store.incidents import Evidence, EvidenceFrame, IncidentRow, IncidentState, Latency, SeenBox

AT = "2026-11-22T12:00:00.000Z"
BARE = IncidentRow(
    id="inc_1",
    state=IncidentState.OPENED,
    rule_id="rul_1",
    rule_version=3,
    rule_text="有车",
    rule_lang="zh",
    camera_id="cam_1",
    camera_name="gate",
    severity="high",
    confidence=0.912345,
    threshold=0.5,
    calibrated=False,
    started_at=AT,
    captured_at=AT,
    decided_at=AT,
    opened_at=AT,
    latency_ms=Latency(1.23456, 2.0, 3.0),
    evidence=Evidence(missing=True, reason="the disk is nearly full"),
)
FRAME = EvidenceFrame(AT, "p/1.jpg", "ab", (SeenBox("car", (0.0, 0.1, 0.2, 0.333333), 0.9),), "p/1.boxes.jpg")
FULL = replace(
    BARE,
    state=IncidentState.ENDED,
    sequence=2,
    evidence=Evidence((FRAME,)),
    model=ModelRef("yolox", "1", "edge"),
    zone="dock",
    explanation="a car",
    grounded=True,
    ended_at=AT,
    end_reason="cleared",
    feedback="confirmed",
)


def test_an_incident_has_the_fields_of_the_interface() -> None:
    shown = incident_json(FULL, picture_url=lambda path: f"http://h/{path}")

    assert set(shown) >= {
        *("id", "sequence", "state", "rule", "camera", "zone", "severity", "confidence", "threshold", "calibrated"),
        *("explanation", "grounded", "started_at", "ended_at", "captured_at", "decided_at", "latency_ms", "evidence"),
        *("model", "feedback", "opened_at"),
    }
    assert shown["rule"] == {"id": "rul_1", "version": 3, "text": "有车", "lang": "zh"}
    assert shown["model"] == {"name": "yolox", "revision": "1", "engine": "edge"}
    assert shown["latency_ms"] == {"queue": 1.2, "infer": 2.0, "total": 3.0}
    assert shown["evidence"] == {
        "frames": [
            {
                "at": AT,
                "url": "http://h/p/1.jpg",
                "sha256": "ab",
                "boxes": [{"label": "car", "xyxy": [0.0, 0.1, 0.2, 0.3333], "score": 0.9}],
                "boxes_url": "http://h/p/1.boxes.jpg",
            }
        ]
    }


def test_a_picture_that_stands_in_is_told_as_such() -> None:
    row = replace(FULL, evidence=Evidence((msgspec.structs.replace(FRAME, off_by_s=-9.5),)))

    shown = json.loads(incident_body("incident.opened", row, picture_url=str, now=datetime(2026, 11, 22, tzinfo=UTC)))

    assert shown["data"]["evidence"]["frames"][0]["off_by_s"] == -9.5
    assert "off_by_s" not in json.dumps(incident_json(FULL, picture_url=str))


def test_what_is_not_known_is_absent_and_never_null() -> None:
    body = incident_body("incident.opened", BARE, picture_url=str, now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))

    shown = json.loads(body)
    assert "null" not in body
    assert not {"zone", "model", "ended_at", "explanation", "feedback", "grounded"} & set(shown["data"])
    assert shown["data"]["evidence"] == {"frames": [], "missing": True, "reason": "the disk is nearly full"}
    assert (shown["type"], shown["timestamp"]) == ("incident.opened", AT)
    assert "有车" in body
