"""Yes and no in a sentence: absence, negated attributes, "make sure that …".

Takes: what to look for, from which times, names and counts are gone.
Gives: affirmative clauses, the logic over them, and whether absence or a negated part is the trigger.
Knows nothing about: durations, engines."""

import re
from dataclasses import dataclass, replace

from rules.absence import NAMED_NO_EN, WORN_EN, absent_en, absent_zh
from rules.language import Lang, tidy
from rules.scope import has_core
from rules.vocabulary import labels_en


@dataclass(frozen=True, slots=True)
class Clause:
    """One affirmative statement; `negated`: the rule wants it not to hold."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An `or` of `and`s. `absent`: the trigger is that the one clause does not hold, for a time."""

    anyof: tuple[tuple[Clause, ...], ...]
    absent: bool = False
    inverted_count: bool = False

    @property
    def negated(self) -> bool:
        return any(clause.negated for group in self.anyof for clause in group)


def single(text: str) -> Condition:
    """One clause, taken as it stands."""
    return Condition(((Clause(text),),))


_ENSURE_EN = r"^(?:please\s+)?(?:make (?:sure|certain)|ensure|check|verify|see to it|confirm)\s+(?:that\s+)?(?!for\b)"
_ENSURE_ZH = r"^(?:请)?(?:确保|保证|务必|检查|确认|必须保证)"
_EVERY_EN = r"^(?:everyone|everybody|all (?P<all>\w+)|each (?P<each>\w+)|every (?P<every>\w+))\s+(?P<does>.+)$"
_EVERY_ZH = (
    r"^(?P<place>.*?)(?:所有|每个|每位|全部|全体)?(?P<who>人|人员|工人|员工|大家)(?:都|均|必须|全部"
    r"|要)*(?P<does>(?:戴|穿|佩戴|系|带).+)$"
)


def read_condition(text: str, lang: Lang, *, counted: bool) -> Condition:
    """`counted`: a count was taken out of this sentence, so "make sure there are at least 3" turns the count round."""
    ensured = re.match(_ENSURE_EN if lang == "en" else _ENSURE_ZH, text, re.IGNORECASE)
    if ensured:
        rest = tidy(re.sub(r"^there (?:is|are)\s+(?!no)", "", text[ensured.end() :].strip(), flags=re.IGNORECASE), lang)
        return _opposite(rest or text, lang, counted=counted)
    aside = _and_nobody_zh(text) if lang == "zh" else None
    if aside:
        return aside
    absent = absent_en(text) if lang == "en" else absent_zh(text)
    if absent is not None:
        return Condition(((Clause(tidy(absent, lang)),),), absent=True)
    return _negations_en(text) if lang == "en" else _negations_zh(text)


def _opposite(rest: str, lang: Lang, *, counted: bool) -> Condition:
    """Alert when the rest is false."""
    absent = absent_en(rest) if lang == "en" else absent_zh(rest)
    if absent is not None:
        return single(tidy(absent, lang))
    every = re.match(_EVERY_EN if lang == "en" else _EVERY_ZH, rest, re.IGNORECASE)
    if every and lang == "en":
        who = next((who for who in (every["all"], every["each"], every["every"]) if who), "person")
        wears = re.sub(r"^(?:is|are|must|should|has to|have to)\s+", "", every["does"])
        wears = re.sub(r"^(?:wears?|wearing)\b", "wearing", wears)
        return Condition(((Clause(f"a {who}" if who == "person" else who), Clause(f"a {who} {wears}", negated=True)),))
    if every:
        return Condition(
            ((Clause(f"{every['place']}有{every['who']}"), Clause(every["who"] + every["does"], negated=True)),)
        )
    if counted:
        return replace(single(rest), inverted_count=True)
    inner = _negations_en(rest) if lang == "en" else _negations_zh(rest)
    if inner.negated:
        return Condition(tuple(tuple(replace(clause, negated=False) for clause in group) for group in inner.anyof[:1]))
    return Condition(((Clause(rest, negated=True),),))


