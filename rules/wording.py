"""A clause as a question that a model is asked about one picture.

Takes: one affirmative clause.
Gives: the question, affirmative, in the rule's language.
Knows nothing about: engines, logic."""

import re

from rules.language import Lang
from rules.vocabulary import PERSON_EN, labels_en

_PERSONS = r"(?:someone|somebody|anyone|anybody|a person|people|a man|a woman|a worker|workers|persons)"
_NO_VERB = frozenset(
    (
        "across towards always this his its has is was as us plus bus gas perhaps past less glass grass stairs shelves"
    ).split()
)
_ARTICLE = re.compile(
    r"^(?:an?|the|any|some|someone|somebody|anyone|anybody|people|every\w*|two|more|my|our|this|that|one|all)\b",
    re.IGNORECASE,
)


def ask(clause: str, lang: Lang) -> str:
    """Ends in one question mark."""
    return _ask_zh(clause.strip(" ,.;?!")) if lang == "zh" else _ask_en(clause.strip(" ,.;?!"))


def _ask_en(clause: str) -> str:
    clause = re.sub(r"^(?:there (?:is|are)|it is)\s+", "", clause, flags=re.IGNORECASE)
    clause = re.sub(r"^(?:any ?(?=one\b|body\b))", "any", clause, flags=re.IGNORECASE)
    clause = clause if _keeps_case(clause) else clause[:1].lower() + clause[1:]
    copula = re.match(r"^(?P<who>[^,]{1,60}?)\s+(?P<be>is|are|has|have)\s+(?P<rest>.+)$", clause)
    if copula and len(copula["who"].split()) <= 6:
        return f"{copula['be'].capitalize()} {_with_article(copula['who'])} {copula['rest']}?"
    person = re.match(
        (
            rf"^(?P<who>{_PERSONS})\s*(?P<rest>(?:(?:in|on|at|near|by|inside|outside|behind|under|around|with"
            r"|without|wearing|\w+ing)\b.*)?)$"
        ),
        clause,
    )
    if person and person["rest"].startswith(("with ", "without ")):
        return f"Is {person['who']} {person['rest']} visible?"
    if person:
        return (
            f"{'Are' if person['who'] in {'people', 'workers', 'persons'} else 'Is'} {person['who']} "
            f"{person['rest'] or 'visible'}?"
        )
    verb = re.match(
        r"^(?P<who>(?:(?:an?|the|any|some|another)\s+)?[\w-]+)\s+(?P<verb>[a-z]{3,}s)\b(?P<rest>.*)$", clause
    )
    if (
        verb
        and verb["verb"] not in _NO_VERB
        and not verb["verb"].endswith("ss")
        and (not labels_en(verb["verb"]) or verb["who"] in PERSON_EN)
        and not verb["who"].endswith("s")
    ):
        return f"Is {_with_article(verb['who'])} {_gerund(verb['verb'])}{verb['rest']}?"
    if re.fullmatch(r"(?:an?|the|any)\s+[\w-]+(?:\s+or\s+(?:an?|the|any)\s+[\w-]+)*", clause):
        return f"Is {clause} visible?"
    return f"Does the picture show {_with_article(clause)}?"


def _keeps_case(clause: str) -> bool:
    first = clause.split(" ", 1)[0]
    return len(first) > 1 and first[1:].lower() != first[1:]


def _with_article(noun: str) -> str:
    words = noun.split(" ")
    singular = (
        labels_en(words[0]) and not words[0].endswith("s") and words[0].lower() not in {"luggage", "traffic", "staff"}
    )
    if _ARTICLE.match(noun) or not singular:
        return noun
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _gerund(verb: str) -> str:
    """climbs: climbing; rides: riding; gets: getting."""
    if verb.endswith("ies"):
        return verb[:-3] + "ying"
    stem = verb[:-2] if re.search(r"(?:ss|sh|ch|x|zz|o)es$", verb) else verb[:-1]
    if re.search(r"[^aeiou]e$|[aeiou][^aeiouwxy]e$|ve$|ue$", stem) and not stem.endswith("ee"):
        return stem[:-1] + "ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", stem):
        return stem + stem[-1] + "ing"
    return stem + "ing"


def _ask_zh(clause: str) -> str:
    clause = re.sub(r"^(?:在)?(?:画面|镜头)(?:当中|之?中|里面|里|内|上)(?:是否)?(?=.)", "", clause)
    picture = re.match(r"^(?P<what>画面|镜头|摄像头|摄像机|相机|图像|视频|屏幕)(?P<is>.+)$", clause)
    if picture:
        return f"{picture['what']}是否{picture['is']}?"
    if clause.startswith(("有", "出现")):
        return f"画面中是否{clause}?"
    there = re.match(r"^(?P<where>.{1,20}?)有(?P<what>[^无].*)$", clause)
    if there and not re.search(r"[人车]", there["where"]):
        return f"{there['where']}是否有{there['what']}?"
    return f"画面中能否看到{clause}?"
