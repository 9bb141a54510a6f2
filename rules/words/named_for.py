"""Things that are seen, and named for what is not: a sound barrier, a temperature sensor, 停电动车.

Takes: nothing.
Gives: pattern fragments that stand after a word for the unseen, and tell the thing from it.
Knows nothing about: lint codes; see unseen.py."""

#: unless the sentence says what the thing reads or sounds
THING_EN = (
    r"(?! (?:(?!(?:in|on|at|near|from|by|of|to|and|or|is|are|the|an?|behind|outside|inside|over|under|with"
    r"|for|through)\b)\w+ )?"
    r"(?:barriers?|walls?|signs?|signage|posters?|cabinets?|box(?:es)?|racks?|panels?|boards?"
    r"|buttons?|call points?"
    r"|sensors?|detectors?|gauges?|meters?|dials?|probes?|displays?|charts?|cables?|sockets?|switch(?:es)?"
    r"|plugs?|pipes?"
    r"|pipelines?|lines?|pylons?|poles?|masts?|towers?|antennas?|aerials?|speakers?|shops?|stores?|stands?"
    r"|stages?|rooms?|schools?"
    r"|booths?|desks?|instruments?|equipment|engineers?|technicians?|kiosks?|lamps?|lights?|covers?|caps?"
    r"|stickers?|labels?"
    r"|cylinders?|bottles?|tanks?|cans?|canisters?|masks?|pumps?|stoves?|cookers?|hobs?|heaters?|grills?"
    r"|valves?|hoses?"
    r"|stations?|packs?|chargers?|bikes?|doors?|hatch(?:es)?|lids?|caf[eé]s?|insulation|curtains?|kit"
    r"|packets?|routers?|modems?"
    r"|adapters?|recorders?|pedals?|cases?)\b"
    r"(?!\s+(?:(?:is|goes|are) (?:on|off|going|down|offline|up|low|high|above|below|over|under|at)"
    r"|reads?|reports?|shows?|says|sounds?|triggers?|trips|trip|rings?|beeps?|fails?|exceeds?)\b))"
)
#: "someone covers the smoke alarm": what is done to it is seen
HANDLED_EN = (
    r"\b(?:(?:cover|touch|press|pull|hit|smash|remov|tamper|break|paint|hang|hold|us|push|punch|climb|carr"
    r"|steal|tak)(?:s|es|e|ies"
    r"|ing|ying|ed)?(?:\s+with)?|near|under|behind|beside|below|at|by)\s+(?:the|an?|any|our)\s+(?:\w+\s+)?"
    r"(?:alarms?|sirens?|horns?|doorbells?|bells?|fridges?|freezers?|thermostats?|batter(?:y|ies)"
    r"|routers?)(?=$|[\s,.;])"
    r"(?!\s+(?:is|goes|sounds?|rings?|beeps?|going|ringing|blaring))"
)
#: 停电动车 is to park one; 没电梯 is to have none
RUNS_ZH = r"(?:动(?![工静手力])|瓶|车|摩|三轮|单车|梯|缆车)"
BOXES_ZH = r"(?:机?柜|机?箱|盒|牌|表|标志|标识|警示)"
BOTTLES_ZH = r"(?:罐|瓶|灶|管|阀|表|站|桶|箱|袋|面罩|公司|车|炉|热水器)"
