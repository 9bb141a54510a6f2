"""A sentence taken apart: each slot is cut out in turn; what is left says what to look for.

Takes: a normalised sentence with its names marked.
Gives: Slots.
Knows nothing about: questions, engines, status.

The order matters: a cooldown's "once a day" before the days of the window, the hours of a window before counts."""

from dataclasses import dataclass, replace

from contracts.plan import Count, Severity, Temporal, Window
from rules.plan.request import strip_request, take_request
from rules.plan.severity import take_severity
from rules.what.aside import beside
from rules.what.count import Counted, take_count
from rules.what.duty import as_looked_for
from rules.what.only import as_misuse
from rules.when.cadence import take_cadence
from rules.when.cooldown import take_cooldown
from rules.when.exception import take_exception, without
from rules.when.hold import Hold, take_hold
from rules.when.sequence import Sequence, take_sequence
from rules.when.window import take_window
from rules.words.language import Lang, tidy
from rules.words.places import Marked
from rules.words.scope import asks_future, asks_past, drop_past, drop_unseen

_UNCOUNTED = Counted("")


@dataclass(frozen=True, slots=True)
class Slots:
    """`remarks`: lint codes so far, and of which words. `rest`: the visual part. Names are still marked in both."""

    rest: str
    remarks: dict[str, str]
    past_question: bool = False
    window: tuple[Window, ...] = ()
    cooldown_s: float | None = None
    severity: Severity | None = None
    cadence: Temporal | None = None
    sequence: Sequence | None = None
    hold: Hold | None = None
    counted: Counted = _UNCOUNTED

    @property
    def count(self) -> Count | None:
        return self.counted.count


def _count_in(sequence: Sequence, lang: Lang) -> tuple[Counted, Sequence]:
    """A plan has one count: that of the first half that names one."""
    first, second = take_count(sequence.first, lang), take_count(sequence.second, lang)
    if first.count is not None and second.count is not None:
        first = replace(first, left_out=(*first.left_out, second.count))
    kept = replace(sequence, first=tidy(first.text, lang), second=tidy(second.text, lang))
    return (second if first.count is None and not first.excluded else first), kept


def read_slots(marked: Marked, lang: Lang) -> Slots:
    """Every part of the sentence ends up in one slot or in the rest."""
    text = marked.text
    if asks_past(strip_request(text, lang), lang):
        return Slots("", {"past": ""}, past_question=True)
    if asks_future(text, lang):
        return Slots("", {"vague": ""}, past_question=True)
    past, text = drop_past(text, lang)
    cooldown_s, text = take_cooldown(text, lang)
    cadence, text = take_cadence(text, lang)
    severity, text = take_severity(text, lang)
    excepted, doubts, text = take_exception(text, lang)
    window, hours, text = take_window(text, lang)
    left = without(window, excepted) if excepted else window
    never, text = take_request(as_misuse(text.strip(" ,.;:"), lang), lang)
    text = as_looked_for(marked.without_cameras(text, lang), lang)
    unseen, text = drop_unseen(text, lang)
    text = beside(strip_request(text, lang), lang)
    sequence = None if cadence else take_sequence(text, lang)
    hold, text = (None, text) if sequence or cadence else take_hold(text, lang)
    if sequence:
        counted, sequence = _count_in(sequence, lang)
        text = sequence.first
    else:
        counted = take_count(text, lang)
        text = counted.text
    contradiction = ["contradiction"] if never or counted.excluded or left is None else []
    assumed = ["assumed_time"] if hold and hold.seconds is None else []
    return Slots(
        rest=strip_request(tidy(text, lang), lang),
        remarks=dict.fromkeys((*past, *doubts, *hours), "") | unseen | dict.fromkeys((*contradiction, *assumed), ""),
        window=left or (),
        cooldown_s=cooldown_s,
        severity=severity,
        cadence=cadence,
        sequence=sequence,
        hold=hold,
        counted=counted,
    )
