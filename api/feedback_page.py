"""The page behind a feedback link, in the language of the rule: small enough to read, with nothing to load.

Takes: an incident, the word that the link says.
Gives: HTML.
Knows nothing about: requests, tokens."""

from html import escape

from alerts.links import Word
from store.incidents import IncidentRow

_TEXTS = {
    "en": {
        "title": "Was this alarm right?",
        "true_alarm": "Yes, this alarm was right",
        "false_alarm": "No, this was a false alarm",
        "kept": "Thank you. It is noted; the last word counts.",
    },
    "zh": {
        "title": "这次报警正确吗？",
        "true_alarm": "是的，报警正确",
        "false_alarm": "不，这是误报",
        "kept": "谢谢，已记录；以最后一次为准。",
    },
}
#: without an incident nobody knows whose language to speak
GONE = "This link is not valid, or has expired. 链接无效或已过期。"
TOO_OFTEN = "Too many answers at once; try again in a minute. 请一分钟后再试。"


def question_page(incident: IncidentRow, word: Word) -> str:
    """A form: who only looks, as scanners of links in messages do, says nothing."""
    texts = _TEXTS.get(incident.rule_lang, _TEXTS["en"])
    button = f'<form method="post"><button type="submit">{texts[word]}</button></form>'
    return _page(incident.rule_lang, texts["title"], f"{_about(incident)}{button}")


def kept_page(incident: IncidentRow, word: Word) -> str:
    """After it was said."""
    texts = _TEXTS.get(incident.rule_lang, _TEXTS["en"])
    return _page(incident.rule_lang, texts["title"], f"{_about(incident)}<p>{texts[word]}.</p><p>{texts['kept']}</p>")


def plain_page(text: str) -> str:
    """One sentence."""
    return _page("en", "Plainwatch", f"<p>{escape(text)}</p>")


def _about(incident: IncidentRow) -> str:
    said = (incident.rule_text, incident.camera_name, incident.captured_at, incident.explanation or "")
    return "".join(f"<p>{escape(line)}</p>" for line in said if line)


def _page(lang: str, title: str, inner: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title></head>"
        f"<body><h1>{escape(title)}</h1>{inner}</body></html>"
    )
