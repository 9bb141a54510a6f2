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
_ANY_SIGN = re.compile(r"[<>=!]|[^\x00-\u22ff\u2e80-\uffff]|[\u2260-\u2300\u2190-\u21ff]")
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
    r"'?til": "until",
    r"gi'?m+e": "give me",
    r"(?<=can )ya|(?<=could )ya|(?<=will )ya|(?<=would )ya|(?<=can )ye|(?<=will )ye": "you",
    r"hi ?vis|high vis": "hi-vis",
    r"no (?P<worn>hi-vis|helmets?|hard ?hats?|vests?|gloves?|masks?|goggles?|hair ?nets?|life ?jackets?|harness|boots)"
    r" on (?P<who>anyone|anybody|someone|somebody|(?:the|an?) \w+)": r"\g<who> without \g<worn>",
    r"the (?:cops|fuzz|polis|gard[ai]+)": "the police",
    r"nites?": "night",
    r"nowt": "nothing",
    r"owt": "anything",
    r"any chance (?:you could|you can|of (?:an?|the))": "please",
    r"(?:cheers|ta|thanks|thx),? (?:pal|mate|lads?|guys|folks|love|boss|buddy|bud|all|hun|man)": "thanks",
    r"neighbou?rs(?= (?:field|garden|yard|drive|driveway|house|fence|wall|roof|car|van|dog|cat|gate"
    r"|land)s?\b)": "neighbour's",
    r"lates?(?=,? (?:\d|from\b))": "time",
    r"half an? hr|half hr|(?:half|1/2) an? hour|1/2 hour": "half an hour",
    r"an hr": "an hour",
    r"goings[- ]on|carry(?:ing)?s?[- ]?on|shenanigans|malarkey": "activity",
}
_PATTERNS_EN = tuple(
    (re.compile(rf"(?<![\w'-])(?:{said})(?![\w'-])", re.IGNORECASE), meant) for said, meant in _ENGLISH.items()
)
#: most sentences hold none of them, and one search tells
_ANY_EN = re.compile(rf"(?<![\w'-])(?:{'|'.join(_ENGLISH)})(?![\w'-])", re.IGNORECASE)
_DAYS_EN = {each[:3]: each for each in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}
#: "Fri lates, 18:00-21:30", "sat nights": before a word of time it is a day, also where it begins the sentence
_DAY_EN = re.compile(
    r"\b(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs|rs|nes)?\.?(?=\s+(?:(?:and|&|or|to)\s+(?:mon|tue|wed|thu|fri|sat"
    r"|sun)\w*\s+)?(?:lates?|nights?|mornings?|afternoons?"
    r"|evenings?)\b)"
    r"|\b(?-i:(?P<name>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs|rs|nes)?\.?(?=\s+\d))",
    re.IGNORECASE,
)
_SHOUT_EN = (
    r"(?:(?:gi(?:e|ve)|drop|send)\s+(?:me|us|(?:the|my|our)\s+[a-z]+)\s+an?\s+(?:(?:wee|quick|little|loud"
    r"|good)\s+)?(?:shout|ring|buzz|call"
    r"|ping|heads[- ]?up|nudge"
    r"|bell|line|holler|yell|text|message|note|knock|tinkle|bleep)|(?:(?:i|we) )?(?:want|need|got|gotta"
    r"|have)(?: to)? (?:know|hear|be told)(?: about (?:it|that|this))?|(?:wake|holler|shout|yell|sing out|pipe up"
    r"|shout up"
    r"|buzz|bleep|page"
    r"|radio|ring|poke|nudge|hit)(?:\s+(?:at|to|for|up))?(?:\s+(?:me|us))?(?:\s+(?:up|out))?)"
)
#: "not put out by 7am": it is looked at from then on
_LATE_EN = re.compile(
    r"(?P<not>\b(?:not|nobody|no-?one|no|still|\w+n't)\b[^,.;]{1,60}?\b)by(?=\s+(?:\d{1,2}(?:[:.]\d\d)?\s*[ap]\.?m"
    r"|\d{1,2}:\d\d|noon|midnight))",
    re.IGNORECASE,
)
#: a sound by its words, a request by its place: at an end of the sentence, or before "if"
_ASKS_EN = re.compile(
    rf"(?P<before>^(?:(?:please|just|ok|so|hey|yo|oi|and)\s+)*|[,.;:!?-]\s*(?:(?:then|just|please|so|and)\s+)*"
    rf"|\b(?:then|just"
    rf"|please|so|and)\s+)"
    rf"{_SHOUT_EN}(?P<soon>\s+(?:asap|right away|straight away|sharpish|quick|now|pronto|will ye|will you|yeah|ok|eh"
    rf"|mate))?"
    r"(?=\s*(?:[.,;!]|$)|\s+(?:if|when|whenever|the (?:second|minute|moment|instant)|as soon as|once|should"
    r"|any ?time|every ?time)\b)",
    re.IGNORECASE,
)
_INS = frozenset(
    "lyin dyin tyin goin doin nosin bleedin ridin hidin usin prowlin snoopin sniffin lurkin nickin weein peein".split()
)
#: "standin", "actin'": the g is not spoken
#: "for ten mins text the manager"
_WHOM_EN = re.compile(
    r"(?<=[a-z])\s+(?:text|ring|phone|page|message|alert|notify|warn|call)\s+(?:the|my|our)\s+(?:duty |night |shift "
    r"|site )?"
    r"(?:manager|boss|owner|supervisor|foreman|guards?|police|warden|nurse|office|team)\s*[.!]*$",
    re.IGNORECASE,
)
_SHORT_ING = re.compile(r"\b(?P<verb>[A-Za-z]{2,12}in)(?:'(?=\s|$|[,.;:!?])|\b(?!['-]))")

