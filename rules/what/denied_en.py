"""English that denies an attribute or a side condition: "without a helmet", "and no adult near it".

Takes: what to look for, in which nothing is absent as a whole.
Gives: affirmative clauses, and which of them must not hold.
Knows nothing about: absence as the trigger, "make sure that"; see polarity.py."""

import re
from dataclasses import replace

from rules.what.absence import NAMED_NO_EN, WORN_EN, absent_en
from rules.what.condition import Clause, Condition, listed
from rules.words import patterns
from rules.words.language import tidy
from rules.words.verbs import is_plural
from rules.words.vocabulary import ANIMALS, VEHICLES, labels_en

_NO_ARTICLE_EN = r"(?:an?|the|any|his|her|their|one|ppe|gear|protective|safety gear|hi-?vis|high-vis|\w+ protection)\b"
_LOOSE_END_EN = r"\s+(?:who|that|which|while|whilst|and|but|wearing|wears)(?:\s+(?:is|are))?$"
_PLACED_EN = re.compile(r"(?:in|on|at|near|by|inside|outside|behind|under|next to)\b", re.IGNORECASE)
_GOES_ON_EN = re.compile(
    r"(?:in|on|at|near|by|inside|outside|under|behind|around|while|\w+ing|\w+s|inside|next to|within|beside)\b",
    re.IGNORECASE,
)
_SEVERAL_EN = re.compile(r"\s*(?:,\s*or\b|,\s*and\b|,|;|\bor\b)\s*", re.IGNORECASE)
_WITHOUT_EN = re.compile(
    (
        r"\s*\b(?:but not|and not|with no|without(?: any| an?| the| their| his| her)?|and no|but no|and nobody"
        r"|with nobody|and no one|lacking(?: an?)?|missing(?: an?| their| his| the)?|(?:is |are )?not|isn't"
        r"|aren't|hasn't|haven't|doesn't|don't|has not|have not|does not|do not|other than|except(?: for)?"
        r"|no longer|has no|have no|never|no)\b\s*"
    ),
    re.IGNORECASE,
)
_PERSONS_EN = (
    r"\b(?:person|people|someone|somebody|anyone|anybody|man|men|woman|women|worker|workers|driver|drivers"
    r"|rider|riders|staff|employee|employees|kid|kids|child|children|guard|guards|visitor|visitors|cook|cooks"
    r"|chef|operator|operators|cyclist|cyclists|motorcyclist|everyone|everybody|welder|nurse|adult|adults"
    r"|patient|individual|passenger|pedestrian)\b"
)


_ALSO_MISSING_EN = (
    rf"(?:an?\s+|any\s+|the\s+)?(?:[\w-]+\s+)?{WORN_EN}(?:\s+(?:in|on|at|near|by)\s.+)?"
    rf"|(?:an?|any)\s+[\w-]+(?:\s+[\w-]+)?"
)


def _place_at_end(part: str) -> tuple[str, str]:
    found = patterns.match(r"(?P<worn>.+?)\s+(?P<place>(?:in|on|at|near|by)\s.+)$", part.strip())
    return (found["worn"], found["place"]) if found else (part, "")


_NONE_EN = r"(?:nobody|no[- ]?one|no|there(?:'s| is| are) (?:nobody|no[- ]?one|no|not an?y?))\b"
#: "people are swimming while nobody is in the chair", and the other way round
_WHILE_EN = (
    rf"^(?P<what>.+?),?\s+(?:when|while|whilst|although|and)\s+(?P<none>{_NONE_EN}.+)$",
    rf"^(?P<none>{_NONE_EN}.+?),?\s+(?:while|whilst|when|although|but)\s+(?P<what>.+)$",
    rf"^(?P<none>{_NONE_EN}.+?),?\s+and\s+(?P<what>(?:(?:an?|the|some|any|my|our)\s|some\w+\s|any\w+\s|people\s|\w+s\s).+)$",
    # "a bag that nobody is standing next to"
    rf"^(?P<what>(?:an?|the|any)\s+[\w-]+(?:\s+[\w-]+)?(?:\s+(?:in|on|at|near|by)\s[^,;]+?)?)\s+(?:that\s+|which\s+|who\s+)?"
    r"(?P<none>(?:nobody|no[- ]?one)\s+(?:is|has|can)\s+.+)$",
)
_NONE_DOES_EN = re.compile(r"\b(?:is|are|has|have|\w+ing|opens?|moves?|runs?|starts?|enters?|drives?|stands?|burns?)\b", re.IGNORECASE)
_HAPPENS_EN = re.compile(
    r"\b(?:is|are|has|have|\w+ing|\w{3,}s|open|on|left|in|at)\b|^(?:someone|somebody|anyone|people|an?|the)\b",
    re.IGNORECASE,
)


def and_nobody_en(text: str) -> Condition | None:
    """Something is there, and somebody or something that should be with it is not."""
    for pattern in _WHILE_EN:
        found = patterns.match(pattern, text, patterns.IGNORECASE)
        if not found or _WITHOUT_EN.search(found["what"]) or not _HAPPENS_EN.search(found["what"]):
            continue
        if pattern == _WHILE_EN[2] and not _NONE_DOES_EN.search(found["what"]):
            continue
        missing = absent_en(found["none"])
        if missing is not None and not patterns.match(rf"(?:{_NONE_EN}\s+)?{WORN_EN}", missing, patterns.IGNORECASE):
            return Condition(((Clause(tidy(found["what"], "en")), Clause(tidy(missing, "en"), negated=True)),))
    return None


