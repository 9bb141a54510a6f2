"""What a picture's questions cost in floating point operations, from the configuration alone.

Takes: a configuration of the Qwen3-VL family, the sizes of picture and prompts.
Gives: operations for vision, common prompt and packs; the cost of N questions asked one by one, and packed.
Knows nothing about: machines, time; it imports nothing.

Matrix products only: a multiplication and an addition are two operations. Causal attention counts the half that the
kernels compute; a pack counts all of its mask, which no kernel skips.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FlopModel:
    """Of one picture or clip: `images` grids of `patches` each, in a common prompt of `prefix_tokens` in all."""

    config: Any
    images: int
    patches: int
    prefix_tokens: int

    def vision(self) -> int:
        """The vision tower with its mergers; images do not see each other."""
        vit = self.config.vision_config
        width, tokens = vit.hidden_size, self.patches // vit.spatial_merge_size**2
        patch = vit.in_channels * vit.temporal_patch_size * vit.patch_size**2
        layer = 2 * self.patches * (4 * width**2 + 2 * width * vit.intermediate_size) + 4 * self.patches**2 * width
        merged = width * vit.spatial_merge_size**2
        merger = 2 * tokens * (merged**2 + merged * vit.out_hidden_size)
        mergers = 1 + len(vit.deepstack_visual_indexes)
        return int(self.images * (2 * self.patches * patch * width + vit.depth * layer + mergers * merger))

    def prompt(self, tokens: int) -> int:
        """The language model over a prompt of its own."""
        return tokens * self._per_token() + self._attention(tokens * (tokens + 1) // 2)

    def pack(self, lengths: Sequence[int]) -> int:
        """The language model over one pack of suffixes behind the prefix."""
        tokens = sum(lengths)
        return tokens * self._per_token() + self._attention(tokens * (self.prefix_tokens + tokens))

    def naive(self, lengths: Sequence[int]) -> int:
        """The whole prompt, picture included, for every question."""
        return sum(self.vision() + self.prompt(self.prefix_tokens + length) for length in lengths)

    def packed(self, lengths: Sequence[int], most_in_a_pack: int) -> int:
        """Vision and prefix once, then the packs."""
        packs = (lengths[first : first + most_in_a_pack] for first in range(0, len(lengths), most_in_a_pack))
        return self.vision() + self.prompt(self.prefix_tokens) + sum(self.pack(one) for one in packs)

    def _per_token(self) -> int:
        text = self.config.text_config
        queries = text.num_attention_heads * text.head_dim
        keys = text.num_key_value_heads * text.head_dim
        layer = text.hidden_size * (2 * queries + 2 * keys + 3 * text.intermediate_size)
        return int(2 * text.num_hidden_layers * layer)

    def _attention(self, pairs: int) -> int:
        text = self.config.text_config
        return int(4 * pairs * text.num_hidden_layers * text.num_attention_heads * text.head_dim)
