"""The words in which a model is asked: pictures first, then an instruction, then one question.

Takes: how many pictures there are, a question, its language.
Gives: the parts of the prompt for a yes or no, a sentence or boxes, the same for every engine; the hash that names
this wording in each verdict.
Knows nothing about: tokens, models, servers.

What comes before the question is the same for all questions about a picture, so a model reads it once. A question
that came first would spoil that. The cut between the two is a line break, which no tokenizer here merges with a letter.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Literal

from analyzer.boxes import Convention

Lang = Literal["en", "zh"]

ONE_PICTURE = "The picture is from a surveillance camera."
SEVERAL_PICTURES = "The {count} pictures are from one surveillance camera, the oldest first, the newest last."
TILED_PICTURE = (
    "The last picture is from a surveillance camera; the four before it are its quarters, enlarged: upper left, upper "
    "right, lower left, lower right."
)
#: conditional, since a sentence or boxes may be asked for behind the same words
INSTRUCTION = "Where a question about {what} asks for Yes or No, answer with that one word only."
#: stands between instruction and question
CUT = "\n"
QUESTION = {"en": "Question: {question} Yes or No?", "zh": "问题:{question}请回答 Yes 或 No。"}
#: asks for what is seen, not for a reason: a reason can be had without looking
EXPLAIN = {
    "en": "Describe in one short sentence what can be seen in {what} that answers this: {question}",
    "zh": "请用一句简短的中文描述{what}中能回答以下问题的内容:{question}",
}
#: the form and the key are those that models for grounding were trained on; in English for all, like the JSON
WHERE = (
    "Locate in {what}: {claim}. Output only JSON, one entry for each, or [] if there is none: "
    '[{{"bbox_2d": [x1, y1, x2, y2], "label": {label}}}], {unit}.'
)
UNITS: dict[Convention, str] = {
    "relative_1000": "coordinates from 0 to 1000 of its width and height",
    "absolute_pixels": "coordinates in pixels",
}
#: what makes a question of a statement, taken away
CLAIM: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": ((r"(?i)^(?:(?:is|are)(?: there)?|does the picture show)\s+", ""), (r"\s+visible$", "")),
    "zh": ((r"^画面中(?:是否|能否)(?:有|出现|看到)?", ""), (r"是否|能否", "")),
}


def instruction(pictures: int, *, tiled: bool = False) -> str:
    """What stands between the pictures and the cut. `tiled`: one picture as its four quarters and itself."""
    if tiled:
        return f"{TILED_PICTURE} {INSTRUCTION.format(what='it')}"
    if pictures == 1:
        return f"{ONE_PICTURE} {INSTRUCTION.format(what='it')}"
    return f"{SEVERAL_PICTURES.format(count=pictures)} {INSTRUCTION.format(what='them')}"


def asked(question: str, lang: Lang = "en") -> str:
    """What follows the cut; the chat template's own ending comes after it."""
    return QUESTION[lang].format(question=" ".join(question.split()))


def explain_asked(questions: Sequence[str], lang: Lang = "en", *, pictures: int = 1) -> str:
    """Stands in the place of `asked` and asks for one sentence; `questions` were all answered with yes."""
    what = {"en": ("the picture", "the pictures"), "zh": ("画面", "这些画面")}[lang][pictures > 1]
    return EXPLAIN[lang].format(what=what, question=" ".join(" ".join(questions).split()))


def where_asked(claim: str, convention: Convention, *, pictures: int = 1) -> str:
    """Stands in the place of `asked` and asks for boxes in the last picture; KeyError where none can be written."""
    what = "the picture" if pictures == 1 else "the last picture"
    return WHERE.format(what=what, claim=claim, label=json.dumps(claim, ensure_ascii=False), unit=UNITS[convention])


def claim_of(question: str, lang: Lang = "en") -> str:
    """What a yes to the question says is there: "Is a person on the roof?" -> "a person on the roof"."""
    bare = re.sub(r"[\s?\uff1f]+$", "", " ".join(question.split()))
    for pattern, kept in CLAIM[lang]:
        bare = re.sub(pattern, kept, bare)
    return bare or question


def prompt_hash() -> str:
    """Eight hex digits: two wordings never share calibration. What asks for a sentence or boxes moves no margin."""
    parts = (ONE_PICTURE, SEVERAL_PICTURES, TILED_PICTURE, INSTRUCTION, CUT, *QUESTION.values())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
