"""The contact sheet: one HTML file with all that would have been told, pictures inside.

Takes: Result.
Gives: text, each rule's part in the rule's language; it loads nothing and runs nothing.
Knows nothing about: files. Every word that comes from outside is escaped."""

import base64
from datetime import datetime
from html import escape

import numpy as np
import simplejpeg

from alerts.drawing import draw_boxes
from alerts.trial.day import Tried
from alerts.trial.incidents import Incident, Look
from plainwatch.backtest.axis import bar_of
from plainwatch.backtest.play import Result
from plainwatch.backtest.saying import (
    Both,
    Lang,
    cost_in_words,
    head,
    incident_in_words,
    language_of,
    moment_in_words,
    notes,
    title,
    verdict,
)

#: a sheet stays small enough to be sent by mail: about 25 kB a picture
MOST_PICTURES = 200
_WIDTH = 480
_QUALITY = 80
_STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:1.5rem auto;max-width:1080px;
padding:0 1rem;color:#1b1b1b;background:#fff;overflow-wrap:anywhere}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 .4rem}h2{font-size:1.15rem;margin:0 0 .2rem}
h3{font-size:1rem;margin:1.2rem 0 .4rem}p{margin:.3rem 0}ul{margin:.5rem 0;padding-left:1.2rem}
.rule{border-top:1px solid #ccc;margin-top:1.6rem;padding-top:1.2rem}.quiet,ul{color:#555;font-size:.9rem}
.verdict{font-weight:600}
.bar{display:block;width:100%;height:44px;margin:.7rem 0 .3rem;overflow:visible;font-size:11px;fill:#555}
.looks{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr));gap:14px}
figure{margin:0}img{width:100%;display:block;border-radius:4px;background:#e0e0e0}
figcaption{font-size:.85rem;margin-top:.25rem}
"""

_LABELS: dict[str, Both] = {
    "began": {"en": "It began", "zh": "开始"},
    "told": {"en": "Told", "zh": "报警"},
    "better": {"en": "Seen better", "zh": "看得更清楚"},
    "over": {"en": "Over", "zh": "结束"},
}
_NOTHING_MARKED: Both = {"en": "nothing marked", "zh": "没有标出东西"}
_CAMERA_PICTURE: Both = {"en": "Picture of {}: {}", "zh": "{} 的画面：{}"}
_STOP: Both = {"en": ".", "zh": "。"}
_LEFT_OUT: Both = {"en": "{} more pictures are left out.", "zh": "另有 {} 张图片没有放进来。"}


def as_html(result: Result) -> str:
    """The same result gives the same text, but for what the engine's speed says of the cost."""
    lang = language_of(result)
    heading = escape(title(result, lang))
    cost, said = cost_in_words(result, lang), notes(result, lang)
    parts = [
        "<!doctype html>",
        f'<html lang="{lang}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{heading}</h1>",
        _quiet(head(result, lang)[:1].upper() + head(result, lang)[1:] + _STOP[lang]),
        *([f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in (cost, *said) if each)}</ul>"] if said else []),
    ]
    left = MOST_PICTURES
    for tried in result.rules:
        parts += _rule(result, tried, left)
        left = max(0, left - sum(len(_shown(incident)) for incident in tried.incidents))
    return "\n".join([*parts, "</body></html>", ""])


def _rule(result: Result, tried: Tried, most: int) -> list[str]:
    plan = tried.candidate.plan
    lang = plan.lang
    heading, words = f"<h2>“{escape(tried.candidate.text)}”</h2>", verdict(tried, lang)
    parts = [f'<section class="rule" lang="{lang}">', heading, _quiet(plan.summary)]
    parts.append(f'<p class="verdict">{escape(words if words[-1] in ".。" else words + _STOP[lang])}</p>')
    if tried.candidate.reason:
        return [*parts, "</section>"]
    parts.append(bar_of(result, tried, lang))
    out = 0
    for number, incident in enumerate(tried.incidents, 1):
        shown = _shown(incident)
        fits = shown[: max(0, most)]
        most, out = most - len(shown), out + len(shown) - len(fits)
        figures = "".join(_figure(result, name, look, incident.opened_at, lang) for name, look in fits)
        parts.append(f"<h3>{number}. {escape(incident_in_words(result, incident, lang))}</h3>")
        parts.append(f'<div class="looks">{figures}</div>' if figures else "")
    return [*parts, *([_quiet(_LEFT_OUT[lang].format(out))] if out else []), "</section>"]


def _shown(incident: Incident) -> list[tuple[str, Look]]:
    """In the order of time."""
    first, *better = incident.looks
    looks = [("began", incident.began), ("told", first), *(("better", look) for look in better)]
    return [(name, look) for name, look in (*looks, ("over", incident.over)) if look is not None]


def _figure(result: Result, name: str, look: Look, day: datetime, lang: Lang) -> str:
    at, picture = moment_in_words(result, look.at, day=day), _picture(look)
    marked = ", ".join(f"{box.label} {box.score:.2f}" for box in look.boxes) or _NOTHING_MARKED[lang]
    alt = escape(_CAMERA_PICTURE[lang].format(at, marked), quote=True)
    shown = f'<img alt="{alt}" src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">' if picture else ""
    return f"<figure>{shown}<figcaption>{_LABELS[name][lang]} · {escape(at)}</figcaption></figure>"


def _picture(look: Look) -> bytes | None:
    """Small, with its boxes; None where the JPEG is broken."""
    import cv2

    try:
        pixels = simplejpeg.decode_jpeg(look.picture, colorspace="BGR", min_width=_WIDTH, min_height=1, min_factor=1)
    except ValueError:
        return None
    height, width, _ = pixels.shape
    if width > _WIDTH:
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        pixels = np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    small = bytes(simplejpeg.encode_jpeg(pixels, quality=_QUALITY, colorspace="BGR"))
    return draw_boxes(small, look.boxes) if look.boxes else small


def _quiet(text: str) -> str:
    return f'<p class="quiet">{escape(text)}</p>' if text else ""
