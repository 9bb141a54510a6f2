"""An open incident of the scene's rule on its camera."""

from store.incidents import Evidence, IncidentRow, IncidentState, Latency
from tests.alerts.scene import CAMERA, RULE


def incident_row() -> IncidentRow:
    at = "2026-11-22T12:00:00.000Z"
    return IncidentRow(
        id="inc_1",
        state=IncidentState.OPENED,
        rule_id=RULE,
        rule_version=1,
        rule_text="a car is visible",
        rule_lang="en",
        camera_id=CAMERA,
        camera_name="gate",
        severity="high",
        confidence=0.9,
        threshold=0.5,
        calibrated=False,
        started_at=at,
        captured_at=at,
        decided_at=at,
        opened_at=at,
        latency_ms=Latency(1, 2, 3),
        evidence=Evidence(),
    )
