"""`./run test`: every check that a change must pass, in the order in which they fail fastest.

Takes: further arguments, handed to pytest; without any, the rooms' tests run side by side, then those of the whole way.
Gives: exit code 0 where all pass, else 1; each check runs, whatever the others say.
Knows nothing about: how things are set up; see bootstrap."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS = (
    ("ruff", [str(BIN / "ruff"), "check", "."]),
    ("mypy --strict", [str(BIN / "mypy")]),
    ("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
)
PYTEST = [sys.executable, "-m", "pytest"]
#: the whole way has a site of its own to itself: what a camera shows is there for seconds only
ALL_TESTS = (
    ("pytest, rooms", [*PYTEST, "--ignore", "tests/e2e", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]),
    ("pytest, the whole way", [*PYTEST, "tests/e2e"]),
)


def main(arguments: list[str]) -> int:
    """Prints what each check prints, then a line for each."""
    results = []
    tests = (("pytest", [*PYTEST, *arguments]),) if arguments else ALL_TESTS
    for name, command in (*CHECKS, *tests):
        _say(f"\n== {name}")
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        results.append((name, code, time.monotonic() - began))
    _say("")
    for name, code, seconds in results:
        _say(f"{'ok    ' if code == 0 else 'FAILED'} {name} ({seconds:.0f} s)")
    return 1 if any(code for _, code, _ in results) else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
