"""Secrets out of texts before anybody reads them.

Takes: URLs, and any text that may hold one (FFmpeg's and PyAV's errors do).
Gives: the same with user, password, keys and tokens replaced.
Knows nothing about: where the text goes."""

import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from contracts.through_apprise import SCHEMES

_MASK = "***"
# Greedy up to the last '@' before a blank or quote: passwords hold '@' and '/' more often than one hopes.
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,12}://)(?P<userinfo>[^\s'\"<>]*)@", re.IGNORECASE)
_QUERY_SECRET = re.compile(
    r"(?P<name>[?&;/_](?:user(?:name)?|pass(?:word|wd)?|pwd|token|key|secret|sig|signature|auth|access_token)=)[^&;_\s'\"#]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<name>\b(?:Bearer|Basic|Digest)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_BOT_TOKEN = re.compile(r"(?P<name>/bot[0-9]+:)[A-Za-z0-9_-]+", re.IGNORECASE)
# Of apprise's URLs any part may be the secret: the host of pover:// is one. The look ahead spares most words the list.
_ALL_SECRET = re.compile(
    rf"\b(?=[a-z]+://)(?P<scheme>(?:{'|'.join(SCHEMES)})://)[^\s'\"<>]+",
    re.IGNORECASE,
)
_OWN_SECRET = re.compile(r"\b(?:whsec_|whsk_|pw_(?:key|setup)_)[A-Za-z0-9+/=_-]+")


def redact(url: str) -> str:
    """A URL for people to read: user, password and secret query values masked."""
    return scrub(url)


def scrub(text: str) -> str:
    """Any text, with every credential that we know the shape of masked. Applying it twice changes nothing."""
    text = _ALL_SECRET.sub(lambda found: f"{found['scheme']}{_MASK}", text)
    text = _USERINFO.sub(lambda found: f"{found['scheme']}{_MASK}@", text)
    text = _QUERY_SECRET.sub(lambda found: f"{found['name']}{_MASK}", text)
    text = _BEARER.sub(lambda found: f"{found['name']}{_MASK}", text)
    text = _BOT_TOKEN.sub(lambda found: f"{found['name']}{_MASK}", text)
    return _OWN_SECRET.sub(_MASK, text)


def split_credentials(url: str) -> tuple[str, str, str]:
    """(url without user and password, user, password); percent-escapes in both are decoded."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, "", ""
    user, _, password = userinfo.partition(":")
    return urlunsplit(parts._replace(netloc=host)), unquote(user), unquote(password)


def join_credentials(url: str, user: str, password: str) -> str:
    """The inverse of split_credentials; for the last moment before dialling, never for display."""
    if not user and not password:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}"))
