"""What differs between the families of image-text models, and nothing else does.

Takes: a model type, a budget of visual tokens for a picture, what an image processor gave.
Gives: the processor's settings, the text that stands for a picture in the prompt, its size as the model saw it.
Knows nothing about: weights, questions.

We expand the placeholders ourselves, so that no AutoProcessor is needed: it would load a video processor, and that does
not load without torchvision (SmolVLM's wants num2words besides)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.boxes import Convention

DEFAULT_VISUAL_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as the model sees it: the text of its placeholders, and width and height in pixels."""

    text: str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the family's functions need of one checkpoint. `tokens_of_one`: visual tokens of a picture or tile where
    the tower's size is fixed, else 0."""

    processor: Any
    image_token: str
    tokens_of_one: int


Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """`settings`: for the image processor at a budget. `shown`: for each picture what the processor made of it.
    `most_pixels`: that the model sees of one picture at a budget.

    `boxes`: how it writes them. `template`: what the chat template is told. `nested`: the processor takes a list of
    pictures a prompt."""

    model_type: str
    boxes: Convention
    settings: Callable[[Checkpoint, int], Settings]
    shown: Callable[[Checkpoint, Mapping[str, Any]], list[Shown]]
    most_pixels: Callable[[Checkpoint, int], int]
    template: Mapping[str, Any] = field(default_factory=dict)
    nested: bool = False


def _qwen_settings(checkpoint: Checkpoint, visual_tokens: int) -> Settings:
    """The budget is a number of pixels; a picture keeps its shape, and a small one is not blown up to fill it."""
    most = _qwen_most(checkpoint, visual_tokens)
    return {"size": {"shortest_edge": min(checkpoint.processor.size["shortest_edge"], most), "longest_edge": most}}


def _qwen_most(checkpoint: Checkpoint, visual_tokens: int) -> int:
    return visual_tokens * int(checkpoint.processor.patch_size * checkpoint.processor.merge_size) ** 2


def _qwen_shown(checkpoint: Checkpoint, given: Mapping[str, Any]) -> list[Shown]:
    processor = checkpoint.processor
    return [
        Shown(
            checkpoint.image_token * (rows * columns // processor.merge_size**2),
            (columns * processor.patch_size, rows * processor.patch_size),
        )
        for _, rows, columns in given["image_grid_thw"].tolist()
    ]


def _smolvlm_settings(checkpoint: Checkpoint, visual_tokens: int) -> Settings:
    """Off: one square view. Tiles on from five views' worth (2 x 2 and the global one)."""
    side = checkpoint.processor.max_image_size["longest_edge"]
    tiles = _smolvlm_tiles(checkpoint, visual_tokens)
    if tiles == 1:
        return {"do_image_splitting": False, "size": {"longest_edge": side}, "return_row_col_info": True}
    return {"do_image_splitting": True, "size": {"longest_edge": side * tiles}, "return_row_col_info": True}


def _smolvlm_tiles(checkpoint: Checkpoint, visual_tokens: int) -> int:
    """In each direction."""
    return max(1, math.isqrt(max(0, visual_tokens // checkpoint.tokens_of_one - 1)))


def _smolvlm_most(checkpoint: Checkpoint, visual_tokens: int) -> int:
    return int(checkpoint.processor.max_image_size["longest_edge"] * _smolvlm_tiles(checkpoint, visual_tokens)) ** 2


def _smolvlm_shown(checkpoint: Checkpoint, given: Mapping[str, Any]) -> list[Shown]:
    side = checkpoint.processor.max_image_size["longest_edge"]
    rows = [count for prompt in given["rows"] for count in prompt]
    columns = [count for prompt in given["cols"] for count in prompt]
    return [
        Shown(_smolvlm_text(checkpoint, down, across), (side * max(1, across), side * max(1, down)))
        for down, across in zip(rows, columns, strict=True)
    ]


def _smolvlm_text(checkpoint: Checkpoint, rows: int, columns: int) -> str:
    fence, view = "<fake_token_around_image>", checkpoint.image_token * checkpoint.tokens_of_one
    whole = f"{fence}<global-img>{view}{fence}"
    if not rows:
        return whole
    lines = [
        "".join(f"{fence}<row_{row + 1}_col_{column + 1}>{view}" for column in range(columns)) + "\n"
        for row in range(rows)
    ]
    return "".join(lines) + "\n" + whole


def _internvl_settings(checkpoint: Checkpoint, visual_tokens: int) -> Settings:
    """Off: one square view. Tiles on from three views' worth (two and the thumbnail)."""
    tiles = _internvl_tiles(checkpoint, visual_tokens)
    if tiles == 1:
        return {"crop_to_patches": False}
    return {"crop_to_patches": True, "min_patches": 1, "max_patches": tiles}


def _internvl_tiles(checkpoint: Checkpoint, visual_tokens: int) -> int:
    return max(1, visual_tokens // checkpoint.tokens_of_one - 1)


def _internvl_most(checkpoint: Checkpoint, visual_tokens: int) -> int:
    size = checkpoint.processor.size
    return int(size["height"] * size["width"]) * _internvl_tiles(checkpoint, visual_tokens)


def _internvl_shown(checkpoint: Checkpoint, given: Mapping[str, Any]) -> list[Shown]:
    size = (checkpoint.processor.size["width"], checkpoint.processor.size["height"])
    view = checkpoint.image_token * checkpoint.tokens_of_one
    return [Shown(f"<img>{view * int(views)}</img>", size) for views in given["num_patches"]]


_NO_THINKING = {"enable_thinking": False}

FAMILIES: dict[str, Family] = {
    family.model_type: family
    for family in (
        Family("qwen3_vl", "relative_1000", _qwen_settings, _qwen_shown, _qwen_most, _NO_THINKING),
        Family("qwen2_5_vl", "absolute_pixels", _qwen_settings, _qwen_shown, _qwen_most),
        Family("qwen3_5", "relative_1000", _qwen_settings, _qwen_shown, _qwen_most, _NO_THINKING),
        Family("smolvlm", "none", _smolvlm_settings, _smolvlm_shown, _smolvlm_most, nested=True),
        Family("internvl", "relative_1000", _internvl_settings, _internvl_shown, _internvl_most),
    )
}


def tokens_of_one(config: Any) -> int:
    """Visual tokens of one view where the tower's size is fixed (SmolVLM, InternVL), else 0."""
    if config.model_type == "smolvlm":
        return int((config.vision_config.image_size // config.vision_config.patch_size) ** 2 / config.scale_factor**2)
    return int(config.image_seq_length) if config.model_type == "internvl" else 0
