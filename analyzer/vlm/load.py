"""A checkpoint, from the hub or a folder, ready to answer.

Takes: a hub id and revision, or a folder; device, dtype, budget of visual tokens.
Gives: a Loaded model that has not proved itself yet; EngineError in one sentence where it cannot be had.
Knows nothing about: cameras, questions.

AutoProcessor is not used: see families.py."""

import hashlib
import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from huggingface_hub import try_to_load_from_cache
from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer, ProcessorMixin
from transformers.utils import is_torchvision_available

from analyzer.prompt import prompt_hash
from analyzer.vlm.answers import Words, find_words
from analyzer.vlm.families import DEFAULT_VISUAL_TOKENS, FAMILIES, Checkpoint, Family, tokens_of_one
from analyzer.vlm.layout import Layout
from analyzer.vlm.no_memory import out_of_memory
from contracts.errors import EngineError
from contracts.messages import ModelRef

log = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Backend = Literal["pil", "torchvision"]
_T = TypeVar("_T")
_OTHERWISE = "choose a smaller model, or the engine 'edge'"


@dataclass(frozen=True, slots=True)
class Loaded:
    """`shares_prefix`, `freezes`: what the proof found; before it, the best is assumed.

    `processor_device`: where pictures are resized, None where the processor knows the CPU only."""

    model: Any
    tokenizer: Any
    checkpoint: Checkpoint
    family: Family
    layout: Layout
    words: Words
    visual_tokens: int
    device: torch.device
    dtype: torch.dtype
    ref: ModelRef
    processor_device: str | None = None
    shares_prefix: bool = True
    freezes: bool = True


def load(
    source: str,
    *,
    revision: str | None = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    visual_tokens: int = DEFAULT_VISUAL_TOKENS,
) -> Loaded:
    """What is on this machine is used without asking the hub. Raises EngineError."""
    folder = _folder(source)
    name, at = str(folder or source), {} if folder else {"revision": revision or "main"}
    config = _local_first(source, lambda **how: AutoConfig.from_pretrained(name, **at, **how))
    family = _family(source, config)
    where = _device(source, device)
    backend = _backend(where)
    tokenizer = _local_first(source, lambda **how: AutoTokenizer.from_pretrained(name, **at, **how))
    processor = _local_first(
        source, lambda **how: AutoImageProcessor.from_pretrained(name, backend=backend, **at, **how)
    )
    image_token = tokenizer.convert_ids_to_tokens(config.image_token_id)
    tokenizer.chat_template = _chat_template(name, at, tokenizer.chat_template, image_token)
    layout = Layout(tokenizer, image_token=image_token, template=family.template)
    layout.prove()
    words = find_words(tokenizer)
    model = _model(source, name, at, where, _dtype(dtype, where))
    log.info("model loaded", extra={"model": source, "device": str(where), "dtype": str(model.dtype)})
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        checkpoint=Checkpoint(processor, image_token, tokens_of_one(config)),
        family=family,
        layout=layout,
        words=words,
        visual_tokens=visual_tokens,
        device=where,
        dtype=model.dtype,
        ref=ref_of(source, folder, revision, backend),
        processor_device=str(where) if backend == "torchvision" else None,
    )


def _chat_template(name: str, at: dict[str, str], of_tokenizer: str | None, image_token: str) -> str | None:
    """The processor's, which some checkpoints keep in a file that the tokenizer does not read, else the tokenizer's."""

    def of_processor(**how: bool) -> str | None:
        found = ProcessorMixin.get_processor_dict(name, **at, **how)[0].get("chat_template")
        return found.get("default") if isinstance(found, dict) else found

    template = of_processor(local_files_only=True) or of_tokenizer
    if template and image_token in template:
        return template
    # What is not in the cache is no error there, so it may still be on the hub.
    return _local_first(name, lambda **_: of_processor()) if at else template


def _family(source: str, config: Any) -> Family:
    if config.model_type in FAMILIES:
        return FAMILIES[config.model_type]
    raise EngineError(
        f"model '{source}': its family '{config.model_type}' is not known",
        f"choose one of: {', '.join(sorted(FAMILIES))}",
    )


