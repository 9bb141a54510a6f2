"""Which pictures outlive their frame: those that may become evidence, each camera's last, one now and then to archive.

Takes: frames, what was asked and answered of them.
Gives: pinned pictures; the sha256 by which an answer names its own.
Knows nothing about: incidents, disks.

Never a reason to fail: a bus without room, or away, costs the picture and no answer."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from analyzer.engine import Query
from contracts.errors import Unavailable
from contracts.messages import Answer, Keyframe
from contracts.pins import Pins
from contracts.site import FLOOR

log = logging.getLogger(__name__)

#: an incident goes on for a moment after its last yes, and these frames are of it too
PINNED_AFTER = timedelta(seconds=3)


class PictureKeeper:
    """One per worker; remembers a time or two of each camera."""

    def __init__(self, pins: Pins, clock: Callable[[], datetime]) -> None:
        self._pins = pins
        self._clock = clock
        self._likely_at: dict[str, datetime] = {}
        self._archived_at: dict[str, datetime] = {}

    def evidence(self, query: Query, given: tuple[Answer, ...]) -> str | None:
        """Before the answer is published, so that whoever reads it finds the picture. None: there is no pin."""
        frame = query.frame
        floors = {question.key: question.floor for question in query.questions}
        if any(_may_tell(answer, floors.get(answer.question_key, FLOOR)) for answer in given):
            self._likely_at[frame.camera] = frame.captured_at
        likely_at = self._likely_at.get(frame.camera)
        try:
            if any(question.pin_always for question in query.questions):
                self._keep_last(frame)
            if likely_at is None or abs(frame.captured_at - likely_at) > PINNED_AFTER:
                return None
            return self._pins.keep(frame.camera, frame.picture, now=self._clock())
        except Unavailable as error:
            self._say(frame, error)
            return None

    def archive(self, frame: Keyframe, every_s: float) -> None:
        """Where one is due; also of a camera that no rule asks about. 0: never."""
        before = self._archived_at.get(frame.camera)
        if not every_s or (before is not None and abs(frame.captured_at - before) < timedelta(seconds=every_s)):
            return
        try:
            self._keep_last(frame)
        except Unavailable as error:
            self._say(frame, error)

    def _keep_last(self, frame: Keyframe) -> None:
        self._pins.keep_last(
            frame.camera, frame.picture, captured_at=frame.captured_at, epoch=frame.epoch, seq=frame.seq
        )
        self._archived_at[frame.camera] = frame.captured_at

    def _say(self, frame: Keyframe, error: Unavailable) -> None:
        log.warning("picture not pinned", extra={"camera_id": frame.camera, "problem": str(error)})


def _may_tell(answer: Answer, floor: float) -> bool:
    """Of what is followed nobody knows yet which frame will matter."""
    if answer.to_track:
        return bool(answer.detections)
    return answer.margin is not None and answer.margin >= floor
