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
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
DISK_NEEDED_MB = 2000
#: the builds for a card pair these two; without one torchvision is left out, since it does not import there
TORCH, TORCHVISION = "2.13.0", "0.28.0"
#: where torch's own project keeps the builds without CUDA; asked only where the configured index has none
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
#: in megabytes: torch 2.13.0+cpu and transformers 5.23 with what they need, Linux x86-64
CPU_DOWNLOAD_MB, CPU_ON_DISK_MB = 240, 1000
#: the same for CUDA. Downloaded: what the index says of torch 2.13.0, CUDA 13.0 (cuBLAS, cuFFT, cuSOLVER, cuSPARSE …),
#: cuDNN 9.20, NCCL 2.29, triton 3.7 and torchvision 0.28.0, 2.77 GB on 2026-11-28. On disk: not installed by us; wheels
#: of these or the nearest releases hold 5.3 GB unpacked, and transformers and compiled Python come on top
CUDA_DOWNLOAD_MB, CUDA_ON_DISK_MB = 2800, 6000
USAGE, UNREACHABLE = 2, 4
#: each extra, and the set-ups that hold it
HOLDING = {
    "": ("core", "gate", "vlm", "export", "dev"),
    "gate": ("gate", "vlm", "export", "dev"),
    "vlm": ("vlm", "export", "dev"),
    "export": ("export", "dev"),
    "dev": ("dev",),
}
#: set-ups without torch
WITHOUT_TORCH = ("", "core", "gate")
#: commands that open the engine that --engine or PLAINWATCH_ENGINE names
WITH_ENGINE = ("up", "demo", "doctor", "evaluate", "backtest")
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
    if not arguments or arguments[0] not in WITH_ENGINE:
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
    if any(_read(VENV / f"stamp-{name}") == _fingerprint(name) for name in HOLDING[extra]):
        return
    torch = () if extra in WITHOUT_TORCH else torch_needed(_installed(), platform=sys.platform, card=has_nvidia_card())
    _check_disk(disk_needed_mb(torch))
    _say(f"setting up {VENV} with Python {sys.version.split()[0]} (once; needs the network)")
    _make_environment()
    if torch:
        _install_torch(torch)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    _say("installing packages (1-3 minutes)")
    _pip("install", "--constraint", str(ROOT / "constraints.txt"), "--editable", target)
    _make_cv2_importable()
    (VENV / f"stamp-{extra or 'core'}").write_text(_fingerprint(extra))
    _say("set-up is done")


def torch_needed(installed: Mapping[str, str], *, platform: str, card: bool) -> tuple[str, ...]:
    """What pip has to be asked for; nothing where a build is there that suits this machine.

    On Linux the plain name brings gigabytes of CUDA; without an NVIDIA card we ask for the CPU build by its name."""
    version, _, local = installed.get("torch", "").partition("+")
    if platform != "linux":
        return () if version == TORCH else (f"torch=={TORCH}",)
    if not card:
        return () if version == TORCH else (f"torch=={TORCH}+cpu",)
    if version == TORCH and local not in ("", "cpu"):
        return ()  # from another index, for one CUDA: which torchvision pairs with it is for whoever chose it
    if (version, local, installed.get("torchvision")) == (TORCH, "", TORCHVISION):
        return ()
    # === is the very text: == would be content with 2.13.0+cpu, there or on offer.
    return (f"torch==={TORCH}", f"torchvision==={TORCHVISION}")


def disk_needed_mb(torch: Sequence[str]) -> int:
    """pip keeps what it downloads until all of it is installed."""
    return DISK_NEEDED_MB + (CUDA_DOWNLOAD_MB + CUDA_ON_DISK_MB if brings_cuda(torch) else 0)


def brings_cuda(torch: Sequence[str]) -> bool:
    """The builds for a card come in pairs."""
    return len(torch) > 1


def _install_torch(torch: Sequence[str]) -> None:
    _say(what_torch_costs(torch))
    if not brings_cuda(torch) and torch[0].endswith("+cpu"):
        if not _pip_try("install", *torch):
            _pip("install", "--no-deps", "--index-url", CPU_BUILDS, *torch)
        return
    _pip("install", *torch)


def what_torch_costs(torch: Sequence[str]) -> str:
    """What is downloaded for the engine vlm beside its model, and how large it is."""
    if brings_cuda(torch):
        needs = f"torch {TORCH}, torchvision {TORCHVISION} (CUDA builds: there is an NVIDIA card) and transformers"
        return f"the engine vlm needs {needs}: downloading about {CUDA_DOWNLOAD_MB} MB, {CUDA_ON_DISK_MB} MB on disk"
    needs = f"torch {TORCH} (CPU build) and transformers"
    return f"the engine vlm needs {needs}: downloading about {CPU_DOWNLOAD_MB} MB, {CPU_ON_DISK_MB} MB on disk"


def _installed() -> dict[str, str]:
    """The version of torch and of what belongs to it, before there may be a Python to ask."""
    folders = _packages().glob("torch*-*.dist-info")
    return dict(folder.name.removesuffix(".dist-info").split("-", 1) for folder in folders)


def has_nvidia_card() -> bool:
    """Whether the kernel's driver shows one."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


def _fingerprint(extra: str) -> str:
    """Where torch is part of it a card that came or went asks for another build."""
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    card = [b"card"] if extra not in WITHOUT_TORCH and has_nvidia_card() else []
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), str(ROOT).encode(), *card])).hexdigest()


def _packages() -> Path:
    return VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _make_environment() -> None:
    """What `python -m venv --without-pip` does; safe to repeat."""
    _packages().mkdir(parents=True, exist_ok=True)
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


def _check_disk(needed_mb: int) -> None:
    VENV.mkdir(exist_ok=True)
    free_mb = shutil.disk_usage(VENV).free >> 20
    if free_mb < needed_mb:
        raise SetupFailed(f"disk of {ROOT} has {free_mb} MB free, set-up needs {needed_mb}; free some space")


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