def _model(source: str, name: str, at: dict[str, str], device: torch.device, dtype: torch.dtype) -> Any:
    def fetch(**how: bool) -> Any:
        # sdpa takes our mask. TRANSFORMERS_SDPA_FORCE_GQA stays unset: with a mask, CUDA would take its slow kernel.
        return AutoModelForImageTextToText.from_pretrained(
            name, dtype=dtype, attn_implementation="sdpa", output_loading_info=True, **at, **how
        )

    try:
        model, found = _local_first(source, fetch)
        if found["missing_keys"]:
            # transformers fills them with random numbers and warns.
            raise EngineError(
                f"model '{source}': {len(found['missing_keys'])} of its weights are missing", "fetch it again"
            )
        return model.eval().to(device)
    except SafetensorError as error:
        raise EngineError(f"model '{source}': its weights are broken: {_line(error)}", "fetch it again") from error
    except torch.OutOfMemoryError as error:
        raise EngineError(f"model '{source}': it does not fit into the GPU's memory", _OTHERWISE) from error
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise EngineError(f"model '{source}': its weights cannot be read: {_line(error)}", _OTHERWISE) from error
        raise EngineError(f"model '{source}': it does not fit into memory", _OTHERWISE) from error


def _local_first(source: str, fetch: Callable[..., _T]) -> _T:
    """From this machine's cache, else from the hub. OSError covers what is missing, gated or unreachable."""
    try:
        return fetch(local_files_only=True, trust_remote_code=False)
    except OSError as error:
        if Path(source).is_dir():
            raise EngineError(
                f"model '{source}': the folder holds no whole checkpoint: {_line(error)}", "copy it there again"
            ) from error
    except ValueError as error:
        raise EngineError(f"model '{source}': {_line(error)}", "choose another checkpoint") from error
    try:
        return fetch(local_files_only=False, trust_remote_code=False)
    except OSError as error:
        raise EngineError(
            f"model '{source}': it is not on this machine and cannot be fetched from the hub: {_line(error)}",
            "look at the name and the network, give the path of a folder, or choose the engine 'edge'",
        ) from error
    except ValueError as error:
        raise EngineError(f"model '{source}': {_line(error)}", "choose another checkpoint") from error


def _folder(source: str) -> Path | None:
    path = Path(source).expanduser()
    if (path / "config.json").is_file():
        return path
    if path.is_dir():
        raise EngineError(f"model '{source}': the folder holds no checkpoint: no config.json", "copy it there again")
    # A hub id is "owner/name": anything else that looks like a path was meant as one.
    if source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise EngineError(f"model '{source}': there is no such folder", "give a folder, or a hub id 'owner/name'")
    return None


def _device(source: str, wanted: Device) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise EngineError(f"model '{source}': device 'cuda' is wanted and torch sees none", "set the device to 'auto'")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _dtype(wanted: Dtype, device: torch.device) -> torch.dtype:
    if wanted != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[wanted]
    return torch.bfloat16 if device.type == "cuda" else torch.float32


def _backend(device: torch.device) -> Backend:
    """torchvision resizes on the GPU; on a CPU it gains nothing, and PyPI's build does not import beside that torch."""
    if device.type != "cuda" or not is_torchvision_available():
        return "pil"
    try:
        importlib.import_module("torchvision")
    except (ImportError, OSError, RuntimeError) as error:  # RuntimeError: it was built for another torch
        log.warning("torchvision not used", extra={"problem": _line(error)})
        return "pil"
    return "torchvision"


def ref_of(source: str, folder: Path | None, revision: str | None, backend: Backend) -> ModelRef:
    """Other pictures, other margins: what torchvision made of them is not calibrated with what PIL did."""
    commit = _digest(folder) if folder else _commit(source, revision or "main")
    made_by = "+tv" if backend == "torchvision" else ""
    return ModelRef(folder.name if folder else source, f"{commit[:12]}+{prompt_hash()}{made_by}", "vlm")


def _commit(source: str, revision: str) -> str:
    """The hub's cache names its folders by commit: "main" moves on, and is another model then."""
    config = try_to_load_from_cache(source, "config.json", revision=revision)
    return Path(config).parent.name if isinstance(config, str) else revision


def _digest(folder: Path) -> str:
    """Of the weights: another training of the same model is another model."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
