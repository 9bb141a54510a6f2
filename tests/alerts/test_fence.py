"""The fence in processes of their own: it cannot be taken down again."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEHIND = """
import json, os, socket, subprocess, sys
from alerts.fence import Fence
from contracts.outbound import parse_allow

port, allow, act = int(sys.argv[1]), sys.argv[2].split(), sys.argv[3]
fence = Fence(parse_allow(allow))
fence.put_up()
try:
    exec(act)
    error = ""
except OSError as problem:
    error = type(problem).__name__
print(json.dumps([error, fence.refused]))
"""
DIAL = "socket.create_connection(('127.0.0.1', port), 5).close()"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def act(port: int, allow: str, what: str) -> tuple[str, list[str]]:
    command = [sys.executable, "-c", BEHIND, str(port), allow, what]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    error, refused = json.loads(made.stdout)
    return error, refused


def test_a_connection_that_the_policy_allows_is_made(port: int) -> None:
    assert act(port, "127.0.0.1", DIAL) == ("", [])
    assert act(port, f"127.0.0.0/8:{port} [::1]:80", DIAL) == ("", [])


@pytest.mark.parametrize(
    "what",
    [
        DIAL,
        "socket.create_connection(('localhost', port), 5)",
        "socket.socket().connect_ex(('127.0.0.1', port))",
        "socket.socket().connect(('localhost', port))",
        "socket.create_connection(('::ffff:127.0.0.1', port), 5)",
        "socket.create_connection(('169.254.169.254', 80), 5)",
        "socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', port))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "open('/etc/passwd')",
        "open('../' * 20 + 'etc/passwd')",
        "os.open('/tmp/made-behind-a-fence', os.O_CREAT | os.O_WRONLY)",
        "open(os.__file__, 'a')",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_what_the_policy_does_not_allow_ends_before_it_begins_and_is_written_down(port: int, what: str) -> None:
    error, refused = act(port, "10.0.0.0/8", what)

    assert error == "Fenced"
    assert refused


def test_libraries_can_still_be_read(port: int) -> None:
    assert act(port, "", "import colorsys; open(os.__file__).read()") == ("", [])
