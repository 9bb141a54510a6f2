"""The questions as a batch behind the prefix, for models whose cache packing cannot read.

Takes: a Prefix, the token ids of the suffixes.
Gives: the hidden state at the end of each suffix.
Knows nothing about: what yes and no are; it imports torch only.

Shorter suffixes are filled up at the right: these models read from left to right, so nothing sees the filling. A state
of linear attention cannot be shared by concatenation, and is copied for each suffix.
"""

from collections.abc import Sequence
from typing import Any

import torch

from analyzer.vlm.prefix import Prefix

#: more suffixes than this go in several passes: each holds a copy of the prefix's keys while it runs
MOST_AT_ONCE = 16


def hidden_at_ends(model: Any, prefix: Prefix, suffixes: Sequence[Sequence[int]]) -> torch.Tensor:
    """(B pictures, R suffixes, D) in the model's dtype; one picture after the other. Call in inference mode."""
    return torch.stack([of_row(model, prefix.row(index), suffixes) for index in range(prefix.next_pos.shape[0])])


def of_row(model: Any, prefix: Prefix, suffixes: Sequence[Sequence[int]]) -> torch.Tensor:
    """(R, D) for a prefix of one picture."""
    parts = [
        _at_once(model, prefix, suffixes[first : first + MOST_AT_ONCE])
        for first in range(0, len(suffixes), MOST_AT_ONCE)
    ]
    return torch.cat(parts)


def _at_once(model: Any, prefix: Prefix, suffixes: Sequence[Sequence[int]]) -> torch.Tensor:
    device, longest = prefix.next_pos.device, max(map(len, suffixes))
    ids = torch.tensor([[*suffix, *[0] * (longest - len(suffix))] for suffix in suffixes], device=device)
    positions = prefix.positions(torch.arange(longest, device=device)[None].expand(len(suffixes), -1))
    hidden: torch.Tensor = model.model(
        input_ids=ids,
        position_ids=positions,
        past_key_values=prefix.for_rows(len(suffixes)),
        use_cache=True,
    ).last_hidden_state
    ends = torch.tensor([len(suffix) - 1 for suffix in suffixes], device=device)
    return hidden[torch.arange(len(suffixes), device=device), ends]
