"""The processes of a site, found from outside: to kill them, to stop them, to deny them the disk.

Takes: the supervisor's process id; Linux's /proc.
Gives: process ids by service; the site's own process, started again whenever it ends.
Knows nothing about: why."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from contracts.service import PARENT_VARIABLE

VALKEY = "valkey"
ROOMS = ("ingest", "analyzer", "alerts", "api")
SUPERVISOR = "supervisor"
EVERYBODY = (SUPERVISOR, VALKEY, *ROOMS)
#: a service manager would wait as long
AGAIN_S = 0.3
GRACE_S = 20.0


class SiteProcess:
    """The supervisor with all its services. `watch` starts it again, as a service manager would."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self._command = (sys.executable, "-m", "plainwatch.chaos.site", str(folder), str(port))
        self._log = folder / "supervisor.log"
        self._environment = {**os.environ, **environment, PARENT_VARIABLE: str(os.getpid())}
        self._process = self._spawn()
        self._ended_s: float | None = None

    def watch(self) -> None:
        """Call it a few times a second."""
        if self._process.poll() is None:
            return
        if self._ended_s is None:
            self._ended_s = time.monotonic()
        elif time.monotonic() - self._ended_s >= AGAIN_S:
            self._process, self._ended_s = self._spawn(), None

    def pids(self) -> dict[str, int]:
        """Of what runs now."""
        if self._process.poll() is not None:
            return {}
        return {SUPERVISOR: self._process.pid, **services_of(self._process.pid)}

    def stop(self) -> None:
        """Tidily; safe to call twice."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )


def services_of(supervisor: int) -> dict[str, int]:
    """Its children by the service's name."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):  # it ended meanwhile
            if _parent(entry) == supervisor:
                name = _service((entry / "cmdline").read_bytes().split(b"\0"))
                if name:
                    found[name] = int(entry.name)
    return found


def alive(pid: int) -> bool:
    """Whether it runs; a dead one that nobody has waited for does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def send(pid: int, number: signal.Signals) -> None:
    """To a process that may have ended meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def deny_disk(pid: int) -> None:
    """No file of it grows any more: each write fails as on a full disk."""
    _limit_files(pid, 0)


def allow_disk(pid: int) -> None:
    """It may write again."""
    _limit_files(pid, resource.RLIM_INFINITY)


def _limit_files(pid: int, size: int) -> None:
    with suppress(ProcessLookupError):
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def _parent(entry: Path) -> int:
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _service(command: list[bytes]) -> str:
    words = [word.decode(errors="replace") for word in command]
    if "plainwatch.chaos.room" in words:
        return words[-2] if words[-1] == "" else words[-1]
    # It writes its socket into its own command line, which is one word then.
    return VALKEY if any("-server" in word for word in words) else ""
