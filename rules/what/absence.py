"""Absence: a whole person, vehicle or thing is not where it should be, and that is the trigger.

Takes: what to look for, in one clause.
Gives: the affirmative statement whose falsehood is the absence ("nobody at the desk": a person at the desk).
Knows nothing about: durations; negated attributes, which are polarity.py's."""

import re

from rules.words import patterns

#: names that only look like a negation
NAMED_NO_EN = re.compile(
    r"\bno (smoking|parking|entry|admittance|exit|swimming|dogs) (signs?|area|zones?|boards?)|\bnon-\w+|\bno-(\w+)",
    re.IGNORECASE,
)
WORN_EN = (
    r"(?:hard ?hats?|helmets?|vests?|gloves?|masks?|goggles?|glasses|harness(?:es)?|hi-?vis\b.*|high-vis\w*.*"
    r"|ppe|safety \w+|boots?|shoes?|shirts?|face masks?|hair ?nets?|aprons?|uniforms?|seat ?belts?|caps?|hats?"
    r"|jackets?|ear (?:muffs|protection)|gear|protective \w+|life ?jackets?|badges?|lanyards?|lights?"
    r"|(?:licen[cs]e|number) plates?|lid|leash|hood|muzzle)"
)
_NONE_EN = (
    r"(?:nobody|no-?one|no (?:person|people|persons|human|humans|man|men))\b(?!\s+(?:wear|is wearing|has (?:a|on)))"
)
_STATE_EN = r"(?:unmanned|unstaffed|deserted|vacant|empty|unoccupied)"


_NOBODY_EN = rf"^(?:there(?:'s| is| are| has been)?\s+)?(?:is\s+)?{_NONE_EN}(?P<rest>.*)$"
#: "the check-in desk has no agent" says the same as "no agent at the check-in desk"
_PLACE_HAS_NO_EN = (
    r"^(?P<place>(?:the\s+)?[^,;]*?(?:[\ue000-\uf8ff]|desk|counter|station|post|till|checkout|entrance|gate|lobby"
    r"|room|bay|dock"
    r"|yard|area|hall|ward|office|reception|booth|kiosk|bar|bed|chair|seat|tower))"
    r"\s+(?:has|have|is with|are with|with)\s+no\s+"
    r"(?P<what>agents?|staff|attendants?|guards?|nurses?|cashiers?|workers?|people|persons?|customers?|drivers?"
    r"|operators?"
    r"|receptionists?|clerks?|lifeguards?|officers?|employees?|vehicles?|cars?|trucks?|vans?|one)\b(?P<rest>.*)$"
)
_NO_THING_EN = (
    rf"^(?:there(?:'s| is| are)?\s+)?(?:not an?y?|no|none of the|not a single)\s+(?!{WORN_EN}\b|more\b)"
    r"(?P<what>(?:\w[\w-]*\s+)?\w[\w-]*\b.*)$"
)
#: "nothing in the feed trough"
_NOTHING_EN = r"^(?:there(?:'s| is)\s+)?nothing\s+(?:is\s+)?(?:left\s+)?(?P<where>(?:in|on|at|inside|under)\s+.+)$"
#: "neither a guard nor a dog at the gate"
_NEITHER_EN = (
    rf"^(?:there(?:'s| is| are)?\s+)?neither\s+(?!(?:an?\s+)?{WORN_EN}\b)(?P<one>\w[\w-]*(?:\s+[\w-]+){{0,2}})\s+nor\s+"
    r"(?P<other>\w[^,;]*)$"
)
_NOT_THERE_EN = (
    r"^(?P<what>.+?)(?<!\bthat)(?<!\bwho)(?<!\bwhich)\s+(?:is|are|has been|have been|was"
    r"|goes|gets|being)\s*(?:not|n't|no longer)\s*(?:been\s+)?"
    r"(?:there|present|visible|in place|(?P<place>(?:at|in|on|near|by|inside|behind)\s+.+))$"
)
_EMPTY_EN = (
    r"^(?P<place>.+?)\s+(?:is|are|was|has been|have been|becomes?|being|left|stays?|goes|remains?|sits|sitting|stands)"
    rf"\s+(?:(?:left|completely|totally|been|still)\s+)*{_STATE_EN}(?P<rest>.*)$",
    rf"^(?:an?\s+|the\s+)?{_STATE_EN}\s+(?P<place>.+?)(?P<rest>)$",
    rf"^(?P<place>[^,]+?)\s+{_STATE_EN}(?P<rest>)$",
    # The name of a camera stood before it: "Checkout 2 unstaffed".
    rf"^(?:(?:is|are|being|left)\s+)*{_STATE_EN}(?P<place>)(?P<rest>)$",
)
_HOLDS_THINGS_EN = (
    r"(?:shel(?:f|ves)|racks?|conveyors?|belts?|trays?|bowls?|bins?|box(?:es)?|pallets?|fridge|basket"
    r"|cabinet|display|hooks?"
    r"|plates?|carts?|feeders?|hangers?|slots?|dispensers?|tanks?|bottles?|cages?)"
)
_HOLDS_CARS_EN = r"\b(?:parking (?:area|lot|spaces?|bays?|spots?|place)|car park|garage|loading bay|loading dock)$"
_GONE_EN = (
    r"^(?P<what>(?!.*\bmissing\s+\w).+?)\s+(?:is|are|goes|has gone|have gone|has been|was|has|have)"
    r"\s+(?:missing|gone|absent|away|removed)\b(?P<rest>.*)$",
    r"^(?P<what>.+?)\s+(?:disappears?|has disappeared|vanish(?:es)?|(?:goes )?missing)\b"
    r"(?P<rest>(?:\s+(?:from|at|in|on)\b.*)?)$",
    rf"^missing\s+(?!{WORN_EN}\b)(?P<what>.+?)(?P<rest>)$",
)
_SHORT_EN = (("isn't", "is not"), ("aren't", "are not"), ("hasn't", "has not"))


