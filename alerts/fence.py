"""A fence around code that dials by itself, in a process that does nothing else.

Takes: the outbound policy.
Gives: each connection judged at the address that is really dialled; no other files than libraries, no programs.
Knows nothing about: what is sent, by whom.

Python tells its audit hooks of each connect, and a hook cannot be taken away: redirects, names that resolve anew and
URLs that are read in two ways all end here. It holds off what a URL can make a library do, not code that means harm."""

import ipaddress
import os
import socket
import sys
import sysconfig
from collections.abc import Sequence
from typing import NoReturn

from contracts.errors import OutboundRefused
from contracts.outbound import Allowed, refusal

_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")
_DATAGRAMS = ("socket.sendto", "socket.sendmsg")
_IP = (socket.AF_INET, socket.AF_INET6)
_PUBLIC_FILES = ("/etc/ssl", "/etc/mime.types", "/etc/localtime", "/usr/share/zoneinfo")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Fenced(PermissionError):
    """An OSError, as libraries expect it of a connection or a file that fails."""


class Fence:
    """`refused`: what was held off, in the order in which it was tried."""

    def __init__(self, allow: Sequence[Allowed]) -> None:
        self.refused: list[str] = []
        self._allow = tuple(allow)
        libraries = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        self._readable = tuple(os.path.realpath(path) for path in (*libraries, *_PUBLIC_FILES))

    def put_up(self) -> None:
        """For as long as the process lives. What is needed from elsewhere is imported by then."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[object, ...]) -> None:
        if event == "socket.connect":
            self._judge(given[0], given[1])
        elif event == "open":
            self._look_at(given[0], given[2])
        elif event in _DATAGRAMS:
            self._refuse("a datagram is none of the ways to send")
        elif event in _PROGRAMS:
            self._refuse("no program may be started")

    def _judge(self, dialling: object, address: object) -> None:
        is_tcp = isinstance(dialling, socket.socket) and dialling.family in _IP and dialling.type == socket.SOCK_STREAM
        if not is_tcp or not isinstance(address, tuple):
            self._refuse("only TCP connections are made")
        try:
            host, port = str(address[0]), int(address[1])
            found = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            self._refuse("a host is dialled by the address that was judged")
        why = refusal(found, port, self._allow)
        if why:
            self._refuse(str(OutboundRefused(f"target '{host}' port {port} is {why[0]}", why[1])))

    def _look_at(self, path: object, flags: object) -> None:
        if isinstance(path, int):  # it is open already
            return
        real = os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
        is_known = any(real == root or real.startswith(root + os.sep) for root in self._readable)
        if not is_known or (isinstance(flags, int) and flags & _WRITES):
            self._refuse("files of this machine are not read or written")

    def _refuse(self, why: str) -> NoReturn:
        self.refused.append(why)
        raise Fenced(why)
