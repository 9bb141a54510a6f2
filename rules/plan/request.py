"""The words that ask for the alert, as opposed to those that say what to look for.

Takes: a sentence.
Gives: the sentence without "pls alert me if …", "… 就报警"; whether it asks never to be told.
Knows nothing about: what is looked for."""

from rules.words import patterns
from rules.words.language import Lang, tidy

_TELL_EN = (
    r"(?:(?:alarm|ring|buzz|phone|page|msg|sms|whatsapp)(?= (?:me|us)\b)|alert|notify|tell|warn|ping"
    r"|inform|message|e-?mail|text|call|remind|let)"
)
_SHOUT_EN = (
    r"(?:give|drop|send)\s+(?:me|us|security)\s+an?\s+(?:quick\s+)?(?:shout|ring|buzz|call|ping|heads[- ]?up|nudge"
    r"|bell|line"
    r"|holler|text|message|note)"
)
_HEAD_EN = (
    # a letter: who writes, and how grateful he would be
    rf"^[^.;]{{0,200}}?\b(?:grateful|obliged|thankful|glad|appreciate it|nice|great|good) if you (?:could|would"
    rf"|can)\s+(?:kindly\s+"
    rf"|please\s+)?(?={_TELL_EN}\b)",
    r"^let(?:'s| us| me)\s+(?:be\s+)?(?:alerted|notified|told|warned|informed)\s+",
    r"^(?:alert|notify|warn|ping|report)\s+on\s+(?=[a-z])",
    r"^(?:hey|hi(?!-)|hello|oi|oy|yo|hiya|heya|ok|okay|so|well|um|dear \w+|good (?:morning|day|evening))\b"
    r"(?:\s+(?:there|team|all|guys|everyone))?[,!.]?\s*",
    (
        r"^(?:please|pls|plz|kindly|just|only)\b(?!\s+(?:one|two|three|four|five|six|seven|eight|nine|ten"
        r"|a single|\d)),?\s*"
    ),
    r"^(?:can|could|would|will) (?:you|someone|it)\s+(?:(?:please|kindly|perhaps|possibly|mind)\s+)*",
    r"^(?:(?:i|we)(?:'d| would)? )?(?:like|want|need|love|could do with)\s+(?:an?\s+(?:alert|alarm|notification|message"
    r"|warning|ping|heads[- ]?up|e-?mail|text)\s+)?(?=(?:if|when|whenever|whether|as soon|every ?time)\b)",
    r"^(?:(?:(?:would|could) you )?be so kind as to|(?:i|we)(?:'d| would) (?:be grateful"
    r"|appreciate it) if you (?:could|would))\s+",
    (
        r"^(?:i(?:'d| would)? (?:want|like|need|wish)(?: you)? to|i (?:want|need)(?: too)?|we (?:want|need) to"
        r"|we'd like to|you should)\s+(?:be\s+)?(?:told|know|notified|alerted|warned|informed|get)?\s*"
    ),
    (
        rf"^{_TELL_EN}(?:ed)?\s+(?:(?:me|us|him|her|them|security|the team|staff|everyone|someone"
        r"|the \w+)\s+)?(?:know\s+)?(?:immediately|right away|asap|only|straight away|at once)?\s*"
    ),
    (
        r"^(?:send|give|raise|trigger|create|fire|sound|issue|make|get|generate)\s+(?:me\s+|us\s+)?(?:an?\s+"
        r"|the\s+)?(?:push\s+)?(?:alert|alarm|notification|warning|message|email|incident"
        r"|event)s?\b\s*(?:to (?:me|us|security)\s*)?"
    ),
    rf"^{_SHOUT_EN}\b\s*",
    r"^keep (?:an|your) eyes? (?:out|open|peeled) for\s+",
    r"^(?:keep(?:ing)? (?:an eye|a look-?out|a watch) out for|keep (?:a )?look-?out for|be on the look-?out for)\s+",
    r"^(?:can|do|could|does|did) (?:you|we|i|the (?:camera|picture|image|video))\s+(?:see|spot|detect|notice"
    r"|show|find)\s+",
    r"^see(?:ing)?\s+(?!through\b|saw\b)",
    r"^(?:watch(?:ing)?(?: out)?|look(?:ing)?(?: out)?|check(?:ing)?|monitor(?:ing)?|scan(?:ning)?)\s+for\s+",
    (
        r"^(?:detect|report|flag|spot|find|notice|show me|log|see|seeing|catch|identify)\s+(?=(?:an?|any|the"
        r"|when|if|some|people"
        r"|persons?|vehicles?|every|all)\b)"
    ),
    r"^(?:an?\s+|the\s+)?(?:push\s+)?(?:alert|alarm|warning|notification|message|e-?mail|heads[- ]up"
    r"|ping)s?\s*(?::|whenever|when|if|for|on|about|in case"
    r"(?: of)?|every ?time|as soon as|once)\s*",
    r"^(?:immediately|right away|asap|again|me|us)\b\s*",
    # "We have a problem with mopeds, so tell us when …": what was before is why, not what
    rf"^[^.;]{{1,300}}?,\s*(?:and )?so\s+(?:please\s+)?{_TELL_EN}\s+(?:me|us)\s+(?:know\s+)?"
    rf"(?=(?:whenever|when|if|about|as soon|every|each|should|once|the moment)\b)",
    # "There should never be more than 40": the alert is when there are.
    r"^there (?:should|must|may|can)(?:n't| not| never)(?: ever)? be\s+",
    (
        r"^(?:in case(?: of)?|as soon as|every ?time(?: that)?|any ?time(?: that)?|each time|whenever|when"
        r"|whether|while|if|once|the moment|about|that|of|for|on seeing)\b(?:\s+(?:you|the camera)\s+(?:see"
        r"|sees|spot|spots|detect|detects|notice|find))?(?:\s+that\b)?\s*"
    ),
    r"^(?:shows?|contains?|showing)\s+",
    r"^(?:see|spot|catch|detect|notice)\s+(?:it|this|that|them)\b\s*[:,-]*\s*",
    r"^(?:you|the camera|we|i)\s+(?:see|sees|spot|spots|detect|detects|notice|find)\s+(?:that\s+)?",
    (
        r"^(?:there\s+(?:is|are|'s)|there's|theres|is there|are there|there has been"
        r"|there have been)\s+(?!no\b|nobody|not\b)"
    ),
    r"^(?:an?\s+)?(?:alert|alarm)\s+(?=(?:when|if|on|for|me)\b)",
)
#: whom to tell: never something to look for
_WHOM_EN = (
    r"(?:me|us|him|her|them|security|everyone|staff|(?:the|my|our)\s+(?:[\w-]+\s+){0,2}?(?:managers?|supervisors?"
    r"|foreman|team|guards?"
    r"|boss|owner|office|desk|police|lead|chief|janitor|caretaker|operator|crew|control room|reception"
    r"|head|nurse|warden|officer))"
)
_TAIL_EN = (
    rf"[\s,.;]*\b(?:and |so |but )?(?:if|when)\s+(?:it|they|that|he|she|not|so|there)(?:'s|'re| is| are| does| do"
    rf"| has)?(?:n't| not)?"
    rf"(?: so| the case| any)?,?\s*(?:then\s+)?(?:please\s+)?{_TELL_EN}\s+(?:me|us|security)(?:\s+know)?[\s.!]*$",
    rf"[\s,]*(?:,|\b(?:then|please|and|so))\s*(?:please\s+|immediately\s+|at once\s+)?(?:{_TELL_EN}"
    rf"|phone|ring|contact|page|radio)\s+{_WHOM_EN}"
    r"(?:\s+(?:know|at once|immediately|right away))?[\s.!]*$",
    r"[\s,.!]*\b(?:(?:kind|best|warm)\s+regards|yours (?:sincerely|faithfully|truly)|sincerely"
    r"|best wishes)\b[^.;]{0,60}$",
    rf"[\s,]*\b(?:(?:then|please|and|so)\s+){{0,4}}{_SHOUT_EN}\s*[.!]*$",
    (
        r"[\s,.;:!]*\b(?:many )?(?:thanks|thank you|thx)(?: (?:very|so) much| a lot| in advance"
        r"| again| for your \w+)*[\s.!]*$"
    ),
    (
        r"[\s,]*\b(?:please|pls|plz|(?:kind|best) regards|regards|cheers|ta|lol|haha|ok|asap|just|immediately"
        r"|right away"
        r"|straight away|at once|only|too|again)\b[\s.!]*$"
    ),
    (
        rf"[\s,]*\b(?:(?:then|please|and|so)\s+){{0,4}}(?:{_TELL_EN}\s+(?:me|us|security|the team)(?:\s+know)?"
        r"|send (?:me )?an? (?:alert|notification|alarm)|raise an? (?:alert|alarm)|(?:an?\s+)?alert)\s*[.!]*$"
    ),
    rf"[\s,.;]*\b(?:please\s+)?{_TELL_EN}\s+(?:me|us|security)(?:\s+know)?\s+(?:if|when|whenever|as soon as)\s+"
    rf"(?:there(?:'s| is"
    r"| are)?(?: not| any| one| some)?|(?:any|some)(?:one|body) (?:does|is)(?: it| that| so)?|(?:he"
    r"|she) does(?: it| so)?|(?:it|that|this)(?:'s| is| does| happens)?(?: not| so| the case)?"
    r"|they (?:do|are|don't)|so|not)\s*$",
    r"[\s.!?;:,-]+$",
)
#: "while I am away": when it is asked, and nothing to look for
_ABSENT_ASKER_EN = (
    r"[\s,]*\b(?:while|whilst|when|as long as)\s+(?:i'm|i am|we're|we are)\s+(?:not\s+(?:here|home|in|at home)|away|out"
    r"|gone|abroad|asleep|sleeping|at work|on holiday|on vacation|travelling|in bed)\b,?"
)
_ABSENT_ASKER_ZH = (
    r"(?:当|在)?(?:我们?|咱们?|家里人)(?:都)?(?:不在家?|出门|出差|睡觉|睡着"
    r"|上班|度假|旅游|外出)(?:了)?(?:的时候|时候|时|期间|的话|后)[,]?"
)
_FILLER_EN = (
    r"[\s,]*\b(?:lol|haha|pls|plz|please|btw|tbh|asap"
    r"|if (?:it(?:'s| is) )?(?:not|isn't) (?:too much|any|much) (?:trouble|bother|of a bother|to ask)"
    r"|if (?:you (?:don't|do not|wouldn't|would not) mind|you would be so kind|(?:that(?:'s| is)"
    r"|it(?:'s| is)) (?:ok|okay|possible|alright"
    r"|not a problem)|at all possible|possible|i may ask|you (?:can|could|would)(?=\s*(?:,|$)))"
    r"|when(?:ever)? you (?:get|have) (?:a|the) (?:chance|moment|minute))\b,?"
)
_NEVER_EN = (
    r"\b(?:(?:i|we) (?:never|don't|do not) (?:want|need|like|wish)(?: to (?:be|get|hear|know))?|never|don't(?: ever)?"
    r"|do not(?: ever)?|no(?: need(?: to)?)?|stop|without|mute|suppress|silence)"
    r"\s+(?:(?:send(?:ing)?|giv(?:e|ing)|rais(?:e|ing)|trigger(?:ing)?)\s+(?:me\s+|us\s+)?(?:an?\s+"
    rf"|any\s+)?)?(?:{_TELL_EN}(?:ing|ed)?|notif(?:ied|ying)|told|told about|about|any|bother(?:ing|ed)?"
    rf"|disturb(?:ing|ed)?|pester(?:ing|ed)?|wak(?:e|ing)|woken|pinged|hassled?"
    r"|alarm(?:ing)?|report(?:ing)?|alerts?|alarms?|notifications?)\b"
    r"(?!\s+(?:cone|sign|light|tape|triangle|board|label|panel|button|point|system|bell|notice|lamp|beacon|post|poster"
    r"|sticker|barrier|flag|line|stripe|box|centre|center)s?\b)(?:\s+(?:me|us|anyone|anybody))?(?:\s+know)?"
)
_UNLESS_EN = (
    rf"{_NEVER_EN}(?:\s+(?:about|with|for|because of)\s+[^,;.]{{1,40}}?)?\s*,?\s*"
    r"(?:unless|until|except (?:when|if|for)|other than when)\b"
)
#: the exception first, and then what it is an exception from
_UNLESS_NEVER_EN = rf"^(?:unless|until|except (?:when|if))\s+(?P<what>[^;]+?),\s*(?:please\s+)?{_NEVER_EN}\s*[.!]*$"
_UNLESS_TELL_EN = (
    rf"(?P<unless>\b(?:unless|except (?:when|if))\s+[^,;]+,\s*)(?:please\s+)?{_TELL_EN}\s+(?:(?:me|us|security)\s+)?"
    r"(?:(?:when|if|about|whenever|as soon as|of)\s+)?"
)
_ELSE_EN = (
    rf"[\s,;.]*\b(?:otherwise|or else|if not|else),?\s+(?:please\s+)?{_TELL_EN}(?:\s+(?:me|us|security))?\s*[.!]*$"
)