def absent_en(text: str) -> str | None:
    """The affirmative statement whose falsehood is the absence; None where no whole thing is absent."""
    nobody = patterns.match(_NOBODY_EN, text, patterns.IGNORECASE)
    if nobody:
        return "a person " + patterns.sub(r"^\s*(?:is|are|has been|have been|was)\b", "", nobody["rest"]).strip()
    nothing = patterns.match(_NOTHING_EN, text, patterns.IGNORECASE)
    if nothing:
        return f"something {nothing['where']}"
    neither = patterns.match(_NEITHER_EN, text, patterns.IGNORECASE)
    if neither:
        return f"{neither['one']} or {neither['other']}"
    if NAMED_NO_EN.match(text):
        return _empty_or_gone(text)
    bare = patterns.match(_PLACE_HAS_NO_EN, text, patterns.IGNORECASE)
    if bare:
        what = patterns.sub(r"^one$", "a person", bare["what"])
        return f"{what} at {bare['place']} {bare['rest']}"
    nothing = patterns.match(_NO_THING_EN, text, patterns.IGNORECASE)
    if nothing:
        joint = r"\b(?:is|are|has been|have been)\s+(?=(?:at|in|on|near|by|inside|visible|present|there)\b)"
        return patterns.sub(r"^(?:one|body)\b", "a person", patterns.sub(joint, "", nothing["what"]))
    for short, full in _SHORT_EN:
        text = text.replace(short, full)
    away = patterns.match(_NOT_THERE_EN, text, patterns.IGNORECASE)
    return f"{away['what']} {away['place'] or ''}" if away else _empty_or_gone(text)


#: of "something" one cannot say that it is not there: that it was taken is an event
_ANY_TAKEN_EN = (
    r"^(?:something|anything|(?:an?|any) (?:object|item|thing)|objects|items|things)"
    r"\s+(?:is|are|was|gets?|has been|have been)\s+(?:being )?removed\b"
)
_ANY_TAKEN_ZH = r"(?:东西|物品|物体|什么)被(?:人)?(?:拿|搬|取|偷|移|带|盗)走?了?"


