"""The `try` job: what an engine says of pictures that were kept, for a rule that is not live yet.

Takes: nothing.
Gives: TrialRequest (api asks) and TrialAnswers (an analyzer answers).
Knows nothing about: rules, where the pictures come from."""

import msgspec

from contracts.messages import Answer, Keyframe, ModelRef
from contracts.site import AskedQuestion

JOB = "try"
#: a queue of its own: an incident's explanation does not wait behind it, and every engine can answer
ROOM = "analyzer/try"
#: under this name their frames come; so what an engine remembers of a live camera is not touched
CAMERA = "trial"
#: in one job: live frames wait meanwhile
FRAMES_MOST = 16


class TrialRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Frames of one camera, oldest first; the first `earlier` of them were answered before, and only go before."""

    frames: tuple[Keyframe, ...]
    questions: tuple[AskedQuestion, ...]
    earlier: int = 0
    keep_local: bool = False


class TrialAnswers(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of each frame that was asked about, in their order. `infer_ms`: of all together."""

    model: ModelRef
    answers: tuple[tuple[Answer, ...], ...]
    infer_ms: float
