"""English that denies an attribute or a side condition: "without a helmet", "and no adult near it".

Takes: what to look for, in which nothing is absent as a whole.
Gives: affirmative clauses, and which of them must not hold.
Knows nothing about: absence as the trigger, "make sure that"; see polarity.py."""

import re
from dataclasses import dataclass, field, replace

from rules.what.absence import NAMED_NO_EN, WORN_EN
from rules.what.built_in import is_built_in
from rules.what.condition import Clause, Condition, listed
from rules.what.neither_en import plainly_denied
from rules.words import patterns
from rules.words.language import tidy
from rules.words.verbs import gerund, is_plural, is_verb
from rules.words.vocabulary import labels_en

_NO_ARTICLE_EN = r"(?:an?|the|any|his|her|their|one|ppe|gear|protective|safety gear|hi-?vis|high-vis|\w+ protection)\b"
_LOOSE_END_EN = r"\s+(?:who|that|which|while|whilst|and|but|wearing|wears)(?:\s+(?:is|are))?$"
_PLACED_EN = re.compile(r"(?:in|on|at|near|by|inside|outside|behind|under|next to)\b", re.IGNORECASE)
_GOES_ON_EN = re.compile(
    r"(?:in|on|at|near|by|inside|outside|under|behind|around|while|\w+ing|\w+s|inside|next to|within|beside)\b",
    re.IGNORECASE,
)
_NOT_EN = (
    r"(?:without|with (?:no|nobody)|no|not|nobody|no one|lacking|missing|never|has no|have no|(?:is|are"
    r"|has|have|does|do) not"
    r"|isn't|aren't|hasn't|haven't|doesn't|don't)\b"
)
_SEVERAL_EN = re.compile(
    rf"\s*(?:,\s*or\b|,\s*and\b(?!\s+{_NOT_EN})|,(?!\s*and\s+{_NOT_EN})|;|\bor\b)\s*", re.IGNORECASE
)
#: "without a helmet and without a vest": both are missing
_ALSO_NOT_EN = re.compile(rf"\s*,?\s*\band\s+(?={_NOT_EN})", re.IGNORECASE)
#: "a bird or a squirrel but no cat": said of both
_OF_ALL_EN = frozenset(
    (
        "but not",
        "and not",
        "but no",
        "and no",
        "and nobody",
        "with nobody",
        "and no one",
        "with no",
        "other than",
        "except",
        "except for",
    )
)
_THING_EN = re.compile(r"(?:(?:an?|the|any|some)\s+)?[\w-]+(?:\s+[\w-]+)?", re.IGNORECASE)
_PLACE_ONLY_EN = re.compile(
    r"(?:in|on|at|near|by|inside|outside|behind|under|next to)\s+(?:(?!\b(?:is|are|has|have|and|\w+ing)\b)[^,;]){1,40}",
    re.IGNORECASE,
)
WITHOUT_EN = re.compile(
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


def denied_en(text: str) -> Condition:
    bare = patterns.match(
        r"^(?:nobody|no-?one|no one)\s+(?:is\s+)?(?:wears?|wearing)\s+(?P<what>.+)$", text, patterns.IGNORECASE
    )
    if bare:
        return Condition(((Clause("a person"), Clause(f"a person wearing {bare['what']}", negated=True)),))
    text = plainly_denied(text)
    # "No Smoking sign" is a name: an underscore makes one word of it.
    hidden = NAMED_NO_EN.sub(lambda match: patterns.sub(r"(?i)^(no) ", r"\1_", match[0]), text)
    if not WITHOUT_EN.search(hidden):
        return listed(text, r"\s+and\s+")
    found = _Found()
    for part in (each for each in _SEVERAL_EN.split(hidden) if each and each.strip()):
        negator = WITHOUT_EN.search(part)
        if negator:
            found.denied(part, negator)
        else:
            found.plain(part)
    named = tuple(tuple(replace(each, text=each.text.replace("_", " ")) for each in group) for group in found.groups)
    return Condition(named or ((Clause(text),),))


@dataclass(slots=True)
class _Found:
    """The alternatives so far; `subject`: of whom the next one is said; `before`: the last negator."""

    groups: list[tuple[Clause, ...]] = field(default_factory=list)
    subject: str = ""
    before: str = ""

    def plain(self, part: str) -> None:
        if self.before and patterns.fullmatch(_ALSO_MISSING_EN, part.strip(), patterns.IGNORECASE):
            self._also_missing(part)
            return
        if self.groups and _PLACE_ONLY_EN.fullmatch(part.strip()):
            self.groups = [_at(group, tidy(part, "en")) for group in self.groups]
            return
        self.before = ""
        whole = labels_en(part) or patterns.match(r"\s*(?:an?|the|any|some)\s", part, patterns.IGNORECASE)
        alone = patterns.search(_PERSONS_EN, part, patterns.IGNORECASE) or not self.subject or whole
        self.groups.append((Clause(tidy(part if alone else f"{self.subject} {part}", "en")),))
        if not self.subject and len(part.split()) <= 2:
            self.subject = tidy(part, "en")

    def _also_missing(self, part: str) -> None:
        """ "without a helmet or a vest on the scaffold": "without" and the scaffold hold for both."""
        worn, place = _place_at_end(part)
        if place and self.groups[-1][0].text == self.subject:
            self.groups[-1] = (Clause(f"{self.subject} {place}"), *self.groups[-1][1:])
        self.subject = f"{self.subject} {place}" if place else self.subject
        self.groups.append(_without(self.subject, self.before, tidy(worn, "en")))

    def denied(self, part: str, negator: re.Match[str]) -> None:
        self.before = negator[0].strip().lower()
        of_all, what = self.before in _OF_ALL_EN, part[negator.start() :]
        things = all(_is_thing(group) for group in self.groups)
        left = patterns.sub(_LOOSE_END_EN, "", tidy(part[: negator.start()], "en"))
        if not left and of_all and len(self.groups) > 1 and things:
            # "a van or a truck, but not a bus": no bus, whichever it is
            self.groups = [(*group, *_all_denied(group[0].text, what)[1:]) for group in self.groups]
            return
        if not left and not self.subject and self.groups:
            # "a red car, not a taxi": what is denied is said of the part before.
            self.subject = self.groups.pop()[0].text
        self.subject = left or self.subject
        clauses = _all_denied(self.subject, what)
        if of_all and things and _THING_EN.fullmatch(self.subject):
            self.groups = [(*group, *(each for each in clauses if each.negated)) for group in self.groups]
        elif self.groups and _alike(self.subject, self.groups):
            self.groups = [_all_denied(group[0].text, what) for group in self.groups]
        self.groups.append(clauses)


def _is_thing(group: tuple[Clause, ...]) -> bool:
    return not group[0].negated and len(group) == 1 and _THING_EN.fullmatch(group[0].text) is not None


def _alike(subject: str, groups: list[tuple[Clause, ...]]) -> bool:
    """ "a man or a woman without a helmet": of both, since a detector sees the same."""
    kinds = {
        labels_en(patterns.sub(r"^(?:an?|the|any|some)\s+", "", each))
        for each in (subject, *(group[0].text for group in groups))
    }
    return len(kinds) == 1 and () not in kinds and all(_is_thing(group) for group in groups)


def _at(group: tuple[Clause, ...], place: str) -> tuple[Clause, ...]:
    """ "either a van or a truck, but not a bus, at the ramp": all of them there."""
    return tuple(clause if clause.negated else Clause(f"{clause.text} {place}") for clause in group)


def _all_denied(subject: str, text: str) -> tuple[Clause, ...]:
    """ "without a helmet and without a vest at the press": one who is at the press and wears neither."""
    first = WITHOUT_EN.match(text)
    begin = first.end() if first else 0
    also = _ALSO_NOT_EN.split(text[begin:])
    pieces = [(first[0] if first else "", tidy(also[0], "en"))]
    pieces += [
        (negator[0], tidy(each[negator.end() :], "en")) for each in also[1:] if (negator := WITHOUT_EN.match(each))
    ]
    if len(pieces) > 1:
        worn, place = _place_at_end(pieces[-1][1])
        if place and patterns.match(WORN_EN, worn):
            subject, pieces[-1] = f"{subject or 'a person'} {place}", (pieces[-1][0], worn)
    clauses: list[Clause] = []
    for at, (denial, right) in enumerate(pieces):
        word = denial.strip().lower()
        clauses += _without(subject, f"and {word}" if at and word in {"no", "nobody", "no one"} else word, right)
    return tuple(dict.fromkeys(sorted(clauses, key=lambda clause: clause.negated)))


def _without(subject: str, negator: str, right: str) -> tuple[Clause, ...]:
    """Who is looked for, and what must not hold of them."""
    if negator in {"with no", "and no", "but no", "and nobody", "with nobody", "and no one"} and not patterns.match(
        rf"(?:\w+\s+)?{WORN_EN}", right
    ):
        other = f"a person {right}" if "body" in negator or "one" in negator else right
        return (Clause(subject or "a person"), Clause(patterns.sub(r"^one\b", "a person", other), negated=True))
    person = patterns.search(_PERSONS_EN, subject, patterns.IGNORECASE)
    if subject and (
        negator in {"other than", "except", "except for", "but not", "and not"}
        or (
            patterns.fullmatch(r"(?:(?:is|are) )?not|isn't|aren't", negator)
            and patterns.match(r"(?:an?|the|any)\s", right)
        )
    ):
        return (Clause(subject), Clause(_instead(subject, person, right), negated=True))
    right = patterns.sub(r"\b(nor|or)\s+(?:no|without)\s+", r"\1 ", right)
    worn = patterns.match(rf"(?:wear(?:ing)?\s+)?(?:an?\s+|the\s+|any\s+)?(?:\w+\s+)?{WORN_EN}", right, re.IGNORECASE)
    after = patterns.match(r"\s+(?!and\b|nor\b|or\b|&)(?P<more>.+)$", right[worn.end() :]) if worn and subject else None
    if worn and after and _GOES_ON_EN.match(after["more"]):
        # "a person without a mask enters the shop": entering belongs to the person, not to the mask.
        subject, right = f"{subject} {after['more']}", worn[0]
    if not subject or person or worn:
        who = subject or "a person"
        does = _does(negator, right, worn)
        return (Clause(who), Clause(f"{_named(who, person) if person else who} {does}", negated=True))
    return _thing_without(subject, negator, right)


def _instead(subject: str, person: re.Match[str] | None, right: str) -> str:
    """ "a person entering the server room except guards": guards entering it."""
    placed = _PLACED_EN.match(right) and person
    if placed:
        return f"{person[0] if person else ''} {right}"
    rest = subject[person.end() :] if person and person.start() <= len("any ") else ""
    return (
        f"{right}{rest}"
        if patterns.match(r"\s+(?:\w+ing|in|on|at|near|by|inside|behind)\b", rest) and len(right.split()) <= 3
        else right
    )


def _named(subject: str, person: re.Match[str]) -> str:
    """ "a delivery driver" of "a delivery driver at the gate"."""
    whole = patterns.match(r"(?:(?:an?|the|any|some)\s+)?(?:(?!(?:an?|the|with|of|in|on|at)\b)[\w-]+\s+){0,2}", subject)
    return subject[: person.end()] if whole and whole.end() >= person.start() else person[0]


def _thing_without(subject: str, negator: str, right: str) -> tuple[Clause, ...]:
    noun = patterns.sub(r"^(?:an?|any|the)\s+", "", right)
    if negator.startswith("without") and (
        labels_en(noun) or patterns.fullmatch(_PERSONS_EN, noun, patterns.IGNORECASE)
    ):
        return (Clause(subject), Clause(patterns.sub(r"^(?!an? )", "a ", right), negated=True))
    verb = patterns.match(r"(?:is|are|has|have)", negator)
    joint = verb[0] if verb else "with" if negator.startswith(("without", "lack", "missing")) else ""
    first, _, rest = right.partition(" ")
    if negator.startswith("without") and first.endswith("ing"):
        joint = ""
    if _denies_act(negator, first):
        joint, right = "", f"{gerund(first)} {rest}"
    denied = Clause(tidy(f"{subject} {joint} {right}", "en"), negated=True)
    # Without a truck in the picture there is nothing to tell about its cover; a door is always there.
    return (denied,) if is_built_in(subject, right) else (Clause(subject), denied)


def _denies_act(negator: str, first: str) -> bool:
    """ "does not lock": after "does not" any word is a verb, after "never" a known one."""
    if first.endswith("ing"):
        return False
    return patterns.fullmatch(r"do(?:es)?(?:n't| not)", negator) is not None or (negator == "never" and is_verb(first))


def _does(negator: str, right: str, worn: re.Match[str] | None) -> str:
    """What the person would do or wear, so that it can be asked."""
    if worn and patterns.search(r"\b(?:plates?|lights?|lid|leash|hood|muzzle)$", worn[0], patterns.IGNORECASE):
        return f"with {right}"
    if worn and patterns.match(r"(?:in|on)\s", right):
        return right
    if worn and not patterns.match(r"wear|\w+ing\b", right):
        article = "" if patterns.match(_NO_ARTICLE_EN, right) or is_plural(worn[0]) else "a "
        return f"wearing {article}{right}"
    does = patterns.sub(r"^wear\b", "wearing", right)
    first, _, rest = does.partition(" ")
    if _denies_act(negator, first):
        return f"{gerund(first)} {rest}".strip()
    if (
        patterns.fullmatch(r"ha(?:s|ve)(?:n't| not)", negator)
        and not worn
        and patterns.match(r"(?:got|been|gone|\w+ed|\w+en)\b", does)
    ):
        return f"has {does}"
    lacks = negator.startswith(("without", "lacking", "has no", "have no"))
    return f"with {does}" if lacks and not worn and not patterns.match(r"\w+ing\b", does) else does
