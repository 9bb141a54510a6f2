"""Telegram: the Bot API's sendMessage.

Takes: Notice, and a URL such as https://api.telegram.org/bot<token>?chat_id=-1001234.
Gives: the request; the chat stands in its body.
Knows nothing about: how it is sent.

Links stand in the text: with a button whose address Telegram cannot reach the whole message is refused."""

import html
import re
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from alerts.formats.notice import Notice, Tone
from alerts.formats.request import Request, Service, json_request
from alerts.formats.wording import fitted

#: of 4096 after the marks are read; these leave room for ten facts
TITLE_MAX, TEXT_MAX, VALUE_MAX, FACTS_MAX = 300, 1500, 180, 10
_SIGNS = {Tone.ALARM: "🔴", Tone.OVER: "✅", Tone.TROUBLE: "⚠️", Tone.NEWS: "ℹ️"}
_BOT = re.compile(r"(?P<bot>(?:/[A-Za-z0-9._~-]+)*/bot[0-9]+:[A-Za-z0-9_-]+)(?:/sendMessage)?/?", re.IGNORECASE)
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,40}")
_OK = re.compile(rb'\s*\{\s*"ok"\s*:\s*true')


def telegram_request(notice: Notice, url: str) -> Request:
    """In HTML, whose escapes are the fewest."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    lines = [f"{_SIGNS[notice.tone]} <b>{_escaped_text(notice.title, TITLE_MAX)}</b>"]
    lines += [_escaped_text(notice.text, TEXT_MAX)] if notice.text else []
    lines += [f"{fact.name}: {_escaped_text(fact.value, VALUE_MAX)}" for fact in notice.facts[:FACTS_MAX]]
    lines += [f'<a href="{html.escape(link.url)}">{link.label}</a>' for link in notice.links]
    content: dict[str, object] = {
        "chat_id": asked.get("chat_id", [""])[0],
        "text": "\n".join(lines),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    thread = asked.get("message_thread_id", [""])[0]
    content |= {"message_thread_id": int(thread)} if thread.isascii() and thread.isdigit() else {}
    return json_request(_method(parts), content)


def _method(parts: SplitResult) -> str:
    bot = _BOT.fullmatch(parts.path)
    path = f"{bot['bot']}/sendMessage" if bot else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _escaped_text(text: str, most: int) -> str:
    # Telegram counts what is left after reading the marks: an escape counts as the letter it stands for.
    return html.escape(fitted(text, most), quote=False)


def _check(url: str) -> str:
    parts = urlsplit(url)
    chat = parse_qs(parts.query).get("chat_id", [""])[0]
    if _BOT.fullmatch(parts.path) and _CHAT.fullmatch(chat):
        return ""
    return "write https://api.telegram.org/bot<token>?chat_id=<number or @channel>"


def _refused(beginning: bytes) -> str:
    return "" if _OK.match(beginning) else 'answered without "ok": true'


TELEGRAM = Service("telegram", telegram_request, _check, _refused)