_SEVERAL_EN = re.compile(r"\s*(?:,\s*or\b|,\s*and\b|,|;|\bor\b)\s*", re.IGNORECASE)
_WITHOUT_EN = re.compile(
    (
        r"\s*\b(?:but not|and not|with no|without(?: any| an?| the| their| his| her)?|and no|but no|and nobody"
        r"|with nobody|and no one|lacking(?: an?)?|missing(?: an?| their| his| the)?|(?:is |are )?not|isn't"
        r"|aren't|hasn't|haven't|doesn't|don't|has not|have not|does not|do not|other than|except(?: for)?"
        r"|no longer|has no|have no|never|no)\b\s*"
    ),
    re.IGNORECASE,
)
_PERSONS_EN = (
    r"\b(?:person|people|someone|somebody|anyone|anybody|man|men|woman|women|worker|workers|driver|drivers"
    r"|rider|riders|staff|employee|employees|kid|kids|child|children|guard|guards|visitor|visitors|cook|cooks"
    r"|chef|operator|operators|cyclist|cyclists|motorcyclist|everyone|everybody|welder|nurse|adult|adults"
    r"|patient|individual|passenger|pedestrian)\b"
)


def _negations_en(text: str) -> Condition:
    bare = re.match(r"^(?:nobody|no-?one|no one)\s+(?:is\s+)?(?:wears?|wearing)\s+(?P<what>.+)$", text, re.IGNORECASE)
    if bare:
        return Condition(((Clause("a person"), Clause(f"a person wearing {bare['what']}", negated=True)),))
    # "No Smoking sign" is a name: an underscore makes one word of it.
    hidden = NAMED_NO_EN.sub(lambda match: re.sub(r"(?i)^(no) ", r"\1_", match[0]), text)
    if not re.search(_WITHOUT_EN, hidden):
        return single(text)
    groups: list[tuple[Clause, ...]] = []
    subject = ""
    for part in (each for each in _SEVERAL_EN.split(hidden) if each and each.strip()):
        negator = _WITHOUT_EN.search(part)
        if not negator:
            alone = re.search(_PERSONS_EN, part, re.IGNORECASE) or not subject
            groups.append((Clause(tidy(part if alone else f"{subject} {part}", "en")),))
            subject = subject or (tidy(part, "en") if alone and len(part.split()) <= 2 else subject)
            continue
        left = tidy(part[: negator.start()], "en")
        subject = subject if not left else left
        groups.append(_without(subject, negator[0].strip().lower(), tidy(part[negator.end() :], "en")))
    named = tuple(tuple(replace(each, text=each.text.replace("_", " ")) for each in group) for group in groups)
    return Condition(named or ((Clause(text),),))


def _without(subject: str, negator: str, right: str) -> tuple[Clause, ...]:
    """Who is looked for, and what must not hold of them."""
    if negator in {"with no", "and no", "but no", "and nobody", "with nobody", "and no one"} and not re.match(
        WORN_EN, right
    ):
        other = f"a person {right}" if "body" in negator or "one" in negator else right
        return (Clause(subject or "a person"), Clause(re.sub(r"^one\b", "a person", other), negated=True))
    if negator in {"other than", "except", "except for", "but not", "and not"} and subject:
        return (Clause(subject), Clause(right, negated=True))
    worn = re.match(rf"(?:an?\s+|the\s+|any\s+)?(?:\w+\s+)?{WORN_EN}", right, re.IGNORECASE)
    person = re.search(_PERSONS_EN, subject, re.IGNORECASE)
    if not subject or person or worn:
        who = subject or "a person"
        name = person[0] if person else who
        does = f"wearing {right}" if worn and not re.match(r"wear", right) else re.sub(r"^wear\b", "wearing", right)
        does = (
            f"with {does}"
            if negator.startswith(("without", "lacking", "has no", "have no"))
            and not worn
            and not re.match(r"\w+ing\b", does)
            else does
        )
        return (Clause(who), Clause(f"{name} {does}", negated=True))
    noun = re.sub(r"^(?:an?|any|the)\s+", "", right)
    if negator.startswith("without") and (labels_en(noun) or re.fullmatch(_PERSONS_EN, noun, re.IGNORECASE)):
        return (Clause(subject), Clause(re.sub(r"^(?!an? )", "a ", right), negated=True))
    verb = re.match(r"(?:is|are|has|have)", negator)
    joined = (
        f"{subject} "
        f"{verb[0] if verb else ('with' if negator.startswith(('without', 'lack', 'missing')) else '')} "
        f"{right}"
    )
    return (Clause(tidy(joined, "en"), negated=True),)