_TELL_ZH = (
    r"(?:报警|告警|警报|报告|通知|提醒|告诉|推送|告知|预警|发消息|发短信|发警报"
    r"|叫(?=我)|喊(?=我)|报|(?:alert|notify|call|ping|message|warn)(?![a-z]) ?)"
)
#: whom to tell: never something to look for
_WHOM_ZH = (
    r"(?:值班|当班|店|车间|夜班|现场|项目|安全|仓库)?(?:经理|主任|主管|班长|队长|队|组长|保安|安保|物业|领导|老板"
    r"|负责人|管理员|值班员|值班室|中控室?|监控室"
    r"|店长|厂长|校长|护士长?|医生|老师|家长|我们?|大家|相关人员|工作人员|人员|消防|警察|110|119)"
)
_TELL_WHOM_ZH = (
    r"(?:[,]|^|(?<=[了的话时]))(?:请|烦请|麻烦|就|要|务必|立刻|马上|立即|及时|第一时间|尽快|赶紧|赶快)*(?:"
    rf"(?:通知|告诉|提醒|呼叫|联系|告知|叫|喊|报告给?|汇报给?|推送给|上报给?|发给|转给){_WHOM_ZH}(?:一下|一声|过来"
    rf"|去看看?|去处理|处理)?"
    rf"|(?:给{_WHOM_ZH})?打(?:个)?电话(?:给{_WHOM_ZH})?|给{_WHOM_ZH}(?:发(?:个|条)?(?:消息|短信|微信|通知)|来电"
    rf"|说一声)|发(?:个|条)?(?:消息|短信|微信)给{_WHOM_ZH}"
    r")(?:呗|吧|哦|啊|哈)?[.!,]*$"
)
_HEAD_ZH = (
    r"^(?:请问|请|麻烦|帮我|帮忙|劳驾|您好|你好|我想要?|我要|希望|能不能|能否|可不可以|可否|[你您]能|可以"
    r"|看看|看一?下|盯(?:着|紧|住)(?:点儿?|一下)?|留意(?:点|着)?|留心)+(?:吗|一下|一点|点儿?(?![燃火着心]))?[,]?",
    (
        rf"^(?:及时|立刻|马上|立即|第一时间)?(?:给我|向我|跟我)?{_TELL_ZH}我?(?=(?:如果|当|若|有|看|一旦|只要"
        r"|在|,|:))[,:]?"
    ),
    r"^(?:[你您我]们?)?(?:在|当)(?=[有看发出])",
    r"^(?:如果|如(?=[有遇发见])|倘若|要是|假如|当|若|一旦|只要|只有(?![\d一二两三四五六七八九十])|但凡|凡是|每当"
    r"|每次|万一)",
    r"^(?:的时候|时候|的(?!士|哥)|时(?=有)|期间|还(?=有))[,]?(?=.)",
    r"^(?:监控|监视|监看|盯防)(?![室器摄杆屏画中被坏黑头探设镜])(?=[^,.;]{1,8}(?:有|出现))",
    r"^(?:你|摄像头|系统|画面)?(?:发现|检测到|监测到|看到|看见|识别到|拍到|监控到|检测|监测|识别|出现)(?:了)?",
)
_TAIL_ZH = (
    _TELL_WHOM_ZH,
    r"[,]?(?:统统|全都|一律|一概|全部|通通|都)(?:要)?(?:报警?|告警|通知|提醒)(?:我)?[.!]*$",
    (
        r"[,]?(?:的时候|的话|时候|(?<!小)时|后)?[,]?(?:就|则|要|烦请|敬请|请|才|再|便|都|需要?"
        rf"|统统|一律|全部?|全都)*(?:立刻|马上|立[即既]|及时|第一时间|赶紧|赶快|尽快)*(?:给我|向我|跟我|帮我)?(?:发"
        rf"|发送|推送|触发|产生)?(?:一[个条])?{_TELL_ZH}(?:一下|一声)?(?:我"
        r"|我们|我一声|我一下|值班\S{0,3}|保安\S{0,1}|安保\S{0,2}|经理|店长|老板|物业\S{0,2}|管理员|负责人|家长"
        r"|护士站?|医生|班长|队长|工头"
        r"|所有人|大家|群里)?(?:一下|一声)?(?:呗|哦|啊|吧)?(?:才报)?[.!,]*$"
    ),
    r"的事情?$",
    r"(?<=[堆摆码叠垒停站离靠走跑开])得$",
    r"(?:同时|以及|并且|而且|或者|和|与|及|或|且|但是?)$",
    r"(?:的时候|的话|时候|(?<=[^及小同])时)[.!,]*$",
    r"[,]?(?:仅限|只限|限于|仅在|只在)[于在]?[.!,]*$",
    r"[,.;:!?\s]+$",
    r"[,.!]?(?:(?:非常)?(?:谢谢|多谢|感谢|辛苦)(?:了|您|你|啦|各位|大家|先|哈)*|拜托(?:了|您)?|此致[,]?(?:敬礼)?"
    r"|敬礼|哈哈+|啊|吧|哦|呢|吗|呗|嘛|就|才算?)$",
)
_MUTE_ZH = (
    r"(?:千万|绝对)?(?:永远|从来|一律)?(?:不要|不用|不必|不许|不得|请勿|勿|别|不)(?:再)?(?:给我|向我"
    r"|跟我)?(?:发)?(?:报警|告警|通知|提醒|打扰|推送|警报|报)"
)
_NEVER_ZH = rf"{_MUTE_ZH}(?:我)?(?!.*除非)"
#: the condition stands between "don't" and "alert": 别在有人进来的时候报警
_NEVER_ROUND_ZH = (
    r"(?:千万|绝对)?(?:不要|不用|不必|不许|不得|请勿|勿|别)(?P<what>(?:在|当|因为|为|看到"
    r"|一)[^,.;]{1,40}?)(?:的时候|的话|时|就)?"
    rf"(?:给我|向我|跟我)?(?:发)?{_TELL_ZH}(?:我)?[.!]*$"
)
_UNLESS_ZH = rf"(?:没事)?{_MUTE_ZH}我?[,]?除非"
_ELSE_ZH = r"[,]?(?:否则|不然|要不然?)(?:的话)?[,]?"
_UNLESS_NEVER_ZH = rf"^除非(?P<what>[^;]+?){_ELSE_ZH}(?:就|都)?{_MUTE_ZH}我?[.!]*$"
#: 除非保安在岗,否则报警: whenever there is no guard
_UNLESS_TELL_ZH = rf"(?P<unless>除非[^;]+?){_ELSE_ZH}(?:就|都|要|请|立刻|马上|立即)*(?:给我)?{_TELL_ZH}我?[.!]*$"
#: 有人进入就报警,除非…: the request stands in the middle
_TELL_UNLESS_ZH = rf"[,]?(?:就|则|都|要|请|立刻|马上|立即)*(?:给我)?{_TELL_ZH}我?[,]?(?=除非)"


