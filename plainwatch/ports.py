"""Ports of this machine.

Takes: a host and a port, or nothing.
Gives: whether it is free, in words; or one that is.
Knows nothing about: who will listen."""

import socket

from contracts.errors import ConfigError


def check_port_is_free(host: str, port: int) -> None:
    """Raises ConfigError that names the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(f"port {port} of {host}: {error.strerror}", "choose another one with --port") from error


def free_port() -> int:
    """One that was free a moment ago, on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
