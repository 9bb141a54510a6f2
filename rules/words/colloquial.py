"""As people speak: dialect, short forms and signs, in the words that the other rooms know.

Takes: a sentence, names marked.
Gives: the same in plain words; what is looked for keeps its own.
Knows nothing about: slots; mistyped words are slips.py's."""

import re
from collections.abc import Mapping

from rules.words import patterns
from rules.words.language import Lang
from rules.words.verbs import is_verb

_SIGNS = {r"≥|≧|⩾|>\s*=": ">=", r"≤|≦|⩽|<\s*=": "<=", r"\s*(?:[→➔➜➡⇒]|[=-]+>|>{2,})\s*": ", "}
#: pictures, stars and marks; the degree sign is a unit
_PICTURES = re.compile(r"\s*[\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\u20e3\ufe0f\U0001f000-\U0001faff]+\s*")
_SHOUTED = re.compile(r"([!?])[!?]+")

_ENGLISH: Mapping[str, str] = {
    r"gie(?= (?:me|us)\b)": "give",
    r"nae?body|nobdy|no a soul|not (?:a|one) (?:living |single )?soul|nary a soul|no sign of (?:life|anyone|anybody"
    r"|a soul)"
    r"|no-?one about": "nobody",
    r"(?:there(?:'s| is) )?(?:no|nae) sign of(?: (?:the|an?|any|our))?": "no",
    r"(?:there(?:'s| is) )?nae(?= [a-z])": "no",
    r"summat|sumthin[g']?|somethin'?": "something",
    r"some(?:wan|yin)": "someone",
    r"mair": "more",
    r"tae": "to",
    r"oot": "out",
    r"oan": "on",
    r"doon": "down",
    r"aff": "off",
    r"wi'?": "with",
    r"frae": "from",
    r"is(?:nae|ny|na)|ain'?t": "isn't",
    r"are?n(?:ae|a)": "aren't",
    r"hasnae": "hasn't",
    r"dinn(?:ae|a)|dinny": "don't",
    r"doesn(?:ae|a)": "doesn't",
    r"wasnae": "wasn't",
    r"outta": "out of",
    r"(?:fixin[g']?|finna|fixing|gearing up|getting ready|itching) to": "about to",
    r"(?:looks?|looking) (?:like )?(?:(?:he|she|they)(?:'s|'re| is| are) )?(?:set|fit|out|keen) to": "about to",
    r"wanna": "want to",
    r"tryna": "trying to",
    r"gonna": "going to",
    r"'?em(?= (?:in|on|at|for|up|out|off|when|if)\b)": "them",
    r"y'?all": "you",
    r"thru": "through",
    r"til+|'til": "until",
    r"lates?(?=,? (?:\d|from\b))": "time",
    r"half an? hr|half hr|(?:half|1/2) an? hour|1/2 hour": "half an hour",
    r"an hr": "an hour",
    r"goings[- ]on|carry(?:ing)?s?[- ]?on|shenanigans|malarkey": "activity",
}
_PATTERNS_EN = tuple(
    (re.compile(rf"(?<![\w'-])(?:{said})(?![\w'-])", re.IGNORECASE), meant) for said, meant in _ENGLISH.items()
)
_DAYS_EN = {each[:3]: each for each in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}
#: "Fri lates, 18:00-21:30", "sat nights": before a word of time it is a day, also where it begins the sentence
_DAY_EN = re.compile(
    r"\b(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs|rs|nes)?\.?(?=\s+(?:lates?|nights?|mornings?|afternoons?"
    r"|evenings?)\b)"
    r"|\b(?-i:(?P<name>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs|rs|nes)?\.?(?=\s+\d))",
    re.IGNORECASE,
)
_SHOUT_EN = (
    r"(?:(?:gi(?:e|ve)|drop|send)\s+(?:me|us)\s+an?\s+(?:(?:wee|quick|little|loud|good)\s+)?(?:shout|ring|buzz|call"
    r"|ping|heads[- ]?up|nudge"
    r"|bell|line|holler|yell|text|message|note|knock|tinkle|bleep)|(?:holler|shout|yell|sing out|pipe up|shout up"
    r"|buzz|bleep|page"
    r"|radio|ring|poke|nudge|hit)(?:\s+(?:at|to|for|up))?(?:\s+(?:me|us))?(?:\s+(?:up|out))?)"
)
#: a sound by its words, a request by its place: at an end of the sentence, or before "if"
_ASKS_EN = re.compile(
    rf"(?P<before>^(?:(?:please|just|ok|so|hey)\s+)*|[,.;:!-]\s*(?:(?:then|just|please|so|and)\s+)*|\b(?:then|just"
    rf"|please|so|and)\s+)"
    rf"{_SHOUT_EN}(?P<soon>\s+(?:asap|right away|straight away|sharpish|quick|now|pronto|will ye|will you|yeah|ok|eh"
    rf"|mate))?"
    r"(?=\s*(?:[.,;!]|$)|\s+(?:if|when|whenever|the (?:second|minute|moment|instant)|as soon as|once|should"
    r"|any ?time|every ?time)\b)",
    re.IGNORECASE,
)
#: "standin", "actin'": the g is not spoken
_SHORT_ING = re.compile(r"\b(?P<verb>[A-Za-z]{2,12}in)(?:'(?=\s|$|[,.;:!?])|\b(?!['-]))")

