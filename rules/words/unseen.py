"""The words for what a picture cannot show, in English and Chinese.

Takes: nothing.
Gives: patterns by lint code: those that take their whole part of the sentence with them, and those that leave the rest.
Knows nothing about: how they are applied; see scope.py."""

from rules.words.identity import IDENTITY_EN, IDENTITY_ZH
from rules.words.measures import MEASURES_EN, MEASURES_ZH
from rules.words.named_for import BOTTLES_ZH, BOXES_ZH, RUNS_ZH, THING_EN
from rules.words.vague import VAGUE_EN, VAGUE_ZH

PAST_EN = (
    r"\b(?:yesterday(?:'s)?|last (?:night|week|month|year|time|monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday)|(?:a|an|\d+|two|three|few) (?:seconds?|minutes?|hours?|days?|weeks?) ago"
    r"|earlier(?: today| on)?|the other day|(?:from )?this morning|previously|the day before|before now"
    r"|in the past)\b"
)
ASKS_PAST_EN = (
    r"^\W*(?:(?:who|whose|what|which|when(?= (?:did|was|were))|where|how (?:many|often|long)"
    r"|has (?:any|some)\w*|have (?:any|some)\w*|had)\b.*\b(?:was|were|did|came|come|been|went|left|took"
    r"|entered|happened"
    r"|parked|stole|visited|passed|arrived|yesterday|last|had|\w{3,}ed)\b"
    r"|(?:has|have) (?:the|an?|my|our|that|this|all)\b(?:[^,.;]*\b(?:been here|come|arrived"
    r"|called|visited|passed|happened"
    r"|delivered)\b|[^,.;]*\b(?:today|yet|already|lately|recently|this (?:morning|week|afternoon))\W*$)"
    r"|(?:did|was|were)\s+(?:there|any\w*|some\w*|the|a|an|my|our|it|he|she|they)\b)"
)
PAST_ZH = (
    r"(?:昨天|昨晚|昨夜|昨日|前天|上周|上个?月|上个?星期|刚才|刚刚|今早|之前|以前|早些时候|去年|前几天|这几天|上次"
    r"|上回|前两天"
    r"|今天(?:早上|上午|白天)?)(?:晚上|夜里|早上|上午|下午|中午|凌晨|半夜)?"
)
ASKS_PAST_ZH = (
    r"(?:谁|有没有|是否|什么人?|多少|哪些?|几[个次辆人]).*(?:昨天|昨晚|昨夜|前天|上周|上个?月|上个?星期|去年|前几天)|"
    r"谁.*(?:过(?!来|去)|了)|(?:有没有|是否|有无(?!人看|人机|人驾|人值|人陪)).*(?:[^经通路超]过(?!来|去|道"
    r"|程)(?![^,.;]{0,4}(?:就|则)).*"
    r"|了吗)$|(?:昨|前天|上周|上个?月|上个?星期|刚才|刚刚|今早|之前|去年|前几天|今天).*(?:谁|有没有|什么"
    r"|几[个次辆人点]|多少|吗|是否|哪|过没|没有\?)"
)

