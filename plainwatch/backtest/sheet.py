"""The contact sheet: one HTML file with all that would have been told, pictures inside.

Takes: Result.
Gives: text; it loads nothing and runs nothing.
Knows nothing about: files. Every word that comes from outside is escaped."""

import base64
from html import escape

import numpy as np
import simplejpeg

from alerts.drawing import draw_boxes
from alerts.trial.day import Tried
from alerts.trial.incidents import Incident, Look
from plainwatch.backtest.play import Result
from plainwatch.backtest.report import cost_in_words, incident_in_words, notes, seconds_of, verdict
from plainwatch.backtest.stretch import as_clock

#: a sheet stays small enough to be sent by mail: about 25 kB a picture
MOST_PICTURES = 200
_WIDTH = 480
_QUALITY = 80
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1080px;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:2rem 0 .2rem}p{margin:.3rem 0}
.quiet{color:#555}.bar{display:block;width:100%;height:22px;margin:.6rem 0}
.looks{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:14px}
figure{margin:0}img{width:100%;display:block;border-radius:4px}figcaption{font-size:.85rem;margin-top:.25rem}
"""


def as_html(result: Result) -> str:
    """The same result gives the same text, but for what the engine's speed says of the cost."""
    title = escape(f"Backtest of {result.source}")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        _quiet(
            f"{as_clock(result.watched_s)} watched, a picture every {result.every_s:g} s, "
            f"engine {result.by.engine} ({result.by.model.name}, {result.by.device})"
        ),
        _quiet(cost_in_words(result)),
        *(_quiet(note) for note in notes(result)),
    ]
    left = MOST_PICTURES
    for tried in result.rules:
        parts += _rule(result, tried, left)
        left = max(0, left - sum(len(incident.looks) for incident in tried.incidents))
    return "\n".join([*parts, "</body></html>", ""])


def _rule(result: Result, tried: Tried, most: int) -> list[str]:
    plan = tried.candidate.plan
    parts = [f'<h2 lang="{plan.lang}">“{escape(tried.candidate.text)}”</h2>', _quiet(plan.summary)]
    if tried.candidate.reason:
        return [*parts, f"<p>Not tried: {escape(tried.candidate.reason)}</p>"]
    parts += [f"<p>{escape(verdict(tried).capitalize())}.</p>", _bar(result, tried), '<div class="looks">']
    for number, incident in enumerate(tried.incidents, 1):
        for look in incident.looks:
            parts.append(_figure(result, number, incident, look, with_picture=most > 0))
            most -= 1
    return [*parts, "</div>"]


def _figure(result: Result, number: int, incident: Incident, look: Look, *, with_picture: bool) -> str:
    is_first = look is incident.looks[0]
    words = incident_in_words(result, incident) if is_first else f"seen better at {_clock(result, look)}"
    place = f", in “{incident.zone}”" if incident.zone else ""
    caption = f"{number}. {words}, confidence {look.confidence:.2f}{place}"
    picture = _picture(look) if with_picture else None
    shown = f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">' if picture else ""
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def _clock(result: Result, look: Look) -> str:
    return as_clock(seconds_of(result, look.at))


def _bar(result: Result, tried: Tried) -> str:
    """When it was firing, over the whole stretch."""
    begin = seconds_of(result, result.first_at)
    whole = max(result.watched_s, 0.001)
    marks = []
    for incident in tried.incidents:
        start = seconds_of(result, incident.opened_at) - begin
        end = seconds_of(result, incident.ended_at) - begin if incident.ended_at else whole
        width = max(0.4, 100 * (end - start) / whole)
        marks.append(f'<rect x="{100 * start / whole:.2f}%" width="{width:.2f}%" height="22" fill="#d1420f"/>')
    return f'<svg class="bar" role="img"><rect width="100%" height="22" fill="#e7e7e7"/>{"".join(marks)}</svg>'


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