def take_request(text: str, lang: Lang) -> tuple[bool, str]:
    """The flag: the sentence asks never to be told, which no rule can do. "Don't … unless X" is a rule for X."""
    text = patterns.sub(_ABSENT_ASKER_EN if lang == "en" else _ABSENT_ASKER_ZH, " ", text, flags=patterns.IGNORECASE)
    text = _unless(tidy(text, lang), lang)
    never = _NEVER_EN if lang == "en" else _NEVER_ZH
    # "有没有人" asks as "有人" does; before the negator in it is read as one.
    text = patterns.sub(r"有没有|有无(?=人(?!机|看|驾|值|陪))|是不是有?|会不会有?", "有", text)
    if lang == "zh":
        # 卷帘门要是没拉下来
        text = patterns.sub(
            r"(?<=[\u4e00-\u9fff\ue000-\ue7ff])(?:要是|如果|一旦|假如|若是)(?=[没未不有还被])", "", text
        )
    silent = patterns.search(never, text, patterns.IGNORECASE) or (
        patterns.search(_NEVER_ROUND_ZH, text) if lang == "zh" else None
    )
    if silent:
        kept = patterns.sub(r"^(?:在|当|因为|为|一)", "", silent.groupdict().get("what") or " ")
        text = text[: silent.start()] + kept + text[silent.end() :]
    return silent is not None, strip_request(text, lang)


