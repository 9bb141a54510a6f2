"""Numbers as people write them: digits, English words, Chinese characters.

Takes: text.
Gives: regular-expression fragments that find a number, and its value.
Knows nothing about: what is counted."""

from rules.words import patterns
from rules.words.language import Lang

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_UNITS)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
_PHRASES = {"a couple of": 2, "a couple": 2, "couple of": 2, "a dozen": 12, "dozen": 12, "half a dozen": 6}

_TENS_EN = "|".join(_TENS)
_UNITS_EN = "|".join(sorted(_UNITS, key=len, reverse=True))
NUMBER_EN = (
    rf"(?:\d{{1,9}}(?:\.\d{{1,9}})?|half a dozen|(?:two|three|four|five|six|\d{{1,2}}) dozen|a couple(?: of)?"
    rf"|couple of|a dozen|dozen"
    rf"|(?:{_TENS_EN})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?\b|(?:{_UNITS_EN})\b)"
)

_DIGITS_ZH = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
NUMBER_ZH = r"(?:\d{1,9}(?:\.\d{1,9})?|[零〇一二两俩三四五六七八九十百]{1,9})"


def number(text: str, lang: Lang) -> float | None:
    """None where the text is no number."""
    text = text.strip().lower()
    if patterns.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text):
        return float(text)
    return _english(text) if lang == "en" else _chinese(text)


def _english(text: str) -> float | None:
    if text in _PHRASES:
        return float(_PHRASES[text])
    if text.endswith(" dozen"):
        return 12 * (number(text.removesuffix(" dozen"), "en") or 0.0)
    values = [_WORDS.get(word) for word in patterns.split(r"[- ]+", text)]
    if not values or None in values:
        return None
    return float(sum(value for value in values if value is not None))


def _chinese(text: str) -> float | None:
    """Up to 999: hundreds, tens, ones; 两三 is two."""
    if not text or any(char not in _DIGITS_ZH and char not in "十百" for char in text):
        return None
    if patterns.fullmatch(r"(?:[两二]三|一两|三[四五]|四五|五六|六七|七八|八九)十?", text):
        # 两三个, 三四十个: so many at least
        return float(_DIGITS_ZH[text[0]] * (10 if text.endswith("十") else 1))
    total, digit = 0, None
    for char in text:
        if char in "十百":
            scale = 10 if char == "十" else 100
            total += (1 if digit is None else digit) * scale
            digit = None
        else:
            digit = _DIGITS_ZH[char] if digit is None else digit * 10 + _DIGITS_ZH[char]
    return float(total + (digit or 0))
