"""The logic of a plan, "q1 and not (q2 or q3)", over three truth values.

Takes: the logic and a truth for each question at each level of strictness.
Gives: Kleene's truth: what is unknown stays unknown unless it does not matter.
Knows nothing about: answers, thresholds, time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from contracts.errors import Invalid


class Truth(StrEnum):
    """What is known of a statement about one frame."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How sure one must be: to open at once, where looks are rare to open on one, to open, or to let it stand."""

    AT_ONCE = "at_once"
    ALONE = "alone"
    ENTER = "enter"
    STAY = "stay"


#: what is hard to affirm is easy to deny: "not q" is sure where q is not even likely
DENIED: dict[Level, Level] = {
    Level.AT_ONCE: Level.STAY,
    Level.ALONE: Level.STAY,
    Level.ENTER: Level.STAY,
    Level.STAY: Level.ENTER,
}
Lookup = Callable[[str, Level], Truth]
_TOKEN = re.compile(r"\s*(?:(and|or|not)\b|([()])|([A-Za-z_]\w*))")


@dataclass(frozen=True, slots=True)
class Node:
    """`op` is "ask" for a question; then `question` names it."""

    op: Literal["and", "or", "not", "ask"]
    parts: tuple["Node", ...] = ()
    question: str = ""


def negate(truth: Truth) -> Truth:
    """Unknown stays unknown."""
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(truth, Truth.UNKNOWN)


def evaluate(node: Node, level: Level, lookup: Lookup) -> Truth:
    """Kleene: an `and` with one no is no, whatever the unknowns are."""
    match node.op:
        case "ask":
            return lookup(node.question, level)
        case "not":
            return negate(evaluate(node.parts[0], DENIED[level], lookup))
        case "and":
            truths = [evaluate(part, level, lookup) for part in node.parts]
            return Truth.NO if Truth.NO in truths else Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES
        case "or":
            truths = [evaluate(part, level, lookup) for part in node.parts]
            return Truth.YES if Truth.YES in truths else Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.NO


@lru_cache(maxsize=4096)
def parse_logic(logic: str) -> Node:
    """Raises Invalid where the text is no logic."""
    tokens: list[str] = []
    at = 0
    while at < len(logic.rstrip()):
        match = _TOKEN.match(logic, at)
        if match is None:
            raise Invalid(
                f"logic '{logic}': unexpected '{logic[at : at + 10]}'", "use question ids with and, or, not, ( )"
            )
        tokens.append(next(group for group in match.groups() if group))
        at = match.end()
    node, rest = _either(tokens, logic)
    if rest:
        raise Invalid(f"logic '{logic}': '{rest[0]}' is left over", "close every parenthesis and join with and, or")
    return node


def asked_affirmatively(node: Node, *, denied: bool = False) -> frozenset[str]:
    """The questions whose yes speaks for the condition."""
    if node.op == "ask":
        return frozenset() if denied else frozenset({node.question})
    turned = denied != (node.op == "not")
    return frozenset().union(*(asked_affirmatively(part, denied=turned) for part in node.parts))


def _either(tokens: list[str], logic: str) -> tuple[Node, list[str]]:
    node, rest = _both(tokens, logic)
    parts = [node]
    while rest and rest[0] == "or":
        node, rest = _both(rest[1:], logic)
        parts.append(node)
    return (parts[0] if len(parts) == 1 else Node("or", tuple(parts))), rest


def _both(tokens: list[str], logic: str) -> tuple[Node, list[str]]:
    node, rest = _term(tokens, logic)
    parts = [node]
    while rest and rest[0] == "and":
        node, rest = _term(rest[1:], logic)
        parts.append(node)
    return (parts[0] if len(parts) == 1 else Node("and", tuple(parts))), rest


def _term(tokens: list[str], logic: str) -> tuple[Node, list[str]]:
    if not tokens or tokens[0] in {"and", "or", ")"}:
        raise Invalid(f"logic '{logic}': a question is missing", "write for example 'q1 and not q2'")
    if tokens[0] == "not":
        node, rest = _term(tokens[1:], logic)
        return Node("not", (node,)), rest
    if tokens[0] == "(":
        node, rest = _either(tokens[1:], logic)
        if not rest or rest[0] != ")":
            raise Invalid(f"logic '{logic}': a parenthesis is not closed", "close every parenthesis")
        return node, rest[1:]
    return Node("ask", question=tokens[0]), tokens[1:]