_TELLS_ZH = (
    r"(?:讲|说|吱|吭|喊|叫|知会|招呼|言语|吆喝|吼|应|回|响|打|来)(?:我|俺|咱|人)?(?:们)?(?:一?声儿?|一?下子?|一?嗓子"
    r"|个?招呼)(?:声)?(?:我|俺)?"
    r"|吱一?个声|打(?:个|声)招呼|(?:喊|叫|找|戳|敲|滴|踢|扣|搖|摇|艾特|@|call|cue|call一?下)(?:我|俺|咱们?)(?:一?下"
    r"|一?声)?|话我知"
    r"|(?:发|来|弹)(?:个|条|一[个条])?(?:消息|信息|微信|短信|语音|通知|提醒|信儿?)(?:给|到)?(?:我们?|俺|咱们?|群里"
    r"|手机)?(?:上)?"
    r"|(?:跟|同|和|给|与)(?:我|俺|咱)(?:讲|说|吱声|言语|来信儿?|提个?醒)|(?:吱|言语|吭)一?声"
)
_SOON_ZH = (
    r"(?:赶紧|赶快|快点?|马上|立马|立刻|立即|即刻|即时|及时|即|第一时间|尽快|麻烦|记得|一定|千万|必须|要|请)*"
    r"(?:(?:跟|同|给|向|和|帮|与|替)(?:我|俺|咱)们?)?"
)
#: the request as people say it; what comes before it shows that no sound is meant
_ASKS_ZH = (
    rf"(?:(?P<join>[,.;!:]|[就即才再便则要]|^|[了时]|的话|赶紧|赶快|立马|马上|立刻|立即|即刻|及时|麻烦|记得"
    rf"|请)\s*{_SOON_ZH}(?:{_TELLS_ZH})"
    r"|(?:(?:跟|同|给|向|帮)(?:我|俺|咱)们?)(?:讲|说|吱|吭|喊|叫|知会|招呼|言语|来|打)(?:一?声儿?|一?下"
    r"|个?招呼))"
    r"(?:哈|呗|吧|啊|哦|噢|喔|嘛|呀|哟|嗷|昂|先|就行|就好|即可|好了|得了)*(?=$|[,.;!:])"
)

_CHINESE: tuple[tuple[str, str], ...] = (
    (r"冇(?=人)|冇得(?=人)|莫得(?=人)|没得(?=人)|木有(?=人)|没见(?:到|着)?半?个(?=人)", "没有"),
    (r"冇(?=[戴着穿系关锁扣拉盖绑打停放])|唔(?=[戴着穿系关锁])", "没"),
    (r"冇|莫得|木有|没得(?![到手出])|[么冒]得(?=[^,.;])", "没有"),
    (r"唔系", "不是"),
    (r"唔|甭", "不"),
    (r"即刻", "立刻"),
    (r"喺", "在"),
    (r"嘅", "的"),
    (r"咗", "了"),
    (r"佢", "他"),
    (r"(?<=[关锁拉盖合])返", "上"),
    (r"瞓觉|困觉|睏觉", "睡觉"),
    (r"睇(?:到|见)", "看到"),
    (r"有(?:啥|点儿?啥|什么)(?=[^,.;]{0,3}(?:异常|不|怪|情况|动静|事))", "有什么"),
    (r"(?<=对劲)儿", ""),
    (r"里头", "里面"),
    (r"外头", "外面"),
    (r"上头", "上面"),
    (r"跟前(?=[^,.;])", "前面"),
    (r"([半一二两三四五六七八九十几\d]+)个(?:来|多)?小时", r"\1个小时"),
    (r"(?<=[半\d一二两俩三仨四五六七八九十])个钟(?:头)?(?!头)", "个小时"),
    (r"个半钟(?:头)?", "个半小时"),
    (r"半拉(?:个)?(?:小时|钟头)|半(?:把)?钟头", "半个小时"),
    (r"([一二两三四五六七八九十\d]+)来(?=分钟|秒|个小时)", r"\1"),
    (r"个把(?=小时|钟头)", "1个"),
    (r"仨", "三个"),
    (r"俩(?=[人小钟车])", "两个"),
    (r"一刻(?![钟不也都])(?=$|[,.;就没还])", "一刻钟"),
)


def plainly_spoken(text: str, lang: Lang) -> str:
    """The names of the site are one private character each by now, and stay."""
    for sign, meant in _SIGNS.items():
        text = patterns.sub(sign, meant, text)
    text = _SHOUTED.sub(r"\1", _PICTURES.sub(" ", text))
    if lang == "zh":
        for said, meant in _CHINESE:
            text = patterns.sub(said, meant, text)
        return patterns.sub(_ASKS_ZH, _asked_zh, text, patterns.IGNORECASE)
    text = _DAY_EN.sub(lambda match: _DAYS_EN[(match["day"] or match["name"]).capitalize()], text)
    for pattern, meant in _PATTERNS_EN:
        text = pattern.sub(meant, text)
    text = _ASKS_EN.sub(r"\g<before>tell me", text)
    return _SHORT_ING.sub(lambda match: f"{match['verb']}g" if _drops_g(match) else match[0], text)


def _asked_zh(match: re.Match[str]) -> str:
    join = match["join"] or ""
    return f"{join if join in ',.;!:了时' or join == '的话' else ',' if not join else '就'}通知我"


def _drops_g(match: re.Match[str]) -> bool:
    return match[0].endswith("'") or (len(match["verb"]) > 4 and is_verb(match["verb"] + "g"))
