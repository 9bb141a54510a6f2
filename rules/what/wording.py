"""A clause as a question that a model is asked about one picture.

Takes: one affirmative clause.
Gives: the question, affirmative, in the rule's language.
Knows nothing about: engines, logic."""

import re

from rules.words import patterns
from rules.words.language import Lang
from rules.words.verbs import base_of, gerund, is_plural, is_verb, subject_and_act

_PERSONS = r"(?:someone|somebody|anyone|anybody|a person|people|a man|a woman|a worker|workers|persons)"
_MASS = frozenset(
    (
        "smoke fire water oil snow ice rain fog steam dust mud sand gravel garbage rubbish trash litter waste "
        "luggage traffic staff personnel equipment furniture machinery clothing food bread paint blood vomit "
        "glass paper cardboard debris graffiti movement motion light sunlight darkness scaffolding cargo freight "
        "fuel petrol diesel foam mould mold rust ppe gear somebody something nothing everything hi-vis high-vis "
        "protection swimming smoking parking it them"
    ).split()
)
#: where the noun ends and what is said about it begins
_PHRASE_END = re.compile(
    r"\s+(?:in|on|at|near|by|with|without|next|under|behind|off|from|to|of|inside|outside|over|out|up|down"
    r"|left|open|closed"
    r"|blocked|covered|empty|asleep|is|are|has|have|who|that|which|above|below|along|around|across|between"
    r"|through|into|onto"
    r"|not|being|face|past|after|before|against|\w+ing|\w{2,}ed|stuck|lit|broken|stolen|torn|locked|shut|ajar|alone)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:an?|the|any|some|someone|somebody|anyone|anybody|people|every\w*|two|more|my|our|this|that|one|all)\b",
    re.IGNORECASE,
)


_PLACED = re.compile(
    (
        r"^(?:in|on|at|near|by|inside|outside|behind|around|under|within|next|close|to|from|of"
        r"|off|out)\b"
    ),
    re.IGNORECASE,
)


_IS_SHORT = (
    r"(?<=[a-z])['’]s(?=\s+(?:in|on|at|near|by|under|behind|inside|outside|off|up|down|out|open|closed|shut|left|stuck"
    r"|blocked|lying|standing|sitting|running|parked|there|still|not|being)\b)"
)
_HAS_SHORT = r"(?<=[a-z])['’]s(?=\s+(?:been|got|fallen|gone)\b)"
_SHOUTED = 0.8
#: what belonged to an urgency or a cooldown that is gone
_LEFT_OVER = r"(?:\s*,)?\s+(?:just|only|max)$|,\s*(?:please|again|too)$"
#: 有人员进入 is said of nobody; 人员密集 is another thing
_PERSONNEL_ZH = r"(?:^|有)人员(?=[进出在站走跑翻爬闯穿越摔倒坐躺徘逗停聚经靠离到])"


def ask(clause: str, lang: Lang) -> str:
    """Ends in one question mark."""
    return _ask_zh(clause.strip(" ,.;?!")) if lang == "zh" else _ask_en(clause.strip(" ,.;?!"))


def in_full(clause: str) -> str:
    """ "the dog's on the sofa": here it is a verb, and of "the dog's bowl" it is not."""
    return patterns.sub(_IS_SHORT, " is", patterns.sub(_HAS_SHORT, " has", clause))


def in_small_letters(clause: str) -> str:
    """Of a clause that shouts; names in it are marks."""
    letters = [char for char in clause if char.isalpha()]
    shouted = sum(char.isupper() for char in letters) > _SHOUTED * len(letters)
    return clause.lower() if shouted and len(clause.split()) > 2 else clause


