"""The words for what a picture cannot show, in English and Chinese.

Takes: nothing.
Gives: patterns by lint code: those that take their whole part of the sentence with them, and those that leave the rest.
Knows nothing about: how they are applied; see scope.py."""

PAST_EN = (
    r"\b(?:yesterday(?:'s)?|last (?:night|week|month|year|time|monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday)|(?:a|an|\d+|two|three|few) (?:seconds?|minutes?|hours?|days?|weeks?) ago"
    r"|earlier(?: today| on)?|the other day|(?:from )?this morning|previously|the day before|before now"
    r"|in the past)\b"
)
ASKS_PAST_EN = (
    r"^\W*(?:who|whose|what|which|when(?= (?:did|was|were))|where|how (?:many|often|long)|did|was|were"
    r"|has anyone|have any|had)\b.*\b(?:was|were|did|came|come|been|went|left|took|entered|happened|parked"
    r"|stole|visited|passed|arrived|yesterday|last|had)\b"
)
PAST_ZH = (
    r"(?:昨天|昨晚|昨夜|昨日|前天|上周|上个?月|上个?星期|刚才|刚刚|今早|之前|以前|早些时候|去年|前几天|这几天"
    r"|今天(?:早上|上午|白天)?)(?:晚上|夜里|早上|上午|下午|中午|凌晨|半夜)?"
)
ASKS_PAST_ZH = (
    r"谁.*(?:过|了)|(?:昨|前天|上周|上个?月|上个?星期|刚才|刚刚|今早|之前|去年|前几天|今天).*(?:谁|有没有|什么"
    r"|几[个次辆人点]|多少|吗|是否|哪|过没|没有\?)"
)