_ME_ZH = "(?:(?:我|俺|咱)们?)"
_CALLS_ZH = "(?:讲|说|吱|吭|喊|叫|吼|嚷|知会|招呼|言语|吆喝|应|回|响|打|来|戳|敲|滴|踢|艾特|@|call|cue)"
_ONCE_ZH = "(?:一?声儿?|一?下子?|一?嗓子|个招呼|声招呼)"
_TELLS_ZH = (
    rf"{_CALLS_ZH}{_ONCE_ZH}{_ME_ZH}?|(?:叫|喊|吵|弄)醒{_ME_ZH}|拍[张个]?照?片?[发给]给?{_ME_ZH}(?:看看?)?"
    rf"|打给{_ME_ZH}|吱一?个声|话我知|(?:喊|叫|吼|找|戳|敲|滴|踢|扣|摇|艾特|@|call|cue|拍给|发给?"
    rf"|推给?){_ME_ZH}"
    r"|(?:喊|叫)(?:人|保安|店长|老板)?(?:来人|补货|加人|清理|打扫|拖地|处理|收拾|增援|支援)?(?<=[人安长板货理扫地拾援])"
    rf"|(?:发|来|弹|截|拍)(?:个|条|张|段|一[个条张])?(?:消息|信息|微信|短信|语音|通知|提醒|信儿?|图|照片|视频)(?:给"
    rf"|到)?(?:{_ME_ZH}|群里|手机)?(?:上)?"
    rf"|(?:跟|同|和|给|与){_ME_ZH}(?:讲|说|吱声|言语|来信儿?|提个?醒)|见一?[次个]就?报一?[次个]"
)
_SOON_ZH = (
    r"(?:赶紧|赶快|快点?|马上|立马|立刻|立即|即刻|即时|及时|即|第一时间|尽快|麻烦|记得|一定|千万|必须|要|请)*"
    rf"(?:(?:跟|同|给|向|和|帮|与|替){_ME_ZH})?"
)
#: what whoever is called is to do
_TO_DO_ZH = (
    r"(?:来|过来|[来过]?去?(?:看看?|看一?眼|瞧瞧?|处理|补货|加人|加台|开门|关门|收拾|帮忙|支援|赶|赶走|起来|起床"
    r"|拖地|一趟"
    r"|下楼|出来|过来|过去))?"
    r"(?:哈|呗|吧|啊|哦|噢|喔|嘛|呀|哟|嗷|昂|先|就行|就好|即可|好了|得了|就中|就成)*(?=$|[,.;!:])"
)
#: the request as people say it; what comes before it shows that no sound is meant
_ASKS_ZH = (
    r"(?:(?P<join>[,.;!:]|[就即才再便则要]|^|[了时快]|的话|赶紧|赶快|立马|马上|立刻|立即|即刻|及时|麻烦|记得|请|微信"
    r"|电话|短信|对讲)\s*"
    rf"{_SOON_ZH}(?:{_TELLS_ZH})|(?:跟|同|给|向|帮){_ME_ZH}{_CALLS_ZH}{_ONCE_ZH}"
    rf"|{_CALLS_ZH}{_ME_ZH}{_ONCE_ZH}){_TO_DO_ZH}"
)
#: what is looked for goes on after the request
_GOES_ON_ZH = re.compile(r"[,;]\s*(?!除非|如果|要是|当|不然|否则)\S")
#: 抓到就报, 见到一次报一次
_CAUGHT_ZH = (
    r"[,.;!]?有就(?:说|报|讲|喊|叫|通知)(?:我|一声)?(?=$|[,.;!])|[,.;!]?(?:抓|逮|见|看|碰|发现|遇|来)(?:到|着|见"
    r"|住)?(?:了|一[次个])?就?(?P<tell>报"
    r"|通知)(?:一?[次个])?(?=$|[,.;!])"
)
#: 大棚帘子没放下来,晚上7点后看一眼
_LOOKS_ZH = (
    r"(?<=[,;后前点时天夜上\d])(?:帮我)?(?:看一眼|瞅一?眼|瞅瞅|盯着(?:点儿?)?|盯一?下|盯紧(?:点儿?)?)(?=$"
    r"|[,.;!])"
)
#: 堵了半个钟头还没走: it is still there
_STAYS_ZH = (
    r"(?<=[分钟时天秒])了?(?:都|也|还|仍|依然|就是|硬是)+(?:没有?|不肯?)(?:走|动|离开|挪(?:走|开|窝)?|开走|散开?|撤"
    r"|动弹)(?:了|的)?(?=$|[,.;!就])"
)

