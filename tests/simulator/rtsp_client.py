"""A small RTSP client of the tests' own, so that the wire is seen as it is."""

import base64
import hashlib
import re
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import av
import numpy as np

from contracts.redact import split_credentials
from plainwatch.simulator.footage import Bgr

ANSWERS_WITHIN_S = 10.0
START_CODE = b"\x00\x00\x00\x01"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Packet:
    channel: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


class RawClient:
    """`with RawClient(url) as camera: camera.play()`."""

    def __init__(self, url: str) -> None:
        self.url, self.user, self.password = split_credentials(url)
        self._socket = socket.create_connection((urlsplit(self.url).hostname, urlsplit(self.url).port))
        self._socket.settimeout(ANSWERS_WITHIN_S)
        self._buffer = b""
        self._sequence = 0
        self._challenge = ""
        self.session = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, method: str, headers: dict[str, str] | None = None, url: str = "") -> None:
        self._sequence += 1
        fields = {"CSeq": str(self._sequence)} | (headers or {})
        if self.session:
            fields["Session"] = self.session
        if self._challenge:
            fields["Authorization"] = self._authorization(method, url or self.url)
        lines = [f"{method} {url or self.url} RTSP/1.0", *(f"{name}: {value}" for name, value in fields.items())]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def ask(self, method: str, headers: dict[str, str] | None = None, url: str = "") -> Answer:
        """The answer; media in between is passed over."""
        self.send(method, headers, url)
        while self._peek(1) == b"$":
            self._take_packet()
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        body = self._take(int(fields.get("Content-Length", "0"))).decode()
        return Answer(int(first.split(" ")[1]), fields, body)

    def describe(self) -> Answer:
        """With the password where one is asked for."""
        answer = self.ask("DESCRIBE", {"Accept": "application/sdp"})
        if answer.status == 401 and self.user and not self._challenge:
            self._challenge = answer.headers["WWW-Authenticate"]
            answer = self.ask("DESCRIBE", {"Accept": "application/sdp"})
        return answer

    def play(self, track: str = "trackID=0") -> Answer:
        assert self.describe().status == 200
        transport = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
        setup = self.ask("SETUP", transport, url=f"{self.url}/{track}")
        assert setup.status == 200
        self.session = setup.headers["Session"].split(";")[0]
        return self.ask("PLAY", {"Range": "npt=0.000-"})

    def packets(self) -> Iterator[Packet]:
        """RTP of the media; RTCP is passed over. Ends with the connection."""
        while True:
            try:
                packet = self._take_packet()
            except EOFError:
                return
            if packet.channel == 0:
                yield packet

    def units(self) -> Iterator[tuple[int, bytes]]:
        """(timestamp, Annex B) of each picture, put together from single NAL units and FU-A."""
        unit = b""
        for packet in self.packets():
            kind = packet.payload[0] & 0x1F
            if kind != 28:
                unit += START_CODE + packet.payload
            elif packet.payload[1] & 0x80:
                unit += START_CODE + bytes([(packet.payload[0] & 0xE0) | (packet.payload[1] & 0x1F)])
                unit += packet.payload[2:]
            else:
                unit += packet.payload[2:]
            if packet.marker:
                yield packet.timestamp, unit
                unit = b""

    def keyframe_pictures(self) -> Iterator[Bgr]:
        """Each keyframe decoded by itself."""
        for _, unit in self.units():
            if is_key(unit):
                yield decoded(unit)

    def hears_within(self, seconds: float) -> bool:
        """Whether any byte, or the end, comes in this time."""
        return bool(self._buffer) or bool(select.select([self._socket], [], [], seconds)[0])

    def receive_some(self) -> bytes:
        """What one read gives; empty at the end."""
        return self._socket.recv(65536)

    def _take_packet(self) -> Packet:
        header = self._take(4)
        assert header[0] == 0x24, f"no interleaved packet but {header!r}"
        data = self._take(int.from_bytes(header[2:], "big"))
        number = int.from_bytes
        return Packet(header[1], bool(data[1] & 0x80), number(data[2:4], "big"), number(data[4:8], "big"), data[12:])

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._receive()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _peek(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._receive()
        return self._buffer[:size]

    def _receive(self) -> None:
        received = self._socket.recv(65536)
        if not received:
            raise EOFError
        self._buffer += received

    def _authorization(self, method: str, url: str) -> str:
        if self._challenge.startswith("Basic"):
            return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        given = dict(re.findall(r'(\w+)="([^"]*)"', self._challenge))
        secret, asked = _md5(f"{self.user}:{given['realm']}:{self.password}"), _md5(f"{method}:{url}")
        answer = _md5(f"{secret}:{given['nonce']}:{asked}")
        return (
            f'Digest username="{self.user}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="{url}", response="{answer}"'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_key(annex_b: bytes) -> bool:
    return any(part[0] & 0x1F == 5 for part in annex_b.split(START_CODE) if part)


def decoded(keyframe: bytes) -> Bgr:
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    frames = [*decoder.decode(av.Packet(keyframe)), *decoder.decode(None)]
    return np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8)