def denied_en(text: str) -> Condition:
    bare = patterns.match(
        r"^(?:nobody|no-?one|no one)\s+(?:is\s+)?(?:wears?|wearing)\s+(?P<what>.+)$", text, patterns.IGNORECASE
    )
    if bare:
        return Condition(((Clause("a person"), Clause(f"a person wearing {bare['what']}", negated=True)),))
    # "No Smoking sign" is a name: an underscore makes one word of it.
    text = patterns.sub(r"\bneither\b", "no", patterns.sub(r"\bnor\b", "and no", text))
    hidden = NAMED_NO_EN.sub(lambda match: patterns.sub(r"(?i)^(no) ", r"\1_", match[0]), text)
    if not _WITHOUT_EN.search(hidden):
        return listed(text, r"\s+and\s+")
    groups: list[tuple[Clause, ...]] = []
    subject, before = "", ""
    for part in (each for each in _SEVERAL_EN.split(hidden) if each and each.strip()):
        negator = _WITHOUT_EN.search(part)
        if not negator and before and patterns.fullmatch(_ALSO_MISSING_EN, part.strip(), patterns.IGNORECASE):
            # "without a helmet or a vest on the scaffold": "without" and the scaffold hold for both.
            worn, place = _place_at_end(part)
            if place and groups[-1][0].text == subject:
                groups[-1] = (Clause(f"{subject} {place}"), *groups[-1][1:])
            subject = f"{subject} {place}" if place else subject
            groups.append(_without(subject, before, tidy(worn, "en")))
            continue
        before = negator[0].strip().lower() if negator else ""
        if not negator:
            alone = patterns.search(_PERSONS_EN, part, patterns.IGNORECASE) or not subject
            groups.append((Clause(tidy(part if alone else f"{subject} {part}", "en")),))
            subject = subject or (tidy(part, "en") if alone and len(part.split()) <= 2 else subject)
            continue
        left = patterns.sub(_LOOSE_END_EN, "", tidy(part[: negator.start()], "en"))
        if not left and not subject and groups:
            # "a red car, not a taxi": what is denied is said of the part before.
            subject = groups.pop()[0].text
        subject = left or subject
        groups.append(_without(subject, negator[0].strip().lower(), tidy(part[negator.end() :], "en")))
    named = tuple(tuple(replace(each, text=each.text.replace("_", " ")) for each in group) for group in groups)
    return Condition(named or ((Clause(text),),))


def _without(subject: str, negator: str, right: str) -> tuple[Clause, ...]:
    """Who is looked for, and what must not hold of them."""
    if negator in {"with no", "and no", "but no", "and nobody", "with nobody", "and no one"} and not patterns.match(
        WORN_EN, right
    ):
        other = f"a person {right}" if "body" in negator or "one" in negator else right
        return (Clause(subject or "a person"), Clause(patterns.sub(r"^one\b", "a person", other), negated=True))
    if subject and (
        negator in {"other than", "except", "except for", "but not", "and not"}
        or (negator == "not" and patterns.match(r"(?:an?|the|any)\s", right))
    ):
        placed = _PLACED_EN.match(right) and patterns.search(_PERSONS_EN, subject, patterns.IGNORECASE)
        return (Clause(subject), Clause(f"{placed[0]} {right}" if placed else right, negated=True))
    right = patterns.sub(r"\b(and|nor|or)\s+(?:no|without)\s+", r"\1 ", right)
    worn = patterns.match(rf"(?:wear(?:ing)?\s+)?(?:an?\s+|the\s+|any\s+)?(?:\w+\s+)?{WORN_EN}", right, re.IGNORECASE)
    after = patterns.match(r"\s+(?!and\b|nor\b|or\b|&)(?P<more>.+)$", right[worn.end() :]) if worn and subject else None
    if worn and after and _GOES_ON_EN.match(after["more"]):
        # "a person without a mask enters the shop": entering belongs to the person, not to the mask.
        subject, right = f"{subject} {after['more']}", worn[0]
    person = patterns.search(_PERSONS_EN, subject, patterns.IGNORECASE)
    if not subject or person or worn:
        who = subject or "a person"
        return (Clause(who), Clause(f"{person[0] if person else who} {_does(negator, right, worn)}", negated=True))
    noun = patterns.sub(r"^(?:an?|any|the)\s+", "", right)
    if negator.startswith("without") and (
        labels_en(noun) or patterns.fullmatch(_PERSONS_EN, noun, patterns.IGNORECASE)
    ):
        return (Clause(subject), Clause(patterns.sub(r"^(?!an? )", "a ", right), negated=True))
    verb = patterns.match(r"(?:is|are|has|have)", negator)
    joined = (
        f"{subject} "
        f"{verb[0] if verb else ('with' if negator.startswith(('without', 'lack', 'missing')) else '')} "
        f"{right}"
    )
    denied = Clause(tidy(joined, "en"), negated=True)
    thing = patterns.sub(r"^(?:an?|any|the)\s+", "", subject, patterns.IGNORECASE)
    # Without a truck in the picture there is nothing to tell about its cover; a door is always there.
    return (Clause(subject), denied) if {*labels_en(thing)} & {*VEHICLES, *ANIMALS, "bicycle"} else (denied,)


def _does(negator: str, right: str, worn: re.Match[str] | None) -> str:
    """What the person would do or wear, so that it can be asked."""
    if worn and not patterns.match(r"wear|\w+ing\b", right):
        article = "" if patterns.match(_NO_ARTICLE_EN, right) or is_plural(worn[0]) else "a "
        return f"wearing {article}{right}"
    does = patterns.sub(r"^wear\b", "wearing", right)
    lacks = negator.startswith(("without", "lacking", "has no", "have no"))
    return f"with {does}" if lacks and not worn and not patterns.match(r"\w+ing\b", does) else does
