"""What people call the 80 things that the usual detectors know (COCO), in English and Chinese.

Takes: a word or a short phrase.
Gives: the detector's labels for it.
Knows nothing about: which detector runs."""

_COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange,
broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv,
laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase,
scissors, teddy bear, hair drier, toothbrush"""
COCO: tuple[str, ...] = tuple(name.strip() for name in _COCO.replace("\n", " ").split(","))
VEHICLES = ("car", "truck", "bus", "motorcycle")
ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
BAGS = ("backpack", "handbag", "suitcase")

#: words for a person that a detector does not tell apart
_PERSON_EN = """
person, persons, people, someone, somebody, anyone, anybody, everyone, everybody, human, humans, folks, individual,
individuals, man, men, woman, women, guy, guys, lady, ladies, pedestrian, pedestrians, passer-by, passerby,
passersby, walker, walkers, worker, workers, employee, employees, staff, visitor, visitors, intruder, intruders,
guard, guards, courier, couriers, customer, customers"""
PERSON_EN = frozenset(name.strip() for name in _PERSON_EN.replace("\n", " ").split(","))
_PERSON_ZH = "有人 行人 工人 路人 人员 人影 人类 人们 男人 女人 男子 女子 员工 访客 顾客 客人 保安 人"
PERSON_ZH = tuple(_PERSON_ZH.split())

_TABLE_EN = """
car+truck+bus+motorcycle: vehicle, motor vehicle, traffic
bird+cat+dog+horse+sheep+cow+elephant+bear+zebra+giraffe: animal
cat+dog: pet
horse+sheep+cow: livestock
dog: puppy
cat: kitten
backpack+handbag+suitcase: bag, luggage, baggage
backpack: rucksack
handbag: purse
suitcase: trolley case
bicycle: bike, cycle, pushbike, push bike
car: automobile, taxi, cab, sedan, suv
car+truck: van
truck: lorry, lorries, pickup
bus: coach, minibus
motorcycle: motorbike, moped, scooter
bicycle+motorcycle: two-wheeler
airplane: plane, aeroplane, aircraft
boat: ship, ferry
fire hydrant: hydrant
sports ball: ball, football
cup: mug
couch: sofa
potted plant: plant
tv: television, screen, monitor
laptop: computer
cell phone: phone, mobile phone, smartphone, mobile
refrigerator: fridge
hair drier: hairdryer
teddy bear: teddy
donut: doughnut
knife: knives
mouse: mice
bird: geese, duck, pigeon
dining table: table
"""
_TABLE_ZH = """
car+truck+bus+motorcycle: 车辆, 机动车, 车子, 车
car+truck+bus: 汽车
car: 小汽车, 轿车, 小轿车, 小车, 私家车, 出租车
car+truck: 面包车
truck: 货车, 卡车, 大货车, 皮卡
bus: 公交车, 巴士, 客车, 大巴
bicycle: 自行车, 单车, 脚踏车
motorcycle: 摩托车, 摩托
motorcycle+bicycle: 电动车, 电瓶车
train: 火车, 列车
boat: 船, 船只
airplane: 飞机
traffic light: 红绿灯
fire hydrant: 消防栓
bench: 长椅, 长凳
bird+cat+dog+horse+sheep+cow+elephant+bear+zebra+giraffe: 动物
cat+dog: 宠物
bird: 鸟, 小鸟
cat: 猫, 小猫, 猫咪
dog: 狗, 小狗, 犬
horse: 马
sheep: 羊
cow: 牛, 奶牛
elephant: 大象
bear: 熊
zebra: 斑马
giraffe: 长颈鹿
backpack+handbag+suitcase: 包, 包裹袋, 行李, 箱包
suitcase: 行李箱, 拉杆箱
backpack: 背包, 双肩包, 书包
handbag: 手提包
umbrella: 雨伞, 伞
tie: 领带
frisbee: 飞盘
sports ball: 球, 足球, 篮球
kite: 风筝
skateboard: 滑板
bottle: 瓶子, 水瓶
wine glass: 酒杯
cup: 杯子
fork: 叉子
knife: 刀, 刀具
spoon: 勺子
bowl: 碗
banana: 香蕉
apple: 苹果
sandwich: 三明治
orange: 橙子
pizza: 披萨
cake: 蛋糕
chair: 椅子
couch: 沙发
potted plant: 盆栽
bed: 床
dining table: 餐桌, 桌子
toilet: 马桶
tv: 电视, 电视机
laptop: 笔记本电脑, 电脑
mouse: 鼠标
remote: 遥控器
keyboard: 键盘
cell phone: 手机
microwave: 微波炉
oven: 烤箱
refrigerator: 冰箱
book: 书, 书本
clock: 钟
vase: 花瓶
scissors: 剪刀
toothbrush: 牙刷
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """Each line: labels joined by +, a colon, the words for them."""
    words: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        labels, _, named = line.partition(": ")
        words |= dict.fromkeys(named.split(", "), tuple(labels.split("+")))
    return words


_EN = _read(_TABLE_EN)
_ZH = _read(_TABLE_ZH)

RIDERS_EN = {
    "cyclist": ("bicycle",),
    "bicyclist": ("bicycle",),
    "biker": ("motorcycle",),
    "motorcyclist": ("motorcycle",),
}


def labels_en(phrase: str) -> tuple[str, ...]:
    """Empty where no detector of the COCO classes knows the word; plurals are the same thing."""
    phrase = phrase.strip().lower()
    if phrase in PERSON_EN:
        return ("person",)
    for form in _singulars(phrase):
        if form in _EN:
            return _EN[form]
        if form in COCO:
            return (form,)
    return ()


def rider_en(phrase: str) -> tuple[str, ...]:
    """What a cyclist rides; empty where the word names no rider."""
    return next((RIDERS_EN[form] for form in _singulars(phrase.strip().lower()) if form in RIDERS_EN), ())


def _singulars(word: str) -> list[str]:
    forms = [word]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("s"):
        forms.append(word[:-1])
    return forms


def labels_zh(word: str) -> tuple[str, ...]:
    """Empty where no detector of the COCO classes knows the word."""
    return ("person",) if word in PERSON_ZH else _ZH.get(word, ())


_NAMES_ZH = {labels[0]: word for word, labels in reversed(_ZH.items()) if len(labels) == 1} | {
    "person": "人",
    "car": "汽车",
}


def name_zh(label: str) -> str:
    """The Chinese word for a detector's label; the label where we have none."""
    return _NAMES_ZH.get(label, label)


#: longest first, so that 自行车 is not read as 车
WORDS_ZH: tuple[str, ...] = tuple(sorted([*_ZH, *PERSON_ZH], key=len, reverse=True))
