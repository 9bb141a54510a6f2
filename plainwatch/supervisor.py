"""One machine's services: started, watched, restarted with backoff, ended together.

Takes: a list of programs and their environment.
Gives: Supervisor.start, watch, stop; notices of what died.
Knows nothing about: what the programs do.

Children are started from the main thread and tied to it by the kernel (see tether): none outlives a kill -9 of us."""

import logging
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import ConfigError, EngineError
from contracts.service import PARENT_VARIABLE

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.3
LONGEST_DELAY_S = 10.0
#: a child that lived so long has recovered: its next death waits the first delay again
RECOVERED_AFTER_S = 30.0
#: how long a child may take to end by itself
GRACE_S = 8.0
LOG_MAX_BYTES = 10 << 20
#: in a line of the log, as text or JSON: what the error itself said
_PROBLEM = re.compile(r"""problem(?:=|": )(?P<quote>["'])(?P<said>.+?)(?P=quote)(?: room=|, "|})""")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; `environment` comes on top of ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_s: float
    delay_s: float = FIRST_DELAY_S
    restart_at_s: float | None = None
    restarts: int = 0


class Supervisor:
    """`clock` gives monotonic seconds; `notify` is told in words what died and when it comes back."""

    def __init__(self, logs: Path, *, clock: Callable[[], float], notify: Callable[[str], None]) -> None:
        self._logs = logs
        self._clock = clock
        self._notify = notify
        self._children: dict[str, _Child] = {}

    def start(self, program: Program) -> None:
        """Call from the main thread."""
        self._children[program.name] = _Child(program, self._spawn(program), self._clock())

    def pids(self) -> dict[str, int]:
        """Of the children that run."""
        return {name: child.process.pid for name, child in self._children.items() if child.process.poll() is None}

    def restarts(self) -> dict[str, int]:
        """How often each was started again."""
        return {name: child.restarts for name, child in self._children.items()}

    def watch(self) -> None:
        """One look at all children; call it a few times a second, from the main thread.

        Raises ConfigError where a child says that its settings are wrong: starting it again would not help."""
        now_s = self._clock()
        for child in self._children.values():
            code = child.process.poll()
            if code is None:
                if now_s - child.started_s > RECOVERED_AFTER_S:
                    child.delay_s = FIRST_DELAY_S
            elif child.restart_at_s is None:
                self._plan_restart(child, code, now_s)
            elif now_s >= child.restart_at_s:
                child.process = self._spawn(child.program)
                child.started_s, child.restart_at_s = now_s, None
                child.restarts += 1

    def stop(self) -> None:
        """Asks the workers first and the broker last, in reverse order of their start. Safe to call twice."""
        for name in reversed(list(self._children)):
            process = self._children[name].process
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _plan_restart(self, child: _Child, code: int, now_s: float) -> None:
        name = child.program.name
        if code == ConfigError.exit_code:
            raise ConfigError(
                f"service '{name}' refused its settings: {self.last_line(name)}", f"see {self._log(name)}"
            )
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        said = f" ({self.last_line(name)})" if code == EngineError.exit_code else ""
        self._notify(f"service '{name}' {how}{said}; it starts again in {child.delay_s:.1f} s")
        child.restart_at_s = now_s + child.delay_s
        child.delay_s = min(LONGEST_DELAY_S, child.delay_s * 2)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._log(program.name)
        if path.exists() and path.stat().st_size > LOG_MAX_BYTES:
            path.replace(path.with_suffix(".log.1"))
        environment = {**os.environ, **program.environment, PARENT_VARIABLE: str(os.getpid())}
        with path.open("ab") as output:
            return subprocess.Popen(
                program.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # Ctrl-C reaches us alone; we end the children in order
            )

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def last_line(self, name: str) -> str:
        """Of what a child wrote; its own word on why it ended."""
        lines = self._log(name).read_text(errors="replace").strip().splitlines()
        problem = _PROBLEM.search(lines[-1]) if lines else None
        return problem["said"] if problem else lines[-1] if lines else "it said nothing"
