"""Slack: an incoming webhook's blocks.

Takes: Notice.
Gives: the request; Slack says `ok` to what it took.
Knows nothing about: how it is sent.

Texts of others stand in plain text, which has no markup at all. Links stand in a text of our own: a button's click
would want a server that answers it. No picture: Slack refuses the whole message where it cannot fetch it."""

from alerts.formats.notice import Fact, Link, Notice, Tone
from alerts.formats.request import Request, Service, any_url, json_request
from alerts.formats.wording import fitted

HEADER_MAX, TEXT_MAX, FIELD_MAX, FIELDS_MAX = 150, 3000, 2000, 10
_SIGNS = {Tone.ALARM: "🔴", Tone.OVER: "✅", Tone.TROUBLE: "⚠️", Tone.NEWS: "ℹ️"}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def slack_request(notice: Notice, url: str) -> Request:
    """`text` is what a phone's notification shows."""
    title = f"{_SIGNS[notice.tone]} {notice.title}"
    blocks: list[dict[str, object]] = [{"type": "header", "text": _plain(fitted(title, HEADER_MAX))}]
    if notice.text:
        blocks.append({"type": "section", "text": _plain(fitted(notice.text, TEXT_MAX))})
    if notice.facts:
        blocks.append({"type": "section", "fields": [_field(fact) for fact in notice.facts[:FIELDS_MAX]]})
    if notice.links:
        words = " · ".join(_link(link) for link in notice.links)
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": words}})
    content = {
        "text": fitted(title, TEXT_MAX, escape=_escaped),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json_request(url, content)


def _plain(text: str) -> dict[str, object]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _field(fact: Fact) -> dict[str, object]:
    return _plain(fitted(f"{fact.name}: {fact.value}", FIELD_MAX))


def _link(link: Link) -> str:
    return f"<{_address(link.url)}|{link.label}>"


def _address(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def _escaped(letter: str) -> str:
    return _ESCAPES.get(letter, letter)


def _refused(beginning: bytes) -> str:
    said = beginning.strip().lower()
    # Mattermost and Rocket.Chat take the same webhooks; the latter says it in JSON.
    if said == b"ok" or said.replace(b" ", b"").startswith((b'{"success":true', b'{"ok":true')):
        return ""
    return "answered without Slack's 'ok': check that the URL is an incoming webhook's"


SLACK = Service("slack", slack_request, any_url, _refused)
