"""What a power cut cannot undo: the kernel was told to put the commit on the disk before anybody was told of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alerts.receiver import NOW
from tests.alerts.scene import CAR_BOX, Site

SYNCED = re.compile(r"f(?:data)?sync\(\d+<\S*plainwatch\.sqlite-wal>\)\s+= 0")
STRACE_S = 60


def strace() -> str:
    """The program. Skips with the reason where it is absent or may not watch another process."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run([program, "-f", "true"], capture_output=True, text=True, timeout=STRACE_S, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not watch a process here: {tried.stderr.strip().splitlines()[-1]}")
    return program


def test_answers_are_acknowledged_only_after_the_commit_was_synced_to_disk(
    site: Site, valkey: str, tmp_path: Path
) -> None:
    program, trace = strace(), tmp_path / "trace"
    site.register()
    site.see(CAR_BOX)
    worker = [sys.executable, "-m", "tests.alerts.doomed_worker", "nowhere", str(tmp_path), valkey, NOW.isoformat()]

    subprocess.run(
        [program, "-f", "-y", "-s", "256", "-e", "trace=fsync,fdatasync,sendto", "-o", str(trace), *worker],
        check=True,
        timeout=STRACE_S,
    )

    lines = trace.read_text(errors="replace").splitlines()
    acknowledged = next(number for number, line in enumerate(lines) if "XACK" in line)
    asked = max(number for number, line in enumerate(lines[:acknowledged]) if "XREADGROUP" in line)
    assert any(SYNCED.search(line) for line in lines[asked:acknowledged]), lines[asked : acknowledged + 1]
    assert len(site.incidents()) == 1

