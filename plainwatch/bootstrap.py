"""Sets up `.venv` at the project's root and hands over to the command line.

Takes: the arguments of `./run`.
Gives: the process of `.venv/bin/plainwatch`, or an exit code with the reason and the remedy.
Knows nothing about: the rest of the project; it runs before anything is installed, on the standard library alone.

A virtual environment is a folder with `pyvenv.cfg` and a link to the interpreter. We write these ourselves and let
the system's pip install into it (`pip --python`): Debian ships `venv` without what it needs, and refuses pip elsewhere.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
DISK_NEEDED_MB = 2000
TORCH = "2.13.0"
#: where torch's own project keeps the builds without CUDA; asked only where the configured index has none
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
#: in megabytes: torch 2.13.0+cpu and transformers 5.23 with what they need, Linux x86-64
CPU_DOWNLOAD_MB, CPU_ON_DISK_MB = 240, 1000
USAGE, UNREACHABLE = 2, 4
#: each extra, and the set-ups that hold it
HOLDING = {
    "": ("core", "gate", "vlm", "export", "dev"),
    "gate": ("gate", "vlm", "export", "dev"),
    "vlm": ("vlm", "export", "dev"),
    "export": ("export", "dev"),
    "dev": ("dev",),
}
TORCH_VERSION = "from importlib.metadata import version; print(version('torch').split('+')[0])"
CV2_VERSION = "from importlib.metadata import version; print(version('opencv-python'))"


class SetupFailed(Exception):
    """What could not be set up, and what to do about it."""


def main() -> int:
    """Never returns where set-up works: the process becomes plainwatch."""
    arguments = sys.argv[1:]
    testing = arguments[:1] == ["test"]
    try:
        with _one_at_a_time():
            _set_up("dev" if testing else extra_for(arguments))
    except SetupFailed as error:
        print(f"plainwatch: {error}", file=sys.stderr)  # noqa: T201
        return UNREACHABLE
    program = [str(PYTHON), "-m", "plainwatch.checks", *arguments[1:]] if testing else [*_front_door(), *arguments]
    os.execv(program[0], program)


def _front_door() -> list[str]:
    return [str(PYTHON), "-m", "plainwatch.cli"]


def extra_for(arguments: list[str]) -> str:
    """What the command needs beyond the core: torch and transformers are large, and most never use them."""
    if arguments[:2] == ["bench", "rules"]:
        return "vlm"
    if arguments[:2] == ["models", "export-gate"]:
        return "export"
    if arguments[:1] not in (["up"], ["demo"], ["doctor"]):
        return ""
    engine = os.environ.get("PLAINWATCH_ENGINE", "")
    for index, argument in enumerate(arguments):
        if argument.startswith("--engine"):
            engine = argument.partition("=")[2] or "".join(arguments[index + 1 : index + 2])
    if engine == "vlm":
        return "vlm"
    return "gate" if engine == "openai" and os.environ.get("PLAINWATCH_GATE") else ""


def _set_up(extra: str) -> None:
    """What is there already may hold more than is asked for now."""
    wanted = _fingerprint()
    if any(_read(VENV / f"stamp-{name}") == wanted for name in HOLDING[extra]):
        return
    _check_disk()
    _say(f"setting up {VENV} with Python {sys.version.split()[0]} (once; needs the network)")
    _make_environment()
    if extra not in ("", "gate"):
        _install_torch()
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    _say("installing packages (1-3 minutes)")
    _pip("install", "--constraint", str(ROOT / "constraints.txt"), "--editable", target)
    _make_cv2_importable()
    (VENV / f"stamp-{extra or 'core'}").write_text(wanted)
    _say("set-up is done")


def _install_torch() -> None:
    """On Linux the plain name brings gigabytes of CUDA; without an NVIDIA card we ask for the CPU build by its name."""
    there = subprocess.run([PYTHON, "-c", TORCH_VERSION], capture_output=True, text=True, check=False)
    if there.stdout.strip() == TORCH:
        return
    if sys.platform != "linux" or has_nvidia_card():
        _say(f"the engine vlm needs torch {TORCH} and transformers: downloading them")
        _pip("install", f"torch=={TORCH}")
        return
    _say(
        f"the engine vlm needs torch {TORCH} (CPU build) and transformers: downloading about {CPU_DOWNLOAD_MB} MB, "
        f"{CPU_ON_DISK_MB} MB on disk"
    )
    build = f"torch=={TORCH}+cpu"
    if not _pip_try("install", build):
        _pip("install", "--no-deps", "--index-url", CPU_BUILDS, build)


def has_nvidia_card() -> bool:
    """Whether the kernel's driver shows one."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


def _fingerprint() -> str:
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), str(ROOT).encode()])).hexdigest()


def _make_environment() -> None:
    """What `python -m venv --without-pip` does; safe to repeat."""
    packages = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    PYTHON.parent.mkdir(exist_ok=True)
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    for name in ("python", "python3"):
        link = VENV / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(base)
    home = sysconfig.get_config_var("BINDIR") or str(base.parent)
    version = ".".join(str(part) for part in sys.version_info[:3])
    (VENV / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\nversion = {version}\n")


def _pip(*arguments: str) -> None:
    """Raises SetupFailed with the end of what pip said."""
    if _pip_try(*arguments):
        return
    said = LOG.read_text(errors="replace")
    if "No module named pip" in said[-400:]:
        raise SetupFailed("Python has no pip; on Debian or Ubuntu: apt-get install python3-pip, then run this again")
    tail = "\n".join(line for line in said.splitlines()[-12:] if line.strip())
    raise SetupFailed(f"packages could not be installed; check the network and {LOG}, then run this again\n{tail}")


def _pip_try(*arguments: str) -> bool:
    options = ("--python", str(PYTHON), "--disable-pip-version-check", "--no-input")
    command = [sys.executable, "-m", "pip", *options, *arguments]
    with LOG.open("ab") as log:
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def _make_cv2_importable() -> None:
    """opencv-python needs system libraries (libxcb, libGL) that a bare Debian lacks; the headless build does not."""
    if subprocess.run([PYTHON, "-c", "import cv2"], capture_output=True, check=False).returncode == 0:
        return
    version = subprocess.run([PYTHON, "-c", CV2_VERSION], capture_output=True, text=True, check=True).stdout.strip()
    _say("this machine lacks libraries for OpenCV's windows: laying the headless build over it")
    _pip("install", "--no-deps", f"opencv-python-headless=={version}")


def _check_disk() -> None:
    VENV.mkdir(exist_ok=True)
    free_mb = shutil.disk_usage(VENV).free >> 20
    if free_mb < DISK_NEEDED_MB:
        raise SetupFailed(f"disk of {ROOT} has {free_mb} MB free, set-up needs {DISK_NEEDED_MB}; free some space")


class _one_at_a_time:  # noqa: N801 - reads as a clause
    """Two `./run` at once: the second waits for the first one's set-up."""

    def __enter__(self) -> None:
        try:
            VENV.mkdir(exist_ok=True)
            self._lock = (VENV / "setup.lock").open("w")
        except OSError as error:
            raise SetupFailed(
                f"{VENV} cannot be written: {error.strerror}; run from a checkout that you own"
            ) from error
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _say(text: str) -> None:
    print(f"plainwatch: {text}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
