"""A TCP or TLS connection to a camera whose every step ends by one deadline.

Takes: a checked Address and a deadline.
Gives: a connected socket, or SourceUnreachable with the reason.
Knows nothing about: RTSP, HTTP."""

import socket
import ssl
from collections.abc import Callable

from contracts.errors import SourceUnreachable
from ingest.address import Address


class Deadline:
    """One budget for several waits: a camera that sends a byte a second does not stretch it."""

    def __init__(self, monotonic_s: Callable[[], float], seconds: float) -> None:
        self._monotonic_s = monotonic_s
        self.seconds = seconds
        self._ends_s = monotonic_s() + seconds

    def left_s(self) -> float:
        """Raises TimeoutError once nothing is left."""
        left = self._ends_s - self._monotonic_s()
        if left <= 0:
            raise TimeoutError
        return left


def dial(address: Address, deadline: Deadline) -> socket.socket:
    """TLS is not verified: cameras sign their own certificates. It hides the stream, it does not prove the camera."""
    try:
        connection = socket.create_connection((address.ip, address.port), timeout=deadline.left_s())
    except OSError as error:
        raise unreachable(address, error, deadline.seconds) from error
    if address.scheme not in ("rtsps", "https"):
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        connection.settimeout(deadline.left_s())
        return context.wrap_socket(connection, server_hostname=address.host)
    except OSError as error:
        connection.close()
        raise unreachable(address, error, deadline.seconds) from error


def unreachable(address: Address, error: OSError, seconds: float) -> SourceUnreachable:
    """In words that name what to look at."""
    shown = address.shown
    if isinstance(error, TimeoutError):
        return SourceUnreachable(
            f"camera '{shown}' did not answer within {seconds:.0f} s", "check that it is on and that the port is right"
        )
    if isinstance(error, ConnectionRefusedError):
        return SourceUnreachable(f"camera '{shown}' refused the connection", "check the port, and that it is started")
    if isinstance(error, ssl.SSLError):
        return SourceUnreachable(f"camera '{shown}' does not speak TLS", "use rtsp:// or http://, or turn TLS on there")
    if isinstance(error, ConnectionError):
        return SourceUnreachable(f"camera '{shown}' closed the connection", "check its number of allowed clients")
    why = error.strerror or type(error).__name__
    return SourceUnreachable(f"camera '{shown}' cannot be reached: {why}", "check the address and the network")
