"""Webhook receivers that misbehave on demand and keep the books of what they accepted.

Takes: a secret; a fault that is switched on and off while they run.
Gives: a URL; by message id what arrived, and how often it came after it had been accepted.
Knows nothing about: how alerts signs and sends."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from plainwatch.chaos.certificate import self_signed
from plainwatch.receiver import verify

BODY_MAX_BYTES = 256 << 10
#: longer than any sender waits
SLOW_S = 30.0
PIECE = b"x" * 16384


class EndpointFault(StrEnum):
    """What the endpoint does instead of accepting."""

    SLOW = "slow"
    ERROR = "500"
    THROTTLED = "429"
    GONE = "410"
    REDIRECT = "302"
    ENDLESS = "endless body"
    DRIP = "drip"
    RESET = "reset"
    BAD_TLS = "bad TLS"


STATUS = {EndpointFault.ERROR: 500, EndpointFault.THROTTLED: 429, EndpointFault.GONE: 410, EndpointFault.REDIRECT: 302}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A genuine message to which we answered 2xx. `incident`: its id, where it is about one."""

    type: str
    incident: str


class Receiver:
    """Thread-safe; `fault` None: it accepts whatever is genuine."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.fault: EndpointFault | None = None
        self.url = self.bad_tls_url = ""
        self.accepted: dict[str, Accepted] = {}
        self.duplicated = self.refused = self.forged = self.followed = 0
        self._lock = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Writes it down where it is genuine."""
        wrong = verify(self.secret, headers, body, now_s=time.time())
        message_id = headers.get("webhook-id", "")
        with self._lock:
            if wrong:
                # A jumped clock makes a timestamp wrong, and the sender must try again; a signature never is.
                self.forged += wrong == "signature"
                self.refused += 1
                return False
            self.duplicated += message_id in self.accepted
            content = json.loads(body)
            incident = content["data"].get("id", "") if content["type"].startswith("incident.") else ""
            self.accepted[message_id] = Accepted(content["type"], incident)
            return True

    def told_of(self) -> set[str]:
        """The incidents whose opening arrived."""
        with self._lock:
            return {one.incident for one in self.accepted.values() if one.type == "incident.opened"}

    def count_refusal(self) -> None:
        """A request that a fault answered."""
        with self._lock:
            self.refused += 1

    def count_followed(self) -> None:
        """A redirect that was followed, against the rule."""
        with self._lock:
            self.followed += 1


@contextmanager
def receiver(secret: str, folder: Path) -> Iterator[Receiver]:
    """Listening until the block ends; behind TLS that nobody trusts, too."""
    kept = Receiver(secret)

    class Handler(_Handler):
        receiver = kept

    plain, encrypted = _server(Handler), _server(Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    # The handshake belongs to the connection's own thread, else one client would hold up all.
    encrypted.socket = context.wrap_socket(encrypted.socket, server_side=True, do_handshake_on_connect=False)
    kept.url = f"http://127.0.0.1:{plain.server_address[1]}/hook"
    kept.bad_tls_url = f"https://127.0.0.1:{encrypted.server_address[1]}/hook"
    for server in (plain, encrypted):
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield kept
    finally:
        for server in (plain, encrypted):
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hung up, or did not like our certificate, did so on purpose."""


def _server(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    return _Server(("127.0.0.1", 0), handler)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), BODY_MAX_BYTES))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = self.receiver.fault
        if self.path == "/elsewhere":
            self.receiver.count_followed()
        if fault is None:
            return self._answer(204 if self.receiver.take(headers, body) else 401)
        self.close_connection = True
        if fault is EndpointFault.ENDLESS:
            self._accept_endlessly(headers, body)
        elif fault in STATUS:
            self.receiver.count_refusal()
            self._answer(STATUS[fault])
        else:
            self.receiver.count_refusal()
            self._stall(fault)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("location", self.receiver.url.replace("/hook", "/elsewhere"))
        if status == 429:
            self.send_header("retry-after", "1")
        self.send_header("content-length", "0")
        self.end_headers()

    def _accept_endlessly(self, headers: dict[str, str], body: bytes) -> None:
        genuine = self.receiver.take(headers, body)
        self.send_response(200 if genuine else 401)
        self.end_headers()
        while self.receiver.fault is EndpointFault.ENDLESS:
            self.wfile.write(PIECE)

    def _stall(self, fault: EndpointFault) -> None:
        if fault is EndpointFault.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        ends_s = time.monotonic() + SLOW_S
        if fault is EndpointFault.DRIP:
            self.wfile.write(b"HTTP/1.1 204")
        while self.receiver.fault is fault and time.monotonic() < ends_s:
            time.sleep(0.5)
            if fault is EndpointFault.DRIP:
                self.wfile.write(b" ")
        self.connection.close()
