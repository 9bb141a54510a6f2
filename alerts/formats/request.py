"""What a converter gives: one POST, complete but for what every request of ours bears.

Takes: a URL, JSON.
Gives: Request.
Knows nothing about: any service."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from alerts.formats.notice import Notice


@dataclass(frozen=True, slots=True)
class Request:
    """`url` holds a secret at most services: it is never shown."""

    url: str = field(repr=False)
    body: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """`check` says what is wrong with a URL, `refused` what a 2xx answer's beginning says against it; "" is fine.

    `level`: it holds what is, not what happened, so that an event that comes late must tell how things stand now."""

    name: str
    convert: Callable[[Notice, str], Request]
    check: Callable[[str], str]
    refused: Callable[[bytes], str]
    level: bool = False


def json_request(url: str, content: object) -> Request:
    """The content as JSON."""
    return Request(url, msgspec.json.encode(content))


def any_url(url: str) -> str:
    """For services whose URL is taken as it was given."""
    return ""


def any_answer(beginning: bytes) -> str:
    """For services that say all with the status."""
    return ""
