"""Webhook bodies to convert, among them one whose texts try everything."""

import json

PICTURE = "https://pw.example/api/v1/evidence/2026/inc_1.boxes.jpg?exp=1764417600&sig=abc-_"
NASTY = "<!channel> @everyone [win](http://evil.example) *bold* _it_ `code` & <b>x</b> {{DATE(x)}} \u202egnp.exe\nline"


def incident(kind: str, **more: object) -> dict[str, object]:
    """An incident as webhooks bear it."""
    data: dict[str, object] = {
        "id": "inc_1",
        "sequence": 1,
        "state": kind.partition(".")[2],
        "rule": {"id": "rul_1", "version": 3, "text": "a person is at the door", "lang": "en"},
        "camera": {"id": "cam_1", "name": "front door"},
        "severity": "high",
        "confidence": 0.914,
        "threshold": 0.5,
        "calibrated": False,
        "started_at": "2026-11-22T12:00:00.000Z",
        "captured_at": "2026-11-22T12:00:00.000Z",
        "evidence": {
            "frames": [
                {"at": "2026-11-22T12:00:00.000Z", "url": "https://pw.example/p.jpg", "boxes": [], "boxes_url": PICTURE}
            ]
        },
        "feedback_links": {
            "true_alarm": "https://pw.example/api/v1/feedback/inc_1.true_alarm.1765000000.sig",
            "false_alarm": "https://pw.example/api/v1/feedback/inc_1.false_alarm.1765000000.sig",
        },
    }
    return {"type": kind, "timestamp": "2026-11-22T12:00:01.000Z", "data": data | more}


EVENTS: dict[str, dict[str, object]] = {
    "opened": incident("incident.opened", zone="porch"),
    "nasty": incident(
        "incident.updated",
        explanation=NASTY,
        rule={"id": "rul_1", "version": 3, "text": f"nobody {NASTY}"},
        camera={"id": "cam_1", "name": NASTY},
        zone=NASTY,
    ),
    "ended": incident("incident.ended", ended_at="2026-11-22T12:05:00.000Z", end_reason="no longer seen"),
    "offline": {
        "type": "camera.offline",
        "timestamp": "2026-11-22T12:00:01.000Z",
        "data": {
            "id": "sev_1",
            "camera": {"id": "cam_1", "name": "front door"},
            "since": "2026-11-22T11:59:31.000Z",
            "reason": "no answer for 30 s",
            "remedy": "check its power",
        },
    },
    "ping": {
        "type": "test.ping",
        "timestamp": "2026-11-22T12:00:01.000Z",
        "data": {"endpoint": {"id": "end_1", "name": "phone"}},
    },
}
URLS = {
    "slack": "https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXX",
    "discord": "https://discord.com/api/webhooks/1234/abcdefghijklmnop",
    "teams": "https://example.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=abc",
    "telegram": "https://api.telegram.org/bot123456:AAbbCC-dd_ee?chat_id=-1001234&message_thread_id=7",
    "ntfy": "https://ntfy.example/plainwatch-42",
    "alertmanager": "http://alertmanager.example:9093/am/",
}


def body_of(event: dict[str, object]) -> bytes:
    """As the deliverer holds it."""
    return json.dumps(event).encode()
