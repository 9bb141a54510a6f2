"""What is asked about an incident, and what of the answer may be shown.

Takes: a rule and the answers that made it fire; a model's words and boxes, which nobody has looked at yet.
Gives: the questions worth explaining, and of how many pictures they are; one clean line; boxes that lie in the picture.
Knows nothing about: jobs, the database, files."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from alerts.incident_json import BOXES_MAX
from contracts.messages import Answer, Box, Detection
from contracts.plan import Question
from contracts.redact import scrub
from rules.asking.asked import asked_as, turned_round
from rules.incidents.judge import judge
from rules.incidents.logic import Node, Truth, asked_affirmatively
from rules.incidents.spec import RuleSpec

EXPLANATION_MAX_CHARS = 300
LABEL_MAX_CHARS = 60
_CUT = "…"


def questions_seen(spec: RuleSpec, answers: Mapping[str, Answer]) -> tuple[str, ...]:
    """The questions whose yes speaks for the incident and that were answered with yes, in the words they were asked in.

    None where the rule fires for what is not there, or too few of: no picture shows that."""
    return tuple(asked_as(spec.plan, question).text for question in _seen(spec, answers))


def frames_seen(spec: RuleSpec, answers: Mapping[str, Answer]) -> int:
    """Of how many successive pictures the widest of those questions was asked."""
    return max((question.frames for question in _seen(spec, answers)), default=1)


def one_line(text: str) -> str:
    """What a model said, fit to be shown anywhere: without control characters, and not too long."""
    # Cf holds the marks that turn the direction of writing: with them a line reads as what it does not say.
    plain = "".join(_shown(letter) for letter in text)
    line = " ".join(scrub(plain).split())
    return line if len(line) <= EXPLANATION_MAX_CHARS else line[: EXPLANATION_MAX_CHARS - 1].rstrip() + _CUT


def sound_boxes(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """Best first, inside the picture, none without an area; what is no number is left out."""
    held = [
        Detection(one_line(each.label)[:LABEL_MAX_CHARS], min(max(each.score, 0.0), 1.0), box)
        for each in detections
        if math.isfinite(each.score) and (box := _inside(each.box))
    ]
    return tuple(sorted(held, key=lambda each: -each.score)[:BOXES_MAX])


def _seen(spec: RuleSpec, answers: Mapping[str, Answer]) -> list[Question]:
    if spec.plan.temporal.kind == "absent":
        return []
    speaking = asked_affirmatively(spec.logic)
    return [
        question
        for question in spec.plan.questions
        if question.id in speaking and not turned_round(spec.plan, question) and _is_yes(spec, question.id, answers)
    ]


def _is_yes(spec: RuleSpec, question_id: str, answers: Mapping[str, Answer]) -> bool:
    """As the rule itself judges it: count, zone and threshold apply."""
    alone = replace(spec, logic=Node("ask", question=question_id))
    return judge(alone, answers).main.stay is Truth.YES


def _shown(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if kind[0] == "C" else letter


def _inside(box: Box) -> Box | None:
    if not all(math.isfinite(edge) for edge in box):
        return None
    x1, y1, x2, y2 = (min(max(edge, 0.0), 1.0) for edge in box)
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None
