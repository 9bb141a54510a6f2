"""Detectors by name, and how a model file gets here: whole and checked, or not at all.

Takes: what the settings say: a path, a name, a URL with a checksum; the folder for fetched files.
Gives: the path of the file; EngineError with the remedy where it cannot be had.
Knows nothing about: what is in the file."""

import hashlib
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx2

from contracts.errors import ConfigError, EngineError
from contracts.redact import redact

log = logging.getLogger(__name__)

MOST_BYTES = 512 << 20
_TIMEOUT_S = 20.0
_CHUNK = 1 << 20
_REMEDY = "download it elsewhere and set PLAINWATCH_DETECTOR to its path"


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A published file. Which family it is, its shape tells."""

    url: str
    sha256: str
    licence: str


_YOLOX = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0"
_OPENCV_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"
NAMED: dict[str, NamedModel] = {
    "yolox_nano": NamedModel(
        f"{_YOLOX}/yolox_nano.onnx", "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d", "Apache-2.0"
    ),
    "yolox_tiny": NamedModel(
        f"{_YOLOX}/yolox_tiny.onnx", "427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7", "Apache-2.0"
    ),
    "nanodet_m": NamedModel(
        f"{_OPENCV_ZOO}/object_detection_nanodet/object_detection_nanodet_2022nov.onnx",
        "4b82da9944b88577175ee23a459dce2e26e6e4be573def65b1055dc2d9720186",
        "Apache-2.0",
    ),
}


def find_model(detector: str, *, url: str, sha256: str, folder: Path) -> Path | None:
    """None where no detector is wanted. A file that is there already needs no network and no checksum."""
    if not detector and not url:
        return None
    if detector and Path(detector).is_file():
        return Path(detector)
    named = NAMED.get(detector)
    if url:
        return fetch(url, sha256 or (named.sha256 if named else ""), folder, name=detector)
    if named:
        return fetch(named.url, named.sha256, folder, name=detector)
    raise ConfigError(
        f"setting PLAINWATCH_DETECTOR: '{detector}' is neither a file nor a known model",
        f"give the path of an ONNX file, or one of: {', '.join(sorted(NAMED))}",
    )


def fetch(url: str, sha256: str, folder: Path, *, name: str = "", most_bytes: int = MOST_BYTES) -> Path:
    """The file under its own name in the folder; fetched only where it is not there with this checksum yet."""
    if len(sha256) != 64:
        raise ConfigError(
            f"setting PLAINWATCH_DETECTOR_SHA256: '{sha256}' is no SHA-256", "give the 64 hex digits for the file"
        )
    target = folder / f"{PurePosixPath(name or urlsplit(url).path).stem or 'model'}.onnx"
    if target.is_file() and _sha256_of(target) == sha256.lower():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(url, sha256.lower(), target, most_bytes)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise EngineError(f"model {redact(url)}: it cannot be fetched: {type(error).__name__}", _REMEDY) from error
    except OSError as error:
        raise EngineError(f"model {redact(url)}: it cannot be kept in '{folder}': {error.strerror}", _REMEDY) from error
    log.info("model fetched", extra={"url": redact(url), "path": str(target)})
    return target


def _download(url: str, sha256: str, target: Path, most_bytes: int) -> None:
    """Into a temporary file beside the target, which takes its name only when it is whole."""
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".fetching-")
    try:
        with os.fdopen(handle, "wb") as out:
            got = _stream(url, out, most_bytes)
            out.flush()
            os.fsync(out.fileno())
        if got != sha256:
            raise EngineError(f"model {redact(url)}: its SHA-256 is {got}, expected {sha256}", _REMEDY)
        os.replace(part, target)
    finally:
        Path(part).unlink(missing_ok=True)


def _stream(url: str, out: BinaryIO, most_bytes: int) -> str:
    """Gives the SHA-256 of what came."""
    digest, size = hashlib.sha256(), 0
    with httpx2.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT_S) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes(_CHUNK):
            size += len(chunk)
            if size > most_bytes:
                raise EngineError(f"model {redact(url)}: it is larger than {most_bytes} bytes", _REMEDY)
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
