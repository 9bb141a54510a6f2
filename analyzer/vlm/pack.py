"""All questions about a picture in one forward pass: packed behind the prefix, each blind to the others.

Takes: a Prefix, the token ids of the suffixes.
Gives: the hidden state at the end of each suffix.
Knows nothing about: what yes and no are; it imports torch only.

Each suffix starts at the prefix's next position, and a block mask lets it see the prefix and itself. The mask is
additive: eager attention adds what it is given, and a mask of booleans is silently wrong there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from analyzer.vlm.prefix import Prefix

#: more suffixes than this go in several passes: the mask grows with the square
MOST_IN_A_PACK = 16


@dataclass(frozen=True, slots=True)
class Pack:
    """`ids`, `relative`: (T,); `mask`: (1, 1, T, P + T), 0 or the lowest number; `last`: (R,) where each ends."""

    ids: torch.Tensor
    relative: torch.Tensor
    mask: torch.Tensor
    last: torch.Tensor


def pack(suffixes: Sequence[Sequence[int]], prefix_length: int, *, dtype: torch.dtype, device: torch.device) -> Pack:
    """T is the sum of the suffixes' lengths, none of which is 0."""
    lengths = torch.tensor([len(suffix) for suffix in suffixes])
    ids = torch.tensor([token for suffix in suffixes for token in suffix])
    segment = torch.repeat_interleave(torch.arange(len(suffixes)), lengths)
    start = lengths.cumsum(0) - lengths
    relative = torch.arange(len(ids)) - start[segment]
    own = (segment[:, None] == segment[None]) & (relative[:, None] >= relative[None])
    seen = torch.cat([torch.ones(len(ids), prefix_length, dtype=torch.bool), own], 1)[None, None].to(device)
    mask = torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, torch.finfo(dtype).min)
    return Pack(ids.to(device), relative.to(device), mask, (start + lengths - 1).to(device))


def hidden_at_ends(model: Any, prefix: Prefix, suffixes: Sequence[Sequence[int]]) -> torch.Tensor:
    """(B pictures, R suffixes, D) in the model's dtype; in packs of MOST_IN_A_PACK. Call in inference mode."""
    batch = prefix.next_pos.shape[0]
    parts = []
    for first in range(0, len(suffixes), MOST_IN_A_PACK):
        one = pack(
            suffixes[first : first + MOST_IN_A_PACK],
            prefix.length,
            dtype=model.dtype,
            device=prefix.next_pos.device,
        )
        hidden = model.model(
            input_ids=one.ids[None].expand(batch, -1),
            position_ids=prefix.positions(one.relative),
            attention_mask=one.mask,
            past_key_values=prefix.cache,
            use_cache=True,
        ).last_hidden_state
        parts.append(hidden[:, one.last])
    return torch.cat(parts, 1)
