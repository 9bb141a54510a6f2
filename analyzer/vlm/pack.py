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

Suffixes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Pack:
    """`ids`, `relative`: (T,); `mask`: (1, 1, T, P + T), 0 or the lowest number; `last`: (R,) where each ends."""

    ids: torch.Tensor
    relative: torch.Tensor
    mask: torch.Tensor
    last: torch.Tensor


def pack(suffixes: Suffixes, prefix_length: int, *, dtype: torch.dtype, device: torch.device) -> Pack:
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


def hidden_at_ends(model: Any, prefix: Prefix, suffixes: Suffixes) -> torch.Tensor:
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
        hidden = _run(model, prefix, one.ids[None].expand(batch, -1), one.relative, one.mask)
        parts.append(hidden[:, one.last])
    return torch.cat(parts, 1)


def hidden_at_own_ends(model: Any, prefix: Prefix, rows: Sequence[Suffixes]) -> list[torch.Tensor]:
    """For each picture of the batch its own suffixes, at most MOST_IN_A_PACK: (R of the row, D) each.

    A pack for each row, filled up to the longest, is never longer than one pack of everything that is asked of anyone,
    and with the same questions for all it is the same: only the mask is then one for the batch."""
    device = prefix.next_pos.device
    packs = [pack(row or [[0]], prefix.length, dtype=model.dtype, device=device) for row in rows]
    longest = max(len(one.ids) for one in packs)
    ids = torch.zeros(len(rows), longest, dtype=torch.long, device=device)
    relative = torch.zeros_like(ids)
    # What fills a row up sees the prefix, so that its softmax is over something; nobody sees it.
    mask = torch.full(
        (len(rows), 1, longest, prefix.length + longest),
        torch.finfo(model.dtype).min,
        dtype=model.dtype,
        device=device,
    )
    mask[..., : prefix.length] = 0
    for index, one in enumerate(packs):
        length = len(one.ids)
        ids[index, :length], relative[index, :length] = one.ids, one.relative
        mask[index, :, :length, : prefix.length + length] = one.mask[0]
    hidden = _run(model, prefix, ids, relative, mask)
    return [hidden[index, one.last[: len(row)]] for index, (one, row) in enumerate(zip(packs, rows, strict=True))]


def _run(
    model: Any, prefix: Prefix, ids: torch.Tensor, relative: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    hidden: torch.Tensor = model.model(
        input_ids=ids,
        position_ids=prefix.positions(relative),
        attention_mask=mask,
        past_key_values=prefix.cache,
        use_cache=True,
    ).last_hidden_state
    return hidden
