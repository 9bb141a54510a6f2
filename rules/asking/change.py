"""Which questions one picture cannot answer: falling, fighting, fleeing are seen in what changes between pictures.

Takes: a question in words.
Gives: of how many successive keyframes it must be asked.
Knows nothing about: predicates, models."""

import re

from rules.words.language import Lang

ONE_FRAME = 1
#: a thing was there and is not, or the other way round
BEFORE_AND_AFTER = 2
#: an act: what was before, the middle of it, how it stands now
AN_ACT = 3

# Postures and states ("lying", "has fallen", "has been closed", 躺着) are seen in one picture and are not listed; words
# that are also things ("leaves", "exits", "a zebra crossing", 地下车库) only where they are followed like a verb.
_NO_STATE = r"(?<!has )(?<!have )(?<!been )\b"
_SOMETHING = r"(?:the|an?|his|her|their|its|some\w*|over|through|via|by|from)\b"
_ACT_EN = (
    r"fall(?:s|ing)(?! asleep)|fall (?:over|down|off|from)|tripp?(?:s|ing)|slip(?:s|ping)|stumbl(?:es|ing)"
    r"|collaps(?:es|ing)|faint(?:s|ing)|toppl(?:es|ing)"
    r"|(?<!fire )(?<!fire-)fight(?:s|ing)?(?! (?:fires?|equipment))|brawl(?:s|ing)?|wrestl(?:es?|ing)|scuffl(?:es?|ing)"
    r"|punch(?:es|ing)?|kick(?:s|ing)?|hit(?:s|ting)|beat(?:s|ing)|slap(?:s|ping)|attack(?:s|ing)?|assault(?:s|ing)?"
    rf"|climb(?:s|ing)?|scaling|scales {_SOMETHING}|vault(?:s|ing)|jump(?:s|ing)?|leap(?:s|ing)?|crawl(?:s|ing)?"
    r"|run(?:s|ning)?(?! (?:shoes?|water))|sprint(?:s|ing)?|rush(?:es|ing)?|dash(?:es|ing)|fle(?:es?|eing)"
    r"|(?<!fire )escap(?:es|ing)|chas(?:es?|ing)|pursu(?:es?|ing)"
    r"|push(?:es|ing)?(?! (?:an? |the )?(?:\w*chair|bike|cart|trolley|pram|stroller))|shov(?:es|ing)|drag(?:s|ging)?"
    r"|throw(?:s|ing)?|toss(?:es|ing)?|hurl(?:s|ing)?|litter(?:s|ing)|dump(?:s|ing)|waving|danc(?:es?|ing)"
    r"|collid(?:es?|ing)|crash(?:es|ing)|swerv(?:es?|ing)|revers(?:es|ing)|overtak(?:es?|ing)|turn(?:s|ing) (?:round"
    r"|around|back)|back and forth|the wrong way|mov(?:es?|ing) from\b.+\bto|break(?:s|ing) (?:into|in|through|the|an?)"
    r"|smash(?:es|ing)?|vandali[sz](?:es?|ing)|steal(?:s|ing)?|snatch(?:es|ing)?|rob(?:s|bing)"
)
_BEFORE_EN = (
    r"drop(?:s|ping)(?! (?:zone|box|point))|leav(?:es|ing) .*\bbehind|left behind|abandon(?:s|ing)"
    rf"|put(?:s|ting) (?:down|away|in|into|on|something)|placing|places {_SOMETHING}"
    r"|(?:un)?load(?:s|ing)(?! (?:bay|dock|zone|area|ramp))|deliver(?:s|ing)|pick(?:s|ing)? up|grab(?:s|bing)"
    r"|remov(?:es|ing)|tak(?:es|ing)(?! (?:an? |the )?(?:photos?|pictures?|selfies?|break|nap|rest|place))"
    rf"|leaving|leaves {_SOMETHING}|exiting|exits {_SOMETHING}|depart(?:s|ing)|enter(?:s|ing)?|arriv(?:es|ing)"
    r"|(?:com|go)(?:es|ing|e) (?:in|into|out)|get(?:s|ting) (?:in|into|out|on|off|to)"
    r"|pull(?:s|ing) (?:up|in|out|over|away)|driv(?:es|ing) (?:in|into|out|off|away)|disappear(?:s|ing)"
    r"|vanish(?:es|ing)|is being (?:stolen|taken|removed)"
    rf"|open(?:s|ing) the|clos(?:es|ing) the|cross(?:es|ing) {_SOMETHING}|hand(?:s|ing) over|turn(?:s|ing) (?:on|off)"
    r"|stand(?:s|ing) up|sit(?:s|ting) down"
)
_ACT_ZH = (
    r"摔倒|跌倒|滑倒|绊倒|晕倒|倒下|跌落|坠落|掉下|打架|斗殴|打斗|互殴|厮打|扭打|殴打|打人|踢|翻越|翻过|翻墙|翻栏|翻围栏|翻护栏"
    r"|爬(?!架)|攀登|跳过|跳下|跳上|跃过|跑(?!道|车|步机)|冲进|冲出|逃走|逃离|追|推搡|推倒|推人|拉扯|拖拽|扔|抛(?![锚光])"
    r"|丢(?!失)|投掷|挥舞|挥手|撞|逆行|倒车|超车|掉头|来回|偷|抢(?![修险])|砸|撬|破坏"
)
_BEFORE_ZH = (
    r"拿走|取走|搬走|带走|拿起|捡起|捡走|拿出|取出|放下|放置|遗留|遗落|留下|丢失|不见|消失|装货|卸货|装卸|交给|递给"
    r"|进入|进来|走进|走入|闯入|驶入|驶进|开进|进出|离开|离去|出去|出来|走出|驶出|驶离|开走|开出|上车(?![辆道库位])"
    r"|下车(?![辆道库位])|靠近|经过|穿过|横穿|开门|关门|起身|站起|坐下|从.{1,8}[到往]"
)
_ACT = {"en": re.compile(rf"{_NO_STATE}(?:{_ACT_EN})\b", re.IGNORECASE), "zh": re.compile(_ACT_ZH)}
_BEFORE = {"en": re.compile(rf"{_NO_STATE}(?:{_BEFORE_EN})\b", re.IGNORECASE), "zh": re.compile(_BEFORE_ZH)}


def frames_needed(question: str, lang: Lang) -> int:
    """1 to MOST_FRAMES. Words that are not listed are read as a state: one picture."""
    if _ACT[lang].search(question):
        return AN_ACT
    return BEFORE_AND_AFTER if _BEFORE[lang].search(question) else ONE_FRAME