_LATER_ZH = re.compile(r"(?<![最门背])后(?![门面院台])|[走离开][了之]?[,以]?(?=[^,]{0,3}[分小])")

_CHINESE: tuple[tuple[str, str], ...] = (
    (r"(?:甭|不|无)[管论]是?(?:几点|啥时候|什么时候|什么时间|何时|白天黑夜|白天晚上)都?", "随时,"),
    (r"半天(?=[都也还]?(?:[没不]))", "很久"),
    (r"夜里头", "夜里"),
    (r"[咯咧](?=$|[,.;])", "了"),
    (r"(?<=[点半刻钟])往后", "以后"),
    (r"(?<![飞加赶尽])快(?=告诉|通知|报|提醒)", "赶紧"),
    (r"记录下(?=$|[,.;])", "记录一下"),
    (r"了没有?(?=\?)", "了"),
    (r"(?:没有?|没得|无|冇|莫得)人守着?(?=$|[,.;])", "无人看守"),
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
    (r"(?<![一-龥]这)(?:里头)", "里面"),
    (r"(?<=[^,.;])前头|^前头", "前面"),
    (r"(?<=[^,.;额])外头|^外头", "外面"),
    (r"(?<=[^,.;])后头|^后头", "后面"),
    (r"(?<![上源])上头", "上面"),
    (r"(?<![河路湖海岸街江塘沟])边上", "旁边"),
    (r"谁(?=[^,.;?]{1,24}(?:就|的话)[^,.;]{0,6}(?:报|通知|告诉|提醒|喊|叫|说一?声))|谁要是", "有人"),
    (r"(?<=[,;])人数(?=[\d一二三四五六七八九十两])", ""),
    (r"收银的(?=[^人员机台])", "收银员"),
    (r"看门的(?=[^人员])", "门卫"),
    (r"送外卖的(?=[^人员车电])", "外卖员"),
    (r"送快递的(?=[^人员车电])", "快递员"),
    (r"(?:老是?|一直|就是)?赖着不走", "逗留"),
    (r"(?<=[个只人辆头位名条台\d])往上(?=$|[,.;的就])", "以上"),
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


_ANY_ZH = re.compile("|".join(f"(?:{said})" for said, _ in _CHINESE))


def plainly_spoken(text: str, lang: Lang) -> str:
    """The names of the site are one private character each by now, and stay."""
    if _ANY_SIGN.search(text):
        for sign, meant in _SIGNS.items():
            text = patterns.sub(sign, meant, text)
        text = _SHOUTED.sub(r"\1", _PICTURES.sub(" ", text))
    if lang == "zh":
        if _ANY_ZH.search(text):
            for said, meant in _CHINESE:
                text = patterns.sub(said, meant, text)
        if not _LATER_ZH.search(text):
            text = patterns.sub(_STAYS_ZH, "", text)
        text = patterns.sub(_LOOKS_ZH, "", patterns.sub(_CAUGHT_ZH, ",通知我", text))
        return patterns.sub(_ASKS_ZH, _asked_zh, text, patterns.IGNORECASE)
    text = _DAY_EN.sub(lambda match: _DAYS_EN[(match["day"] or match["name"]).capitalize()], text)
    if _ANY_EN.search(text):
        for pattern, meant in _PATTERNS_EN:
            text = pattern.sub(meant, text)
    text = _ASKS_EN.sub(r"\g<before>tell me", _WHOM_EN.sub(", tell me", _LATE_EN.sub(r"\g<not>after", text)))
    return _SHORT_ING.sub(lambda match: f"{match['verb']}g" if _drops_g(match) else match[0], text)


def _asked_zh(match: re.Match[str]) -> str:
    join = match["join"] or ""
    if _GOES_ON_ZH.match(match.string, match.end()):
        return f"{join if join in '了时' else ''}"
    if not join or join in ",.;!:":
        return f"{join or ','}通知我"
    return f"{join if join in '了时' or join == '的话' else '就'}通知我"


def _drops_g(match: re.Match[str]) -> bool:
    verb = match["verb"].lower()
    if match[0].endswith("'") or verb in _INS:
        return True
    return len(verb) > 4 and (is_verb(verb + "g") or patterns.search(r"(?<!bo)([bdgmnprt])\1in$", verb) is not None)