def _ask_en(clause: str) -> str:
    clause = patterns.sub(_LEFT_OVER, "", clause, flags=patterns.IGNORECASE)
    clause = patterns.sub(r"^(?:there (?:is|are)|it is)\s+", "", clause, flags=patterns.IGNORECASE)
    clause = patterns.sub(r"^(?:any ?(?=one\b|body\b))", "any", clause, flags=patterns.IGNORECASE)
    clause = clause if _keeps_case(clause) else clause[:1].lower() + clause[1:]
    copula = patterns.match(
        r"^(?P<who>[^,]{1,60}?|[^;]{1,60}? or [^,;]{1,30}?)\s+(?P<be>is|are|has|have)\s+(?P<rest>.+)$", clause
    )
    if copula and len(copula["who"].split()) <= 8 and not patterns.search(r"\b(?:who|that|which)$", copula["who"]):
        return f"{copula['be'].capitalize()} {_with_article(copula['who'])} {copula['rest']}?"
    person = patterns.match(
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
    act = subject_and_act(clause)
    if act and not act[0].endswith(("'s", "s'")):  # "the operator's hand" does nothing yet
        who, verb, rest = act
        if verb.lower() == "close" and rest.startswith(" to"):
            return f"{'Are' if is_plural(who) else 'Is'} {_with_article(who)} close{rest}?"
        return f"{'Are' if is_plural(who) else 'Is'} {_with_article(who)} {gerund(verb)}{_going_on(rest)}?"
    if patterns.fullmatch(r"(?:an?|the|any)\s+[\w-]+(?:\s+or\s+(?:an?|the|any)\s+[\w-]+)*", clause):
        return f"Is {clause} visible?"
    return f"Does the picture show {_with_article(clause)}?"


def _keeps_case(clause: str) -> bool:
    first = clause.split(" ", 1)[0]
    return len(first) > 1 and first[1:].lower() != first[1:]


def _with_article(noun: str) -> str:
    """ "truck in the yard" gets its article; "smoke", "workers" and "my dog" take none."""
    if _ARTICLE.match(noun) or _PLACED.match(noun) or not patterns.match(r"[a-z]", noun, patterns.IGNORECASE):
        return noun
    thing = _PHRASE_END.split(noun, maxsplit=1)[0].strip()
    head = thing.split()[-1].lower() if thing else ""
    if (
        not head
        or head in _MASS
        or is_plural(thing)
        or (head == thing.lower() and head.endswith("ing") and is_verb(head))
        or not patterns.fullmatch(r"[a-z-]+", head)
        or patterns.search(r",| and | or ", thing)
    ):
        return noun
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _going_on(rest: str) -> str:
    """ "enters the yard and stays": both verbs take the same form."""
    return patterns.sub(
        r"\b(and|or|then) ([a-z]{3,}s)\b", lambda m: f"{m[1]} {gerund(m[2])}" if base_of(m[2]) else m[0], rest
    )


def _ask_zh(clause: str) -> str:
    clause = patterns.sub(_PERSONNEL_ZH, "有人", patterns.sub(r"排队人(?=$|[,.;])", "排队的人", clause))
    clause = patterns.sub(r"^(?:在)?(?:画面|镜头)(?:当中|之?中|里面|里|内|上)(?:是否)?(?=.)", "", clause)
    picture = patterns.match(r"^(?P<what>画面|镜头|摄像头|摄像机|相机|图像|视频|屏幕)(?P<is>.+)$", clause)
    if picture:
        return f"{picture['what']}是否{picture['is']}?"
    if clause.startswith("人"):
        return f"画面中是否有{clause}?"
    lone = patterns.fullmatch(
        r"(?P<where>\S{1,12}(?:[里内旁边前处]|(?<![人员客机生孩])[上下]))(?P<what>[人车])", clause
    )
    if lone:
        return f"{lone['where']}是否有{lone['what']}?"
    if clause.startswith(("有", "出现")):
        return f"画面中是否{clause}?"
    there = patterns.match(r"^(?P<where>.{1,20}?)有(?P<what>[^无].*)$", clause)
    if there and not patterns.search(r"[人车]", there["where"]):
        return f"{there['where']}是否有{there['what']}?"
    return f"画面中能否看到{clause}?"
