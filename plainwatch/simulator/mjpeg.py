"""A camera that sends JPEG pictures over HTTP, one after the other in one endless answer.

Takes: Footage; faults switched on and off from any thread while it runs.
Gives: multipart/x-mixed-replace at its URL, paced in real time; counts.
Knows nothing about: RTSP, H.264."""

import asyncio
import base64
import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import numpy as np
import simplejpeg

from contracts.errors import ConfigError
from contracts.redact import join_credentials
from plainwatch.simulator.faults import Fault, Misbehaviour, misbehaviour
from plainwatch.simulator.footage import Footage, Frames
from plainwatch.simulator.listening import Listener
from plainwatch.simulator.thread import running

_BOUNDARY = "plainwatch-picture"
_QUALITY = 80
_POLL_S = 0.05
_KNOWN_FAULTS = frozenset(
    {
        Fault.SILENT,
        Fault.SILENT_AFTER_PLAY,
        Fault.STOP_AFTER,
        Fault.CLOSE_AFTER,
        Fault.UNAUTHORIZED,
        Fault.REDIRECT_302,
        Fault.NOT_FOUND,
        Fault.GARBAGE,
    }
)
_REASONS = {302: "Found", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class MjpegCamera:
    """`async with MjpegCamera(scene_footage()) as camera: camera.url`. Each client sees the footage from its start."""

    def __init__(
        self,
        footage: Footage,
        *,
        path: str = "video.mjpg",
        user: str = "",
        password: str = "",
        loop: bool = True,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.host = host
        self.port = port
        self.path = path.strip("/")
        self.sent_pictures = 0
        self.clients = 0
        self._footage = footage
        self._user = user
        self._password = password
        self._loops = loop
        self._faults: dict[Fault, Misbehaviour] = {}
        self._listener = Listener(self._serve)

    async def __aenter__(self) -> Self:
        self.port = await self._listener.open(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._listener.close()

    @property
    def url(self) -> str:
        """The address with user and password inside."""
        return join_credentials(f"http://{self.host}:{self.port}/{self.path}", self._user, self._password)

    def misbehave(self, fault: Fault | str, value: float | str | None = None) -> None:
        """Begin a fault, at once."""
        wanted = misbehaviour(fault, value)
        if wanted.fault not in _KNOWN_FAULTS:
            raise ConfigError(
                f"fault '{wanted.fault}' is none of an MJPEG camera", f"use one of: {', '.join(sorted(_KNOWN_FAULTS))}"
            )
        self._faults = {**self._faults, wanted.fault: wanted}

    def behave(self) -> None:
        """End all faults."""
        self._faults = {}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        await _wait_while(lambda: Fault.SILENT in self._faults and not reader.at_eof())
        if Fault.GARBAGE in self._faults:
            writer.write(os.urandom(4096))
            await writer.drain()
            return
        status, header = self._verdict(head)
        if status != 200:
            writer.write(f"HTTP/1.1 {status} {_REASONS[status]}\r\n{header}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        self.clients += 1
        try:
            await self._send_pictures(reader, writer)
        finally:
            self.clients -= 1

    def _verdict(self, head: str) -> tuple[int, str]:
        """The status and the header that goes with it."""
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or words[0] != "GET":
            return 400, ""
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        redirect = self._faults.get(Fault.REDIRECT_302)
        if redirect is not None:
            return 302, f"Location: {redirect.target}\r\n"
        if Fault.UNAUTHORIZED in self._faults or not self._lets_in(fields.get("authorization", "")):
            return 401, 'WWW-Authenticate: Basic realm="plainwatch simulator"\r\n'
        if Fault.NOT_FOUND in self._faults or words[1].split("?")[0].strip("/") != self.path:
            return 404, ""
        return 200, ""

    def _lets_in(self, authorization: str) -> bool:
        if not self._user:
            return True
        expected = "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode("ascii")
        return hmac.compare_digest(authorization.encode(), expected.encode())

    async def _send_pictures(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop()
        started_s = clock.time()
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary={_BOUNDARY}\r\n"
            f"Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode()
        )
        frames = self._footage.frames()
        number = 0
        while (jpeg := await asyncio.to_thread(_next_jpeg, frames)) or self._loops:
            if jpeg is None:
                frames = self._footage.frames()
                continue
            await asyncio.sleep(max(0.0, started_s + float(number / self._footage.fps) - clock.time()))
            number += 1
            await _wait_while(lambda: self._is_stopped(clock.time() - started_s) and not reader.at_eof())
            if self._has_to_close(clock.time() - started_s) or reader.at_eof():
                return
            header = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            writer.write(header.encode() + jpeg + b"\r\n")
            self.sent_pictures += 1
            await writer.drain()

    def _is_stopped(self, playing_s: float) -> bool:
        if self._has_to_close(playing_s):
            return False
        stop = self._faults.get(Fault.STOP_AFTER)
        is_silent = Fault.SILENT in self._faults or Fault.SILENT_AFTER_PLAY in self._faults
        return is_silent or (stop is not None and playing_s >= stop.value)

    def _has_to_close(self, playing_s: float) -> bool:
        close = self._faults.get(Fault.CLOSE_AFTER)
        return close is not None and playing_s >= close.value


async def _wait_while(is_held: Callable[[], bool]) -> None:
    # Asked again and again: a fault is lifted by a plain assignment on any thread, which sets no event.
    while is_held():  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)


def _next_jpeg(frames: Frames) -> bytes | None:
    frame = next(frames, None)
    if frame is None:
        return None
    picture = frame if isinstance(frame, np.ndarray) else np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=_QUALITY, colorspace="BGR"))


@contextmanager
def mjpeg_in_thread(
    footage: Footage, *, user: str = "", password: str = "", loop: bool = True
) -> Iterator[MjpegCamera]:
    """The same for code that is not async: served from its own thread until the block ends."""
    with running(MjpegCamera(footage, user=user, password=password, loop=loop)) as camera:
        yield camera