ASKS_FUTURE_EN = (
    r"^\W*(?:will\s+(?!you\b)|when will\b|what will\b|how \w+ will\b|(?:is|are) (?:it|there|they|he|she) going to\b)"
)
ASKS_FUTURE_ZH = (
    r"^(?:明天|后天|大后天|明早|明晚|下周|下个?月|将来|今后).*(?:会不会|会"
    r"|能).*(?:吗|多少|几|谁|什么|呢|\?)|^(?:明天|后天|下周|下个?月).*会不会"
)
#: sound and readings take the whole part of the sentence with them
WHOLE_EN = {
    "audio": (
        r"\b(?:hears?|heard|hearing(?! aids?\b)|listen\w*|sounds?(?! (?:asleep|proof))|nois[ey]\w*"
        r"|loud(?!speaker|hailer)\w*"
        r"|bark(?! (?:chips?|mulch|pile))\w*|scream\w*"
        r"|shout(?:s|ing|ed)?|yell(?:s|ing|ed)?|bang(?:s|ing)?|sirens?|alarm (?:tone|sound\w*|goes|going"
        r"|rings?|ringing|bell)|(?:smoke|fire|car) alarm|beep\w*|cr(?:y|ies|ied|ying)|gunshots?|gunfire|music"
        r"|door ?bell (?:rings?|ringing|goes)|(?<!key )ringing|the (?:phone|bell|doorbell|telephone) rings"
        r"|whistl\w*|honk\w*|(?:fog ?)?horns?|klaxons?|hooter|blar(?:es?|ing)|bleep\w*|buzzer (?:is )?(?:going"
        r"|sounding|buzz\w*)"
        r"|bells? (?:(?:is|are|keeps?|keep) )?(?:ringing|rings|going|goes|clanging|ding\w*)|bleat\w*|moo(?:s|ing)"
        r"|meow\w*|howl\w*|growl\w*|whimper\w*|voices?|speech"
        r"|talking loudly|swear\w*|explosion sound|argu(?:es|ing|ment)s?|sobbing|cough\w*|snor(?:es|ing)"
        r"|clapping|squeal\w*"
        r"|thuds?|rattl(?:es|ing)|chirp\w*|shriek\w*|roar\w*|alarm(?= (?:is )?(?:on|off|blaring)))\b" + THING_EN
    ),
    "nonvisual": (
        r"\b(?:smell\w*|tastes?|tasted|gone off|(?:is|are)(?: \w+){0,3} still fresh|odou?rs?"
        r"|stench|stinks?|temperatures?|\d+\s*(?:degrees?|deg\b\.?|°\s?[cf]?)|\d+\s?[CF](?=\s*(?:$|[,.;]))|ppm"
        r"|celsius|fahrenheit|humidity"
        r"|gas(?! (?:attendants?|delivery|truck|tanker|container)s?\b)|carbon monoxide|co2"
        r"|power (?:cut|outage|failure|goes|went|is out|fails|loss|supply)|electricity|voltage|current|network"
        r"|wi-?fi|internet|offline|disconnect\w*|server is down|(?:low|dead|flat|weak|empty) batter(?:y|ies)"
        r"|batter(?:y|ies)(?:'s)? (?:(?:is|are|gets?|goes|runs?|drops?|falls?|has|at)\b(?: \w+){0,2}? )?(?:low"
        r"|dead|flat|empty|weak"
        r"|level|charge[ds]?|charging|voltage|drain\w*|dies|died|out|health|percent\w*|\d+ ?%|\d+ percent|below"
        r"|under|above"
        r"|need\w*)"
        r"|too (?:hot|cold|warm|humid)"
        r"|overheat\w*|air quality|radiation|(?:air|water|tyre|tire|gas|oil|blood) pressure"
        r"|pressure (?:drops?|rises?|is)|oxygen"
        r"|(?:heating|air[- ]?con(?:ditioning|ditioner)?|boiler|radiator|thermostat|generator|compressor"
        r"|freezer|fridge)s?"
        r"(?: unit)? (?:is|are|has|have|goes|went|gets?|stops?)(?: (?:still|not|been|switched|turned))*"
        r" (?:on|off|out|down|broken|failed|running|working|stopped|cold|warm)"
        r"|toner|out of (?:ink|fuel|petrol|gas)"
        r"|vibrat(?:es|ing|ion)|(?:running|getting|gets) (?:hot|warm)"
        r"|(?:low|dead|empty|flat) batter(?:y|ies)"
        r"|batter(?:y|ies)(?= (?:is|are|runs?|levels?|voltage|charge|percentage|gets?|goes|below|under"
        r"|at|drops?|died|low|dead|empty)\b"
        r"(?! (?:on fire|smoking|burning|leaking|swollen|swelling|left|removed|missing)))"
        r"|signal strength|(?:server|router|modem|printer|system|database|website|network|heating|boiler"
        r"|freezer|fridge) "
        r"(?:is |goes |went |has )?(?:down|offline|crash\w*|fails?|failed|unreachable|frozen up"
        r"|breaks? down|broken down)"
        r"|ping(?: time)? (?:is|over|above)|heart rate|fever)\b" + THING_EN
    ),
}
#: "a patient with a high temperature": who has it is seen
ATTRIBUTES_EN = {
    "nonvisual": r"\s+(?:with|having|who has|running|has)\s+(?:an?\s+)?(?:\w+\s+)?(?:temperature|fever|heart rate"
    r"|blood pressure|smell|odou?r)\b(?:\s+(?:of|above|over|below|under)\s+[\w.]+(?:\s+degrees)?)?",
    "audio": r"\s+(?:with|playing)\s+(?:an?\s+|the\s+)?(?:loud|blaring|noisy)"
    r"\s+(?:music|radio|stereo|exhaust|engine|horn)\b",
}
ATTRIBUTES_ZH = {
    "nonvisual": r"(?:正在|有点)?(?:发烧|发热|体温[过偏]?高|高烧|低烧|高血压|有异味|有味道|浑身酒[味气]|带电|漏电)了?的"
    r"(?=\S{0,4}(?:人|病人|患者|孩子?|员|者|客|老人|车|包))",
    "audio": r"(?:大声|高声)?(?:吵闹|吵架|喊叫|尖叫|哭闹|唱歌|说话)的(?=\S{0,4}(?:人|孩子?|顾客|学生|客人|乘客|醉汉))",
}
WHOLE_ZH = {
    "audio": (
        r"听到|听见|听(?!诊器|筒|众|课|力|证)|异响|响动|声音(?!屏)|声响|响声|声(?=$|[,.;]|太|很|大|响)|吵|喧哗|喧闹"
        r"|喧嚣|高声|大声|嘈杂|呼救(?!按钮|铃|器|桩|柱|箱)|尖叫(?!鸡)"
        r"|哭(?!泣的雕)|咳嗽|打呼噜|打鼾|爆炸声|叫声|狗叫|(?:铃|警报器?|报警器|喇叭|电话|手机|警笛|闹钟|汽笛|蜂鸣器"
        r"|警铃|门铃|对讲机)(?:一直|老是?|不停地?|总是?|还在|还|在|又|狂|大|突然)*响|响(?:个不停|不停)"
        r"|狗吠|喊(?!话器|话喇叭)|枪声|噪[音声](?!屏|墙|挡|监测|计|仪)|警报响|警报声|铃响"
        r"|音乐(?!喷泉|厅|盒|教室|台|节|会|器材|室)|鸣笛|响了|巨响"
    ),
    "nonvisual": (
        r"气味|味道|变味|变质|馊|臭(?!豆腐|水沟|氧)|味(?=太|很|儿|$)|[温湿]度(?!计|传感器|仪|表|探头|箱|牌)"
        rf"|停电(?!{RUNS_ZH}|通知单|公告|告示)|断电(?!线|缆|杆|锯)|漏电(?!保护|开关|断路)|没电(?!{RUNS_ZH}|线|缆|脑"
        rf"|视|话|扇)"
        rf"|跳闸|断网|网络(?!{BOXES_ZH}|线|设备间|摄像)|掉线|(?<!距)离线(?!圈|缆|杆|路|条)|联网"
        rf"|(?:煤气|燃气|天然气|瓦斯|氧气)(?!{BOTTLES_ZH})|一氧化碳|VOCs?|甲醛|粉尘浓度|浓度(?!计)|氨气|沼气(?!池"
        rf"|罐)|硫化氢|二氧化碳(?!灭火器)|PPM|℃|°C|电[压流](?!表|{BOXES_ZH})|电量(?!表)|信号(?!工|员|灯|旗|塔|弹|枪"
        rf"|机|箱|柜|杆|牌|屏|楼)|太热|太冷|过热"
        r"|[\d一二三四五六七八九十]+\s*度(?!电|角|转|旋|掉头|弯|全景|烧伤|拐|翻)|缺氧|[气水]压(?!表|罐|计|阀|泵|棒)"
        r"|体温(?!计|枪|检测仪?|监测)"
        r"|血[压糖](?!计|仪)|心率|心跳|发烧(?!友)|发烫|烫手|发热(?!门诊|管|灯|板|垫)|断水|辐射(?!标|警示|防护服|服)"
        r"|Wi-?Fi(?!天线|路由)"
        r"|无线网(?!卡)|宽带(?!箱)"
        r"|[水油室气烟体]温|(?:空调|暖气|地暖|打印机|路由器|电脑|电视|冰箱|冰柜|水泵|电机|马达|发电机|设备|风机"
        r"|充电桩|门禁|电梯)"
        r"\S{0,3}(?:开没开|关没关|坏了?|故障|失灵|不制冷|不工作|没反应|断开|异常停机)"
        r"|服务器(?:宕机|挂)|宕机|死机|噪声分贝|PM2"
    ),
}
_WRONG = (
    r"(?:steal\w*|rob\w*|break(?:ing)? in\w*|attack\w*|shoplift\w*|fight\w*|hurt\w*|harm\w*|vandali[sz]e\w*"
    r"|damage\w*|kill\w*|escape\w*|run away|commit\w*|assault\w*|burgle\w*|snatch\w*|mug\w*|intrud\w*"
    r"|jump\w*|climb\w*|set fire)"
)
_OBJECT = r"(?:\s+(?:something|anything|stuff|things|goods|products?|in|into|it|away|somebody|someone|a crime))*"
#: "about to break into the shed": the shed is seen, the plan is not
_NEAR_EN = (
    r"(?:\s+(?:in|into|over|through|on|onto|at|from|inside|up))*\s+(?=(?:the|an?|my|our|his|her|their)\s+(?!crime)\S)"
)
INTENT_EN: tuple[tuple[str, str, str], ...] = (
    (
        "intent",
        (
            r"\s*\b(?:who\s+)?(?:is|are|was|looks?|seems?|appears?|looking)?\s*(?:like\s+(?:they|he|she"
            r"|someone)(?:'s|'re| is| are)?\s*)?\b(?:(?:about|plan(?:s|ning)?|intend(?:s|ing)?|want(?:s|ing)?"
            rf"|prepar(?:es|ing)|plotting|ready|looking)\s+to\s+(?:break|\w+)|(?:going|trying|attempt(?:s"
            rf"|ing)?|tr(?:ies|y))"
            rf"\s+to\s+(?:break|{_WRONG}))(?:\s+(?:something|anything|stuff|things|goods|products?))?{_NEAR_EN}"
        ),
        " near ",
    ),
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
            r"\s*\b(?:who\s+)?(?:is|are)?\s*\b(?:plan(?:s|ning)|plot(?:s|ting)|prepar(?:es|ing))\s+(?:(?:an?|the"
            r"|some)\s+)?"
            r"(?:robber(?:y|ies)|thefts?|burglar(?:y|ies)|break-ins?|attacks?|assaults?|heists?|crimes?|escapes?"
            r"|murders?)\b"
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
            r"|seems)\s+)?(?:very\s+)?(?:suspicious(?:ly)?(?:[- ]looking)?|sneak(?:y|ily|ing(?: (?:around"
            r"|about)(?! (?:the|my|our|an?)\b))?)|shad(?:y(?! (?:spot|area|side|corner|place|tree|bench|part)s?\b)"
            r"|ily)|shifty|dodgy|dodgily|up to no good|with bad intentions?|ill intent(?:ions)?"
            r"|threatening(?:ly)?)\b(?:\s+(?:behaviou?r|activity|activities|things?|stuff|happening"
            r"|going on))?"
        ),
        " ",
    ),
)