def _unless(text: str, lang: Lang) -> str:
    """ "Don't … unless X" asks for X; "tell me unless X" for the opposite, and keeps its "unless"."""
    shapes = (
        ((_UNLESS_NEVER_EN, r"\g<what>"), (_UNLESS_EN, " "), (_UNLESS_TELL_EN, r"\g<unless>"), (_ELSE_EN, ""))
        if lang == "en"
        else (
            (_UNLESS_NEVER_ZH, r"\g<what>"),
            (_UNLESS_ZH, ""),
            (_UNLESS_TELL_ZH, r"\g<unless>"),
            (_TELL_UNLESS_ZH, ","),
        )
    )
    for pattern, instead in shapes:
        text = patterns.sub(pattern, instead, text, flags=patterns.IGNORECASE)
    return text


#: of what asks for the alert at the end of a sentence, greetings of a letter included
_LONGEST_TAIL = 120


def strip_request(text: str, lang: Lang) -> str:
    """Until nothing more comes off."""
    head, tail = (_HEAD_EN, _TAIL_EN) if lang == "en" else (_HEAD_ZH, _TAIL_ZH)
    text = tidy(patterns.sub(_FILLER_EN, "", text, flags=patterns.IGNORECASE) if lang == "en" else text, lang)
    for _ in range(12):
        before = text
        for pattern in head:
            text = patterns.sub(pattern, "", text, flags=patterns.IGNORECASE).strip()
        for pattern in tail:
            # The end only: a pattern that is tried from every place of a long text takes its time.
            at = max(0, len(text) - _LONGEST_TAIL)
            text = (text[:at] + patterns.sub(pattern, "", text[at:], flags=patterns.IGNORECASE)).strip()
        text = tidy(text, lang)
        if text == before:
            break
    return text
