"""Every number by which answers become incidents, in one place.

Takes: nothing.
Gives: scores, how a rule's threshold scales them, confirmation and patience in seconds.
Knows nothing about: rules, sentences. The figures are for a small detector sampled about twice a second."""

#: a rule's own threshold scales the scores below by threshold / 0.5
DEFAULT_THRESHOLD = 0.5

#: a detection of this score counts towards opening
ENTER_SCORE = 0.35
#: while an incident is open, or a duration runs, less is enough: small detectors flicker
LEAVE_SCORE = 0.25
#: one frame of this score opens at once; below, CONFIRM_YES of the last CONFIRM_OF frames must agree
AT_ONCE_SCORE = 0.60
#: where looks are rare, one of this score does; nothing that was not there reached it on labelled footage
ALONE_SCORE = 0.45
#: no scale makes a detector's score this hard to reach
HIGHEST_SCORE = 0.95

#: the same three for answers that are a probability (sigmoid of the margin)
ENTER_P = 0.5
LEAVE_P = 0.4
AT_ONCE_P = 0.8
ALONE_P = 0.65

CONFIRM_YES = 2
CONFIRM_OF = 3
CONFIRM_WITHIN_S = 2.5
#: frames that are farther apart than this do not confirm one another
CONFIRM_AT_MOST_S = 30.0

#: looks that are so far apart are rare: what passes shows in one of them, and one look an interval errs less often
RARE_S = 1.5

#: an incident ends when the answer was no for this long, over at least LEAVE_FRAMES frames; the no is taken to have
#: begun half-way to the look before it, and where that alone is long enough, one is enough
LEAVE_AFTER_S = 2.0
LEAVE_FRAMES = 2

#: an open incident is told anew when a frame is so much surer than what was told, and not more often than this
CLEARER_BY = 0.2
TELL_EVERY_S = 5.0

#: a no that lasts less does not break a duration
FLICKER_S = 1.5
#: gaps and unknowns are bridged for as long as the duration itself, within these bounds
BRIDGE_AT_LEAST_S = 10.0
BRIDGE_AT_MOST_S = 60.0

#: where the sentence leaves the number open
LINGER_S = 30.0
ABSENT_S = 10.0
FOLLOW_S = 60.0
#: an incident of "B did not follow" stays open for this long
MISSED_STEP_OPEN_S = 60.0

#: no frame comes so much later than the one after it: the clock was set back, and what was remembered lies ahead
SET_BACK_S = 60.0


def scaled(at: float, threshold: float) -> float:
    """What a rule of this threshold wants instead of one of the scores and chances above."""
    return min(at * threshold / DEFAULT_THRESHOLD, HIGHEST_SCORE)
