"""The `explain` job: what was seen in the picture by which a rule fired, and where.

Takes: nothing.
Gives: ExplainRequest (alerts asks) and Explained (an analyzer answers).
Knows nothing about: incidents, models."""

from typing import Literal

import msgspec

from contracts.messages import Detection, ModelRef

JOB = "explain"


class ExplainRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """About pinned pictures of one camera, by sha256, oldest first: one, the one that was judged.

    `earlier`: those before it that it was judged with, where the rule is about change over time. A worker that does not
    know them, or finds them gone, explains from `pictures` alone.

    `questions`: what was answered with yes, in the words it was asked in; `lang`: the language of the sentence."""

    camera: str
    pictures: tuple[str, ...]
    questions: tuple[str, ...]
    lang: Literal["en", "zh"] = "en"
    keep_local: bool = False
    earlier: tuple[str, ...] = ()


class Explained(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence, and boxes in the last picture, normalised. `grounded`: what was claimed was also found there."""

    text: str
    model: ModelRef
    detections: tuple[Detection, ...] = ()
    grounded: bool = False
