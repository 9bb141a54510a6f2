"""Rules of a model that is overconfident and too fond of yes, and what calibration makes of them.

`PYTHONPATH=. python tests/rules/simulated_rules.py` writes the tables of docs/bench-log.md."""

import random
import sys
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import exp, log

from rules.learning.calibrate import IDENTITY, Label, Platt, Strength, apply, chance_of, fit, shared
from rules.learning.reliability import calibration_error, log_loss

RULES = 40
TESTED = 1000
POSITIVE = 0.1
#: how far apart yes and no frames lie, in standard deviations
APART = 1.8
#: as good as no prior: only the numbers stay finite
NO_PRIOR = Strength(1e-6, 1e-6)
METHODS = ("raw", "shared", "alone", "map")


@dataclass(frozen=True)
class Figures:
    ece: float
    nll: float


def simulate(labels_per_rule: int, *, seed: int = 7) -> dict[str, Figures]:
    """By method: margins as they are, one Platt for all, each rule alone, each rule held near the shared one."""
    random_numbers = random.Random(seed)
    truths = _rules(random_numbers)
    given: Mapping[Hashable, list[Label]] = {
        rule: [_frame(truth, random_numbers) for _ in range(labels_per_rule)] for rule, truth in enumerate(truths)
    }
    tested = [[_frame(truth, random_numbers) for _ in range(TESTED)] for truth in truths]
    common = shared(given)
    fitted = {
        "raw": [IDENTITY] * RULES,
        "shared": [common] * RULES,
        "alone": [fit(labels, IDENTITY, NO_PRIOR) for labels in given.values()],
        "map": [fit(labels, common) for labels in given.values()],
    }
    return {method: _figures(fitted[method], tested) for method in METHODS}


def table(sizes: tuple[int, ...] = (10, 30, 100, 300)) -> str:
    lines = ["| labels a rule | raw | one for all | each alone | MAP |", "|---|---|---|---|---|"]
    for size in sizes:
        found = simulate(size)
        cells = (f"{found[method].ece:.3f} / {found[method].nll:.3f}" for method in METHODS)
        lines.append(f"| {size} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


#: frames that pass before a rule in the second simulation, and the part of the silent ones that is audited
PASSING, AUDITED = 1000, 0.05


def simulate_feedback(*, seed: int = 7) -> dict[str, Figures]:
    """A person judges every alarm: that alone, with audits as if they were alarms, and with audits by their weight."""
    random_numbers = random.Random(seed)
    truths = _rules(random_numbers)
    kinds: dict[str, list[Platt]] = {"raw": [IDENTITY] * RULES, "alarms": [], "unweighted": [], "weighted": []}
    for truth in truths:
        passing = [_frame(truth, random_numbers) for _ in range(PASSING)]
        alarms = [frame for frame in passing if frame.margin >= 0.0]
        audits = [frame for frame in passing if frame.margin < 0.0 and random_numbers.random() < AUDITED]
        weighted = [Label(frame.margin, frame.truth, 1 / AUDITED) for frame in audits]
        for kind, labels in (("alarms", alarms), ("unweighted", alarms + audits), ("weighted", alarms + weighted)):
            kinds[kind].append(fit(labels))
    tested = [[_frame(truth, random_numbers) for _ in range(TESTED)] for truth in truths]
    return {kind: _figures(platts, tested) for kind, platts in kinds.items()}


def feedback_table() -> str:
    found = simulate_feedback()
    lines = ["| raw | alarms alone | alarms and audits | audits weighted |", "|---|---|---|---|"]
    lines.append(f"| {' | '.join(f'{each.ece:.3f} / {each.nll:.3f}' for each in found.values())} |")
    return "\n".join(lines) + "\n"


def _rules(random_numbers: random.Random) -> list[Platt]:
    return [Platt(0.4 * exp(random_numbers.gauss(0, 0.2)), -2.2 + random_numbers.gauss(0, 0.6)) for _ in range(RULES)]


def _frame(truth: Platt, random_numbers: random.Random) -> Label:
    """Two normal distributions: their log-odds are linear in the place, so Platt scaling can be exact."""
    is_yes = random_numbers.random() < POSITIVE
    place = random_numbers.gauss(APART / 2 if is_yes else -APART / 2, 1.0)
    log_odds = log(POSITIVE / (1 - POSITIVE)) + APART * place
    return Label((log_odds - truth.offset) / truth.slope, is_yes)


def _figures(platts: list[Platt], tested: list[list[Label]]) -> Figures:
    """Means over the rules: each rule's own calibration counts, not that of the mixture."""
    errors, losses = [], []
    for platt, frames in zip(platts, tested, strict=True):
        chances = [chance_of(apply(platt, frame.margin)) for frame in frames]
        truths = [frame.truth for frame in frames]
        errors.append(calibration_error(chances, truths))
        losses.append(log_loss(chances, truths))
    return Figures(sum(errors) / len(errors), sum(losses) / len(losses))


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n{feedback_table()}")
