"""Before services start: is what the engine needs on this machine, and if not, may it be fetched?

Takes: the settings, a place for progress.
Gives: nothing where all is well; Unavailable or Refused in one sentence, with `edge` as the way out.
Knows nothing about: how a model is loaded."""

import importlib
from collections.abc import Callable
from pathlib import Path

from analyzer.vlm.choice import choose, known
from contracts.errors import Refused, Unavailable
from contracts.settings import Settings
from plainwatch.bootstrap import has_nvidia_card

ENGINES = ("edge", "vlm", "openai")
#: what transformers reads; a hub repository may hold the same weights in other forms too
_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")


def ensure_engine(settings: Settings, say: Callable[[str], None]) -> None:
    """Fetches the model of the engine vlm into the hub's cache, and says how large it is."""
    if settings.engine not in ENGINES:
        raise Refused(f"engine '{settings.engine}' is none of ours", f"use one of: {', '.join(ENGINES)}")
    if settings.engine == "openai" and not settings.openai_url:
        raise Refused(
            "engine openai: it needs a server", "set PLAINWATCH_OPENAI_URL=http://host:8000/v1, or use --engine edge"
        )
    if settings.engine == "vlm" and not Path(model_name(settings)).is_dir():
        _ensure_checkpoint(model_name(settings), settings.vlm_revision or None, say)


def model_name(settings: Settings) -> str:
    """A hub id or a folder; without a setting one that suits this machine."""
    return settings.vlm_model or choose(gpu=settings.vlm_device != "cpu" and has_nvidia_card()).name


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


def _ensure_checkpoint(name: str, revision: str | None, say: Callable[[str], None]) -> None:
    try:
        hub = importlib.import_module("huggingface_hub")
        importlib.import_module("torch")
    except ImportError as error:
        raise Refused(
            "engine vlm: torch and transformers are not installed",
            "pip install 'plainwatch[vlm]', or use --engine edge",
        ) from error
    if name.startswith(("/", ".")) or name.count("/") != 1:
        raise Refused(
            f"model '{name}': there is no such folder, and it is no hub id",
            "give a folder, or a name such as org/model",
        )
    if is_here(name, revision):
        return
    size = known(name)
    say(f"model {name}: downloading {f'about {size.download_gb:g} GB' if size else 'it'} from the hub (once)")
    try:
        hub.snapshot_download(name, revision=revision, allow_patterns=_FILES)
    except Exception as error:  # the hub's client raises its own, httpx's and OSError
        raise Unavailable(
            f"model '{name}': it is not on this machine and the hub cannot be reached",
            "set PLAINWATCH_VLM_MODEL to a folder that holds it, or use --engine edge",
        ) from error
