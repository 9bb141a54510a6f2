"""The words that name nothing observable: weird, 异常, moods, "keep an eye on the door".

Takes: nothing.
Gives: patterns with the lint code and what stays in their place.
Knows nothing about: how they are applied; see scope.py."""

#: "watch the door", "monitor my car", with nothing said of what may happen there: the place goes, the car stays
_WATCH_EN = (
    # a guard and a monitor are also somebody and something: "guard at the gate", "monitor on the desk"
    r"^(?:please\s+)?(?:(?:watch(?: over)?|monitor|guard|observe|check on)\s+(?=(?:the|my|our|this|that|all"
    r"|[\ue000-\ue7ff])"
    r"(?:\s|$))|(?:look after|keep watching|keep (?:an eye|(?:a )?(?:close )?watch) (?:on|over))\s+)(?:(?:the"
    r"|my|our|this|that"
    r"|all|of)\s+)*"
)
_NO_NOUN_EN = r"(?:for|who|that|if|when|is|are|at|in|on|near|by|with|without|to)\b"
_AREA_EN = (
    r"(?:doors?|doorway|gates?|yard|backyard|garden|house|home|flat|shop|store|office|room|bay|dock|entrance"
    r"|exit|hall|hallway"
    r"|corridor|car park|parking lot|lot|garage|driveway|warehouse|pool|stairs|staircase|porch|patio|kitchen"
    r"|lobby|street|road"
    r"|roof|ramp|site|area|zone|perimeter|fence|field|barn|ward|place|premises|property|building|platform"
    r"|counter|reception)"
)
_ONLY_WATCH_EN: tuple[tuple[str, str, str], ...] = (
    (
        "vague",
        rf"{_WATCH_EN}(?:(?!{_NO_NOUN_EN})[\w'-]+\s+){{0,2}}(?:{_AREA_EN}"
        rf"|[\ue000-\ue7ff])(?:\s+for (?:me|us))?$",
        " ",
    ),
    (
        "vague",
        rf"{_WATCH_EN}(?P<what>(?:(?!\w+ing\b|{_NO_NOUN_EN})[\w'-]+\s*)"
        rf"{{1,3}})(?:\s*\bfor (?:me|us))?$",
        r"\g<what>",
    ),
)

VAGUE_EN: tuple[tuple[str, str, str], ...] = (
    *_ONLY_WATCH_EN,
    # A face is seen, a mood is not.
    (
        "vague",
        (
            r"\s*\b(?:who\s+)?(?:(?:is|are|looks?|looking|seems?|appears?|feels?|feeling"
            r"|being|gets?|getting)\s+){0,3}(?:to be\s+)?"
            r"(?:(?:a bit|very|really|so|quite|too|a little|extremely)\s+){0,3}(?:angry|angrily"
            r"|sad(?:ly)?|upset|unhappy|happy(?! hour)|happily"
            r"|nervous(?:ly)?|anxious(?:ly)?|scared|frightened|afraid|bored|depressed|stressed|annoyed|worried"
            r"|frustrated"
            r"|in a (?:bad|good|foul) mood|jealous|lonely|aggressive(?:ly)?|hostile|drunk|tired)\b"
        ),
        " ",
    ),
    (
        "vague",
        (
            r"\s*\b(?:(?:is |are )?(?:acting|behaving|behaves|acts|looks|looking|seems)\s+)?(?:(?:a bit|a little|very"
            r"|really|real|dead|proper|right|pretty|quite|kind of|sort of|kinda|sorta|so|super|all"
            r"|rather) )*(?:weird(?:ly)?|odd(?:ly)?|unusual(?:ly)?|strange(?:ly)?|out of (?:the )?(?:order"
            r"|ordinary|place)|abnormal(?:ly|ities|ity)?|funny|fishy|anomal(?:y|ies|ous)|irregular(?:ity"
            r"|ities)?|not (?:quite )?right|not normal|peculiar"
            r"|inappropriate(?:ly)?)(?:[- ]looking)?\b(?:\s+(?:behaviou?r"
            r"|activity|activities|things?|stuff|happens?|happening|going on|goes on))?"
        ),
        " ",
    ),
    (
        "vague",
        (
            r"\b(?:keep an eye(?: (?:on|out))?(?: for)?(?: (?:me|us))?(?: (?:things|everything|it all"
            r"|the place))?|(?:something"
            r"|anything|things?)(?:'s| is| goes| going| looks)? (?:wrong|off|bad)|(?:something"
            r"|anything) (?:happens|going on|happening|interesting)|what(?:'s| is) (?:going on|happening)"
            r"|(?:look(?:ing)? after|watch(?:ing)? over|watch|guard|protect|take care of|mind)\s+"
            r"(?:everything|things|it all|the place"
            r"|(?:my|our|the) (?:house|home|place|property|shop|flat|office))(?: for (?:me|us))?"
            r"|(?:any )?(?:problems?|trouble|issues?|danger|incidents?))\b"
        ),
        " ",
    ),
)

VAGUE_ZH: tuple[tuple[str, str, str], ...] = (
    (
        "vague",
        (
            r"(?:看起来|看上去|看着|显得|好像|似乎|表现得|样子)?(?:情绪|心情|神情|表情)?(?:很是?|非常|十分|有点儿?"
            r"|有些|特别|太|比较)?"
            r"(?:不(?:高兴|开心|耐烦|满意?)|难过|伤心|悲伤|生气|愤怒|恼火|高兴|开心|紧张|害怕|恐惧|焦虑|沮丧|无聊"
            r"|孤独|激动|低落|烦躁"
            r"|(?:情绪|心情)(?:不好|很差|失控)|喝醉了?|醉酒)(?:的样子|的|地|了)?"
        ),
        "",
    ),
    (
        "vague",
        (
            r"(?:有什么|有任何|出现什么)?(?:看着|看起来|看上去|显得|瞅着)?(?:有点儿?|有些|很)?(?:行为|举止|表现|动作"
            r"|情况|状态)?(?:得)?(?:有点儿?|有些|很)?(?:异常|不太?大?正常|哪里不对|不太对(?!齐|称)|反常|不太?大?对劲"
            r"|古怪|奇怪|怪怪|怪异|诡异|怪里怪气)(?:的"
            r"|地)?(?:情况|行为|状况|现象|动静|活动|事件|事情|东西|事)?"
        ),
        "",
    ),
    (
        "vague",
        (
            r"(?:(?<!没)有|出|发生)(?:什么|啥|任何)?(?:情况|问题|动静|状况|事情|事|意外)(?=$|[,.;])|出事|不对(?=$"
            r"|[,.;])|(?:看着|盯着|留意|注意|看好)(?:点儿?|一下)"
            r"|^(?:看好|照看好?|看住|守好)(?=[^,.;有没被在]{1,5}$)"
            r"|把?(?:我)?(?:家里?|店里?|房子|院子|这里|东西)?(?:给我)?(?:看好|看住|守好|(?<![人员])看着)(?:了|点"
            r"|一下|家|我家|房子|店|店里|门)*$"
        ),
        "",
    ),
)
