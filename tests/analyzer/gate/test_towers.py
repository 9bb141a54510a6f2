"""The exported towers say what the checkpoint says, and where they run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from analyzer.gate.towers import Towers, load_towers
from contracts.errors import EngineError


def test_the_exported_towers_give_the_embeddings_of_the_checkpoint(towers: Towers, siglip: Path) -> None:
    model = AutoModel.from_pretrained(siglip).eval()
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    pixels = torch.from_numpy(noise[:, :, ::-1].copy()).permute(2, 0, 1)[None].float() / 255.0

    with torch.inference_mode():
        expected = model.vision_model(pixel_values=(pixels - 0.5) / 0.5).pooler_output[0].numpy()
        words = model.text_model(input_ids=torch.tensor([[4, 5, 2, *[0] * 13]])).pooler_output[0].numpy()

    assert np.abs(towers.look([noise])[0] - expected / np.linalg.norm(expected)).max() < 1e-4
    assert np.abs(towers.read("A Person") - words / np.linalg.norm(words)).max() < 1e-4


def test_pictures_of_several_cameras_are_embedded_together_as_each_alone(towers: Towers) -> None:
    pictures = [np.full((48 + 16 * n, 64, 3), 12 * n, np.uint8) for n in range(20)]

    together = towers.look(pictures)

    assert together.shape == (20, 32)
    assert np.abs(together - np.concatenate([towers.look([one]) for one in pictures])).max() < 1e-5
    assert np.abs(np.linalg.norm(together, axis=1) - 1.0).max() < 1e-5


def test_the_device_is_that_of_the_session_and_a_missing_gpu_is_refused(towers: Towers, exported: Path) -> None:
    if towers.device == "cuda":
        pytest.skip("this machine has a GPU that ONNX Runtime can use")

    with pytest.raises(EngineError, match=r"REQUIRE_GPU is set and ONNX Runtime runs it on the CPU"):
        load_towers(exported, require_gpu=True)

    assert towers.device == "cpu"


def test_a_folder_that_is_not_whole_says_what_is_missing(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "vision.onnx").write_bytes((exported / "vision.onnx").read_bytes())

    with pytest.raises(EngineError, match=r"text\.onnx, tokenizer\.json, towers\.json is not there"):
        load_towers(tmp_path)


def test_a_damaged_file_is_named(exported: Path, tmp_path: Path) -> None:
    for file in exported.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "towers.json").write_text("{}")

    with pytest.raises(EngineError, match=r"towers\.json"):
        load_towers(tmp_path)
