"""The HTTP server, under our own signal handling.

Takes: an ASGI app, a listening socket, Stop.
Gives: requests served until it is time to end.
Knows nothing about: routes."""

import logging
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from contracts.errors import ConfigError, Unavailable
from contracts.service import Stop

log = logging.getLogger(__name__)

#: watchers of events never end by themselves
_LAST_REQUESTS_S = 2
CONNECTIONS_MAX = 512


def listen(host: str, port: int) -> socket.socket:
    """Raises ConfigError naming the port, before anything else is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"PLAINWATCH_HOST '{host}' is not an address of this machine", "use 127.0.0.1") from error
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"port {port} on {host} cannot be opened: {error.strerror}",
            "end the program that uses it, or choose another with PLAINWATCH_PORT",
        ) from error
    return sock


def serve(app: ASGIApp, sock: socket.socket, stop: Stop) -> None:
    """Returns when `stop` is set and the last requests are answered. Raises Unavailable where the server ended."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    # Outside the main thread uvicorn leaves the signals alone.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="http", daemon=True)
    thread.start()
    host, port = sock.getsockname()[:2]
    log.info("listening", extra={"host": host, "port": port})
    while not stop.wait(0.5):
        if not thread.is_alive():
            raise Unavailable("the HTTP server ended by itself", "see the log above")
    server.should_exit = True
    thread.join(timeout=_LAST_REQUESTS_S + 3)
    sock.close()
