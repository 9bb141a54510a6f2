"""The words for who somebody is: relations, names, strangers, people on lists.

Takes: nothing.
Gives: patterns with the lint code and what stays in their place; whether a word is a common first name.
Knows nothing about: how they are applied; see scope.py. Visible roles (guard, courier, child) are no identities."""

from rules.words import patterns

#: a name at the start of a sentence is told from a noun only by being known
_FIRST_NAMES = frozenset(
    (
        "adam alan alex alice amy andrea andrew andy anita ann anna anne anthony ben bill bob brian bruce carl "
        "carlos carol caroline charlie chris christine claire dan daniel dave david debbie diana diego donald "
        "emily emma eric eva fiona frank fred gary george greg hannah harry helen henry ian jack jake james jane "
        "janet jason jeff jenny jerry jessica jill jim joan joe john johnny jon josh juan judy julia julie karen "
        "kate kathy katie keith kelly ken kevin kim larry laura lee leo lewis linda lisa liz louise lucy luis "
        "luke maria marie mark martha martin mary matt max megan mia michael michelle mike nancy natalie nick "
        "nicole nina noah oliver olivia pamela patricia paul pedro peter phil rachel ray rebecca richard rob "
        "robert roger ron rosie ruth ryan sam samantha sandra sara sarah scott sean sharon simon sofia sophie "
        "stephen steve steven stuart sue susan suzanne ted terry tessa theo thomas tim tina tom tony tracy vera "
        "victoria walter wendy will william zoe"
    ).split()
)

_RELATIVE = (
    r"(?:husband|wife|son|daughter|mother|mom|mum|father|dad|brother|sister|boyfriend|girlfriend|partner|uncle"
    r"|aunt|grand(?:ma|pa|mother|father|son|daughter|parents|kids?|child|children)|neighbou?rs?|landlord|boss"
    r"|cousin|room ?mate|flat ?mate|mother-in-law|father-in-law|friends?|family|ex|kids?|child|children"
    r"|parents|nephew|niece|colleagues?|babysitter|nanny|cleaning lady|manager|owner|tenants?)"
)
_NAME = r"(?-i:[A-Z][a-z]+)"
#: capitalised and yet nobody: days, months, firms, and nouns of a sentence In Title Case
_NO_NAME = (
    r"(?!(?-i:Someone|Somebody|Anyone|Anybody|Nobody|Everyone|Person|People|He|She|It|They|Something|Anything|Man"
    r"|Woman|Worker|Car|Truck|Dog|Cat|Vehicle|Forklift|Child|Kid|Guard|Van|Bus|Bird|Water|Smoke|Fire|Staff|Driver"
    r"|Customer|Cashier|Courier|Nurse|Patient|Visitor|Motion|Movement|Door|Gate|Cyclist|Pedestrian|Animal|Bike"
    r"|Bicycle|Motorbike|Lorry|Drone|Robot|There|The|This|That|An?|Any|No|Package|Parcel|Baby|Toddler|Intruder"
    r"|Mon|Tue|Wed|Thu|Fri|Sat|Sun|\w+day|January|February|March|April|June|July|August|September|October|November"
    r"|December|Amazon|Hermes|Fedex|Uber|Tesla|Toyota|Ford|Honda|Santa|Christmas|Easter|Camera|Zone|Dock|Gate|Yard"
    r"|Please|Alert|Alarm|Notify|Urgent|Critical|Emergency|High|Low|Medium|Lidar|Wifi)\b)"
)
_NAMED = rf"{_NO_NAME}{_NAME}(?:\s+(?:and|or|&)\s+{_NAME}|\s+{_NO_NAME}{_NAME})?"
_NAMED_DOES = (
    r"(?:gets?|comes?|arrives?|leaves?|enters?|walks?|goes|shows?|returns?|is|are|has|stands?|appears?|passes"
    r"|parks?|opens?|takes?|sits?|lies|falls?|touch(?:es)?|climbs?|picks?|drives?|at|in|on|near|by|coming|walking"
    r"|entering|leaving|standing|going|parking)"
)

