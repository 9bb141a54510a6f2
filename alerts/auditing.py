"""A small part of the frames on which a rule was silent, put before a person: alerts alone never show what was missed.

Takes: a rule, a camera, the answers of a frame on which no incident was open or opened.
Gives: an AuditedFrame with its picture, or None for most frames.
Knows nothing about: what the person says, the database.

Chance is a hash of the frame: a worker that was killed and reads again chooses the same frames."""

import hashlib
from datetime import datetime

from alerts.calibrating import raw_margins
from alerts.evidence import EvidenceKeeper, Wanted
from contracts.ids import new_id
from contracts.messages import Answers
from store.audited_frames import AuditedFrame
from store.calibration import model_key
from store.cameras import CameraRow
from store.rules import RuleRow
from store.times import to_text


class Auditor:
    """`part`: of the silent frames, 0 to 1; 0 switches it off."""

    def __init__(self, keeper: EvidenceKeeper, *, part: float = 0.0) -> None:
        self._keeper = keeper
        self._part = part

    def choose(self, rule: RuleRow, camera: CameraRow, answers: Answers, *, now: datetime) -> AuditedFrame | None:
        """None where chance passes it by, where there is no margin, or where its picture is gone already."""
        if not self._part or luck(rule.id, answers) >= self._part:
            return None
        margins = raw_margins(rule, answers.model, answers.answers)
        if not margins:
            return None
        frame_id = new_id("aud", now)
        wanted = Wanted(camera.id, answers.captured_at, answers.evidence)
        evidence = self._keeper.keep(frame_id, wanted, now=now)
        if not any(frame.at == to_text(answers.captured_at) for frame in evidence.frames):
            return None  # a person would look at another picture than the model did
        return AuditedFrame(
            id=frame_id,
            rule_id=rule.id,
            rule_version=rule.version,
            camera_id=camera.id,
            camera_group=camera.group,
            epoch=answers.epoch,
            seq=answers.seq,
            captured_at=to_text(answers.captured_at),
            model=model_key(answers.model),
            margins=margins,
            evidence=evidence,
            probability=self._part,
        )


def luck(rule_id: str, answers: Answers) -> float:
    """Evenly between 0 and 1, the same for the same frame and rule."""
    name = f"{rule_id}\0{answers.camera}\0{answers.epoch}\0{answers.seq}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
