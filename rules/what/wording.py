"""A clause as a question that a model is asked about one picture.

Takes: one affirmative clause.
Gives: the question, affirmative, in the rule's language.
Knows nothing about: engines, logic."""

import re

from rules.words import patterns
from rules.words.language import Lang
from rules.words.verbs import base_of, gerund, is_plural, is_verb, subject_and_act

_PERSONS = r"(?:someone|somebody|anyone|anybody|a person|people|a man|a woman|a worker|workers|persons)"
_LONGEST_STAYS = 6
_ONE_PERSON = (
    r"(?:someone|somebody|anyone|anybody|(?:an?|the|any) (?:person|man|woman|child|kid|boy|girl|worker|guard"
    r"|driver|customer"
    r"|visitor|patient|student|employee|pedestrian|passenger))"
)
_NO_ACTS = frozenset(
    "has was does is always sometimes inside towards outdoors upstairs downstairs indoors across as this".split()
)
#: words in -ing that are things or states of the ground
_ALSO_THINGS = frozenset(
    "parking building clothing swimming lighting heating painting drawing landing opening crossing".split()
)
_ING_THINGS = _ALSO_THINGS | frozenset(
    "ceiling railing awning king ring wing string spring thing fencing housing".split()
)
_WEATHER = r"(?P<falls>rain(?:s|ing)|snow(?:s|ing)|hail(?:s|ing)|pouring|drizzling|foggy|windy|dark|sunny)"
_MASS = frozenset(
    (
        "smoke fire water oil snow ice rain fog steam dust mud sand gravel garbage rubbish trash litter waste "
        "luggage traffic staff personnel equipment furniture machinery clothing food bread paint blood vomit "
        "glass paper cardboard debris graffiti movement motion light sunlight darkness scaffolding cargo freight "
        "fuel petrol diesel foam mould mold rust ppe gear somebody something nothing everything hi-vis high-vis "
        "protection swimming smoking parking it them anything fighting loitering running"
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
    r"|blocked|leaking|overflowing|burning|smoking|moving|sleeping|blocking|loose|missing|unlocked|here|lying"
    r"|standing|sitting|running|parked|there|still|not|being)\b)"
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
    clause = patterns.sub(r"^(?:there (?:is|are)|it(?: is|'s))\s+", "", clause, flags=patterns.IGNORECASE)
    clause = patterns.sub(r"^(?:any ?(?=one\b|body\b))", "any", clause, flags=patterns.IGNORECASE)
    clause = clause if _keeps_case(clause) else clause[:1].lower() + clause[1:]
    plain = _asked_already(clause) or _weather(clause) or _stays(clause)
    if plain:
        return plain
    copula = patterns.match(
        r"^(?P<who>[^,]{1,60}?|[^;]{1,60}? or [^,;]{1,30}?)\s+(?P<be>is|are|has|have)\s+(?P<rest>.+)$", clause
    )
    if copula and _is_subject(copula["who"]) and not patterns.search(r"\b(?:who|that|which)$", copula["who"]):
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
    if _begins_with_act(clause):
        return f"Is someone {clause}?"
    act = subject_and_act(clause) or _person_and_act(clause)
    if act and not act[0].endswith(("'s", "s'")):  # "the operator's hand" does nothing yet
        who, verb, rest = act
        if verb.lower() == "close" and rest.startswith(" to"):
            return f"{'Are' if is_plural(who) else 'Is'} {_with_article(who)} close{rest}?"
        return f"{'Are' if is_plural(who) else 'Is'} {_with_article(who)} {gerund(verb)}{_going_on(rest)}?"
    if patterns.fullmatch(r"(?:an?|the|any)\s+[\w-]+(?:\s+or\s+(?:an?|the|any)\s+[\w-]+)*", clause):
        return f"Is {clause} visible?"
    return f"Does the picture show {_with_article(clause)}?"


def _asked_already(clause: str) -> str | None:
    """It was written as a question: "is a person near the car"."""
    asked = patterns.match(r"^(?P<be>is|are|has|have)\s+(?P<rest>\S.*)$", clause)
    return f"{asked['be'].capitalize()} {asked['rest']}?" if asked and _ARTICLE.match(asked["rest"]) else None


def _weather(clause: str) -> str | None:
    falls = patterns.fullmatch(rf"(?:it\s+)?(?:is\s+)?{_WEATHER}(?P<where>(?:\s.*)?)", clause)
    return f"Is it {patterns.sub(r's$', 'ing', falls['falls'])}{falls['where']}?" if falls else None


def _stays(clause: str) -> str | None:
    """ "the safe door stays shut": that it is, is seen."""
    stays = patterns.fullmatch(
        r"(?P<who>[^,;]{1,60}?)\s+(?:stays?|remains?|keeps?)\s+(?P<state>(?:shut|closed|open|locked|on|off|lit|dark"
        r"|clear"
        r"|empty|covered|dry|free|dirty|wet)\b.*)",
        clause,
    )
    if stays is None or len(stays["who"].split()) > _LONGEST_STAYS:
        return None
    return f"{'Are' if is_plural(stays['who']) else 'Is'} {_with_article(stays['who'])} {stays['state']}?"


def _is_subject(who: str) -> bool:
    """ "a person enters the room and the light" is none: there is a verb in it."""
    if patterns.search(r"\b(?:while|whilst|when|where|if|because)\b", who):
        return False
    return len(who.split()) <= 8 and not (" and " in who and subject_and_act(who.split(" and ")[0]))


def _begins_with_act(clause: str) -> bool:
    """ "smoking near the pumps" names nobody; "swimming pool" and "parking lot" are things."""
    first, _, rest = clause.partition(" ")
    return (
        first.endswith("ing")
        and is_verb(first)
        and first not in _ALSO_THINGS
        and (
            not rest
            or bool(
                _PLACED.match(rest) or patterns.match(r"(?:the|an?|his|her|their|over|across|through|into)\b", rest)
            )
        )
    )


def _person_and_act(clause: str) -> tuple[str, str, str] | None:
    """After a person any word in -s is what the person does, known or not: "someone vapes in the hall"."""
    found = patterns.match(rf"^(?P<who>{_ONE_PERSON})\s+(?P<verb>[a-z]{{2,}}[a-rt-z]s)\b(?P<rest>.*)$", clause)
    if not found or found["verb"] in _NO_ACTS:
        return None
    verb = patterns.sub(
        r"(?<=ch)es$|(?<=sh)es$|(?<=ss)es$|(?<=x)es$|(?<=o)es$|s$", "", patterns.sub(r"ies$", "y", found["verb"])
    )
    return found["who"], verb, found["rest"]


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
        or (head == thing.lower() and head.endswith("ing") and head not in _ING_THINGS)
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


#: an act without anybody who does it
_LONE_ACT_ZH = (
    r"(?:进入|进来|进去|出去|出来|闯入|敲门|翻墙|爬墙|打架|斗殴|摔倒|跌倒|晕倒"
    r"|抽烟|吸烟|打电话|玩手机|睡觉|逗留|徘徊|奔跑|攀爬|游泳|踢球)了?"
)


def _ask_zh(clause: str) -> str:
    clause = patterns.sub(_PERSONNEL_ZH, "有人", patterns.sub(r"排队人(?=$|[,.;])", "排队的人", clause))
    clause = patterns.sub(r"^(?:在)?(?:画面|镜头)(?:当中|之?中|里面|里|内|上)(?:是否)?(?=.)", "", clause)
    picture = patterns.match(r"^(?P<what>画面|镜头|摄像头|摄像机|相机|图像|视频|屏幕)(?P<is>.+)$", clause)
    if picture:
        return f"{picture['what']}是否{picture['is']}?"
    if patterns.fullmatch(_LONE_ACT_ZH, clause):
        return f"画面中是否有人{clause}?"
    if clause.startswith("人"):
        return f"画面中是否有{clause}?"
    lone = patterns.fullmatch(
        r"(?P<where>\S{1,12}(?:[里内旁边前处]|(?<![人员客机生孩])[上下]))(?P<what>[人车])", clause
    )
    if lone:
        return f"{lone['where']}是否有{lone['what']}?"
    if clause.startswith(("有", "出现")):
        return f"画面中是否{clause}?"
    there = patterns.match(r"^(?P<where>.{1,20}?)(?<!所)有(?P<what>[^无].*)$", clause)
    if there and not patterns.search(r"[人车]", there["where"]):
        return f"{there['where']}是否有{there['what']}?"
    return f"画面中能否看到{clause}?"
