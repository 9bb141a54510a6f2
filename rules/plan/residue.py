"""What is left in a question and does not belong there: the sign that a sentence was misread.

Takes: the finished questions, the site's names in them.
Gives: whether any of them holds words of a time, of the request, of logic, or more than one statement.
Knows nothing about: lint, status; a plan that is unsure is a plan all the same."""

import re
from collections.abc import Iterable

from contracts.plan import Question
from rules.when.duration import DURATION_ZH
from rules.words.language import Lang
from rules.words.numbers import NUMBER_EN
from rules.words.verbs import base_of

_LONGEST_EN, _LONGEST_ZH = 24, 34
_LEAD_EN = re.compile(r"^(?:Does the picture show|Is|Are|Has|Have)\s+")
_LEAD_ZH = re.compile(r"^(?:在?画面中)?(?:能否看到|是否有|是否)?")
_WORDS_EN = (
    r"\b(?:if|when|whenever|whether|than|unless|until|per|lemme|please|pls|notif\w+|remind(?:er)?s?"
    r"|at (?:the )?most|at least"
    r"|only (?:if|when)|no (?:more|less|fewer)|cooldown|alert (?:me|us)|alerts|every (?:\w+ )?(?:time|second"
    r"|minute|hour|day|week)"
    r"|as soon as|let (?:me|us)|tell (?:me|us)|(?:more|less|fewer|longer) than|should|must|ought|otherwise|else"
    r"|because|since"
    r"|though|although|however|instead|not|never|nor|neither|without|nobody|no one|none|times|twice|thrice"
    r"|in a row"
    r"|consecutive(?:ly)?|mornings?|evenings?|afternoons?|nights?|tonight|tomorrow|weekdays?|weekends?"
    r"|midnight|noon"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|minutes?|seconds?|hours?|priority|severity)\b|n't\b"
)
#: at the end, or before a number: "within the fence" says where
_LOOSE_EN = (
    r"\b(?:within|between|after|before|during)\s*(?:\?|\d|(?:one|two|three|four|five|ten|a (?:minute|second"
    r"|while))\b)"
    r"|\b(?:and|or|but|the|an?|of|for|from|with|than|then|if|when|that|who|which|is|are|to)\?$"
    r"|\b(?!on\b)(\w+) \1\b"
    r"|[+|<>=*#{}\[\]\"]|(?:^|\s)[-/&%]+(?:\s|\?)"
)
_UNIT_EN = (
    rf"(?<![\w-])(?:\d+(?:[:.]\d\d)?\s*(?:am|pm|a\.m|p\.m|secs?|mins?|hrs?|h|s|km|kph|mph|kg|%)\b|\d{{1,2}}:\d\d\b"
    rf"|{NUMBER_EN}\s*(?:days?|weeks?|months?|degrees?)\b)"
)
_BAD_START_EN = re.compile(
    r"^(?:an?\s+|the\s+)?(?:is|are|was|were|be|if|me|us|you|we|i|know|see|watch (?:the|my|our|for|over|out)"
    r"|let|keep|to|when|and|or|but"
    r"|please|than|then|for|it(?! (?:is\b"
    r"|\w+ing\b|foggy|windy|dark|sunny))|there|lets?|make|sure|check|ensure|want|need|also|with"
    r"|any(?:thing)? ?(?:is|are|if))\b",
    re.IGNORECASE,
)
_MISREAD_EN = re.compile("|".join((_WORDS_EN, _LOOSE_EN, _UNIT_EN)), re.IGNORECASE)
#: names and signs that hold such a word
_NAMED_EN = re.compile(
    r"\bno[ -](?:smoking|parking|entry|admittance|exit|swimming|dogs|stopping)\b|\bnon-\w+|\bnight (?:shift"
    r"|guard|watch\w*|light|gown)s?\b"
    r"|\bsecond(?:s)?(?= (?:floor|door|gate|lane|shelf|row|person|car|hand))|\bhour (?:glass|hand)\b"
    r"|\bafternoon tea\b",
    re.IGNORECASE,
)
_BE_EN = re.compile(r"\b(?:is|are|has|have|was|were)\b", re.IGNORECASE)
_RELATIVE_EN = re.compile(r"\b(?:who|that|which|whose|where|while|whilst|as)\b", re.IGNORECASE)
_WHO_EN = re.compile(
    r"^(?:someone|somebody|anyone|anybody|something|people|(?:an?|the|any|one|my"
    r"|our)\s+(?:[a-z-]+\s+){0,2}?[a-z-]+)\s+(?P<verb>[a-z]+s)\b",
    re.IGNORECASE,
)
_DETERMINED_EN = re.compile(
    r"\b(?:the|an?|any|some|my|our|his|her|their|its|of|no|more|two|three|all|other|and|or|with|\w+ing|\w+ed)$",
    re.IGNORECASE,
)

