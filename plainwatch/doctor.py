"""What this machine has, checked one by one, each with its remedy.

Takes: the settings.
Gives: a Finding for every check.
Knows nothing about: terminals."""

import importlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.broker import bus_errors, connect
from contracts.errors import PlainwatchError
from contracts.redact import redact
from contracts.settings import Settings
from plainwatch.model_here import chosen_model, is_here
from plainwatch.ports import check_port_is_free
from plainwatch.valkey import find_server

DISK_NEEDED_MB = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check; `needed` false: without it some things do not work, but plainwatch runs."""

    name: str
    ok: bool
    said: str
    remedy: str = ""
    needed: bool = True


def examine(settings: Settings, *, redis_given: bool) -> list[Finding]:
    """In the order in which a person would mend them."""
    return [
        _python(),
        _disk(settings.data_dir),
        _redis(settings, given=redis_given),
        _imports("video (PyAV)", "av"),
        _imports("pictures (OpenCV)", "cv2"),
        _detector(settings),
        *_engine(settings),
        _gpu(),
        _port(settings),
    ]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")


def _disk(data_dir: Path) -> Finding:
    place = next(folder for folder in (data_dir.resolve(), *data_dir.resolve().parents) if folder.exists())
    free_mb = shutil.disk_usage(place).free >> 20
    enough = free_mb >= DISK_NEEDED_MB
    return Finding("disk", enough, f"{free_mb} MB free at {place}", f"free {DISK_NEEDED_MB} MB, or use --data-dir")


def _redis(settings: Settings, *, given: bool) -> Finding:
    if not given:
        return _try("Redis", lambda: f"private, from {find_server()}")

    def ping() -> str:
        client = connect(settings.bus_url)
        with bus_errors("ping"):
            client.ping()
            info = client.info("server")
        return f"REDIS_URL answers, version {info.get('valkey_version') or info.get('redis_version')}"

    return _try("Redis", ping)


def _imports(name: str, module: str) -> Finding:
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        return Finding(name, False, f"does not import: {error}", "run ./run doctor again after removing .venv")
    return Finding(name, True, str(getattr(found, "__version__", "present")))


def _detector(settings: Settings) -> Finding:
    if not settings.detector:
        said = "none: rules about motion, entering, staying, darkness and covered cameras work; objects do not"
        return Finding("detector", False, said, "set PLAINWATCH_DETECTOR to an ONNX file", needed=False)
    there = Path(settings.detector).is_file() or "/" not in settings.detector
    return Finding("detector", there, settings.detector, "set PLAINWATCH_DETECTOR to a file that exists")


def _engine(settings: Settings) -> list[Finding]:
    """Whether what the chosen engine needs is here; the model itself is only loaded by the analyzer."""
    if settings.engine == "openai":
        url = settings.openai_url
        return [Finding("engine openai", bool(url), redact(url) or "no server", "set PLAINWATCH_OPENAI_URL")]
    if settings.engine != "vlm":
        return []
    torch = _imports("engine vlm (torch)", "torch")
    if not torch.ok:
        return [replace(torch, remedy="./run up with PLAINWATCH_ENGINE=vlm installs it")]
    name, why = chosen_model(settings)
    here = is_here(name, settings.vlm_revision or None)
    said = f"{name}, since {why}" if here else f"{name}, since {why}; it is not on this machine"
    return [torch, Finding("model", here, said, "it is fetched at the first start; or set PLAINWATCH_VLM_MODEL")]


def _gpu() -> Finding:
    """What is asked of the driver; whether a model runs there, the analyzer says when it has loaded it."""
    if shutil.which("nvidia-smi") is None:
        return Finding(
            "GPU", False, "none found: models run on the CPU", "none is needed for the edge engine", needed=False
        )
    return Finding("GPU", True, "an NVIDIA driver is installed")


def _port(settings: Settings) -> Finding:
    def free() -> str:
        check_port_is_free(settings.host, settings.port)
        return f"{settings.port} of {settings.host} is free"

    return _try("port", free)


def _try(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except PlainwatchError as error:
        return Finding(name, False, error.problem, error.remedy)
