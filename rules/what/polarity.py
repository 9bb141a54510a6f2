"""Yes and no in a sentence: absence, negated attributes, "make sure that …".

Takes: what to look for, from which times, names and counts are gone.
Gives: affirmative clauses, the logic over them, and whether absence or a negated part is the trigger.
Knows nothing about: durations, engines."""

from dataclasses import replace

from rules.what.absence import absent_en, absent_zh
from rules.what.beside_en import and_nobody_en
from rules.what.condition import Clause, Condition, single
from rules.what.denied_en import denied_en
from rules.what.denied_zh import and_nobody_zh, denied_zh
from rules.what.exception import Excepted, lifted, take_exception
from rules.words import patterns
from rules.words.language import Lang, tidy
from rules.words.verbs import is_plural

_ENSURE_EN = r"^(?:please\s+)?(?:make (?:sure|certain)|ensure|check|verify|see to it|confirm)\s+(?:that\s+)?(?!for\b)"
_ENSURE_ZH = r"^(?:请|你|务必|必须|一定要?|要)*(?:确保|保证|务必|检查|确认|核实)(?:一下)?(?:是否|是不是)?"
_EVERY_EN = r"^(?:everyone|everybody|all (?P<all>\w+)|each (?P<each>\w+)|every (?P<every>\w+))\s+(?P<does>.+)$"
#: somebody who must be at a place: when nobody is, that is absence
_STAFFED_EN = (
    r"^(?P<who>(?:someone|somebody|(?:a|an|one)\s+(?:\w+\s+)?(?:person|guard|nurse|cashier|attendant|lifeguard|adult"
    r"|worker"
    r"|operator|receptionist|clerk|officer|teacher|doctor|driver|agent|employee|steward|marshal)))"
    r"(?:\s+(?:is\s+)?(?P<where>(?:at|in|on|by|near|behind|beside)\s.+|present|there|on duty|on watch"
    r"|around|visible))?$"
)
_STAFFED_ZH = (
    r"^(?P<where>[^,;没无不]{1,10}?)(?:一直|始终|随时|时刻|总是?|都)*有(?:一?[个名位])?(?P<who>人|保安|护士|店员|收银员"
    r"|救生员|员工|工作人员|值班员|医生|老师|大人)(?:在场?|值守|值班|看守|在岗|看着|守着)?$"
)
_ON_DUTY_ZH = (
    r"^(?P<where>)(?P<who>保安|护士|店员|收银员|救生员|值班员|门卫|岗亭|监护人|安全员|大人|老师|医生|有人)(?:一直"
    r"|始终|时刻|都)*"
    r"(?:在场|在岗|在位|值守|值班|看守|看着|守着|在)$"
)
_EVERY_ZH = (
    r"^(?P<place>.*?)(?:所有|每个|每位|全部|全体)?(?P<who>人|人员|工人|员工|大家)(?:都|均|必须|全部"
    r"|要)*(?P<does>(?:戴|穿|佩戴|系|带).+)$"
)


def read_condition(text: str, lang: Lang, *, counted: bool) -> Condition:
    """`counted`: a count was taken out of this sentence, so "make sure there are at least 3" turns the count round."""
    if lang == "zh":
        # 没人看管 names a state as 无人看管 does.
        text = patterns.sub(r"(?:没有?|无)人(?=佩?戴|穿|系)", "有人没有", text)
        text = patterns.sub(r"没有?人(?=看管|看守|看着|照看|认领|拿|取|拖|捡|管(?=$|[,.;超着了]))", "无人", text)
    excepted = take_exception(text, lang)
    if excepted:
        return _lifted(excepted, lang, counted=counted)
    ensured = patterns.match(_ENSURE_EN if lang == "en" else _ENSURE_ZH, text, patterns.IGNORECASE)
    if ensured:
        rest = tidy(
            patterns.sub(
                r"^there (?:is|are)\s+(?:(?:always|still)\s+)?(?!no)",
                "",
                text[ensured.end() :].strip(),
                flags=patterns.IGNORECASE,
            ),
            lang,
        )
        return _opposite(rest or text, lang, counted=counted)
    aside = and_nobody_zh(text) if lang == "zh" else and_nobody_en(text)
    if aside:
        return aside
    absent = absent_en(text) if lang == "en" else absent_zh(text)
    if absent is not None:
        return Condition(((Clause(tidy(absent, lang)),),), absent=True)
    return denied_en(text) if lang == "en" else denied_zh(text)


def _lifted(excepted: Excepted, lang: Lang, *, counted: bool) -> Condition:
    if not excepted.main:
        return _opposite(excepted.but, lang, counted=counted)
    main = read_condition(excepted.main, lang, counted=counted)
    return lifted(main, read_condition(excepted.but, lang, counted=False))


def _opposite(rest: str, lang: Lang, *, counted: bool) -> Condition:
    """Alert when the rest is false."""
    absent = absent_en(rest) if lang == "en" else absent_zh(rest)
    if absent is not None:
        return single(tidy(absent, lang))
    every = patterns.match(_EVERY_EN if lang == "en" else _EVERY_ZH, rest, patterns.IGNORECASE)
    if every and lang == "en":
        who = next((who for who in (every["all"], every["each"], every["every"]) if who), "person")
        who = patterns.sub(r"(?<!s)s$", "", who) if every["all"] and is_plural(who) else who
        does = patterns.sub(r"\b(?:is|are|must|should|has to|have to)\s+(?=(?:be )?wear)", "", every["does"])
        does = patterns.sub(
            r"\b(?:has|have)\s+(.+?)\s+on$", r"wearing \1", patterns.sub(r"\b(?:wears?|be wearing)\b", "wearing", does)
        )
        where = patterns.match(r"(?P<place>(?:in|on|at|near|by|inside|under|behind|around)\s.+?)\s+(?=wearing\b)", does)
        wears = does[where.end() :] if where else does
        placed = f"a {who} {where['place']}" if where else f"a {who}"
        return Condition(((Clause(placed), Clause(f"{placed} {wears}", negated=True)),))
    if every:
        return Condition(
            (
                (
                    Clause(f"{every['place']}{'' if every['place'].endswith('的') else '有'}{every['who']}"),
                    Clause(every["who"] + every["does"], negated=True),
                ),
            )
        )
    if counted:
        return replace(single(rest), inverted_count=True)
    shapes = (_STAFFED_EN,) if lang == "en" else (_STAFFED_ZH, _ON_DUTY_ZH)
    staffed = next((match for each in shapes if (match := patterns.match(each, rest, patterns.IGNORECASE))), None)
    if staffed:
        there = (
            f"{staffed['where']}有{staffed['who'].removeprefix('有')}"
            if lang == "zh"
            else f"{staffed['who']} {staffed['where'] or ''}"
        )
        return Condition(((Clause(tidy(there, lang)),),), absent=True)
    inner = denied_en(rest) if lang == "en" else denied_zh(rest)
    if inner.negated:
        return Condition(tuple(tuple(replace(clause, negated=False) for clause in group) for group in inner.anyof[:1]))
    return Condition(((Clause(rest, negated=True),),))
