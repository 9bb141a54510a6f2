"""How well scores tell true from false.

Takes: scores and truths, pair by pair.
Gives: one figure each, None where it has no meaning.
Knows nothing about: frames, rules."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = Sequence[float] | npt.NDArray[np.float64]
Bools = Sequence[bool] | npt.NDArray[np.bool_]


def auc(scores: Floats, truths: Bools) -> float | None:
    """ROC-AUC: the chance that a true one scores above a false one; a tie counts half. None without both kinds."""
    score, truth = np.asarray(scores, np.float64), np.asarray(truths, bool)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    # Equal scores share the mean of their ranks.
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    ranks = mean_rank[place]
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(scores: Floats, truths: Bools) -> float | None:
    """AP: precision at each step of recall, as a sum of steps, not of trapezia. None without a true one."""
    score, truth = np.asarray(scores, np.float64), np.asarray(truths, bool)
    positives = int(truth.sum())
    if not positives:
        return None
    order = np.argsort(-score, kind="stable")
    score, truth = score[order], truth[order]
    last_of_tie = np.append(np.diff(score) != 0, True)
    hits = np.cumsum(truth)[last_of_tie]
    told = np.flatnonzero(last_of_tie) + 1
    gained = np.diff(hits, prepend=0) / positives
    return float((gained * hits / told).sum())


def f1(told: Sequence[bool], truths: Sequence[bool]) -> float | None:
    """Of yes and no as they were told. None where nothing was true and nothing told."""
    hits = sum(yes and truth for yes, truth in zip(told, truths, strict=True))
    wrong = sum(yes != truth for yes, truth in zip(told, truths, strict=True))
    return 2 * hits / (2 * hits + wrong) if hits or wrong else None