IDENTITY_EN: tuple[tuple[str, str, str], ...] = (
    (
        "identity",
        (
            r"\b(?:who(?:se)?|that|which)\s+(?:\w+\s+)?(?:is|are|isn't|aren't|do|does|don't|doesn't|do not"
            r"|does not|has|have|is not|are not)\b[^,.;]*?\b(?:list|know|recogni[sz]e|work here|belong here"
            r"|live here|authori[sz]ed|allowed|database|registered|supposed to be \w+)\b(?:\s+(?:to|in"
            r"|here)(?:\s+\w+)?)?"
        ),
        " ",
    ),
    ("identity", r"\b(?:who|that) (?:should(?:n't| not)|isn't supposed to) be\b(?:\s+(?:here|there|around))?", " "),
    (
        "identity",
        (
            r"\b(?:i|we)\s+(?:don't|do not|have never|never)\s+(?:know|recogni[sz]e|seen|met)\b"
            r"|\b(?:not )?(?:on|in|from|outside) (?:the|my|our) (?:\w+ )?(?:black|white|watch|face|guest|ban\w*|vip)?"
            r"[- ]?(?:list|database)\b"
            r"|\bwithout (?:permission|authori[sz]ation|clearance|an? (?:permit|appointment))\b"
            r"(?! (?:sticker|card|disc|tag|plate|badge))"
            r"|\bnot (?:authori[sz]ed|allowed|known|permitted)(?:\s+to\s+(?:be\s+)?\w+)?\b|\bwho (?:is"
            r"|are) not from \w+"
            r"|\b(?:from|of|at) (?:number|no\.?|flat|apartment|apt\.?|house) \d+\w?\b"
            r"|\bfrom (?:next door|upstairs|downstairs|across the (?:road|street))\b"
            r"|\b(?:not an? |non[- ])(?:employees?|staff|members?|residents?)(?: of \w+)?\b"
        ),
        " ",
    ),
    (
        "identity",
        rf"\b(?:my|our|his|her|their|the)\s+(?:old\s+|ex-?\s*)?{_RELATIVE}(?:,?\s+{_NAME})?(?!'s)(?<!the owner)\b",
        "a person",
    ),
    (
        "identity",
        r"\b(?:an?\s+|any\s+|some\s+|the\s+)?(?:strangers?|outsiders?|unknowns|unfamiliar faces?)\b",
        "a person",
    ),
    (
        "identity",
        (
            r"\b(?:unknown|un-?authori[sz]ed|authori[sz]ed|unfamiliar|unrecogni[sz]ed|blacklisted|banned|wanted"
            r"|known|registered|unregistered|unidentified|strange(?= (?:m[ae]n|wom[ae]n|guy|person|people"
            r"|car|vehicle)))\s+"
            r"(?=(?:\w+\s+)?(?:person|people|persons|visitors?|individuals?|men|man|wom[ae]n|guys?|faces?"
            r"|staff|personnel"
            r"|vehicles?|cars?|vans?|trucks?|guests?|someone|drivers?|workers?|employees?|customers?"
            r"|shoplifters?|persons?)\b)"
        ),
        " ",
    ),
    ("identity", rf"\b(?:(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+{_NAME}|(?:named|called)\s+{_NAME})\b", "a person"),
    ("identity", rf"\b{_NAMED}(?=\s+{_NAMED_DOES}\b)", "a person"),
)