_NOT_ZH = re.compile(
    r"(?:还|仍|并|都)?(?:没有|没|未(?!成年|知|来)|不(?!锈钢|干胶|停|断|见|同|少|多|动|明|良|久|倒翁|管|得"
    r"|超过|到|足|足够|准|止|仅|但|过|要)|无(?!人|纺|线|关|数|论|缝|烟|花果|障碍|影|轨|菌|名|法)|缺少|忘记"
    r"|忘了)"
)
_PERSON_END_ZH = re.compile(
    r"(?:人|工人|人员|员工|司机|骑手|厨师|店员|保安|孩子|小孩|学生|乘客|师傅|者|驾驶员|驾驶人|操作工|焊工"
    r"|电工|客|们|老人|儿童|护士|女|男|员)(?:在\S{0,8}?)?(?:的)?(?:时|上|中|里|内)?$"
)


def _negations_zh(text: str) -> Condition:
    text = text.replace("有没有", "有")
    if not _NOT_ZH.search(text):
        return single(text)
    groups: list[tuple[Clause, ...]] = []
    subject = ""
    for part in (each for each in re.split(r"[,;]|或者|或是|或", text) if each.strip()):
        negator = _NOT_ZH.search(part)
        if not negator:
            groups.append((Clause(part if not subject or "人" in part else subject + part),))
            continue
        left, right = part[: negator.start()].strip(), tidy(part[negator.end() :], "zh")
        subject = left or subject
        groups.append(_without_zh(subject, right))
    merged = _side_condition(groups)
    return Condition(merged or ((Clause(text),),))


def _without_zh(subject: str, right: str) -> tuple[Clause, ...]:
    worn = re.match(r"(?:佩?戴|穿|系|带|绑)", right)
    owner = re.match(r"^(?P<what>.+?)的(?P<who>\S*?(?:人员?|员工?|手|司机|孩子|学生|师傅|者|客))(?P<does>.*)$", right)
    if owner and worn:
        does = f"{subject}有{owner['who']}{owner['does']}"
        return (Clause(does), Clause(owner["who"] + owner["what"], negated=True))
    if not subject and worn:
        return (Clause("有人"), Clause(f"人{right}", negated=True))
    if subject and _PERSON_END_ZH.search(subject):
        return (Clause(subject), Clause(subject + right, negated=True))
    return (Clause(subject + right if subject else right, negated=True),)


_BUT_ZH = re.compile(
    r"\s*[,;]\s*(?:(?:而且?|但是?|同时|并且?|且|却|可是?|然而)\s*)?|(?:而且|但是?|同时|并且|且|却|可是|然而|而)"
)


def _and_nobody_zh(text: str) -> Condition | None:
    """ "着火了,而且没有人在场": something is there, and nobody beside it."""
    parts = [part for part in _BUT_ZH.split(text) if part]
    if len(parts) != 2 or _NOT_ZH.search(parts[0]) or not has_core(parts[0], "zh"):
        return None
    missing = absent_zh(parts[1])
    if missing is None or absent_zh(parts[0]) is not None:
        return None
    return Condition(((Clause(parts[0]), Clause(tidy(missing, "zh"), negated=True)),))


def _side_condition(groups: list[tuple[Clause, ...]]) -> tuple[tuple[Clause, ...], ...]:
    """ "孩子在泳池,旁边没有大人": a positive part and then a negated one belong together."""
    if (
        len(groups) == 2
        and not groups[0][0].negated
        and len(groups[0]) == 1
        and any(clause.negated for clause in groups[1])
    ):
        return ((groups[0][0], *(clause for clause in groups[1] if clause.negated)),)
    return tuple(groups)