_WANTS_ZH = (
    r"(?:看起来|看上去|看样子|看着|瞅着|好像|似乎|貌似)?(?:像是?|是|正)?(?:好?像是?要|好像要|打算|企图|准备|想要?"
    r"|试图|意图"
    r"|即将|正要|像要|疑似要?|意欲|可能要|看样子(?:是)?要|看着(?:是|像)?要)"
)
_WRONG_ZH = (
    r"(?:偷|抢|打架|打人|闹事|撬|逃|破坏|盗|作案|伤人|翻|动手|跑|行凶|闯|进|砸|放火|纵火|投毒|攻击|伤害"
    r"|自杀|跳|轻生|顺(?![路着序便])|摸走|蹭|逃单|跑单|混进|搞事|挑事|找事|爬|溜|骗|拿|顺走"
    r"|搞|做坏事|干坏事|犯罪|作弊)"
)
INTENT_ZH: tuple[tuple[str, str, str], ...] = (
    # 像要打架的几个学生: the students are seen.
    ("intent", rf"{_WANTS_ZH}{_WRONG_ZH}[^,.;的上里]{{0,6}}的(?!样子|东西|商品|货|意思|时候)(?=\S)", ""),
    # 想偷货架上的东西: the shelf is seen, the wish is not.
    (
        "intent",
        rf"{_WANTS_ZH}{_WRONG_ZH}[走取]?(?P<place>[^,.;的]{{0,6}}?(?:[\ue000-\ue7ff]"
        rf"|[^,.;的]{{1,4}}(?=[上里内中]))[上里内中]?)"
        r"(?:的?(?:东西|商品|物品|货物?|财物|钱|包)|的[^,.;的]{1,4})?(?=$|[,.;])",
        r"在\g<place>",
    ),
    ("intent", r"(?:看起来|看上去|显得|样子)?(?:很|有点|有些)?(?:神色|形迹|行迹|行为|举止)?可疑(?:的|地)?", ""),
    (
        "intent",
        r"(?:鬼鬼祟祟|鬼头鬼脑|贼眉鼠眼|贼头贼脑|探头探脑|偷偷摸摸)(?:的|地)?"
        r"|偷偷摸摸(?:的|地)?|不怀好意(?:的|地)?|图谋不轨(?:的)?",
        "",
    ),
    (
        "intent",
        (rf"{_WANTS_ZH}{_WRONG_ZH}[^,.;]*"),
        "",
    ),
)

PARTS_EN = (*INTENT_EN, *IDENTITY_EN, *MEASURES_EN, ("past", rf"\s*{PAST_EN}", " "), *VAGUE_EN)
PARTS_ZH = (*INTENT_ZH, *IDENTITY_ZH, *MEASURES_ZH, ("past", PAST_ZH + r"(?:的|那个)?", ""), *VAGUE_ZH)
