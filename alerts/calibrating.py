"""Raw margins become calibrated ones, before a rule is judged by them.

Takes: the scalings known now, a rule and a camera, the answers of one frame.
Gives: the same answers with calibrated margins; whether all that the rule looked at was calibrated.
Knows nothing about: how a scaling was fitted, the database.

A detector's answers are not touched, alone or beside a reader's, nor verdicts that a server gave in words alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from contracts.messages import Answer, ModelRef
from rules.asking.asked import asked_key
from rules.learning.calibrate import Platt, apply
from rules.learning.labels import graded, graded_margins
from store.calibration import model_key
from store.cameras import CameraRow
from store.rules import RuleRow

#: rule, its version, question, camera group, model
Key = tuple[str, int, str, str, str]
_DETECTORS = {"edge"}
#: engines mark so a revision that answers in words, without chances behind them
_IN_WORDS = "+text"


@dataclass(frozen=True, slots=True)
class Calibration:
    """All scalings known at one moment; another takes its place when labels change."""

    own: Mapping[Key, Platt] = field(default_factory=dict)
    shared: Mapping[str, Platt] = field(default_factory=dict)

    def of(self, rule: RuleRow, camera: CameraRow, question: str, model: ModelRef) -> Platt | None:
        """The rule's own, else what all rules of the model share, else None."""
        return self._of(rule, camera, question, model_key(model))

    def of_all_models(self, rule: RuleRow, camera: CameraRow, question: str) -> tuple[Platt, ...]:
        """As `of`, of each model that was ever labelled."""
        models = sorted({*self.shared, *(key[-1] for key in self.own)})
        found = (self._of(rule, camera, question, model) for model in models)
        return tuple(platt for platt in found if platt is not None)

    def _of(self, rule: RuleRow, camera: CameraRow, question: str, known_as: str) -> Platt | None:
        own = self.own.get((rule.id, rule.version, question, camera.group, known_as))
        return own or self.shared.get(known_as)


UNCALIBRATED = Calibration()


def is_gradable(model: ModelRef) -> bool:
    """Whether its margins are opinions that labels can correct."""
    return model.engine not in _DETECTORS and _IN_WORDS not in model.revision


def raw_margins(rule: RuleRow, model: ModelRef, answers: Iterable[Answer]) -> dict[str, float]:
    """By question key: what a label would be about."""
    if not is_gradable(model):
        return {}
    return graded_margins(rule.plan, {answer.question_key: answer for answer in answers})


def calibrated_answers(
    calibration: Calibration, rule: RuleRow, camera: CameraRow, model: ModelRef, answers: Iterable[Answer]
) -> dict[str, Answer]:
    """By question key, as the rule's judge wants them."""
    by_key = {answer.question_key: answer for answer in answers}
    for key, margin in raw_margins(rule, model, by_key.values()).items():
        platt = calibration.of(rule, camera, key, model)
        if platt is not None:
            by_key[key] = msgspec.structs.replace(by_key[key], margin=apply(platt, margin))
    return by_key


def is_calibrated(
    calibration: Calibration, rule: RuleRow, camera: CameraRow, model: ModelRef, answers: Iterable[Answer]
) -> bool:
    """Whether every answer that the rule had was calibrated; one raw one makes its confidence no chance."""
    if not is_gradable(model):
        return False
    by_key = {answer.question_key: answer for answer in answers if answer.unknown_reason is None}
    asked = (asked_key(rule.plan, question) for question in rule.plan.questions)
    known = [by_key[key] for key in asked if key in by_key]
    return bool(known) and all(
        graded(answer) and calibration.of(rule, camera, answer.question_key, model) is not None for answer in known
    )
