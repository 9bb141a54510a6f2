"""The raw margin below which an answer helps no rule to fire.

Takes: questions, and of each rule that asks them its threshold and the scalings of its margins.
Gives: each question with its floor.
Knows nothing about: cameras, models, the database.

Engines answer raw and rules judge what was calibrated: who keeps pictures of what may become an incident has to look at
the raw margin, and so must be told where that begins. It is the lowest of all rules that ask, by any scaling that one
of the models has, and by none: detectors are not calibrated, and a new model is not yet."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from contracts.plan import RulePlan
from contracts.site import AskedQuestion
from rules.asking.asked import asked_key
from rules.incidents.thresholds import DEFAULT_THRESHOLD, LEAVE_SCORE, scaled
from rules.learning.calibrate import IDENTITY, Platt, inverse

#: a chance has log-odds; a rule with a threshold of 0 is not run
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Asking:
    """A rule on one camera; `scalings` by question key, one for each model that has one."""

    plan: RulePlan
    threshold: float | None = None
    scalings: Mapping[str, Sequence[Platt]] = field(default_factory=dict)


def floor_of(threshold: float | None, scalings: Iterable[Platt] = ()) -> float:
    """What lets an incident stand is the least that counts, and for a detector's score that is less than for a chance.

    So a chance has a reserve: the scaling by which a rule is judged may be some seconds newer than the floor."""
    wanted = scaled(LEAVE_SCORE, DEFAULT_THRESHOLD if threshold is None else threshold)
    chance = max(wanted, _LEAST)
    log_odds = math.log(chance / (1.0 - chance))
    return min(inverse(platt, log_odds) for platt in (IDENTITY, *scalings))


def floored(questions: Iterable[AskedQuestion], rules: Iterable[Asking]) -> tuple[AskedQuestion, ...]:
    """Each with the lowest floor of all rules that ask it."""
    floors: dict[str, list[float]] = defaultdict(list)
    for rule in rules:
        for key in {asked_key(rule.plan, question) for question in rule.plan.questions}:
            floors[key].append(floor_of(rule.threshold, rule.scalings.get(key, ())))
    return tuple(msgspec.structs.replace(each, floor=min(floors[each.key])) for each in questions)
