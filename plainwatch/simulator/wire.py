"""RTSP 1.0 messages on a byte stream, and the passwords that cameras ask for.

Takes: an asyncio stream; a user name and password.
Gives: requests, responses, WWW-Authenticate challenges and the verdict on an Authorization header.
Knows nothing about: mounts, media, faults."""

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

AuthScheme = Literal["digest", "basic"]
REALM = "plainwatch simulator"
_REASONS = {
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid In This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


class BadRequest(Exception):
    """What came is not RTSP."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def mount_name(self) -> str:
        """The path without its leading slash and without the track that SETUP adds."""
        path = unquote(urlsplit(self.url).path).strip("/")
        return path.rpartition("/trackID=")[0] if "/trackID=" in path else path


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None at the end; the client's own RTCP in between is read and dropped."""
    try:
        while (first := await reader.readexactly(1)) == b"$":
            header = await reader.readexactly(3)
            await reader.readexactly(int.from_bytes(header[1:], "big"))
        head = first + await reader.readuntil(b"\r\n\r\n")
        request = _parsed(head.decode("utf-8", "replace"))
        await reader.readexactly(int(request.headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except (asyncio.LimitOverrunError, ValueError) as error:
        raise BadRequest("not an RTSP request") from error
    return request


def _parsed(head: str) -> Request:
    first, *lines = head.strip().split("\r\n")
    method, url, version = first.split(" ")
    if not version.startswith("RTSP/1."):
        raise ValueError(version)
    fields = (line.partition(":") for line in lines)
    return Request(method, url, {name.strip().lower(): value.strip() for name, _, value in fields})


def response(request: Request | None, status: int, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """One response with the request's CSeq."""
    payload = body.encode()
    fields = {"CSeq": request.headers.get("cseq", "0") if request else "0", "Server": "plainwatch-simulator"}
    fields |= headers or {}
    if payload:
        fields["Content-Length"] = str(len(payload))
    lines = [f"RTSP/1.0 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + payload


class Gatekeeper:
    """One connection's password check; the nonce is its own."""

    def __init__(self, user: str, password: str, scheme: AuthScheme) -> None:
        self._user = user
        self._password = password
        self._scheme = scheme
        self._nonce = secrets.token_hex(16)

    def challenge(self) -> dict[str, str]:
        """The header that goes with a 401."""
        value = f'Basic realm="{REALM}"'
        if self._scheme == "digest":
            # Without qop, as most cameras do (RFC 2069); an answer that brings one is understood too.
            value = f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5'
        return {"WWW-Authenticate": value}

    def lets_in(self, authorization: str, method: str) -> bool:
        """Open where no user is set; else only the right answer to our own challenge."""
        if not self._user:
            return True
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != self._scheme:
            return False
        return self._is_right_digest(rest, method) if self._scheme == "digest" else self._is_right_basic(rest)

    def _is_right_basic(self, encoded: str) -> bool:
        expected = base64.b64encode(f"{self._user}:{self._password}".encode()).decode("ascii")
        return hmac.compare_digest(encoded.strip().encode(), expected.encode())

    def _is_right_digest(self, text: str, method: str) -> bool:
        given = {found[1].lower(): found[2] or found[3] or "" for found in _PARAMETER.finditer(text)}
        if given.get("username") != self._user or given.get("nonce") != self._nonce:
            return False
        secret = _md5(f"{self._user}:{REALM}:{self._password}")
        middle = self._nonce
        if "qop" in given:
            middle = f"{self._nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:{given['qop']}"
        asked = _md5(f"{method}:{given.get('uri', '')}")
        expected = _md5(f"{secret}:{middle}:{asked}")
        return hmac.compare_digest(given.get("response", "").encode(), expected.encode())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
