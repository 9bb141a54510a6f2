"""The reference: the whole prompt for every question, as everybody calls the model.

Takes: a model of transformers, the inputs of the common part of the prompt, the token ids of the suffixes.
Gives: the hidden state at the end of each.
Knows nothing about: caches; it imports torch only.

`share_vision` is the next best: the vision tower once a picture, the language model over the whole prompt for every
question. It holds wherever the model itself does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

#: by which the model is told about the pictures; features computed before take their place
PIXELS = ("pixel_values", "pixel_attention_mask")


def hidden_at_ends(
    model: Any, inputs: Mapping[str, Any], suffixes: Sequence[Sequence[int]], *, share_vision: bool = False
) -> torch.Tensor:
    """(B pictures, R suffixes, D) in the model's dtype. Call in inference mode."""
    given = _with_features(model, inputs) if share_vision else dict(inputs)
    return torch.stack([_one(model, given, suffix) for suffix in suffixes], 1)


def hidden_at(
    model: Any, inputs: Mapping[str, Any], suffix: Sequence[int], places: Sequence[int]
) -> torch.Tensor:
    """(B pictures, places, D): at these places of one suffix, read as one with the prompt. Call in inference mode."""
    hidden = _whole(model, inputs, suffix)
    return hidden[:, [hidden.shape[1] - len(suffix) + place for place in places]]


def _one(model: Any, given: Mapping[str, Any], suffix: Sequence[int]) -> torch.Tensor:
    return _whole(model, given, suffix)[:, -1]


def _whole(model: Any, given: Mapping[str, Any], suffix: Sequence[int]) -> torch.Tensor:
    """(B, P + T, D)."""
    whole, ids = dict(given), given["input_ids"]
    asked = torch.tensor(suffix, device=ids.device)[None].expand(ids.shape[0], -1)
    whole["input_ids"] = torch.cat([ids, asked], 1)
    for name in ("mm_token_type_ids", "attention_mask"):
        if name in whole:
            filler = torch.full_like(asked, 1 if name == "attention_mask" else 0)
            whole[name] = torch.cat([whole[name], filler.to(whole[name].dtype)], 1)
    hidden: torch.Tensor = model.model(**whole, use_cache=False).last_hidden_state
    return hidden


def _with_features(model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    pixels = {name: inputs[name] for name in (*PIXELS, "image_grid_thw") if name in inputs}
    features = model.model.get_image_features(**pixels, return_dict=True)
    rest = {name: value for name, value in inputs.items() if name not in PIXELS}
    return rest | {"mm_encoder_outputs": {"image": features}}
