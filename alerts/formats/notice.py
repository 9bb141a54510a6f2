"""An event of ours, as people are told of it.

Takes: a webhook's body; when the incident ended, where that is known by now.
Gives: Notice: a title, a text, facts, links; in words that nobody has escaped yet.
Knows nothing about: services, lengths."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from alerts.formats.wording import off_by, on_one_line, readable_time


class Tone(StrEnum):
    """What an event means to whoever is called."""

    ALARM = "alarm"
    OVER = "over"
    TROUBLE = "trouble"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name of ours and a value of theirs."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A label of ours and an address of ours."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class About:
    """The ids that the event is about, and what is or was wrong with it; "" where there is none."""

    incident: str = ""
    rule: str = ""
    camera: str = ""
    endpoint: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """`picture`: the link to look at, with boxes where there are some. `over_at`: the incident has ended."""

    kind: str
    at: str
    tone: Tone
    title: str
    text: str = ""
    severity: str = ""
    facts: tuple[Fact, ...] = ()
    links: tuple[Link, ...] = ()
    picture: str = ""
    about: About = About()
    camera: str = ""
    rule: str = ""
    started_at: str = ""
    over_at: str = ""


class _Named(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""
    text: str = ""


class _Frame(msgspec.Struct, frozen=True):
    url: str = ""
    boxes_url: str = ""
    off_by_s: float = 0.0


class _Evidence(msgspec.Struct, frozen=True):
    frames: tuple[_Frame, ...] = ()
    clip_url: str = ""


class _Data(msgspec.Struct, frozen=True):
    id: str = ""
    state: str = ""
    severity: str = ""
    confidence: float | None = None
    zone: str = ""
    explanation: str = ""
    reason: str = ""
    remedy: str = ""
    since: str = ""
    recovered_from: str = ""
    end_reason: str = ""
    started_at: str = ""
    ended_at: str = ""
    rule: _Named = _Named()
    camera: _Named = _Named()
    endpoint: _Named = _Named()
    evidence: _Evidence = _Evidence()
    feedback_links: dict[str, str] = {}


class _Event(msgspec.Struct, frozen=True):
    type: str
    timestamp: str = ""
    data: _Data = _Data()


class _Bare(msgspec.Struct, frozen=True):
    type: str = "event"
    timestamp: str = ""


#: an event's word and its tone
_KINDS: dict[str, tuple[str, Tone]] = {
    "incident.opened": ("Alert", Tone.ALARM),
    "incident.updated": ("Update", Tone.ALARM),
    "incident.ended": ("Ended", Tone.OVER),
    "incident.retracted": ("Retracted", Tone.OVER),
    "incident.acknowledged": ("Acknowledged", Tone.NEWS),
    "incident.snoozed": ("Snoozed", Tone.NEWS),
    "camera.offline": ("Camera offline", Tone.TROUBLE),
    "camera.online": ("Camera online", Tone.OVER),
    "camera.frozen": ("Camera frozen", Tone.TROUBLE),
    "camera.covered": ("Camera covered", Tone.TROUBLE),
    "analyzer.down": ("Analyzer down", Tone.TROUBLE),
    "analyzer.behind": ("Analyzer behind", Tone.TROUBLE),
    "analyzer.up": ("Analyzer up", Tone.OVER),
    "rule.degraded": ("Rule degraded", Tone.TROUBLE),
    "rule.live": ("Rule live again", Tone.OVER),
    "endpoint.disabled": ("Endpoint disabled", Tone.TROUBLE),
    "test.ping": ("Test: this endpoint is reached", Tone.NEWS),
}
_FEEDBACK = (("true_alarm", "It was right"), ("false_alarm", "It was a false alarm"))


def read_notice(body: bytes, *, over_at: str = "") -> Notice:
    """Of whatever body: what we do not know the form of is told by its type alone."""
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.ValidationError:
        bare = msgspec.json.decode(body, type=_Bare)
        event = _Event(bare.type, bare.timestamp)
    data = event.data
    word, tone = _KINDS.get(event.type, (event.type, Tone.NEWS))
    over_at = data.ended_at or over_at or (event.timestamp if event.type == "incident.retracted" else "")
    return Notice(
        kind=event.type,
        at=event.timestamp,
        tone=Tone.OVER if over_at else tone,
        title=_title(word, data),
        text=on_one_line(data.explanation or "; ".join(part for part in (data.reason, data.remedy) if part)),
        severity=data.severity,
        facts=_facts(data),
        links=_links(data),
        picture=_picture(data.evidence),
        about=_about(event),
        camera=on_one_line(data.camera.name or data.camera.id),
        rule=on_one_line(data.rule.text),
        started_at=data.started_at or data.since or event.timestamp,
        over_at=over_at,
    )


def _about(event: _Event) -> About:
    room, _, tail = event.type.partition(".")
    data = event.data
    incident = data.id if room == "incident" else ""
    trouble = data.recovered_from or tail
    return About(incident, data.rule.id, data.camera.id, data.endpoint.id, "" if incident else trouble)


def _title(word: str, data: _Data) -> str:
    subject = [data.camera.name or data.camera.id, data.rule.text or data.endpoint.name or data.endpoint.id]
    shown = ": ".join(on_one_line(part) for part in subject if part)
    return f"{word} · {shown}" if shown else word


def _facts(data: _Data) -> tuple[Fact, ...]:
    confidence = "" if data.confidence is None else f"{data.confidence:.0%}"
    began = data.started_at or data.since
    found = (
        ("Camera", data.camera.name or data.camera.id),
        ("Zone", data.zone),
        ("Severity", data.severity),
        ("Confidence", confidence),
        ("Since", readable_time(began) if began else ""),
        ("Until", readable_time(data.ended_at) if data.ended_at else ""),
        ("Because", data.end_reason),
        ("Picture taken", off_by(data.evidence.frames[-1].off_by_s) if data.evidence.frames else ""),
    )
    return tuple(Fact(name, on_one_line(value)) for name, value in found if value)


def _picture(evidence: _Evidence) -> str:
    if not evidence.frames:
        return ""
    newest = evidence.frames[-1]
    return newest.boxes_url or newest.url


def _links(data: _Data) -> tuple[Link, ...]:
    found = [("Picture", _picture(data.evidence)), ("Clip", data.evidence.clip_url)]
    found += [(label, data.feedback_links.get(word, "")) for word, label in _FEEDBACK]
    return tuple(Link(label, url) for label, url in found if url)
