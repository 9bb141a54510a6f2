"""Apprise: a title, a text and how grave it is, for services of every kind.

Takes: Notice.
Gives: Told, in plain text.
Knows nothing about: URLs, services, how it is sent.

Some of these services read marks in plain text, each its own, and apprise escapes them for a few: what mentions people
or hides a link is written with its wide twin, which none of them reads."""

from dataclasses import dataclass

from alerts.formats.notice import Notice, Tone
from alerts.formats.wording import fitted

#: a push message takes 1,000 letters or so; what is longer comes in parts
TITLE_MAX, TEXT_MAX, VALUE_MAX, FACTS_MAX = 200, 500, 100, 8
_KINDS = {Tone.ALARM: "warning", Tone.OVER: "success", Tone.TROUBLE: "warning", Tone.NEWS: "info"}
_GRAVE = ("high", "critical")
_WIDE = {"@": "＠", "[": "［", "<": "＜"}


@dataclass(frozen=True, slots=True)
class Told:
    """`kind`: info, success, warning or failure, which services show as a colour, a picture or a priority."""

    title: str
    body: str
    kind: str


def apprise_text(notice: Notice) -> Told:
    """Links are written out: most of these services have no other way to show one."""
    lines = [_plain(notice.text, TEXT_MAX)] if notice.text else []
    lines += [f"{fact.name}: {_plain(fact.value, VALUE_MAX)}" for fact in notice.facts[:FACTS_MAX]]
    lines += [f"{link.label}: {link.url}" for link in notice.links]
    is_grave = notice.tone is Tone.ALARM and notice.severity in _GRAVE
    kind = "failure" if is_grave else _KINDS[notice.tone]
    return Told(_plain(notice.title, TITLE_MAX), "\n".join(lines) or notice.kind, kind)


def _plain(text: str, most: int) -> str:
    return fitted(text, most, escape=lambda letter: _WIDE.get(letter, letter))
