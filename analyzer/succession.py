"""The pictures that came before: kept where a yes to a question about change may have to be explained.

Takes: frames, what was asked and answered of them.
Gives: pinned pictures, and the sha256 of each.
Knows nothing about: incidents; which picture is the evidence (analyzer/keeping.py)."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from analyzer.engine import Query
from contracts.errors import Unavailable
from contracts.messages import Answer
from contracts.pins import Pins

log = logging.getLogger(__name__)


def kept_before(
    pins: Pins, query: Query, given: Sequence[Answer], *, clock: Callable[[], datetime]
) -> tuple[str, ...]:
    """Oldest first, as many as the widest likely yes was about, less the frame itself; none where the bus has no room
    for them: that costs the explanation its grounds, and no answer."""
    wide = [
        question.frames
        for question, answer in zip(query.questions, given, strict=True)
        if answer.margin is not None and answer.margin >= question.floor
    ]
    most = max(wide, default=1) - 1
    if most < 1:
        return ()
    try:
        return tuple(pins.keep(query.frame.camera, one.picture, now=clock()) for one in query.earlier[-most:])
    except Unavailable as error:
        log.warning("earlier pictures not pinned", extra={"camera_id": query.frame.camera, "problem": str(error)})
        return ()
