"""Discord: a webhook's embed.

Takes: Notice.
Gives: the request; nobody is mentioned by it, whatever a text says.
Knows nothing about: how it is sent."""

from alerts.formats.notice import Fact, Link, Notice, Tone
from alerts.formats.request import Request, Service, any_answer, any_url, json_request
from alerts.formats.wording import fitted

#: an embed's parts come to 6000 at most: these leave room for eight facts and the links
TITLE_MAX, TEXT_MAX, VALUE_MAX, FIELDS_MAX = 256, 1500, 256, 8
_COLOURS = {Tone.ALARM: 0xD92D20, Tone.OVER: 0x12B76A, Tone.TROUBLE: 0xF79009, Tone.NEWS: 0x2E90FA}
_MARKS = frozenset("\\`*_~|<>[]()#:@-")


def discord_request(notice: Notice, url: str) -> Request:
    """The picture is fetched by Discord; where it cannot, the rest is shown."""
    words = [fitted(notice.text, TEXT_MAX, escape=_escaped)] if notice.text else []
    words += [" · ".join(_link(link) for link in notice.links)] if notice.links else []
    embed: dict[str, object] = {
        "title": fitted(notice.title, TITLE_MAX, escape=_escaped),
        "color": _COLOURS[notice.tone],
        "fields": [_field(fact) for fact in notice.facts[:FIELDS_MAX]],
    }
    embed |= {"description": "\n".join(words)} if words else {}
    embed |= {"timestamp": notice.at} if notice.at else {}
    embed |= {"image": {"url": notice.picture}} if notice.picture else {}
    return json_request(url, {"embeds": [embed], "allowed_mentions": {"parse": []}})


def _field(fact: Fact) -> dict[str, object]:
    return {"name": fact.name, "value": fitted(fact.value, VALUE_MAX, escape=_escaped), "inline": True}


def _link(link: Link) -> str:
    return f"[{link.label}](<{link.url.replace('>', '%3E')}>)"


def _escaped(letter: str) -> str:
    # The colon too: an address in somebody's text does not become a link.
    return f"\\{letter}" if letter in _MARKS else letter


DISCORD = Service("discord", discord_request, any_url, any_answer)
