"""So many that come one after another within a time: "5 people enter within 10 minutes", 五分钟内进来三个人.

Takes: a sentence.
Gives: k occurrences within a period, and the sentence with one of them ("a person enters").
Knows nothing about: how many are there at once (what/count.py), "three times in an hour" (cadence.py).

Each coming is an occurrence: five who enter in ten minutes need never be in one picture together."""

import re

from contracts.plan import Temporal
from rules.when.duration import DURATION_EN, DURATION_ZH, may_name_period, seconds_of
from rules.words import patterns
from rules.words.language import Lang
from rules.words.numbers import NUMBER_EN, NUMBER_ZH, number

#: acts that begin and end; who stands or waits somewhere is there all the time
_ACT_EN = (
    r"(?:enter|arrive|pass|leave|exit|cross|appear|visit|jump|climb|fall|turn (?:in|into|up|round|around)"
    r"|pull (?:up|in)"
    r"|show up|(?:come|go|walk|drive|run|ride|get|step|move|head|cycle)"
    r"(?= (?:in|into|out|on|onto|off|up|down|by|past|through|over|across|along|inside|away)\b))"
)
_EN = (
    rf"(?<!\band )(?<!\bthen )\b(?:(?P<more>more than|over)|at least|no (?:fewer"
    rf"|less) than)?\s*(?<![\w.-])(?<!\band )(?<!\bthen )(?P<n>{NUMBER_EN})(?:\s*\+| or more)?"
    rf"\s+(?:different\s+)?(?P<who>(?:[a-z-]+\s+){{0,2}}?(?:people|persons|men|women|children|[a-z-]{{2,}}s))\s+"
    rf"(?P<does>{_ACT_EN}\b(?:(?!\b(?:and|then|but|without|not|if|when)\b)[^,.;])*?)"
    rf"\s+(?:within|in|during|over|inside|in the space of)\s+(?:the space of\s+|under\s+"
    rf"|less than\s+)?(?:any\s+)?(?P<period>{DURATION_EN})"
    r"(?!\s+(?:of|after|later|before))"
)
_ONE_EN = {"people": "person", "persons": "person", "men": "man", "women": "woman", "children": "child"}

_MW = r"(?:个|名|位|辆|台|只|条|匹|头|艘)"
_ACT_ZH = (
    r"(?:进入|进来|进去|进出|进到|走进|走入|闯入|驶入|驶进|驶出|开进|开出|出去|出来|出入|离开|经过|通过|路过|穿过|横穿|翻越"
    r"|翻过|翻墙|跑进|跑出|跑过|走过|上车|下车|摔倒|跌倒|闯红灯|出现|[骑驶开飞游]过|进|来|闯|翻)"
)
_MANY_ZH = rf"(?:(?P<more>超过|多于|大于)|至少|不少于|达到?|满)?(?P<n>{NUMBER_ZH}){_MW}"
_IN_ZH = rf"(?:在)?(?P<period>{DURATION_ZH})(?:之内|以内|内|里)[,]?"
_WHO_ZH = r"(?P<who>[^,.;没不未]{1,5}?)"
_PLACE_ZH = r"(?P<place>[^,.;没不未无最少]{0,10}?)"
_DOES_ZH = rf"(?P<does>{_ACT_ZH}(?:(?!然后|之后|并且|而且|没|不)[^,.;])*)"
_ZH = (
    rf"{_IN_ZH}{_PLACE_ZH}(?:连续)?有?{_MANY_ZH}(?:以上)?的?{_WHO_ZH}(?:以上)?{_DOES_ZH}",
    rf"{_IN_ZH}{_PLACE_ZH}(?P<does>{_ACT_ZH})了?{_MANY_ZH}(?:以上)?的?{_WHO_ZH}(?:以上)?(?=$|[,.;]|就|时|的)",
    rf"{_MANY_ZH}(?:以上)?的?{_WHO_ZH}(?:以上)?{_IN_ZH}{_DOES_ZH}(?P<place>)",
)


def take_occurrences(text: str, lang: Lang) -> tuple[Temporal | None, str]:
    """None where fewer than two are meant, or where nothing begins and ends."""
    if not may_name_period(text, lang):
        return None, text
    for pattern in (_EN,) if lang == "en" else _ZH:
        match = patterns.search(pattern, text, patterns.IGNORECASE)
        found = _read(match, lang) if match else None
        if match and found:
            one = _one_en(match) if lang == "en" else f"{match['place']}有{match['who']}{match['does']}"
            return found, text[: match.start()] + one + text[match.end() :]
    return None, text


def _read(match: re.Match[str], lang: Lang) -> Temporal | None:
    n, within_s = number(match["n"], lang), seconds_of(match["period"], lang)
    if n is None or n != int(n) or n < 2 or not within_s:
        return None
    return Temporal("k_of_n", k=int(n) + bool(match["more"]), within_s=within_s)


def _one_en(match: re.Match[str]) -> str:
    """ "5 people enter": "a person enters"."""
    *before, last = match["who"].lower().split()
    one = _ONE_EN.get(last) or patterns.sub(r"(?<!s)s$", "", patterns.sub(r"ies$", "y", last))
    verb, _, rest = match["does"].partition(" ")
    third = verb + ("es" if patterns.search(r"(?:s|sh|ch|x|o)$", verb) else "s")
    who = " ".join([*before, one])
    return f" {'an' if who[0] in 'aeiou' else 'a'} {who} {third} {rest} "
