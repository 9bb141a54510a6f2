"""ntfy: a message published as JSON.

Takes: Notice, and a topic's URL such as https://ntfy.sh/my-topic; user and password, or :token@, stand in it.
Gives: the request: the topic stands in its body, and it goes to the server's root.
Knows nothing about: how it is sent."""

import re
from urllib.parse import urlsplit, urlunsplit

from alerts.formats.notice import Notice, Tone
from alerts.formats.request import Request, Service, json_request
from alerts.formats.wording import fitted, utf8_bytes

#: above 4096 bytes a message becomes an attachment
TITLE_MAX, TEXT_MAX, VALUE_MAX, FACTS_MAX, ACTIONS_MAX = 250, 2000, 150, 10, 3
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_TAGS = {Tone.ALARM: "rotating_light", Tone.OVER: "white_check_mark", Tone.TROUBLE: "warning", Tone.NEWS: "bell"}
_PRIORITIES = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_TAKEN = re.compile(rb'"event"\s*:\s*"message"')
_PLAIN = 3


def ntfy_request(notice: Notice, url: str) -> Request:
    """ntfy reads no markup unless it is asked to, so nothing is escaped."""
    parts = urlsplit(url)
    root, _, topic = parts.path.rstrip("/").rpartition("/")
    lines = [fitted(notice.text, TEXT_MAX, measure=utf8_bytes)] if notice.text else []
    lines += [f"{fact.name}: {fitted(fact.value, VALUE_MAX, measure=utf8_bytes)}" for fact in notice.facts[:FACTS_MAX]]
    is_loud = notice.tone in (Tone.ALARM, Tone.TROUBLE)
    content: dict[str, object] = {
        "topic": topic,
        "title": fitted(notice.title, TITLE_MAX, measure=utf8_bytes),
        "message": "\n".join(lines) or notice.kind,
        "tags": [_TAGS[notice.tone]],
        "priority": _PRIORITIES.get(notice.severity, _PLAIN) if is_loud else _PLAIN,
    }
    if notice.links:
        content["click"] = notice.links[0].url
        shown = notice.links[:1] + notice.links[1:][-(ACTIONS_MAX - 1) :]
        content["actions"] = [{"action": "view", "label": link.label, "url": link.url} for link in shown]
    content |= {"attach": notice.picture, "filename": "evidence.jpg"} if notice.picture else {}
    return json_request(urlunsplit((parts.scheme, parts.netloc, f"{root}/", "", "")), content)


def _check(url: str) -> str:
    topic = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return "" if _TOPIC.fullmatch(topic) else "write https://ntfy.sh/<topic>, a topic of letters, digits, - and _"


def _refused(beginning: bytes) -> str:
    return "" if _TAKEN.search(beginning) else "answered without the message's id: check that it is an ntfy server"


NTFY = Service("ntfy", ntfy_request, _check, _refused)
