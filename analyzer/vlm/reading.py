"""Pictures into the model: preprocessed, expanded in the prompt, read once.

Takes: a Loaded model, for each prompt its pictures.
Gives: the inputs of the common part of the prompt; prefixes with the pictures' sizes as the model saw them.
Knows nothing about: questions, JPEG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from analyzer.vlm.load import Loaded
from analyzer.vlm.prefix import Prefix, prefill
from contracts.errors import EngineError, Invalid

Pictures = Sequence[Image.Image]
#: what the processor tells us, and the model does not want
_FOR_US = ("rows", "cols", "num_patches")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prompt up to the cut: its inputs, (1, P) ids among them. `sizes`: width and height in pixels."""

    inputs: Mapping[str, Any]
    sizes: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """Tokens of the prompt up to the cut."""
        return int(self.inputs["input_ids"].shape[1])


@dataclass(frozen=True, slots=True)
class Prefixed:
    """One prompt, read up to the cut. `input_sizes`: width and height of each picture as the model saw it, in pixels;
    boxes in absolute pixels are in these."""

    prefix: Prefix
    input_sizes: tuple[tuple[int, int], ...]


def prepare(loaded: Loaded, pictures: Pictures, *, tiled: bool = False) -> Prepared:
    """The pictures of one prompt, oldest first, RGB; `tiled`: they are the quarters of one, and the whole. Raises
    Invalid where one has a shape that the model does not take."""
    processor, family = loaded.checkpoint.processor, loaded.family
    settings = dict(family.settings(loaded.checkpoint, loaded.visual_tokens))
    if loaded.processor_device:
        settings["device"] = loaded.processor_device
    try:
        given = processor([list(pictures)] if family.nested else list(pictures), return_tensors="pt", **settings)
    except ValueError as error:
        raise Invalid(f"picture: the model does not take it: {error}", "look at the camera's resolution") from error
    shown = family.shown(loaded.checkpoint, given)
    ids = torch.tensor([loaded.layout.before_ids([one.text for one in shown], tiled=tiled)])
    inputs = {name: value for name, value in given.items() if name not in _FOR_US}
    inputs["input_ids"] = ids
    if "image_grid_thw" in inputs:
        inputs["mm_token_type_ids"] = (ids == loaded.model.config.image_token_id).int()
    return Prepared(inputs, tuple(one.size for one in shown))


def together(loaded: Loaded, prepared: Sequence[Prepared]) -> dict[str, Any]:
    """One batch of prompts of equal length, on the model's device."""
    return {name: _moved(loaded, [one.inputs[name] for one in prepared]) for name in prepared[0].inputs}


def open_prefixes(loaded: Loaded, pictures: Sequence[Pictures], *, tiled: bool = False) -> list[Prefixed]:
    """For each prompt its prefix of one row; those of equal length are read together. Raises EngineError where the
    model's prefix cannot be shared. The tensors are of inference mode."""
    if not loaded.shares_prefix:
        raise EngineError(
            "model: what is common to all questions cannot be read once with it", "choose another checkpoint"
        )
    prepared = [prepare(loaded, one, tiled=tiled) for one in pictures]
    opened: dict[int, Prefixed] = {}
    for group in by_shape(prepared):
        members = [prepared[index] for index in group]
        prefix = read_prefix(loaded, members)
        for row, index in enumerate(group):
            opened[index] = Prefixed(prefix.row(row), prepared[index].sizes)
    return [opened[index] for index in range(len(prepared))]


def read_prefix(loaded: Loaded, prepared: Sequence[Prepared]) -> Prefix:
    """Of prompts of equal length, as one batch."""
    with torch.inference_mode():
        return prefill(loaded.model, together(loaded, prepared), frozen=loaded.freezes)


def by_shape(prepared: Sequence[Prepared]) -> list[list[int]]:
    """Which can be read together: equally many tokens and pictures, and views of one size where they are stacked."""
    groups: dict[object, list[int]] = {}
    for index, one in enumerate(prepared):
        pixels = one.inputs["pixel_values"]
        stacked = () if "image_grid_thw" in one.inputs else tuple(pixels.shape)
        groups.setdefault((one.length, len(one.sizes), stacked), []).append(index)
    return list(groups.values())


def _moved(loaded: Loaded, tensors: list[torch.Tensor]) -> torch.Tensor:
    joined = torch.cat(tensors)
    if joined.is_floating_point():
        joined = joined.to(loaded.dtype)
    if loaded.device.type == "cuda" and joined.device.type == "cpu":
        # Only from pinned memory does the copy run beside the model's work.
        joined = joined.pin_memory()
    return joined.to(loaded.device, non_blocking=True)
