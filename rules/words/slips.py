"""Mistyped words: what is typed often enough to be known, and one wrong letter in a word that fills a slot.

Takes: a sentence.
Gives: the same, mended; any other word is kept as it was typed.
Knows nothing about: what the words mean."""

import re

from rules.words import patterns

_SLIPS = {
    r"al[ae]r?t|alrt|aler": "alert",
    r"theres|there's": "there is",
    r"ppl": "people",
    r"hrs?": "hours",
    r"some one": "someone",
    r"no[ -]one|noone": "nobody",
    r"any one": "anyone",
    r"nobody's": "nobody is",
    r"someone's": "someone is",
    r"somebody's": "somebody is",
    r"dont": "don't",
    r"doesnt": "doesn't",
    r"isnt": "isn't",
    r"arent": "aren't",
    r"hasnt": "hasn't",
    r"wasnt": "wasn't",
    r"wont": "won't",
    r"txt(?= me| us)": "text",
    r"wen|whn|wehn": "when",
    r"teh|hte": "the",
    r"thx|tnx": "thanks",
    r"u(?= (?:see|spot|detect|notice|can|let|pls|please|tell|alert|text|msg|message|ping|notify|warn|e?mail|give"
    r"|send|call"
    r"|watch|keep|make|check)\b)": "you",
    r"i\.\s?e\.,?|viz\.": "",
    r"or": "or",
    r"and": "and",
    r"w/o": "without",
    r"b/w|btwn|btw(?= \d)": "between",
    r"&": "and",
    r"minits?": "minutes",
    r"cud|cld": "could",
    r"lem+e|le'me": "let me",
    r"lmk": "let me know",
    r"gimme": "give me",
    r"qua(?:r|t)er|quater|qtr": "quarter",
    r"\+": "and",
    r"kno": "know",
    r"nites?": "night",
    r"accross": "across",
    r"infront of": "in front of",
    r"b4": "before",
    r"week[- ]?nights?": "weekday nights",
    r"wknds?": "weekend",
    r"bicylce": "bicycle",
}
_SLIP_PATTERNS = tuple(
    (re.compile(rf"(?<!\w)(?:{slip})(?!\w)", re.IGNORECASE), right) for slip, right in _SLIPS.items()
)

#: words that fill a slot: without them a window, a duration, a count or a request is missed
_KEYWORDS = (
    "notify notified someone somebody anyone anybody nobody person people persons without between within minute "
    "minutes second seconds hourly weekday weekdays weekend weekends weeknights monday tuesday wednesday thursday "
    "friday saturday sunday morning mornings evening evenings afternoon afternoons overnight midnight daytime "
    "nighttime critical emergency urgent priority severity medium important exactly please whenever wearing "
    "helmet helmets vehicle vehicles bicycle suspicious stranger strangers unauthorized loitering consecutive "
    "continuously yesterday temperature workdays business"
).split()
#: right as they are, and one letter from a keyword
_RIGHT = frozenset(
    "mourning sundry pelmet pelmets wither withing personal peoples weekends seconded minuted prison bearing "
    "tearing swearing warring wheeling pleased pleases exact unimportant personnel important strange".split()
)

#: sounds alike, typed instead: only words of the request
_SLIPS_ZH = {
    r"立[既即及继记]": "立即",
    r"马尚|麻上": "马上",
    r"通[之只支志]": "通知",
    r"提[型行](?=我|一下|$)|题醒|提省": "提醒",
    r"抱警|报井|报景": "报警",
    r"告之": "告知",
}


def mend_slips_zh(text: str) -> str:
    """The request alone: a thing that is looked for stays as it was typed."""
    for slip, right in _SLIPS_ZH.items():
        text = patterns.sub(slip, right, text)
    return text


def _shorter(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


_BY_SHORTER: dict[str, str] = {each: word for word in reversed(_KEYWORDS) for each in (word, *_shorter(word))}


def mend_slips(text: str) -> str:
    """A name of the site is one private character by now and is not touched."""
    for pattern, right in _SLIP_PATTERNS:
        text = pattern.sub(right, text)
    return patterns.sub(r"[A-Za-z]{5,14}", lambda match: _mended(match[0]), text)


def _mended(word: str) -> str:
    lower = word.lower()
    if lower in _KEYWORDS or lower in _RIGHT:
        return word
    for variant in (lower, *sorted(_shorter(lower))):
        keyword = _BY_SHORTER.get(variant)
        if keyword and _one_slip(lower, keyword):
            return keyword if word[0].islower() else keyword.capitalize()
    return word


def _one_slip(typed: str, meant: str) -> bool:
    """One letter missing, added, replaced, or two neighbours swapped; the first letter is right."""
    if (
        typed[0] != meant[0]
        or abs(len(typed) - len(meant)) > 1
        or {typed, meant} in ({typed, typed + "s"}, {meant, meant + "s"})
    ):
        return False
    if len(typed) != len(meant):
        longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
        return shorter in _shorter(longer)
    differ = [i for i in range(len(typed)) if typed[i] != meant[i]]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and typed[differ[0]] == meant[differ[1]]
        and typed[differ[1]] == meant[differ[0]]
    )