_SURNAME = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
)
#: surnames that begin no common word, so that two characters are enough for a name
_SURE_SURNAME = "[王李张刘陈杨赵吴徐孙朱郭罗梁宋郑谢韩冯董萧曹邓沈彭吕卢蒋蔡魏薛阎潘杜姚谭廖邹郝崔邱侯邵孟黎贺]"
#: characters of things and places, which no given name is read from
_GIVEN = (
    "[^\\W\\da-zA-Z色路空边车人员工门狗猫口水火楼房院台区机子孩物品货马牛羊鸡鸭鹅上下里外内前后面辆个只的了有没不在是架柜桌"
    "床椅摊开列网灯旗牌]"
)
_NAMED_DOES_ZH = (
    "(?=(?:一|又|再|刚)?(?:进|来|到|回|出现|出门|在|走|站|经过|开门|敲门|离开|没(?:有)?(?:来|到|戴|穿)|躺|坐|跌|摔"
    "|上班|下班|拿))"
)
_KIN_ZH = (
    "(?:老公|老婆|丈夫|妻子|爸爸?|妈妈?|父亲|母亲|儿子|女儿|哥哥?|弟弟?|姐姐?|妹妹?|爷爷|奶奶|外公|外婆|邻居"
    "|房东|老板|前男友|前女友|前妻|前夫|男朋友|女朋友|朋友|同事|亲戚|孩子他爸|孩子他妈|家人|岳父|岳母|婆婆|公公"
    "|孙子|孙女|叔叔|阿姨|舅舅|保姆|房客|租客)"
)
_TITLE_ZH = "(?:某某|某|总|先生|女士|师傅|经理|老板|老师|阿姨|叔叔|主任|小姐|大爷|大妈|大姐|大哥|医生|局长|科长|队长)"
IDENTITY_ZH: tuple[tuple[str, str, str], ...] = (
    (
        "identity",
        r"(?:(?:我|我们|大家)?(?:不认识|没见过)|不在(?:\S{0,3})名单(?:上|里|内|中)?|名单(?:以|之)?外|未登记|没登记|没有登记"
        r"|不是(?:本|我们|咱们|这里|这栋|公司|店里|小区)\S{0,4})的?(?=(?:外来|陌生|社会)?(?:人|员工|车|访客|业主|住户)|$)",
        "",
    ),
    # 未经允许进入仓库: who it is that goes in
    (
        "identity",
        r"(?<![人员者工客生])(?:未经|没有?经过?|未获|未得到?)(?:\S{0,4})?(?:允许|许可|批准|同意|授权)(?:就|便|而)?(?:擅自|私自)?(?=[进闯入出开用操翻爬靠停动搬拿登穿通走])",
        "有人",
    ),
    (
        "identity",
        r"(?:未经|没有?经过?|未获|未得到?)(?:\S{0,4})?(?:允许|许可|批准|同意|授权)(?:就|便|而)?(?:擅自|私自)?的?(?=\S)",
        "",
    ),
    (
        "identity",
        r"(?:陌生|未知|不明(?:身份)?|身份不明|未经?(?:授权|许可|允许|批准)|没有?(?:授权|权限)|无权限|(?:无|非)授权|无关|闲杂|外来"
        r"|(?:黑|白)名单(?:上|里|中|内)?)的?(?=车|人员|男|女|访客|人|面孔|者)",
        "",
    ),
    (
        "identity",
        r"陌生人员?|(?<![门屋室户车墙院栏线窗店馆场])外人(?!行)|外来人员?|(?<![学医先新卫花师男女实])生人(?!数|口)|(?:生|陌生)面孔|闲人|闲杂(?:人等|人员)|(?:不认识|不熟悉)的人|非(?:本\S{1,3}|工作|公司|业主)人?员工?",
        "人",
    ),
    (
        "identity",
        rf"(?:我们?|他|她|咱们?|俺)(?:家)?的?(?:小|大)?{_KIN_ZH}|(?:隔壁|楼上|楼下|对门)(?:的)?(?:邻居|老{_SURNAME})",
        "有人",
    ),
    (
        "identity",
        (
            rf"{_SURNAME}{_TITLE_ZH}|(?:老|小){_SURNAME}{_NAMED_DOES_ZH}|[小阿](?:明|红|刚|强|军|丽|华|芳|美|燕|杰|伟|玲|勇)"
            rf"{_NAMED_DOES_ZH}|(?:^|(?<=[,;.当看到有是如果])){_SURNAME}{_GIVEN}{{2}}{_NAMED_DOES_ZH}"
            rf"|(?:^|(?<=[,;.当看到有是如果])){_SURE_SURNAME}{_GIVEN}{_NAMED_DOES_ZH}|(?:叫|名叫|叫做){_SURNAME}{_GIVEN}{{1,2}}(?:的(?:人|员工))?"
        ),
        "有人",
    ),
)


def is_first_name(word: str) -> bool:
    """Whether a capital at the start of a sentence may belong to the word itself."""
    return word.lower() in _FIRST_NAMES


def lower_first(text: str) -> str:
    """English: the capital that only begins the sentence goes, so that those that are left mean names."""
    first = patterns.match(r"\W*([A-Z][a-z]+)\b", text)
    if not first or is_first_name(first[1]):
        return text
    return text[: first.start(1)] + text[first.start(1)].lower() + text[first.start(1) + 1 :]
