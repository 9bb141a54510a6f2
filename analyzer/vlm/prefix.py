"""What all questions about a picture share, computed once: vision tower and common prompt, frozen as keys and values.

Takes: a model of transformers, the inputs of the common part of the prompt.
Gives: a Prefix that any number of suffixes may read, and none changes.
Knows nothing about: questions, scores; it imports torch and transformers only.

transformers appends to a cache in place, and Qwen's models keep the distance between token and position as state of the
model, overwritten by every prefill. So we hand out a cache that gives "prefix ++ new" and stores nothing, and pass all
positions ourselves: two cameras may take turns.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer


class NotShareable(Exception):
    """The model's cache is more than keys and values of every token (linear attention, a sliding window)."""


class PrefixLayer(DynamicLayer):  # type: ignore[misc]  # transformers is Any to mypy
    """Read-only: what comes after the prefix is concatenated for this call and forgotten."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, heads, T, d) -> (B, heads, P + T, d); a prefix of one picture serves a batch of suffixes."""
        keys, values = self.keys, self.values
        if keys.shape[0] != key_states.shape[0]:
            keys = keys.expand(key_states.shape[0], -1, -1, -1)
            values = values.expand(key_states.shape[0], -1, -1, -1)
        return torch.cat([keys, key_states], -2), torch.cat([values, value_states], -2)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Of B prompts of equal length. `next_pos`: (B,) the position after the last; `mrope`: positions are triples.

    Not `frozen`: the cache is of a kind that only a copy protects; take `for_rows`."""

    cache: DynamicCache
    length: int
    next_pos: torch.Tensor
    mrope: bool
    frozen: bool = True

    def positions(self, relative: torch.Tensor) -> torch.Tensor:
        """(T,) or (B, T) distances from the prefix's end -> (B, T), or (3, B, T) where positions are triples."""
        absolute = self.next_pos[:, None] + relative
        return absolute[None].expand(3, -1, -1) if self.mrope else absolute

    def row(self, index: int) -> "Prefix":
        """The prefix of one prompt of the batch; a frozen one shares its memory."""
        next_pos = self.next_pos[index : index + 1]
        if not self.frozen:
            return Prefix(_copied(self.cache, [index]), self.length, next_pos, self.mrope, frozen=False)
        cache = copy.copy(self.cache)
        cache.layers = [
            _layer(layer.keys[index : index + 1], layer.values[index : index + 1]) for layer in self.cache.layers
        ]
        return Prefix(cache, self.length, next_pos, self.mrope)

    def for_rows(self, count: int) -> DynamicCache:
        """Of a prefix of one prompt: the cache with which `count` suffixes may be read at once."""
        return self.cache if self.frozen else _copied(self.cache, [0] * count)


def prefill(model: Any, inputs: Mapping[str, Any], *, frozen: bool = True) -> Prefix:
    """`inputs`: what the processor gives, on the model's device. Call in inference mode. Raises NotShareable where the
    prefix is to be frozen and cannot be."""
    core, given, ids = model.model, dict(inputs), inputs["input_ids"]
    mrope = hasattr(core, "get_rope_index")
    after = torch.full((ids.shape[0],), ids.shape[1], device=ids.device)
    if mrope:
        positions, delta = core.get_rope_index(
            ids,
            mm_token_type_ids=inputs["mm_token_type_ids"],
            image_grid_thw=inputs.get("image_grid_thw"),
            video_grid_thw=inputs.get("video_grid_thw"),
        )
        given["position_ids"] = positions
        after = ids.shape[1] + delta.view(-1).to(ids.device)
    cache = core(**given, use_cache=True).past_key_values
    return Prefix(freeze(cache) if frozen else cache, ids.shape[1], after, mrope, frozen)


def freeze(cache: DynamicCache) -> DynamicCache:
    """Shares the tensors; copies nothing."""
    frozen = copy.copy(cache)
    frozen.layers = []
    for layer in cache.layers:
        if type(layer) is not DynamicLayer:
            raise NotShareable(type(layer).__name__)
        frozen.layers.append(_layer(layer.keys, layer.values))
    return frozen


def thaw(prefix: Prefix) -> DynamicCache:
    """An ordinary cache over the same tensors, to decode with; the prefix stays as it is."""
    if not prefix.frozen:
        return copy.deepcopy(prefix.cache)
    cache = copy.copy(prefix.cache)
    cache.layers = []
    for frozen in prefix.cache.layers:
        layer = DynamicLayer()
        _fill(layer, frozen.keys, frozen.values)
        cache.layers.append(layer)
    return cache


def _copied(cache: DynamicCache, rows: list[int]) -> DynamicCache:
    # Linear attention's layers know neither batch_repeat_interleave nor batch_select; reorder_cache takes any index.
    mine = copy.deepcopy(cache)
    mine.reorder_cache(torch.tensor(rows))
    return mine


def _layer(keys: torch.Tensor, values: torch.Tensor) -> PrefixLayer:
    layer = PrefixLayer()
    _fill(layer, keys, values)
    return layer


def _fill(layer: DynamicLayer, keys: torch.Tensor, values: torch.Tensor) -> None:
    layer.keys, layer.values = keys, values
    layer.dtype, layer.device = keys.dtype, keys.device
    layer.is_initialized = True
