"""Our own DESCRIBE before FFmpeg dials: FFmpeg follows an RTSP redirect to any host.

Takes: a checked RTSP address and a time limit.
Gives: the video codec that the SDP names; or why this camera cannot be read, in words.
Knows nothing about: media, FFmpeg."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from contracts.errors import (
    OutboundRefused,
    PlainwatchError,
    SourceUnauthorized,
    SourceUnreachable,
    SourceUnsupported,
)
from ingest.address import Address
from ingest.credentials import authorization
from ingest.dial import Deadline, dial, unreachable

_ANSWER_MAX = 65_536
#: SDP's names for what FFmpeg names otherwise
_CODECS = {"h265": "hevc", "mp4v-es": "mpeg4", "jpeg": "mjpeg"}


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of the camera; header names in lower case, in order, repeated ones kept."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def all_of(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]


def describe(address: Address, *, timeout_s: float, monotonic_s: Callable[[], float]) -> str:
    """Raises SourceUnreachable, SourceUnauthorized, SourceUnsupported, or OutboundRefused for a redirect."""
    deadline = Deadline(monotonic_s, timeout_s)
    connection = dial(address, deadline)
    try:
        response = _described(connection, address, deadline)
    except OSError as error:
        raise unreachable(address, error, timeout_s) from error
    finally:
        connection.close()
    if response.status != 200:
        raise refusal(address, response.status)
    return _video_codec(address, response.body)


def refusal(address: Address, status: int) -> PlainwatchError:
    """What a status other than 200 means, in RTSP and in HTTP."""
    shown = address.shown
    if status in (401, 403) and not address.user:
        return SourceUnauthorized(f"camera '{shown}' wants a user and password", "enter its user and password")
    if status in (401, 403):
        return SourceUnauthorized(
            f"camera '{shown}' rejected the user or password, got {status}", "correct them; we ask again slowly"
        )
    if 300 <= status < 400:
        return OutboundRefused(
            f"camera '{shown}' redirects elsewhere, got {status}; redirects are never followed",
            "register the address that it redirects to",
        )
    if status in (404, 454):
        return SourceUnsupported(
            f"camera '{shown}' has no such stream path, got {status}", "look the path up in the camera's manual"
        )
    if status in (453, 503):
        return SourceUnreachable(f"camera '{shown}' is busy, got {status}", "close other viewers of this camera")
    if status >= 500:
        return SourceUnreachable(f"camera '{shown}' failed, got {status}", "restart the camera")
    return SourceUnsupported(f"camera '{shown}' refuses to describe its stream, got {status}", "check the path")


def _described(connection: socket.socket, address: Address, deadline: Deadline) -> Response:
    """Asks once without credentials and, where told to, once with them; twice would lock cameras."""
    response = _ask(connection, address, deadline, 1, "")
    if response.status != 401:
        return response
    answer = authorization(
        response.all_of("www-authenticate"),
        method="DESCRIBE",
        uri=address.bare_url,
        user=address.user,
        password=address.password,
    )
    if answer is None:
        return response
    if any(value.lower() == "close" for value in response.all_of("connection")):
        connection.close()
        with dial(address, deadline) as second:
            return _ask(second, address, deadline, 1, answer)
    return _ask(connection, address, deadline, 2, answer)


def _ask(connection: socket.socket, address: Address, deadline: Deadline, number: int, answer: str) -> Response:
    lines = [
        f"DESCRIBE {address.bare_url} RTSP/1.0",
        f"CSeq: {number}",
        "Accept: application/sdp",
        "User-Agent: Plainwatch",
    ]
    if answer:
        lines.append(f"Authorization: {answer}")
    connection.settimeout(deadline.left_s())
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return _read(connection, address, deadline)


def _read(connection: socket.socket, address: Address, deadline: Deadline) -> Response:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(connection, address, deadline, len(raw))
        if not b"RTSP/1.".startswith(raw[:7]):
            raise SourceUnreachable(f"camera '{address.shown}' does not speak RTSP", "check the port and the scheme")
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    status = first.split(" ")[1:2]
    length = next((value for name, value in headers if name == "content-length"), "0")
    if not (status and status[0].isdecimal() and length.isdecimal()):
        raise SourceUnreachable(f"camera '{address.shown}' answered with garbage", "check the port, restart the camera")
    while len(body) < int(length):
        body += _more(connection, address, deadline, len(body))
    return Response(int(status[0]), headers, body[: int(length)].decode("utf-8", "replace"))


def _more(connection: socket.socket, address: Address, deadline: Deadline, held: int) -> bytes:
    if held > _ANSWER_MAX:
        raise SourceUnreachable(f"camera '{address.shown}' answered with more than 64 kB", "restart the camera")
    connection.settimeout(deadline.left_s())
    received = connection.recv(8192)
    if not received:
        raise ConnectionResetError
    return received


def _video_codec(address: Address, sdp: str) -> str:
    in_video, names = False, []
    has_video = False
    for line in sdp.splitlines():
        if line.startswith("m="):
            in_video = line.startswith("m=video")
            has_video = has_video or in_video
        elif in_video and line.lower().startswith("a=rtpmap:"):
            names.append(line.partition(" ")[2].partition("/")[0].lower())
    if not has_video:
        raise SourceUnsupported(f"camera '{address.shown}' sends no video", "choose a stream with video")
    if not names:
        return "unknown"
    return _CODECS.get(names[0], names[0])
