"""How long a picture's questions take on this machine: one prompt each, and packed behind a shared prefix.

Takes: a model of the Qwen3-VL family, sizes; no tokenizer and no picture: random tokens and pixels of the right shape.
Gives: the two ways of asking, a stopwatch that a GPU does not fool, the rate of the machine's matrix products.
Knows nothing about: rules, reports; it imports torch and transformers only.
"""

import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from analyzer.vlm.pack import hidden_at_ends
from analyzer.vlm.prefix import Prefix, prefill
from contracts.errors import Refused

Model = Any

#: questions are not of one length; around the mean
RAGGED = (0, 3, -3, 1, -1)
#: of the square whose product is timed; a GPU needs a large one to show its rate
MATRIX = {"cpu": 1024, "cuda": 8192}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of what one prompt holds before the first question. `visual_tokens`: of each of its images."""

    images: int
    visual_tokens: int
    common_tokens: int

    @property
    def prefix_tokens(self) -> int:
        """Pictures included; the marks around the first are counted among the common tokens."""
        return self.images * (self.visual_tokens + 2) + self.common_tokens - 2

    def patches(self, config: Any) -> int:
        """Of one image."""
        return math.prod(grid(self.visual_tokens, config.vision_config.spatial_merge_size))


@dataclass(frozen=True, slots=True)
class Scene:
    """`prefix`: what a processor would give for B pictures with the common prompt; `suffixes`: one for each rule."""

    prefix: dict[str, torch.Tensor]
    suffixes: list[list[int]]

    @property
    def prefix_tokens(self) -> int:
        """Of one prompt, pictures included."""
        return self.prefix["input_ids"].shape[1]

    def first(self, count: int) -> "Scene":
        """With so many of the questions, of the same pictures: they need their memory once."""
        return replace(self, suffixes=self.suffixes[:count])

    def alone(self, index: int) -> "Scene":
        """With one of the questions."""
        return replace(self, suffixes=[self.suffixes[index]])


def suffix_lengths(rules: int, mean: int) -> list[int]:
    """In tokens; the first is of mean length."""
    return [mean + RAGGED[index % len(RAGGED)] for index in range(rules)]


def grid(visual_tokens: int, merge: int) -> tuple[int, int]:
    """Patches down and across of the squarest picture with so many tokens."""
    down = next(side for side in range(math.isqrt(visual_tokens), 0, -1) if visual_tokens % side == 0)
    return down * merge, visual_tokens // down * merge


def scene(model: Model, sizes: Sizes, *, batch: int, lengths: Sequence[int]) -> Scene:
    """The same for the same sizes; fewer questions are the first of more."""
    config, vit = model.config, model.config.vision_config
    images, visual_tokens = sizes.images, sizes.visual_tokens
    height, width = grid(visual_tokens, vit.spatial_merge_size)
    random = torch.Generator().manual_seed(1)
    words = config.image_token_id - 8  # every special token of ours lies above

    def text(count: int) -> list[int]:
        return torch.randint(1, words, (count,), generator=random).tolist()

    image = [config.vision_start_token_id, *[config.image_token_id] * visual_tokens, config.vision_end_token_id]
    ids = torch.tensor([image * images + text(sizes.common_tokens - 2) for _ in range(batch)], device=model.device)
    values = vit.in_channels * vit.temporal_patch_size * vit.patch_size**2
    patches = height * width
    pixels = torch.randn(batch * images * patches, values, generator=random)
    return Scene(
        {
            "input_ids": ids,
            "mm_token_type_ids": (ids == config.image_token_id).int(),
            "pixel_values": pixels.to(model.device, model.dtype),
            "image_grid_thw": torch.tensor([[1, height, width]] * (batch * images), device=model.device),
        },
        [text(length) for length in lengths],
    )


@torch.inference_mode()
def one_by_one(model: Model, scene: Scene, answers: Sequence[int]) -> torch.Tensor:
    """(B, R, answers): the whole prompt, pictures included, for every question."""
    common, kinds = scene.prefix["input_ids"], scene.prefix["mm_token_type_ids"]
    ends = []
    for suffix in scene.suffixes:
        after = torch.tensor([suffix], device=common.device).expand(len(common), -1)
        whole = {
            **scene.prefix,
            "input_ids": torch.cat([common, after], 1),
            "mm_token_type_ids": torch.cat([kinds, torch.zeros_like(after, dtype=kinds.dtype)], 1),
        }
        ends.append(model.model(**whole, use_cache=False).last_hidden_state[:, -1])
    return _scores(model, torch.stack(ends, 1), answers)


@torch.inference_mode()
def common(model: Model, scene: Scene) -> Prefix:
    """Vision and common prompt alone: what a picture costs before the first question."""
    return prefill(model, scene.prefix)


@torch.inference_mode()
def packed(model: Model, scene: Scene, answers: Sequence[int]) -> torch.Tensor:
    """(B, R, answers): vision and common prompt once, all questions behind it."""
    return _scores(model, hidden_at_ends(model, prefill(model, scene.prefix), scene.suffixes), answers)


def _scores(model: Model, hidden: torch.Tensor, answers: Sequence[int]) -> torch.Tensor:
    """Only the rows of the head that are asked for: (B, R, D) -> (B, R, answers)."""
    scores: torch.Tensor = hidden @ model.get_output_embeddings().weight[list(answers)].T
    return scores


def ready(device: str) -> str:
    """`auto` becomes what is there. On a CPU one thread from here on, so that CPU time is the time it takes."""
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise Refused("device 'cuda' is not there, or this build of torch cannot use it", "take --device cpu")
    if device == "cpu" or not there:
        torch.set_num_threads(1)
        return "cpu"
    return "cuda"


def give_back() -> None:
    """What torch keeps of a GPU's memory for later; on a CPU nothing."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """CPU time of one thread, least of the repeats: other work on the machine only ever adds. On a GPU wall time
    between synchronisations, median of the repeats: that is what a stream of frames gets."""

    device: str

    @property
    def how(self) -> str:
        """For the report."""
        if self.device == "cpu":
            return "process CPU time of one thread, least of the repeats of each prompt and each packed frame"
        return "wall time between synchronisations, median of the repeats of each prompt and each packed frame"

    def ms(self, work: Callable[[], object]) -> float:
        """One run."""
        if self.device == "cpu":
            began_s = time.process_time()
            work()
            return (time.process_time() - began_s) * 1000
        torch.cuda.synchronize()
        began_s = time.perf_counter()
        work()
        torch.cuda.synchronize()
        return (time.perf_counter() - began_s) * 1000

    def of(self, repeats_ms: Sequence[float]) -> float:
        """One figure for all repeats."""
        return min(repeats_ms) if self.device == "cpu" else sorted(repeats_ms)[len(repeats_ms) // 2]


@torch.inference_mode()
def matrix_tflops(device: str, dtype: str, repeats: int = 10) -> float:
    """Of a large square product: the rate that the share is taken of."""
    side, watch = MATRIX[device], Stopwatch(device)
    left, right = (torch.randn(side, side, device=device, dtype=getattr(torch, dtype)) for _ in range(2))
    times_ms = [watch.ms(lambda: left @ right) for _ in range(repeats + 1)]
    return 2 * side**3 / (watch.of(times_ms[1:]) / 1000) / 1e12


def hardware(device: str) -> str:
    """What a figure must be printed with."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, one thread"
