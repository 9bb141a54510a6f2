"""An incident as the world sees it, in webhooks and over HTTP alike.

Takes: IncidentRow, and what makes a link of a picture's path.
Gives: the JSON object of the interface (optional keys absent, never null); webhook bodies under 20 kB.
Knows nothing about: the database, HTTP, signatures."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from alerts.links import WORDS, Word
from store.incidents import EvidenceFrame, IncidentRow, SeenBox
from store.times import to_text

PictureUrl = Callable[[str], str]
FeedbackUrl = Callable[[str, Word], str]
#: (id, name) of each
Cameras = Sequence[tuple[str, str]]
BODY_MAX_BYTES = 20_000
#: with the longest texts that a rule may have, so many boxes still fit into a body
BOXES_MAX = 40


def incident_json(row: IncidentRow, *, picture_url: PictureUrl, cameras: Cameras = ()) -> dict[str, object]:
    """`picture_url` makes a link of a path under the evidence folder. `cameras`: of its group, where it joined one."""
    data: dict[str, object] = {
        "id": row.id,
        "sequence": row.sequence,
        "state": row.state.value,
        "rule": {"id": row.rule_id, "version": row.rule_version, "text": row.rule_text, "lang": row.rule_lang},
        "camera": {"id": row.camera_id, "name": row.camera_name},
        "severity": row.severity,
        "confidence": round(row.confidence, 4),
        "threshold": round(row.threshold, 4),
        "calibrated": row.calibrated,
        "started_at": row.started_at,
        "captured_at": row.captured_at,
        "decided_at": row.decided_at,
        "opened_at": row.opened_at,
        "latency_ms": _rounded(msgspec.to_builtins(row.latency_ms)),
        "evidence": _evidence(row, picture_url),
    }
    optional: dict[str, object | None] = {
        "zone": row.zone,
        "explanation": row.explanation,
        "grounded": row.grounded,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
        "model": msgspec.to_builtins(row.model) if row.model else None,
        "feedback": row.feedback,
        "group_id": row.group_id,
        "group": {"id": row.group_id, "cameras": [_named(*one) for one in cameras]} if cameras else None,
        "snoozed_until": row.snoozed_until,
        "retract_reason": row.retract_reason,
    }
    return data | {name: value for name, value in optional.items() if value is not None}


def event_body(kind: str, data: Mapping[str, object], *, now: datetime) -> str:
    """The body of a webhook, as it is signed and sent."""
    return msgspec.json.encode({"type": kind, "timestamp": to_text(now), "data": data}).decode()


def incident_body(
    kind: str,
    row: IncidentRow,
    *,
    picture_url: PictureUrl,
    now: datetime,
    feedback_url: FeedbackUrl | None = None,
    cameras: Cameras = (),
) -> str:
    """As event_body, with as many boxes as fit: the pictures show them all.

    The links for feedback stand in webhooks alone: who reads incidents with a key that may only look has no say."""
    data = incident_json(row, picture_url=picture_url, cameras=cameras)
    if feedback_url is not None:
        data |= {"feedback_links": {word: feedback_url(row.id, word) for word in WORDS}}
    body = event_body(kind, data, now=now)
    boxes = BOXES_MAX
    while len(body.encode()) >= BODY_MAX_BYTES and boxes:
        boxes //= 2
        body = event_body(kind, data | {"evidence": _evidence(row, picture_url, boxes)}, now=now)
    return body


def _named(id: str, name: str) -> dict[str, object]:
    return {"id": id, "name": name}


def _evidence(row: IncidentRow, picture_url: PictureUrl, boxes: int = BOXES_MAX) -> dict[str, object]:
    evidence: dict[str, object] = {
        "frames": [_frame(frame, picture_url, boxes) for frame in row.evidence.frames],
    }
    if row.evidence.missing:
        evidence |= {"missing": True, "reason": row.evidence.reason}
    if row.evidence.clip:
        evidence |= {"clip_url": picture_url(row.evidence.clip)}
    if row.evidence.clip_missing:
        evidence |= {"clip_missing": row.evidence.clip_missing}
    return evidence


def _frame(frame: EvidenceFrame, picture_url: PictureUrl, boxes: int) -> dict[str, object]:
    shown: dict[str, object] = {
        "at": frame.at,
        "url": picture_url(frame.path),
        "sha256": frame.sha256,
        "boxes": [_box(box) for box in frame.boxes[:boxes]],
    }
    if frame.off_by_s:
        shown |= {"off_by_s": round(frame.off_by_s, 3)}
    return shown | ({"boxes_url": picture_url(frame.drawn)} if frame.drawn else {})


def _box(box: SeenBox) -> dict[str, object]:
    return {"label": box.label, "xyxy": [round(edge, 4) for edge in box.xyxy], "score": round(box.score, 4)}


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(number, 1) for name, number in numbers.items()}