def _empty_or_gone(text: str) -> str | None:
    if patterns.match(_ANY_TAKEN_EN, text, patterns.IGNORECASE):
        return None
    empty = next((found for each in _EMPTY_EN if (found := patterns.match(each, text, patterns.IGNORECASE))), None)
    if empty:
        place = patterns.sub(r"^(?:an?|the)\s+", "", empty["place"].strip(), flags=patterns.IGNORECASE)
        if patterns.search(rf"\b{_HOLDS_THINGS_EN}$", place, patterns.IGNORECASE):
            return f"something on the {place} {empty['rest']}"
        who = "a car or a person" if patterns.search(_HOLDS_CARS_EN, place, patterns.IGNORECASE) else "a person"
        return f"{who} at the {place} {empty['rest']}" if place else "a person"
    gone = next((found for each in _GONE_EN if (found := patterns.match(each, text, patterns.IGNORECASE))), None)
    return f"{gone['what']} {patterns.sub(r'^from', 'in', gone['rest'].strip())}" if gone else None


#: what a person does or wears: "没有戴", "没有关" deny an act, "没有护栏" says that a thing is absent
ACT_ZH = (
    r"(?:佩?戴|穿|系|带|绑|关|盖|开|打|锁|停|放|按|拿|扶|拴|牵|拉|走|站|坐|起|动|来|到|回|上|下|进|出|人陪"
    r"|人看|人照|人监|大人陪|靠"
    r"|熄|收|清|洗|刷|排队|遵守|让|减|遮|固定|覆盖|围|锁|封|插|接|离|看|注意|使用|用|办|登记|按照|按规|完|及时|被)"
)
WORN_ZH = (
    r"(?:安全帽|头盔|反光衣|反光背心|口罩|手套|护目镜|眼镜|工作服|工装|安全带|安全绳|救生衣|雨鞋|鞋套|帽"
    r"|工牌|胸牌|胸卡|证件|牵引绳|绳|车牌|牌照"
    r"|车灯|盖子|防护|面罩|耳塞|鞋|衣)"
)
_UNMANNED_ZH = (
    r"(?:空了|空着|空无一人|空无人|空荡荡|(?:无|没有?)人(?:值守|值班|在岗|站岗|在场|在位|当班"
    r"|看守岗)|脱岗|离岗|空岗|缺岗|无一人)"
)
#: 保安离岗: it is the guard who is not at his post
_ON_POST_ZH = (
    r"(?:保安|门卫|护士|医生|警察|哨兵|老师|教练|师傅|工人|司机|[\u4e00-\u9fff]{0,3}(?<![人在])员|值班人员|工作人员)$"
)
_NONE_ZH = (
    r"(?:没有看到|没看到|没见到|没有|没见|没|无(?!人|纺|线|法|关|故|数|论|缝)|看不到|见不到|看不见|少了|缺少?|缺了)"
)
_GONE_ZH = (
    r"(?:不见了?|消失了?|不在了?|不在(?:原位|位|岗|场)|丢了|丢失了?|没有了|没了|(?:卖|用|拿|吃|喂)(?:完|光)了"
    r"|断货了?|缺货了?|被(?:人)?(?:拿|搬|取|偷|移"
    r"|开|挪)走了?|被偷了?|缺失|缺位|失踪)"
)


#: 既没有保安也没有狗
_NEITHER_ZH = (
    r"(?P<place>[^,;没无]{0,10}?)既?(?:没有?|无)(?P<one>[^,;没无]{1,8}?)[,]?[也又](?:没有?|无)(?P<other>[^,;]{1,8})"
)
#: 没有灭火器的动火作业: the work is seen; 没有红色的车: no such car is
_LACKING_ZH = r"[^的]{1,7}(?:器|牌照?|栏|盖子?|灯|网|标志|标识|措施|防护|锁|布|罩|监护|陪同|司机|车位|警示)的.+"


