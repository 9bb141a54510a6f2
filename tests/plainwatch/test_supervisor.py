"""The supervisor with real processes: restarts, ends, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.errors import ConfigError
from plainwatch.supervisor import Program, Supervisor
from plainwatch.valkey import private_valkey

WITHIN_S = 15.0


def until(holds: Callable[[], bool], look: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        look()
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def sleeper(name: str = "sleeper") -> Program:
    return Program(name, (sys.executable, "-c", "import time; time.sleep(60)"))


def test_a_killed_child_is_started_again_and_told_of(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(tmp_path, clock=time.monotonic, notify=told.append)
    supervisor.start(sleeper())
    first = supervisor.pids()["sleeper"]

    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pids().get("sleeper", first) != first, supervisor.watch)
    supervisor.stop()

    assert told == ["service 'sleeper' was ended by SIGKILL; it starts again in 0.3 s"]
    assert supervisor.pids() == {}


@pytest.mark.parametrize(
    "line",
    [
        'at=now [error] service failed [service] problem="model \'x\': it is not here; give a folder" room=analyzer',
        '{"event": "service failed", "problem": "model \'x\': it is not here; give a folder", "room": "analyzer"}',
        "model 'x': it is not here; give a folder",
    ],
)
def test_a_child_without_its_model_is_told_of_in_its_own_words(tmp_path: Path, line: str) -> None:
    told: list[str] = []
    supervisor = Supervisor(tmp_path, clock=time.monotonic, notify=told.append)
    supervisor.start(Program("analyzer", (sys.executable, "-c", f"print({line!r}); raise SystemExit(4)")))

    until(lambda: bool(told), supervisor.watch)
    supervisor.stop()

    said = "model 'x': it is not here; give a folder"
    assert told == [f"service 'analyzer' ended with code 4 ({said}); it starts again in 0.3 s"]


def test_a_child_that_refuses_its_settings_is_not_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, clock=time.monotonic, notify=lambda _: None)
    supervisor.start(Program("picky", (sys.executable, "-c", "print('setting X is wrong'); raise SystemExit(2)")))

    with pytest.raises(ConfigError, match=r"service 'picky' refused its settings: setting X is wrong"):
        until(lambda: False, supervisor.watch)


def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    server = private_valkey(tmp_path)
    script = (
        "import sys, time; from pathlib import Path; from plainwatch.supervisor import Program, Supervisor\n"
        f"s = Supervisor(Path({str(tmp_path)!r}), clock=time.monotonic, notify=print)\n"
        f"s.start(Program('valkey', (sys.executable, '-m', 'plainwatch.tether', *{server.command!r})))\n"
        "print(s.pids()['valkey'], flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    until(lambda: server.socket.exists())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    until(lambda: not alive(child))
