"""A question turned back into the statement that it asks about.

Takes: a question and its language.
Gives: "a person in the yard" for "Is a person in the yard?".
Knows nothing about: plans, who asked."""

from rules.words import patterns

_FORMS_EN = (
    r"^Does the picture show (.+)$",
    r"^(?:Is|Are) (.+?) visible$",
    r"^Are (.+?) there$",
    r"^(?:Is|Are|Has|Have) (.+)$",
)


def stated(question: str, lang: str) -> str:
    """Also of a question that a model wrote."""
    text = question.rstrip("?？")
    if lang == "zh":
        text = patterns.sub(r"^画面中(?:能否看到|是否(?=有|出现))", "", text)
        return text.replace("是否", "", 1)
    for pattern in _FORMS_EN:
        found = patterns.match(pattern, text)
        if found:
            return patterns.sub(r"\bbeen ", "", found[1])
    return text
