"""Whether a proposed plan holds together: the promises that the compiler keeps for its own plans.

Takes: questions, logic, temporal operator, windows; the sentence with its names marked.
Gives: nothing, or Invalid with the problem in words.
Knows nothing about: JSON, language models."""

import re
from collections.abc import Sequence

from contracts.errors import Invalid
from contracts.plan import WEEK, Question, Temporal, TemporalKind, Window
from rules.incidents.logic import Node, parse_logic
from rules.plan.slots import read_slots
from rules.plan.statement import stated
from rules.what.polarity import read_condition
from rules.words.language import Lang, detect, normalise
from rules.words.places import Marked, mark_names

MOST_QUESTIONS = 12
LONGEST_QUESTION = 300
#: deeper logic than this nobody reads
LONGEST_LOGIC = 200
LONGEST_S = 31 * 86400
MOST_FRAMES = 1000
_NUMBERS: dict[TemporalKind, frozenset[str]] = {
    "instant": frozenset(),
    "sustained": frozenset({"seconds"}),
    "absent": frozenset({"seconds"}),
    "sequence": frozenset({"within_s"}),
    "k_of_n": frozenset({"within_s", "k", "n"}),
}
#: a model that writes Chinese ends a question as Chinese does
_HALF_WIDTH = str.maketrans("？，：；（）！。、", "?,:;()!.,")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


def check(
    questions: Sequence[Question],
    logic: str,
    temporal: Temporal,
    windows: Sequence[Window],
    marked: Marked,
    lang: Lang,
) -> None:
    """Raises Invalid at the first thing that is wrong."""
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise Invalid(f"{len(questions)} questions", f"ask 1 to {MOST_QUESTIONS}")
    for question in questions:
        _check_question(question, marked, lang)
    if len({question.id for question in questions}) != len(questions):
        raise Invalid("two questions bear one id", "name them q1, q2, …")
    _check_logic(_parsed(logic), {question.id for question in questions}, temporal)
    _check_temporal(temporal)
    for window in windows:
        _check_window(window)


def negates(logic: str) -> bool:
    """Whether any question stands under a `not`."""
    return any(node.op == "not" for node in _nodes(parse_logic(logic)))


def _check_question(question: Question, marked: Marked, lang: Lang) -> None:
    text, subject = question.text, f"question '{question.id[:20]}'"
    if not re.fullmatch(r"q\d{1,3}", question.id):
        raise Invalid(f"{subject} has an odd id", "name them q1, q2, …")
    if not 3 <= len(text) <= LONGEST_QUESTION or not text.endswith(("?", "？")) or normalise(text) != _plain(text):
        raise Invalid(f"{subject} is no plain question", f"one line of at most {LONGEST_QUESTION} characters, with '?'")
    named = mark_names(normalise(stated(text, lang)), marked.cameras, marked.zones)
    if named.cameras:
        raise Invalid(f"{subject} names the camera '{named.cameras[0]}'", "leave camera names out")
    if detect(named.text) != lang:
        raise Invalid(f"{subject} is in another language than the sentence", "ask in the sentence's language")
    condition = read_condition(named.text, lang, counted=False)
    if condition.negated or condition.absent:
        raise Invalid(f"{subject} is not affirmative", "ask whether it is there, and say `not` in the logic")
    slots = read_slots(named, lang)
    told = [slots.window, slots.cooldown_s, slots.severity, slots.cadence, slots.count]
    if any(told) or (slots.hold and slots.hold.seconds):
        raise Invalid(f"{subject} holds a time, a number or an urgency", "say it under its own key")
    unseen = [code for code in slots.remarks if code not in {"assumed_time", "ambiguous_time"}]
    if unseen:
        raise Invalid(f"{subject} asks for what no picture shows ({unseen[0]})", "ask for what can be seen")


def _plain(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _parsed(logic: str) -> Node:
    if len(logic) > LONGEST_LOGIC:
        raise Invalid(f"the logic has {len(logic)} characters", f"write at most {LONGEST_LOGIC}")
    return parse_logic(logic)


def _nodes(node: Node) -> list[Node]:
    return [node, *(inner for part in node.parts for inner in _nodes(part))]


def _check_logic(logic: Node, ids: set[str], temporal: Temporal) -> None:
    named = {node.question for node in _nodes(logic) if node.op == "ask"}
    if named != ids:
        odd = ", ".join(sorted(named ^ ids))
        raise Invalid(f"questions and logic do not agree on {odd}", "use every question in the logic, and no other")
    if temporal.kind == "sequence" and (logic.op != "and" or len(logic.parts) != 2):
        raise Invalid("a sequence needs two parts", "write for example 'q1 and q2': first q1, then q2")
    if temporal.kind == "absent" and any(node.op == "not" for node in _nodes(logic)):
        raise Invalid("`absent` turns the answer round already", "leave `not` out of the logic")


def _check_temporal(temporal: Temporal) -> None:
    given = {name for name in ("seconds", "within_s", "k", "n") if getattr(temporal, name) is not None}
    odd = given - _NUMBERS[temporal.kind]
    if odd:
        raise Invalid(f"temporal '{temporal.kind}' takes no {min(odd)}", "leave it out, or name another kind")
    for name, value in (("seconds", temporal.seconds), ("within_s", temporal.within_s)):
        if value is not None and not 0 < value <= LONGEST_S:
            raise Invalid(f"{name} {value:g} is out of bounds", "more than 0, at most 31 days")
    if temporal.kind != "k_of_n":
        return
    if temporal.k is None or (temporal.n is None) == (temporal.within_s is None):
        raise Invalid("k_of_n needs k, and n or within_s", "3 of 5 frames is k 3, n 5")
    if not 1 <= temporal.k <= (temporal.n or MOST_FRAMES) <= MOST_FRAMES:
        raise Invalid(f"k {temporal.k} of n {temporal.n} cannot be", f"1 <= k <= n <= {MOST_FRAMES}")


def _check_window(window: Window) -> None:
    if not window.days or len(set(window.days)) != len(window.days):
        raise Invalid("a window without days, or with one twice", f"name days of {', '.join(WEEK)}")
    clocks = _CLOCK.fullmatch(window.start) and _CLOCK.fullmatch(window.end) and window.start != "24:00"
    if not clocks or window.start == window.end or (window.start, window.end) == ("00:00", "00:00"):
        raise Invalid(
            f"window {window.start[:9]}-{window.end[:9]} is no span", 'write "22:00" to "06:00"; "24:00" ends'
        )
