"""Absence: a whole person, vehicle or thing is not where it should be, and that is the trigger.

Takes: what to look for, in one clause.
Gives: the affirmative statement whose falsehood is the absence ("nobody at the desk": a person at the desk).
Knows nothing about: durations; negated attributes, which are polarity.py's."""

import re

#: names that only look like a negation
NAMED_NO_EN = re.compile(
    r"\bno (smoking|parking|entry|admittance|exit|swimming|dogs) (signs?|area|zones?|boards?)|\bnon-\w+|\bno-(\w+)",
    re.IGNORECASE,
)
WORN_EN = (
    r"(?:hard ?hats?|helmets?|vests?|gloves?|masks?|goggles?|glasses|harness(?:es)?|hi-?vis\b.*|high-vis\w*.*"
    r"|ppe|safety \w+|boots?|shoes?|shirts?|face masks?|hair ?nets?|aprons?|uniforms?|seat ?belts?|caps?|hats?"
    r"|jackets?|ear (?:muffs|protection)|gear|protective \w+|life ?jackets?|badges?|lanyards?|lights?"
    r"|licen[cs]e plates?|lid|leash|hood|muzzle)"
)
_NONE_EN = (
    r"(?:nobody|no-?one|no (?:person|people|persons|human|humans|man|men))\b(?!\s+(?:wear|is wearing|has (?:a|on)))"
)
_STATE_EN = r"(?:unmanned|unstaffed|deserted|vacant|empty|unoccupied)"


_NOBODY_EN = rf"^(?:there(?:'s| is| are| has been)?\s+)?(?:is\s+)?{_NONE_EN}(?P<rest>.*)$"
_NO_THING_EN = (
    rf"^(?:there(?:'s| is| are)?\s+)?(?:not an?y?|no|none of the|not a single)\s+(?!{WORN_EN}\b|more\b)"
    r"(?P<what>(?:\w[\w-]*\s+)?\w[\w-]*\b.*)$"
)
_NOT_THERE_EN = (
    r"^(?P<what>.+?)\s+(?:is|are|has been|have been|was|goes|gets|being)\s*(?:not|n't|no longer)\s*(?:been\s+)?"
    r"(?:there|present|visible|in place|(?P<place>(?:at|in|on|near|by|inside|behind)\s+.+))$"
)
_EMPTY_EN = (
    r"^(?P<place>.+?)\s+(?:is|are|was|has been|have been|becomes?|being|left|stays?|goes|remains?|sits|sitting|stands)"
    rf"\s+(?:(?:left|completely|totally|been|still)\s+)*{_STATE_EN}(?P<rest>.*)$",
    rf"^(?:an?\s+|the\s+)?{_STATE_EN}\s+(?P<place>.+?)(?P<rest>)$",
    rf"^(?P<place>[^,]+?)\s+{_STATE_EN}(?P<rest>)$",
)
_GONE_EN = (
    r"^(?P<what>(?!.*\bmissing\s+\w).+?)\s+(?:is|are|goes|has gone|have gone|has been|was)"
    r"\s+(?:missing|gone|absent|away|removed)\b(?P<rest>.*)$",
    r"^(?P<what>.+?)\s+(?:disappears?|has disappeared|vanish(?:es)?|(?:goes )?missing)\b"
    r"(?P<rest>(?:\s+(?:from|at|in|on)\b.*)?)$",
    rf"^missing\s+(?!{WORN_EN}\b)(?P<what>.+?)(?P<rest>)$",
)
_SHORT_EN = (("isn't", "is not"), ("aren't", "are not"), ("hasn't", "has not"))


def absent_en(text: str) -> str | None:
    """The affirmative statement whose falsehood is the absence; None where no whole thing is absent."""
    nobody = re.match(_NOBODY_EN, text, re.IGNORECASE)
    if nobody:
        return "a person " + re.sub(r"^\s*(?:is|are|has been|have been|was)\b", "", nobody["rest"]).strip()
    if NAMED_NO_EN.match(text):
        return None
    nothing = re.match(_NO_THING_EN, text, re.IGNORECASE)
    if nothing:
        joint = r"\b(?:is|are|has been|have been)\s+(?=(?:at|in|on|near|by|inside|visible|present|there)\b)"
        return re.sub(r"^(?:one|body)\b", "a person", re.sub(joint, "", nothing["what"]))
    for short, full in _SHORT_EN:
        text = text.replace(short, full)
    away = re.match(_NOT_THERE_EN, text, re.IGNORECASE)
    return f"{away['what']} {away['place'] or ''}" if away else _empty_or_gone(text)


def _empty_or_gone(text: str) -> str | None:
    empty = next((found for each in _EMPTY_EN if (found := re.match(each, text, re.IGNORECASE))), None)
    if empty:
        place = re.sub(r"^(?:an?|the)\s+", "", empty["place"].strip(), flags=re.IGNORECASE)
        return f"a person at the {place} {empty['rest']}"
    gone = next((found for each in _GONE_EN if (found := re.match(each, text, re.IGNORECASE))), None)
    return f"{gone['what']} {re.sub(r'^from', 'in', gone['rest'].strip())}" if gone else None


_THING_ZH = (
    r"(?:\S{0,3}(?:车辆?|货车|卡车|叉车|人员?|保安|员工|工人|值班员|店员|狗|猫|动物|行人|船|飞机|箱子?|包|灭火器))"
)
_UNMANNED_ZH = (
    r"(?:空了|空着|空无一人|空无人|无人值守|无人值班|没人值守|没人值班|没有人值班|无人在岗|没人在岗|脱岗|离岗"
    r"|空岗|空荡荡)"
)


def absent_zh(text: str) -> str | None:
    match = re.search(rf"{_UNMANNED_ZH}(?:的|了)?", text)
    if match:
        return f"{text[: match.start()]}有人{text[match.end() :]}"
    match = re.search(r"(?:没有?|无)人(?!机|驾驶|看管|看守|售|区|车|船|看护|陪|照看|戴|穿|系|佩戴|超市)员?", text)
    if match:
        return f"{text[: match.start()]}有人{'员' if '人员' in match[0] else ''}{text[match.end() :]}"
    match = re.search(rf"^(?P<place>[^,;]*?)(?:没有|没见|无|看不到|见不到)(?P<what>{_THING_ZH})(?:了)?$", text)
    if match and not re.search(r"[人员工车]$", match["place"]):
        return f"{match['place']}有{match['what']}"
    match = re.search(r"^(?P<what>.+?)(?:不见了?|消失了?|不在了?|丢了|丢失了?|被拿走了?|被搬走了?)(?P<rest>.*)$", text)
    if match:
        return f"{match['what']}{'在' + match['rest'] if match['rest'] else '在画面中'}"
    return None
