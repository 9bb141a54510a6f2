"""The words for what one frame does not measure: speed, distance, weight, height.

Takes: nothing.
Gives: patterns with the lint code and what stays in their place.
Knows nothing about: how they are applied; see scope.py."""

from rules.words.numbers import NUMBER_EN, NUMBER_ZH

_UNIT_EN = (
    r"(?:km/?h|kph|kmh|mph|m/s|kilomet(?:er|re)s?(?: (?:per|an) hour)?|miles?(?: (?:per|an) hour)?|met(?:er|re)s?"
    r"|knots?|m\b|cm\b|centimet(?:er|re)s?|feet|foot|ft\b|inch(?:es)?|kg\b|kilos?|kilograms?|tons?|tonnes?|pounds|lbs?|yards)"
)
_GOES_EN = r"(?:(?:is |are )?(?:going|moving|driving|travel+ing|riding|running|doing|drives|goes|moves|rides|runs)\s+)?"
MEASURES_EN: tuple[tuple[str, str, str], ...] = (
    # "closer than 3 metres to the press": what it is close to is seen, the figure is not.
    (
        "speed",
        (
            r"\b(?:(?:gets?|comes?|goes|standing|working|is|are)\s+)?(?:closer than|nearer than|within"
            r"|less than|under)\s+"
            rf"{NUMBER_EN}\s*{_UNIT_EN}\s*(?:away )?(?:of|to|from)\b"
        ),
        "near",
    ),
    (
        "speed",
        (
            rf"\s*\b{_GOES_EN}(?:(?:at |at more |faster|slower|quicker|more|less|over|above|under|below"
            rf"|exceed(?:s|ing)?"
            r"|within|closer|nearer|farther|further|taller|higher|longer|heavier|deeper|wider|bigger|larger"
            r"|at least|than"
            rf"|about|weighing|weighs)\s+)*(?:than\s+)?{NUMBER_EN}\s*-?\s*{_UNIT_EN}(?:\s+(?:of|from|to|tall|high|long"
            r"|away from|away|deep|wide|apart|in height|in length))?"
        ),
        " ",
    ),
    # "doing 50 in a 30 zone"
    (
        "speed",
        r"\s*\b(?:(?:is|are)\s+)?(?:going|doing|driving|travell?ing)\s+(?:at\s+)?(?:(?:over|above|more than"
        r"|faster than)\s+)?\d{2,3}"
        r"(?=\s*(?:$|[,.;]|(?:in|on|through|past|down|along|at)\b))(?:\s+in an? \d{2,3}(?:\s+(?:zone|area|limit))?)?",
        " ",
    ),
    (
        "speed",
        (
            rf"\s*\b{_GOES_EN}(?:way |much |far )?(?:too (?:fast|slow(?:ly)?|heavy|tall|quickly|close(?: to)?|near|far)"
            r"|(?:is |are )?speed(?:s|ing)(?: (?:up|along|past|through))?|over the (?:speed )?limit"
            r"|above the speed limit"
            r"|(?:at )?(?:an? )?(?:high|great|full|excessive|dangerous|breakneck) speeds?(?!\s+(?:trains?"
            r"|rail\w*|lines?|doors?|boats?|gates?|cameras?|bumps?|limit))"
            r"|over-?speed(?:ing)?|(?:exceed(?:s|ing)?"
            r"|breaks?|breaking) the "
            r"speed limit|over-?weight|overloaded by weight)\b"
        ),
        " ",
    ),
)

_UNIT_ZH = (
    r"(?:公里(?:每小时|/小时|/h)?|千米(?:每小时|/小时|/h)?|km/?h|码(?!头|垛)|迈|m/s|米(?:每秒|/秒|(?!线|粒|饭|黄))|公斤"
    r"|千克|斤|厘米|公分|毫米"
    r"|吨(?!位|车|的?货车)|kg|cm|m(?![a-zA-Z]))"
)
_BOUND_ZH = r"(?:超过了?|大于|高于|达到|低于|不到|不足|小于|少于|在|只有|还?不足|为|>|<|以|至少)"
_AMOUNT_ZH = rf"(?:每小时)?{NUMBER_ZH}\s*{_UNIT_ZH}(?:多|半|[一二三四五六七八九])?"
_AFTER_ZH = r"(?:以上|以下|以内|之内|以外|开外|高|长|远|宽|重)?(?:的)?(?:速度|距离|高度)?(?:的)?"
MEASURES_ZH: tuple[tuple[str, str, str], ...] = (
    # 离基坑不到两米: what it is close to is seen, the figure is not.
    (
        "speed",
        rf"(?:距离?|离)(?P<near>[^,.;\d]{{1,8}}?)(?:的?距离)?(?:太近|过近|很近"
        rf"|{_BOUND_ZH}{_AMOUNT_ZH}(?:以内|之内|的地方|远)?"
        rf"|{_AMOUNT_ZH}(?:以内|之内|范围内))",
        r"在\g<near>附近",
    ),
    # 时速过三十: in kilometres, as everybody knows
    (
        "speed",
        rf"(?:的)?(?:(?<!限)时速|(?<![车辆机])车速){_BOUND_ZH}*(?:过|超|到了?)?{NUMBER_ZH}(?!\s*{_UNIT_ZH}|米|\d|分|秒|点|个|辆|人)(?:以上)?(?:的)?",
        "",
    ),
    # 车速超过20公里: whose speed it is stands in the word, unless the car is named before it
    (
        "speed",
        rf"(?<![车辆机])(?<![车辆机]的)车速(?:{_BOUND_ZH}*{_AMOUNT_ZH}(?:每小时)?(?:以上)?|(?:太|过|很)(?:快|慢|高))(?!的)",
        "有车",
    ),
    (
        "speed",
        rf"(?:的)?(?:车速|时速|速度|行驶速度|身高|个头|体重|重量|高度|距离|间距"
        rf"|车距){_BOUND_ZH}*{_AMOUNT_ZH}{_AFTER_ZH}",
        "",
    ),
    ("speed", rf"(?:超过了?|大于|高于|不到|不足|小于){NUMBER_ZH}\s*吨(?:以上)?的?", ""),
    ("speed", rf"{_BOUND_ZH}?{_AMOUNT_ZH}{_AFTER_ZH}", ""),
    (
        "speed",
        r"(?:车速|速度|跑|开|骑|行驶|走)?(?:得|的)?(?:太快|过快|太慢|过慢|超速|飞快)(?:地)?(?:行驶|驾驶"
        r"|通过)?(?:了|的)?"
        r"|(?:靠|离)得(?:太|过)近|太近了?|超重(?:了|的)?|太重了?|超高(?:了|的)|太高了?",
        "",
    ),
)
