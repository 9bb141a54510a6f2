"""The words in which a model is asked: pictures first, then an instruction, then one question.

Takes: how many pictures there are, a question, its language.
Gives: the parts of the prompt, the same for every engine; the hash that names this wording in each verdict.
Knows nothing about: tokens, models, servers.

What comes before the question is the same for all questions about a picture, so a model reads it once. A question
that came first would spoil that. The cut between the two is a line break, which no tokenizer here merges with a letter.
"""

import hashlib
from typing import Literal

Lang = Literal["en", "zh"]

ONE_PICTURE = "The picture is from a surveillance camera."
SEVERAL_PICTURES = "The {count} pictures are from one surveillance camera, the oldest first, the newest last."
INSTRUCTION = "Answer the question about {what} with Yes or No only."
#: stands between instruction and question
CUT = "\n"
QUESTION = {"en": "Question: {question} Yes or No?", "zh": "问题:{question}请回答 Yes 或 No。"}
EXPLAIN = {
    "en": "Say in one short sentence what in {what} answers this: {question}",
    "zh": "请用一句简短的中文说明画面中的依据:{question}",
}


def instruction(pictures: int) -> str:
    """What stands between the pictures and the cut."""
    if pictures == 1:
        return f"{ONE_PICTURE} {INSTRUCTION.format(what='it')}"
    return f"{SEVERAL_PICTURES.format(count=pictures)} {INSTRUCTION.format(what='them')}"


def asked(question: str, lang: Lang = "en") -> str:
    """What follows the cut; the chat template's own ending comes after it."""
    return QUESTION[lang].format(question=" ".join(question.split()))


def prompt_hash() -> str:
    """Eight hex digits: two wordings never share calibration."""
    parts = (ONE_PICTURE, SEVERAL_PICTURES, INSTRUCTION, CUT, *QUESTION.values())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
