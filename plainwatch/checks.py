"""`./run test`: every check that a change must pass, in the order in which they fail fastest.

Takes: further arguments, handed to pytest.
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
    ("pytest", [sys.executable, "-m", "pytest"]),
)


def main(arguments: list[str]) -> int:
    """Prints what each check prints, then a line for each."""
    results = []
    for name, command in CHECKS:
        _say(f"\n== {name}")
        began = time.monotonic()
        extra = arguments if name == "pytest" else []
        code = subprocess.run([*command, *extra], cwd=ROOT, check=False).returncode
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
