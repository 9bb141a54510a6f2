"""MJPEG cameras over HTTP and HTTPS: multipart/x-mixed-replace, read by ourselves.

Takes: a checked Address.
Gives: a Source whose pictures are the camera's own JPEGs.
Knows nothing about: what becomes of the pictures."""

import contextlib
import http.client
import re
import socket
import threading
from collections.abc import Iterator

from contracts.errors import PlainwatchError, SourceUnreachable, SourceUnsupported
from contracts.site import Sampling
from ingest.address import Address
from ingest.credentials import authorization
from ingest.dial import Deadline, dial, unreachable
from ingest.jpeg import jpeg_size
from ingest.measure import Rates
from ingest.preflight import refusal
from ingest.source import PIXELS_MAX, Clock, Limits, Picture, Sampled, Sampler, StreamFacts, Undecodable

_PART_MAX = 16 * 1024 * 1024
_HEADER_MAX = 8192
_HEADER_LINES_MAX = 32
_CHUNK = 65_536


class MjpegSource:
    """An open HTTP answer that never ends."""

    is_live = True

    def __init__(
        self,
        address: Address,
        connection: socket.socket,
        response: http.client.HTTPResponse,
        boundary: bytes,
        sampling: Sampling,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._address = address
        self._connection = connection
        self._response = response
        self._boundary = boundary
        self._sampler = Sampler(sampling)
        self._limits = limits
        self._clock = clock
        self._rates = Rates()
        self._size: tuple[int, int] | None = None
        self._closed = threading.Event()
        self._held = b""

    def pictures(self) -> Iterator[Sampled]:
        """A part must arrive whole within the read timeout, so a camera that drips is found out."""
        try:
            while not self._closed.is_set():
                part = self._part(Deadline(self._clock.monotonic_s, self._limits.read_timeout_s))
                if part is None:
                    return
                at_s = self._clock.monotonic_s()
                self._rates.note(at_s, True)
                if self._sampler.is_due(at_s):
                    self._sampler.take(at_s)
                    yield self._checked(part)
        except (OSError, http.client.HTTPException) as error:
            if self._closed.is_set():
                return
            if isinstance(error, http.client.IncompleteRead):
                return
            known = error if isinstance(error, OSError) else ConnectionResetError()
            raise unreachable(self._address, known, self._limits.read_timeout_s) from error
        finally:
            self._response.close()
            self._connection.close()

    def facts(self) -> StreamFacts:
        """Measured so far."""
        width, height = self._size or (None, None)
        return StreamFacts(
            "mjpeg", width, height, self._rates.fps, self._rates.keyframe_interval_s, self._rates.packets
        )

    def close(self) -> None:
        """Wakes a thread that waits for the camera."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _checked(self, part: bytes) -> Sampled:
        captured_at = self._clock.now()
        size = jpeg_size(part)
        if size is None:
            return Undecodable(captured_at)
        if size[0] * size[1] > PIXELS_MAX:
            raise SourceUnsupported(
                f"camera '{self._address.shown}' sends pictures of {size[0]} x {size[1]}",
                "choose a stream below 40 megapixels",
            )
        self._size = size
        return Picture(part, captured_at, is_keyframe=True)

    def _part(self, deadline: Deadline) -> bytes | None:
        """The next part's body; None at the end of the stream."""
        while True:
            line = self._line(deadline)
            if line is None:
                return None
            if line.startswith(self._boundary):
                break
        length = None
        for _ in range(_HEADER_LINES_MAX):
            line = self._line(deadline)
            if not line:
                break
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if length is not None and length > _PART_MAX:
            raise SourceUnsupported(
                f"camera '{self._address.shown}' announces a picture of {length} bytes", "restart the camera"
            )
        return self._exactly(length, deadline) if length is not None else self._until_boundary(deadline)

    def _line(self, deadline: Deadline) -> bytes | None:
        while b"\n" not in self._held:
            if len(self._held) > _HEADER_MAX:
                raise SourceUnreachable(
                    f"camera '{self._address.shown}' sent garbage between its pictures", "restart the camera"
                )
            if not self._more(deadline):
                return None
        line, _, self._held = self._held.partition(b"\n")
        return line.rstrip(b"\r")

    def _exactly(self, length: int, deadline: Deadline) -> bytes | None:
        pieces, held = [self._held[:length]], min(length, len(self._held))
        self._held = self._held[length:]
        while held < length:
            piece = self._received(min(_CHUNK, length - held), deadline)
            if not piece:
                return None
            pieces.append(piece)
            held += len(piece)
        return b"".join(pieces)

    def _until_boundary(self, deadline: Deadline) -> bytes | None:
        """Some cameras give no length: search for the next boundary."""
        mark, searched = b"\n" + self._boundary, 0
        while (found := self._held.find(mark, searched)) < 0:
            searched = max(0, len(self._held) - len(mark))
            if len(self._held) > _PART_MAX:
                raise SourceUnsupported(f"camera '{self._address.shown}' never ends a picture", "restart the camera")
            if not self._more(deadline):
                return None
        part, self._held = self._held[:found], self._held[found + 1 :]
        return part.removesuffix(b"\r")

    def _more(self, deadline: Deadline) -> bool:
        piece = self._received(_CHUNK, deadline)
        self._held += piece
        return bool(piece)

    def _received(self, most: int, deadline: Deadline) -> bytes:
        self._connection.settimeout(deadline.left_s())
        return self._response.read1(most)


def open_mjpeg(address: Address, sampling: Sampling, limits: Limits, clock: Clock) -> MjpegSource:
    """Raises SourceError or OutboundRefused; redirects are refused."""
    deadline = Deadline(clock.monotonic_s, limits.open_timeout_s)
    connection, response = _get(address, deadline, "")
    if response.status == 401:
        answer = authorization(
            response.headers.get_all("www-authenticate") or [],
            method="GET",
            uri=address.target,
            user=address.user,
            password=address.password,
        )
        if answer is not None:
            response.close()
            connection.close()
            connection, response = _get(address, deadline, answer)
    try:
        if response.status != 200:
            raise refusal(address, response.status)
        boundary = _boundary(address, response)
    except PlainwatchError:
        response.close()
        connection.close()
        raise
    return MjpegSource(address, connection, response, boundary, sampling, limits, clock)


def _get(address: Address, deadline: Deadline, answer: str) -> tuple[socket.socket, http.client.HTTPResponse]:
    headers = {"User-Agent": "Plainwatch", "Accept": "multipart/x-mixed-replace, image/jpeg", "Connection": "close"}
    if answer:
        headers["Authorization"] = answer
    connection = dial(address, deadline)
    try:
        request = http.client.HTTPConnection(address.host, address.port)
        request.sock = connection
        request.request("GET", address.target, headers=headers)
        connection.settimeout(deadline.left_s())
        return connection, request.getresponse()
    except OSError as error:
        connection.close()
        raise unreachable(address, error, deadline.seconds) from error
    except http.client.HTTPException as error:
        connection.close()
        raise SourceUnreachable(
            f"camera '{address.shown}' does not speak HTTP: {type(error).__name__}", "check the port and the scheme"
        ) from error


def _boundary(address: Address, response: http.client.HTTPResponse) -> bytes:
    said = response.headers.get("content-type", "")
    found = re.search(r'boundary="?([^";\s]+)', said, re.IGNORECASE)
    if not said.lower().startswith("multipart/") or not found:
        kind = re.sub(r"[^\w/+.-].*", "", said)[:60] or "nothing"
        raise SourceUnsupported(
            f"camera '{address.shown}' gives no MJPEG stream, got '{kind}'", "look the path of its MJPEG stream up"
        )
    # The header may or may not hold the two dashes that open each line: cameras disagree.
    return b"--" + found[1].removeprefix("--").encode()
