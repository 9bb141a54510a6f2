"""A dual tower of transformers (SigLIP, SigLIP 2 at a fixed size) written as ONNX for the gate.

Takes: a checkpoint's hub id or folder, the target folder.
Gives: vision.onnx, text.onnx, tokenizer.json and towers.json, checked against torch; the largest difference seen.
Knows nothing about: how the gate uses them. Needs the packages onnx and onnxscript."""

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

from analyzer.gate.towers import ABOUT, TEXT, TOKENIZER, VISION, About
from analyzer.onnx_session import open_session
from contracts.errors import EngineError

FAMILIES = ("siglip",)
#: what fp32 on two runtimes may differ by, in units of the embedding before it is brought to length 1
TOLERANCE = 1e-3
#: "embedding" is taken inside the vision tower, and ONNX wants each name once
OUTPUT = "tower_output"
_PROBES = 3


class _Vision(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self._tower = model.vision_model

    def forward(self, pixel_values: torch.Tensor) -> Any:  # (N, 3, S, S) -> (N, D)
        return self._tower(pixel_values=pixel_values).pooler_output


class _Text(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self._tower = model.text_model

    def forward(self, input_ids: torch.Tensor) -> Any:  # (N, L) -> (N, D)
        return self._tower(input_ids=input_ids).pooler_output


def export_towers(source: str, folder: Path, *, revision: str | None = None) -> float:
    """Raises EngineError where the checkpoint cannot be had, is of another family, or the export differs."""
    model, processor, tokenizer = _load(source, revision)
    if model.config.model_type not in FAMILIES:
        raise EngineError(
            f"gate model '{source}': its family is '{model.config.model_type}'", f"give one of: {', '.join(FAMILIES)}"
        )
    size = int(model.config.vision_config.image_size)
    length = int(model.config.text_config.max_position_embeddings)
    with tempfile.TemporaryDirectory(dir=_made(folder).parent) as made:
        unfinished = Path(made)
        pixels = torch.rand(_PROBES, 3, size, size)
        ids = torch.randint(0, model.config.text_config.vocab_size, (_PROBES, length))
        worst = max(
            _export(_Vision(model), pixels, unfinished / VISION),
            _export(_Text(model), ids, unfinished / TEXT),
        )
        if worst > TOLERANCE:
            raise EngineError(f"gate model '{source}': the export differs by {worst:.2g}", "report this as a bug")
        tokenizer.backend_tokenizer.save(str(unfinished / TOKENIZER))
        about = About(
            model=source if not Path(source).exists() else Path(source).name,
            revision=revision or getattr(model.config, "_commit_hash", None) or "local",
            size=size,
            mean=tuple(processor.image_mean),
            std=tuple(processor.image_std),
            text_length=length,
            pad_id=int(tokenizer.pad_token_id or 0),
        )
        (unfinished / ABOUT).write_bytes(msgspec.json.encode(about))
        for file in sorted(unfinished.iterdir()):
            shutil.move(file, folder / file.name)
    return worst


def _load(source: str, revision: str | None) -> tuple[Any, Any, Any]:
    try:
        return (
            AutoModel.from_pretrained(source, revision=revision, dtype=torch.float32).eval(),
            AutoImageProcessor.from_pretrained(source, revision=revision),
            AutoTokenizer.from_pretrained(source, revision=revision),
        )
    except (OSError, ValueError) as error:
        raise EngineError(
            f"gate model '{source}': it is not here and cannot be fetched", "give a folder with the checkpoint"
        ) from error


def _export(tower: torch.nn.Module, probe: torch.Tensor, path: Path) -> float:
    """Any number of rows; gives the largest difference between the two runtimes."""
    tower.eval()
    with torch.inference_mode():
        expected = tower(probe).numpy()
    rows = torch.export.Dim("rows", min=1, max=1024)
    name = "pixel_values" if probe.is_floating_point() else "input_ids"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own and of ONNX's future
        torch.onnx.export(
            tower,
            (probe,),
            str(path),
            input_names=[name],
            output_names=[OUTPUT],
            dynamic_shapes=({0: rows},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    session = open_session(path, what=f"gate '{path.name}'")
    given = session.run([OUTPUT], {name: probe.numpy()})[0]
    return float(np.abs(given - expected).max())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