#: sound and readings take the whole part of the sentence with them
WHOLE_EN = {
    "audio": (
        r"\b(?:hears?|heard|hearing|listen\w*|sounds?(?! asleep)|nois[ey]\w*|loud\w*|bark\w*|scream\w*"
        r"|shout(?:s|ing|ed)?|yell(?:s|ing|ed)?|bang(?:s|ing)?|sirens?|alarm (?:tone|sound\w*|goes|going"
        r"|rings?|ringing|bell)|(?:smoke|fire|car) alarm|beep\w*|cr(?:y|ies|ied|ying)|gunshots?|gunfire|music"
        r"|door ?bell|rings?|ringing|whistl\w*|honk\w*|horn|meow\w*|howl\w*|growl\w*|whimper\w*|voices?|speech"
        r"|talking loudly|swear\w*|explosion sound)\b"
    ),
    "nonvisual": (
        r"\b(?:smell\w*|odou?rs?|stench|stinks?|temperatures?|\d+\s*degrees?|celsius|fahrenheit|humidity"
        r"|gas(?! (?:station|cylinder|bottle|tank|can|canister|stove|mask|pump))|carbon monoxide|co2"
        r"|power (?:cut|outage|failure|goes|went|is out|fails|loss|supply)|electricity|voltage|current|network"
        r"|wi-?fi|internet|offline|disconnect\w*|server is down|battery|too (?:hot|cold|warm|humid)"
        r"|overheat\w*|air quality|radiation|pressure|signal strength)\b"
    ),
}
WHOLE_ZH = {
    "audio": (
        r"听到|听见|听|声音|声响|响声|声(?=$|[,.;]|太|很|大|响)|吵闹|太吵|吵(?=$|死)|很吵|尖叫|哭|叫声|狗叫"
        r"|狗吠|喊|枪声|噪音|噪声|警报响|警报声|铃响|音乐|鸣笛|响了|巨响"
    ),
    "nonvisual": (
        r"气味|味道|臭|味(?=太|很|儿|$)|温度|湿度|停电|断电|漏电|没电|跳闸|断网|网络|掉线|离线|联网|煤气(?!罐"
        r"|瓶|灶)|燃气(?!罐|瓶|灶)|天然气|瓦斯|一氧化碳|电压|电流|电量|信号|太热|太冷|过热|\d+\s*度|缺氧|气压"
    ),
}
_RELATIVE = (
    r"(?:husband|wife|son|daughter|mother|mom|mum|father|dad|brother|sister|boyfriend|girlfriend|partner|uncle"
    r"|aunt|grand(?:ma|pa|mother|father|son|daughter|parents|kids?|child|children)|neighbou?rs?|landlord|boss"
    r"|cousin|room ?mate|flat ?mate|mother-in-law|father-in-law|friends?|family|ex|kids?|child|children"
    r"|parents|nephew|niece|colleagues?)"
)
_NAME = r"(?-i:[A-Z][a-z]+)"
_NAMED_DOES = (
    r"(?:gets|comes|arrives|leaves|enters|walks|goes|shows|returns|is (?:home|here|back|at|in|near)|stands"
    r"|appears|passes|parks)"
)
_WRONG = (
    r"(?:steal\w*|rob\w*|break(?:ing)? in\w*|attack\w*|shoplift\w*|fight\w*|hurt\w*|harm\w*|vandali[sz]e\w*"
    r"|damage\w*|kill\w*|escape\w*|run away|commit\w*|assault\w*|burgle\w*)"
)
_OBJECT = r"(?:\s+(?:something|anything|stuff|things|goods|products?|in|into|it|away|somebody|someone|a crime))*"
PARTS_EN: tuple[tuple[str, str, str], ...] = (
    (
        "intent",
        (
            r"\s*\b(?:who\s+)?(?:is|are|was|looks?|seems?|appears?|looking)?\s*(?:like\s+(?:they|he|she"
            r"|someone)(?:'s|'re| is| are)?\s*)?\b(?:about|plan(?:s|ning)?|intend(?:s|ing)?|want(?:s|ing)?"
            rf"|prepar(?:es|ing)|plotting|ready|looking)\s+to\s+(?:{_WRONG}|\w+){_OBJECT}"
        ),
        " ",
    ),
    (
        "intent",
        (
            r"\s*\b(?:who\s+)?(?:is|are|looks?|seems?)?\s*(?:like\s+(?:they|he|she)(?:'s|'re| is"
            rf"| are)?\s*)?\b(?:going|trying|attempt(?:s|ing)?|tr(?:ies|y))\s+to\s+{_WRONG}{_OBJECT}"
        ),
        " ",
    ),
    (
        "intent",
        (
            r"\s*\b(?:(?:is |are )?(?:acting|behaving|looking|looks|acts|moving"
            r"|seems)\s+)?(?:very\s+)?(?:suspicious(?:ly)?(?:[- ]looking)?|sneak(?:y|ily|ing around)|shad(?:y"
            r"|ily)|shifty|up to no good|with bad intentions?|ill intent(?:ions)?"
            r"|threatening(?:ly)?)\b(?:\s+(?:behaviou?r|activity|activities|things?|stuff|happening"
            r"|going on))?"
        ),
        " ",
    ),
    (
        "identity",
        (
            r"\b(?:who(?:se)?|that|which)\s+(?:\w+\s+)?(?:is|are|isn't|aren't|do|does|don't|doesn't|do not"
            r"|does not|has|have|is not|are not)\b[^,.;]*?\b(?:list|know|recogni[sz]e|work here|belong here"
            r"|live here|authori[sz]ed|allowed|database|registered)\b(?:\s+(?:to|in)\s+\w+)?"
        ),
        " ",
    ),
    (
        "identity",
        (
            r"\b(?:i|we)\s+(?:don't|do not|have never)\s+(?:know|recogni[sz]e|seen)\b|\bnot (?:on|in) (?:the"
            r"|my|our) (?:\w+ )?(?:list|database)\b|\b(?:on|from) (?:the|my|our) (?:black|white|watch|face"
            r"|guest|ban\w*|face recognition)\s*-?list\b"
        ),
        " ",
    ),
    ("identity", rf"\b(?:my|our|his|her|their)\s+(?:ex-?\s*)?{_RELATIVE}(?:,?\s+{_NAME})?(?!'s)\b", "a person"),
    ("identity", r"\b(?:an?\s+|any\s+|some\s+|the\s+)?strangers?\b", "a person"),
    (
        "identity",
        (
            r"\b(?:unknown|unauthori[sz]ed|authori[sz]ed|unfamiliar|unrecogni[sz]ed|blacklisted|banned|wanted"
            r"|known|registered|unregistered)\s+(?=(?:person|people|persons|visitors?|individuals?|men|man"
            r"|wom[ae]n|faces?|staff|personnel|vehicles?|cars?|guests?|someone|driver|workers?|employees?)\b)"
        ),
        " ",
    ),
    ("identity", rf"\b(?:(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+{_NAME}|(?:named|called)\s+{_NAME})\b", "a person"),
    (
        "identity",
        (
            r"(?:^|(?<=\bwhen )|(?<=\bif )|(?<=\bthat ))(?!(?-i:Someone|Somebody|Anyone|Anybody|Nobody"
            r"|Everyone|Person|People|He|She|It|They|Something|Anything|Man|Woman|Worker|Car|Truck|Dog|Cat"
            r"|Vehicle|Forklift|Child|Kid|Guard|Van|Bus|Bird|Water|Smoke|Fire|Staff|Driver|Customer|Cashier"
            r"|Courier|Nurse|Patient|Visitor|Motion|Movement|Door|Gate|Somebody|Cyclist|Pedestrian|Animal|Bike"
            rf"|Bicycle|Motorbike|Lorry|Drone|Robot)\b){_NAME}(?=\s+{_NAMED_DOES}\b)(?<=[a-z]\b)"
        ),
        "a person",
    ),
    (
        "speed",
        (
            r"\s*\b(?:(?:is |are )?(?:going|moving|driving|travel+ing|riding|running)\s+)?(?:(?:at |at more "
            r"|faster|slower|quicker|more|less|over|above|under|below|exceed(?:s|ing)?|within|closer|nearer"
            r"|farther|further|taller|higher|longer|heavier|deeper|wider|at least|than"
            r"|about)\s+)*(?:than\s+)?\d+(?:\.\d+)?\s*(?:km/?h|kph|kmh|mph|m/s|kilomet(?:er|re)s?(?: (?:per"
            r"|an) hour)?|miles?(?: (?:per|an) hour)?|met(?:er|re)s?|m\b|cm\b|feet|foot|ft\b|kg\b|kilos?"
            r"|kilograms?|tons?|tonnes?|pounds|lbs?)(?:\s+(?:of|from|to|tall|high|long|away from|away|deep"
            r"|wide|apart))?"
        ),
        " ",
    ),
    (
        "speed",
        (
            r"\s*\b(?:(?:is |are )?(?:going|moving|driving|travel+ing|riding|running|drives|goes|moves"
            r"|rides)\s+)?(?:way |much |far )?(?:too (?:fast|slow(?:ly)?|heavy|tall|quickly|close(?: to)?)"
            r"|speeding|over the (?:speed )?limit|above the speed limit|at high speed)\b"
        ),
        " ",
    ),
    ("past", rf"\s*{PAST_EN}", " "),
    (
        "vague",
        (
            r"\s*\b(?:(?:is |are )?(?:acting|behaving|behaves|acts|looks|looking|seems)\s+)?(?:a bit |very "
            r"|really )?(?:weird(?:ly)?|odd(?:ly)?|unusual(?:ly)?|strange(?:ly)?|out of (?:the )?(?:order"
            r"|ordinary|place)|abnormal(?:ly|ities|ity)?|funny|fishy|anomal(?:y|ies|ous)|irregular(?:ity"
            r"|ities)?|not (?:quite )?right|not normal|peculiar|inappropriate(?:ly)?)\b(?:\s+(?:behaviou?r"
            r"|activity|activities|things?|stuff|happens?|happening|going on|goes on))?"
        ),
        " ",
    ),
    (
        "vague",
        (
            r"\b(?:keep an eye (?:on|out)(?: for)?(?: (?:things|everything|it all|the place))?|(?:something"
            r"|anything|things?)(?:'s| is| goes| going| looks)? (?:wrong|off|bad)|(?:something"
            r"|anything) (?:happens|going on|happening|interesting)|what(?:'s| is) (?:going on|happening)"
            r"|(?:any )?(?:problems?|trouble|issues?|danger|incidents?))\b"
        ),
        " ",
    ),
)
_SURNAME = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
)
_KIN_ZH = (
    "(?:老公|老婆|丈夫|妻子|爸爸?|妈妈?|父亲|母亲|儿子|女儿|哥哥?|弟弟?|姐姐?|妹妹?|爷爷|奶奶|外公|外婆|邻居"
    "|房东|老板|前男友|前女友|男朋友|女朋友|朋友|同事|亲戚|孩子他爸|孩子他妈|家人|岳父|岳母)"
)
PARTS_ZH: tuple[tuple[str, str, str], ...] = (
    ("intent", r"(?:看起来|看上去|显得|样子)?(?:很|有点|有些)?(?:神色|形迹|行迹|行为|举止)?可疑(?:的|地)?", ""),
    ("intent", r"鬼鬼祟祟(?:的|地)?|偷偷摸摸(?:的|地)?|不怀好意(?:的|地)?|图谋不轨(?:的)?", ""),
    (
        "intent",
        (
            r"(?:看起来|看上去|看样子|好像|似乎|貌似)?(?:好?像是?要|好像要|打算|企图|准备|想要?|试图|意图|即将"
            r"|正要|像要)(?:偷|抢|打架|打人|闹事|撬|逃|破坏|盗|作案|伤人|翻|动手|跑|行凶|闯|进)[^,.;]*"
        ),
        "",
    ),
    (
        "identity",
        r"(?:不认识|没见过|不在名单(?:上|里|内)?|名单(?:以|之)?外|未登记|不是(?:本|我们)\S{1,4})的(?=人|员工|车)",
        "",
    ),
    ("identity", r"(?:陌生|未知|未经?授权|未经许可|无关|闲杂|外来|黑名单(?:上|里)?)的?(?=车|人员|男|女|访客)", ""),
    ("identity", r"陌生人|外人|生人|生面孔|陌生面孔|闲人|闲杂人等", "人"),
    ("identity", rf"(?:我|我们|他|她)家?的?{_KIN_ZH}", "有人"),
    (
        "identity",
        (
            rf"{_SURNAME}(?:某某|某|总|先生|女士|师傅|经理|老板|老师|阿姨|叔叔|主任|小姐)|(?:老"
            rf"|小){_SURNAME}(?=[进来到出回在走开])"
        ),
        "有人",
    ),
    (
        "speed",
        (
            r"(?:车速|时速|速度|行驶速度|身高|体重|重量|高度|距离)(?:超过|大于|高于|达到|低于|不到|小于"
            r"|在)?\d+(?:\.\d+)?\s*(?:公里(?:每小时|/小时|/h)?|千米(?:每小时)?|km/?h|码|迈|米/?(?:每?秒)?|公斤"
            r"|千克|厘米|吨|kg|m)(?:以上|以下|以内)?的?"
        ),
        "",
    ),
    (
        "speed",
        (
            r"(?:以|超过|大于|不到|小于|离\S{1,4})?\d+(?:\.\d+)?\s*(?:公里(?:每小时|/小时|/h)?|千米(?:每小时)?"
            r"|km/?h|码(?!头)|米(?:每秒)?|公斤|千克|厘米|吨(?!位)|kg|m/s)(?:以上|以下|以内|之内)?的?(?:速度)?"
        ),
        "",
    ),
    (
        "speed",
        r"(?:开|骑|跑|行驶|走|车速)?(?:得)?(?:太快|过快|太慢|超速|飞快)(?:行驶)?(?:了|的)?|超重(?:了|的)?|太重了?",
        "",
    ),
    ("past", PAST_ZH + r"(?:的|那个)?", ""),
    (
        "vague",
        (
            r"(?:行为|举止|表现|动作|情况|状态)?(?:异常|不正常|反常|不对劲|古怪|奇怪|怪异|诡异)(?:的"
            r"|地)?(?:情况|行为|状况|现象|动静|活动|事件|事情|东西|事)?"
        ),
        "",
    ),
    (
        "vague",
        (
            r"(?:有|出|发生)(?:什么|啥|任何)?(?:情况|问题|动静|状况|事情|事|意外)(?=$|[,.;])|出事|不对(?=$"
            r"|[,.;])|(?:看着|盯着|留意|注意|看好)(?:点|一下)"
        ),
        "",
    ),
)
