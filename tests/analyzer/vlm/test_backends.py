"""Pictures made by torchvision, as on a GPU, against those made by PIL: the same margins within a stated bound.

Margins of random weights have no scale of their own, so the bound is a part of what one picture does to them: the
spread of a question's margins over unlike pictures."""

import importlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from transformers import AutoImageProcessor

from analyzer.engine import Query
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.load import Loaded, load
from contracts.messages import Keyframe
from contracts.site import AskedQuestion

MakeFrame = Callable[..., Keyframe]

#: seen at most 0.0021, in fp32 on a CPU, not on a GPU: see docs/bench-log.md
BOUND = 0.01
TEXTS = ("a car", "a person near the gate", "smoke")


@pytest.fixture(autouse=True)
def torchvision() -> Iterator[None]:
    try:
        importlib.import_module("torchvision")
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"torchvision does not import beside this torch: {error}")
    yield


def scene(seed: int, size: tuple[int, int]) -> bytes:
    """Edges, a gradient and noise, larger than what the model sees."""
    chance = np.random.default_rng(seed)
    slope = np.linspace(seed * 20, 255 - seed * 15, size[0])[None, :, None] * np.ones((size[1], 1, 3))
    drawn = Image.fromarray(np.clip(slope + chance.normal(0, 12, slope.shape), 0, 255).astype(np.uint8))
    for _ in range(12):
        x, y = chance.integers(0, size[0] - 40), chance.integers(0, size[1] - 40)
        wide, high = chance.integers(10, 200, 2)
        ImageDraw.Draw(drawn).rectangle((x, y, x + wide, y + high), fill=tuple(map(int, chance.integers(0, 255, 3))))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=90)
    return out.getvalue()


def margins(loaded: Loaded, frames: list[Keyframe]) -> np.ndarray:
    """(pictures, questions)."""
    engine = VlmEngine(loaded, clock=lambda: 0.0, least_mass=0.0)
    asked = tuple(AskedQuestion(text, f"Is {text} visible?") for text in TEXTS)
    return np.array([[answer.margin for answer in engine.answer([Query(frame, asked)])[0]] for frame in frames])


def test_both_backends_give_the_same_margins_within_a_hundredth_of_what_a_picture_does(
    tiny: Path, frame_of: MakeFrame
) -> None:
    by_pil = load(str(tiny), dtype="float32", visual_tokens=64)
    processor = AutoImageProcessor.from_pretrained(tiny, backend="torchvision", local_files_only=True)
    by_torchvision = replace(
        by_pil, checkpoint=replace(by_pil.checkpoint, processor=processor), processor_device=str(by_pil.device)
    )
    frames = [frame_of(picture=scene(seed, size)) for seed in range(6) for size in ((1280, 720), (320, 180))]

    pil, torchvision = margins(by_pil, frames), margins(by_torchvision, frames)

    assert type(by_pil.checkpoint.processor) is not type(processor)
    assert np.abs(pil - torchvision).max() <= BOUND * np.ptp(pil, axis=0).max()
