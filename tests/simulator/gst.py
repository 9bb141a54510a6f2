"""GStreamer's RTSP server for tests, or the reason why there is none."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plainwatch.simulator import AccessUnits

SYSTEM_PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).parent / "gst_rtsp_server.py"
PACKAGES = (
    "gstreamer1.0-rtsp",
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-tools",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "python3-gi",
)
INSTALL_WITHIN_S = 300
STARTS_IN_S = 20.0
_PROBE = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert Gst.ElementFactory.find("h264parse") and Gst.ElementFactory.find("rtph264pay")
"""


@functools.cache
def why_no_gst() -> str:
    """Empty where the server can run; tries once to install Debian's packages where we may."""
    if _is_installed():
        return ""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"GStreamer's RTSP server is not installed: apt-get install {' '.join(PACKAGES)}"
    problem = _install()
    return "" if not problem and _is_installed() else f"GStreamer's RTSP server cannot be installed: {problem}"


def gst_available() -> bool:
    return not why_no_gst()


def write_units(clip: AccessUnits, path: Path) -> Path:
    """The file that gst_rtsp_server.py reads."""
    head = {
        "fps": [clip.fps.numerator, clip.fps.denominator],
        "units": [[unit.is_key, len(unit.data)] for unit in clip.units],
    }
    path.write_bytes(json.dumps(head).encode() + b"\n" + b"".join(unit.data for unit in clip.units))
    return path


@dataclass(frozen=True)
class GstServer:
    """A running server; `process` is there to be stopped or killed by a test."""

    port: int
    mounts: int
    process: "subprocess.Popen[str]"

    def url(self, mount: int = 0) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam{mount}"


@contextmanager
def gst_server(path: Path, *, mounts: int = 1, port: int = 0) -> Iterator[GstServer]:
    """Listening when the block begins, gone when it ends."""
    command = [SYSTEM_PYTHON, str(SCRIPT), str(port), str(path), str(mounts)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_plain_environment())
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        assert said.isdigit(), f"GStreamer's server did not start, it said {said!r} and ended with {process.poll()}"
        yield GstServer(int(said), mounts, process)
    finally:
        process.kill()
        process.communicate()


def _is_installed() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    probe = [SYSTEM_PYTHON, "-c", _PROBE]
    return subprocess.run(probe, capture_output=True, timeout=STARTS_IN_S, env=_plain_environment()).returncode == 0


def _install() -> str:
    """The problem, or nothing."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *PACKAGES],
    )
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_WITHIN_S, env=environment)
        except subprocess.TimeoutExpired:
            return f"'{' '.join(command[:3])}' took longer than {INSTALL_WITHIN_S} s"
        if done.returncode:
            return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"code {done.returncode}"
    return ""


def _plain_environment() -> dict[str, str]:
    """Without the paths of our own Python, which is another one than the system's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