_WORDS_ZH = (
    r"报警(?![器铃灯按柱喇点亭])|告警(?![器灯铃])|通知(?![单书栏])|提醒(?![牌标])|告诉|推送|如果|要是|一旦|的时候|的话|除非|否则|不然|最多|至多|至少|超过"
    r"|不到(?!位)|少于|多于|每[天日次晚周隔]|麻烦|帮我|给我|打电话给|请(?![勿假求])|不要|别再|才(?=[报算])|就[?报算行]|优先级|级别|冷却|重复"
    r"|没有?(?!收|入)|未(?![成知来])|不(?!锈|干胶|倒翁|断|停|动|明|良|同|久|见|准|了|掉|全|满|到位|远|少|稳|平|慢|及时)"
    r"|除了|以外|之内|以内|之后(?![的那])|凌晨|早上|上午|中午(?!餐)|下午|傍晚|晚上|夜里|半夜|周[一二三四五六日末]|工作日|星期[一二三四五六日天]"
    r"|连续|以上(?!的)|报[一两三]?[次回遍]|时速|次$|两次|三次"
)
_LOOSE_ZH = (
    r"[|<>=+*#{}\[\]\"]|^内(?![衣裤部墙场侧饰])"
    r"|^[后前的了时以及且而但或并](?![台面门院备座排方勤厨轮视盖墙部场衣裤胎士])|(?:和|或|且|但|而|并|与|及|被|把|从|若|当|得)$"
)
_MISREAD_ZH = re.compile(f"{_WORDS_ZH}|{_LOOSE_ZH}|{DURATION_ZH}|\\d{{1,2}}[点:]\\d{{0,2}}", re.IGNORECASE)
_NAMED_ZH = re.compile(
    r"(?:24|二十四)小时(?:便利)?店|不许\S{1,4}标|请勿\S{1,5}|禁止\S{1,4}(?:标|牌)|天(?:花板|桥|台|窗|井|线)"
    r"|[一二三四五六七八九十两\d]+(?=天[花桥台窗井线])"
)


def is_unsure(questions: Iterable[Question], names: Iterable[str], lang: Lang) -> bool:
    """`names` of zones may hold any word."""
    known = sorted(names, key=len, reverse=True)
    for question in questions:
        text = question.text
        for name in known:
            text = re.sub(re.escape(name), "place" if lang == "en" else "处", text, flags=re.IGNORECASE)
        if _misread_en(text) if lang == "en" else _misread_zh(text):
            return True
    return False


_TIME_EN = rf"\b(?:{NUMBER_EN}|half an?|a|an)\s*-?\s*(?:seconds?|secs?|minutes?|mins?|hours?|hrs?)\b"
_CLOCK_EN = r"\b\d{1,2}(?::\d\d\b|\s*[ap]\.?m\b)|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
_LIMIT_EN = r"\b(?:at (?:the )?most|no more than|maximum|more than|fewer than|less than|at least)\b"
_CLOCK_ZH = r"\d{1,2}:\d\d|[\d一二三四五六七八九十]点(?!半?钟?[火燃着心了])|(?:周|星期)[一二三四五六日]"
_LIMIT_ZH = r"最多|至多|超过|至少|不到(?!位)|少于"
_DURATION: dict[Lang, re.Pattern[str]] = {"en": re.compile(_TIME_EN, re.IGNORECASE), "zh": re.compile(DURATION_ZH)}
_CLOCK: dict[Lang, re.Pattern[str]] = {"en": re.compile(_CLOCK_EN, re.IGNORECASE), "zh": re.compile(_CLOCK_ZH)}
_LIMIT: dict[Lang, re.Pattern[str]] = {"en": re.compile(_LIMIT_EN, re.IGNORECASE), "zh": re.compile(_LIMIT_ZH)}


def is_unplaced(text: str, lang: Lang, *, timed: bool, watched: bool) -> bool:
    """The sentence names a duration, an hour or a limit, and the plan has none. `timed`: it has seconds, a number of
    times, or a count; `watched`: it has a window."""
    if timed:
        return False
    if _DURATION[lang].search(text) or _LIMIT[lang].search(text):
        return True
    return not watched and bool(_CLOCK[lang].search(text))


def _misread_en(text: str) -> bool:
    body = _LEAD_EN.sub("", _NAMED_EN.sub("thing", text))
    bare = body.rstrip("?").strip()
    if len(bare.split()) > _LONGEST_EN or len(bare) < 2 or _BAD_START_EN.match(body) or _MISREAD_EN.search(body):
        return True
    return not _RELATIVE_EN.search(body) and bool(_BE_EN.search(body) or _second_verb(body))


def _second_verb(body: str) -> bool:
    """ "Is a person enters the room?": the question's own verb is before it."""
    who = _WHO_EN.match(body)
    if who is None or base_of(who["verb"]) is None:
        return False
    return not _DETERMINED_EN.search(body[: who.start("verb")].strip())


def _misread_zh(text: str) -> bool:
    body = _LEAD_ZH.sub("", _NAMED_ZH.sub("物", text)).rstrip("?")
    return not body or len(body) > _LONGEST_ZH or bool(_MISREAD_ZH.search(body))
