"""HTTP receivers that misbehave on demand, a clock that is moved by hand, and a wait with a deadline."""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, wait: timedelta) -> None:
        self.now += wait


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Receiver:
    """Answers each request with the next behaviour; the last one goes on for ever."""

    behaviours: list[Behaviour]
    received: list[Received] = field(default_factory=list)
    url: str = ""
    port: int = 0

    def next_behaviour(self) -> Behaviour:
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


def answer(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def eventually(true: Callable[[], bool], *, within_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, "it did not come true in time"
        time.sleep(0.02)


class TlsServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """The other side did not like our certificate, as it may."""


def start_receiver(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> tuple[Receiver, ThreadingHTTPServer]:
    """Shut the server down when done."""
    receiver = Receiver(list(behaviours or (answer(204),)))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(headers, body, self.path))
            try:
                receiver.next_behaviour()(self)
            except OSError:  # the other side hung up, as it may
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = TlsServer(("127.0.0.1", 0), Handler) if tls else ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if tls:
        # The handshake belongs to the connection's own thread, else one client would hold up all.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    receiver.port = server.server_address[1]
    receiver.url = f"http://127.0.0.1:{receiver.port}/hook"
    return receiver, server
