"""Why a rule is wanted: "it'll tip", "I've a pub to run", 省得老跑. Nothing to look for, and nothing to ask.

Takes: a sentence, names marked.
Gives: the sentence without its reasons; the hours in them stay.
Knows nothing about: requests, what is looked for."""

import re

from rules.words import patterns
from rules.words.language import Lang

#: what a reason may not hold: then it says more than why
_SAYS_MORE_EN = re.compile(
    r"\d|\b(?:alert|notify|tell|ping|warn|message|text|call|shout|unless|except|if|when|once|twice|every|only|log"
    r"|priority"
    r"|critical|urgent|important|emergency|info|fyi|moderate|high|medium|low|minor|remind|repeat|(?:mon|tues|wednes"
    r"|thurs|fri|satur|sun)days?|weekdays?"
    r"|weekends?)\b|[\ue000-\uefff]",
    re.IGNORECASE,
)
_OURS_EN = (
    r"(?:(?:i|we)(?:'ve|'m|'re|'d| have| had| am| are| can't| cannot| could| keep| lost| hate| got| already| really"
    r"| got"
    r"| do not (?!want|need)| don't (?!want|need)| just (?!want|need)| need (?=(?:him|her|them|it)\b)| want (?:it"
    r"|them|him|her)\b)"
    r"(?! (?:know|see|be (?:told|notified|alerted|warned))\b)"
    r"|(?:it|that|this|they|he|she|those|these)(?:'ll| will| would|'d| could| can| might| may| keeps?|'ve| have"
    r"| has been"
    r"|'re (?:meant|supposed|not|only|always|for|needed)| are (?:meant|supposed|not|only|always|for|needed)"
    r"|'s (?:meant|supposed|been|happened|a |an |the |not (?:safe|allowed|on)|dangerous|against)"
    r"| is (?:meant|supposed|a |an |the |not (?:safe|allowed|on)|dangerous|against))"
    r"|(?:health and safety|health & safety|h&s|insurance|company policy|fire regs?|fire regulations|house rules"
    r"|not again"
    r"|happens? (?:all|every|a lot)|had (?:a|two|three|some|enough)|been (?:had|burned|burnt|robbed)|learn(?:ed"
    r"|t) (?:that|my|the)"
    r"|someone (?:could|might|will|nearly)|somebody (?:could|might|will|nearly)|(?:the )?(?:boss|landlord|council"
    r"|inspector|vet)\b"
    r"(?=[^.;]*\b(?:wants?|hates?|says?|said|goes|moans?|insists?|complain\w*)\b)))"
)
_AFTER_EN = re.compile(rf"(?P<stop>[.!;]\s+|,\s*|\s+-+\s+|\()(?P<why>{_OURS_EN}\b[^.;!]*)(?=[.;!]|$)", re.IGNORECASE)
#: "ping me. customers walk out": what comes after the request is why, unless it says more
_AFTER_REQUEST_EN = re.compile(
    r"(?P<told>\b(?:tell|ping|text|alert|notify|warn|message|call|ring|page|let) (?:me"
    r"|us)(?: know)?)\s*[.!;-]\s+(?P<why>[^;]+)$",
    re.IGNORECASE,
)
_BECAUSE_EN = re.compile(
    r"[,.;\s]+(?P<why>(?:because|cause|'cause|cos|coz|cuz|'cos|seeing as|given that|so (?:that )?(?:i|we) (?:can"
    r"|don't|do not)"
    r"|in case (?:it|they|he|she) (?:gets?|falls?|escapes?|tips?)|else (?:it|they|he|she)|or (?:it|they|he"
    r"|she)(?:'ll| will))"
    r"\b[^.;!]*)(?=[.;!]|$)",
    re.IGNORECASE,
)
#: "We're closed from Saturday 9pm to Monday 7am. Any vehicle then": the hours are the rule's
_CLOSED_EN = re.compile(
    r"^(?:we|the (?:shop|store|place|yard|site|bar|pub|office|museum|gym))(?:'re| are|'s| is) (?:closed|shut|open"
    r"|away|not here)"
    r"\s+(?P<hours>[^.;]{0,80}?\d[^.;]{0,40})[.;]\s*(?P<rule>[^\s].*)$",
    re.IGNORECASE,
)
_THEN_EN = re.compile(
    r"\s+(?:then|during (?:that|those hours|that time)|in that time|while we're shut)(?=\s*(?:[,.;!]|$))", re.IGNORECASE
)
_NO_BOTHER_EN = re.compile(
    r"(?:(?<=[,.;])|^)\s*(?:no (?:bother|rush|worries|worry|hurry|biggie|drama|problem|big deal|stress"
    r"|need to (?:panic|rush))"
    r"|nothing (?:major|urgent)|not (?:urgent|a big deal|the end of the world)|don't panic"
    r"|when you can)(?=\s*(?:[,.;!]|$))",
    re.IGNORECASE,
)

_WHY_ZH = re.compile(
    r"(?:^|(?<=[,.;!]))(?:省得|免得|以免|因为|毕竟|生怕|就?怕(?=[他她它被出又])|我?好(?:过去|去|让)|上次|上回"
    r"|之前(?=就?[被丢出])|主要是"
    r"|(?:都|已经)?(?:丢|被偷|吃亏|出事)过?[^,.;]{0,4}[次回]了|[我咱俺]们?(?:可|都|还|也|得|要)(?=[去过来好]|不想|忙"
    r"|没空|没工夫|赔)"
    r"|烦死|真烦|太烦|受不了|老[板总](?:要|会)?(?:骂|说|查|扣)|领导(?:要|会)?(?:骂|查|说)|这(?:可)?(?:是)?(?:违规"
    r"|不允许|不合规|很?危险)|会出(?:事|人命)"
    r"|(?:立马|马上|立刻|立即|赶紧|及时)(?:制止|处理|拦住?|赶走?|撵走?|清理|叫停|劝离)|(?:别|不要|千万别)(?:耽误"
    r"|耽搁|拖|磨蹭|漏|忘|嫌烦|含糊)|[^,.;!]{0,4}(?:人手(?:少|不够|紧)|忙不过来|顾不上"
    r"|顾不过来|来不及)"
    r"|太?危险(?:了|得很)?(?=[,.;!]|$))[^,.;!]*(?:[,.;!]|$)"
)
_MORE_ZH = re.compile(r"\d|[报通提]|小时|分钟|点|[一二三四五六七八九十]次|[\ue000-\uefff]")


def without_reason(text: str, lang: Lang) -> str:
    """As it was where nothing would be left."""
    if lang == "zh":
        kept = _WHY_ZH.sub(lambda match: match[0] if _MORE_ZH.search(match[0]) else "", text)
    else:
        closed = _CLOSED_EN.match(text)
        text = f"{_THEN_EN.sub('', closed['rule'])}, {closed['hours']}" if closed else text
        kept = _AFTER_REQUEST_EN.sub(
            lambda match: match[0] if _SAYS_MORE_EN.search(match["why"]) else match["told"], _NO_BOTHER_EN.sub("", text)
        )
        for pattern in (_BECAUSE_EN, _AFTER_EN, _AFTER_EN):
            kept = pattern.sub(lambda match: match[0] if _SAYS_MORE_EN.search(match["why"]) else "", kept)
    return kept if patterns.search(r"\w{2}|[\u4e00-\u9fff\ue000-\uefff]", kept) else text
