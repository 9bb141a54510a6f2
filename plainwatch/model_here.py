"""Before services start: is what the engine needs on this machine, and if not, may it be fetched?

Takes: the settings, a place for progress.
Gives: nothing where all is well; Unavailable or Refused in one sentence, with `edge` as the way out.
Knows nothing about: how a model is loaded."""

import errno
import importlib
from collections.abc import Callable
from pathlib import Path

from analyzer.vlm.choice import choose, known, sees_gpu
from contracts.errors import PlainwatchError, Refused, Unavailable
from contracts.settings import Settings
from plainwatch.bootstrap import has_nvidia_card

ENGINES = ("edge", "vlm", "openai")
#: what transformers reads; a hub repository may hold the same weights in other forms too
_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
_OR_EDGE = "or use --engine edge"
_A_FOLDER = f"set PLAINWATCH_VLM_MODEL to a folder that holds it, {_OR_EDGE}"


def ensure_engine(settings: Settings, say: Callable[[str], None]) -> None:
    """Fetches the model of the engine vlm into the hub's cache, and says which and how large it is."""
    if settings.engine not in ENGINES:
        raise Refused(f"engine '{settings.engine}' is none of ours", f"use one of: {', '.join(ENGINES)}")
    if settings.engine == "openai" and not settings.openai_url:
        raise Refused(
            "engine openai: it needs a server", "set PLAINWATCH_OPENAI_URL=http://host:8000/v1, or use --engine edge"
        )
    if settings.engine != "vlm":
        return
    _ensure_packages()
    name, why = chosen_model(settings)
    if not settings.vlm_model:
        say(f"engine vlm: model {name}, since {why}")
    if not Path(name).is_dir():
        _ensure_checkpoint(name, settings.vlm_revision or None, say)


def chosen_model(settings: Settings) -> tuple[str, str]:
    """A hub id or a folder, and why; without a setting one that suits this machine, as the analyzer will choose.

    Raises ImportError or OSError where torch cannot be loaded."""
    if settings.vlm_model:
        return settings.vlm_model, "it is set"
    gpu, why = sees_gpu(settings.vlm_device)
    if not gpu and settings.vlm_device != "cpu" and has_nvidia_card():
        why += ", though there is an NVIDIA card: ./run installs the build for it, which needs a driver of its day"
    return choose(gpu=gpu).name, why


def is_here(name: str, revision: str | None) -> bool:
    """Whether it is a folder, or in the hub's cache. Raises ImportError where the hub's client is not installed."""
    if Path(name).is_dir():
        return True
    hub = importlib.import_module("huggingface_hub")
    try:
        hub.snapshot_download(name, revision=revision, allow_patterns=_FILES, local_files_only=True)
    except (OSError, ValueError):
        return False
    return True


def _ensure_packages() -> None:
    try:
        for package in ("torch", "transformers", "huggingface_hub"):
            importlib.import_module(package)
    except (ImportError, OSError) as error:  # OSError: a library that torch was built with is not there
        raise Refused(
            f"engine vlm: torch and transformers cannot be loaded here: {_line(error)}",
            f"./run … --engine vlm installs the builds for this machine; {_OR_EDGE}",
        ) from error


def _ensure_checkpoint(name: str, revision: str | None, say: Callable[[str], None]) -> None:
    if name.startswith(("/", ".")) or name.count("/") != 1:
        raise Refused(
            f"model '{name}': there is no such folder, and it is no hub id",
            "give a folder, or a name such as org/model",
        )
    if is_here(name, revision):
        return
    hub, size = importlib.import_module("huggingface_hub"), known(name)
    say(f"model {name}: downloading {f'about {size.download_gb:g} GB' if size else 'it'} from the hub (once)")
    try:
        hub.snapshot_download(name, revision=revision, allow_patterns=_FILES)
    except Exception as error:  # the hub's client raises its own, httpx's and OSError
        raise why_not_fetched(name, revision, error) from error


def why_not_fetched(name: str, revision: str | None, error: BaseException) -> PlainwatchError:
    """What stood in the way, in one sentence, with what a person can do about it."""
    errors = importlib.import_module("huggingface_hub.errors")
    causes = _causes(error)
    if any(isinstance(one, OSError) and one.errno in {errno.ENOSPC, errno.EDQUOT} for one in causes):
        return Unavailable(f"model '{name}': the disk is full", f"free some space, name another by HF_HOME, {_OR_EDGE}")
    if any(isinstance(one, PermissionError) for one in causes):
        return Unavailable(
            f"model '{name}': the hub's cache cannot be written", f"name a folder of yours by HF_HOME, {_OR_EDGE}"
        )
    if any(isinstance(one, errors.GatedRepoError) for one in causes):
        return Refused(
            f"model '{name}': its owners ask for consent before it may be fetched",
            f"accept their terms on its page and set HF_TOKEN, or {_A_FOLDER}",
        )
    if any(isinstance(one, errors.RevisionNotFoundError) for one in causes):
        return Refused(f"model '{name}': it has no revision '{revision}'", "look at PLAINWATCH_VLM_REVISION")
    if any(isinstance(one, errors.RepositoryNotFoundError) for one in causes):
        return Refused(
            f"model '{name}': the hub has none of this name, or shows it to its owners only",
            f"look at PLAINWATCH_VLM_MODEL; where it is private set HF_TOKEN, {_OR_EDGE}",
        )
    status = next((one.response.status_code for one in causes if isinstance(one, errors.HfHubHTTPError)), None)
    if status is not None:
        said = "the hub does not accept HF_TOKEN" if status in {401, 403} else f"the hub answered {status}"
        return Unavailable(f"model '{name}': {said}", f"look at HF_TOKEN, try later, or {_A_FOLDER}")
    return Unavailable(f"model '{name}': it is not on this machine and the hub cannot be reached", _A_FOLDER)


def _causes(error: BaseException | None) -> list[BaseException]:
    """The hub's client hides what happened behind "it is not in the cache"."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