def _is_attribute(what: str) -> bool:
    return bool(patterns.match(ACT_ZH, what) or patterns.search(WORN_ZH, what))


def absent_zh(text: str) -> str | None:
    match = patterns.search(
        r"(?P<holder>货架|架子?|传送带|碗|盘子?|箱子?|柜子?|筐|桶|冰箱|展柜|托盘|料斗|水箱|食槽)(?:都"
        r"|已经)?(?:空了|空着|空荡荡)",
        text,
    )
    if match:
        return f"{text[: match.end('holder')]}上有东西{text[match.end() :]}"
    neither = patterns.fullmatch(_NEITHER_ZH, text)
    if neither and not _is_attribute(neither["one"]) and not _is_attribute(neither["other"]):
        return f"{neither['place']}有{neither['one']}或{neither['other']}"
    match = patterns.search(
        r"(?:连)?一[个名位辆只条台]?(?P<what>[^,.;一]{1,6}?)[都也](?:没有|没|不在|看不到)(?:了)?$", text
    )
    if match:
        return f"{text[: match.start()]}有{match['what']}"
    match = patterns.search(rf"{_UNMANNED_ZH}(?:的|了)?", text)
    if match and "岗" in match[0] and (post := patterns.search(_ON_POST_ZH, text[: match.start()])):
        return f"{text[: post.start()]}有{post[0]}在岗{text[match.end() :]}"
    if match:
        return f"{text[: match.start()]}有人{text[match.end() :]}"
    match = patterns.search(
        r"(?:没有?|无)(?:一个|任何)?人(?!机|驾驶|看管|看守|看着|拿|取|拖|捡|售|区|车|船|看护|陪|牵"
        r"|扶|抱|搀|领着|照看|照料|照顾|监护"
        r"|管|戴|穿"
        r"|系|佩戴|超市)员?",
        text,
    )
    if match:
        return f"{text[: match.start()]}有人{'员' if '人员' in match[0] else ''}{text[match.end() :]}"
    return _no_thing_zh(text) or _gone_zh(text)


def _no_thing_zh(text: str) -> str | None:
    """ "月台没有货车" is absence; "工人没有安全帽" and "门没有关" deny an attribute."""
    match = patterns.search(
        rf"^(?P<place>[^,;]*?){_NONE_ZH}(?:任何|一[个辆只条台])?(?P<what>[^,;]{{1,12}}?)(?:了)?$", text
    )
    if not match or match["what"] == "了" or _is_attribute(match["what"]):
        return None
    place = match["place"]
    if patterns.match(r"(?:大|成|主)?人[牵扶抱搀陪]", match["what"]):
        return None
    if not place and patterns.match(_LACKING_ZH, match["what"]):
        return None
    there = patterns.search(r"(?:停着?了?|有|出现了?|进了?)$", place)
    if there and patterns.search(r"的\S*[车人员狗船辆]$", match["what"]):
        return None
    if patterns.search(r"(?:孩子?|儿童|幼儿|老人|病人|宝宝|婴儿)[^,;上里内中旁边前处]{1,6}$", place):
        return None
    if patterns.search(r"[人员工车客生孩]$", place) or patterns.search(r"(?:^|[有到])\S{0,3}人", place):
        return None
    return f"{place}有{match['what']}"


def _gone_zh(text: str) -> str | None:
    if patterns.search(_ANY_TAKEN_ZH, text):
        return None
    match = patterns.search(rf"^(?P<what>.+?){_GONE_ZH}(?P<rest>.*)$", text)
    if match:
        return f"{match['what']}{'在' + match['rest'] if match['rest'] else '在画面中'}"
    match = patterns.search(r"^(?P<what>[^,;]+?)(?:已?经?不在|没在|没有在)(?P<rest>[^,;]{1,12})$", text)
    return f"{match['what']}在{match['rest']}" if match and not patterns.search(ACT_ZH, match["rest"][:1]) else None
