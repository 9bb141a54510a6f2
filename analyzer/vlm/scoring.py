"""Questions about pictures into margins, by the path that the proof chose.

Takes: a Loaded model, prepared prompts of equal length, for each the token ids of its own questions.
Gives: margin and mass for each question that there was time for; the prefix, for whoever wants to go on from it.
Knows nothing about: cameras, JPEG, words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from analyzer.vlm import batched, naive, pack
from analyzer.vlm.answers import read
from analyzer.vlm.load import Loaded
from analyzer.vlm.pack import MOST_IN_A_PACK, Suffixes
from analyzer.vlm.prefix import Prefix
from analyzer.vlm.proof import Path
from analyzer.vlm.reading import Prepared, read_prefix, together


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says to one question."""

    margin: float
    mass: float


@dataclass(frozen=True, slots=True)
class Scored:
    """For each prompt its readings, in the order of its questions, fewer where time ran out. `prefix`: of all prompts,
    None where the model shares none."""

    readings: list[list[Reading]]
    prefix: Prefix | None


@torch.inference_mode()
def score(
    loaded: Loaded, path: Path, prepared: Sequence[Prepared], rows: Sequence[Suffixes], in_time: Callable[[], bool]
) -> Scored:
    """`in_time` is asked before each pass of up to MOST_IN_A_PACK questions a prompt."""
    prefix = None if path == "vision_shared" else read_prefix(loaded, prepared)
    readings: list[list[Reading]] = [[] for _ in rows]
    for first in range(0, max(map(len, rows), default=0), MOST_IN_A_PACK):
        if not in_time():
            break
        part = [row[first : first + MOST_IN_A_PACK] for row in rows]
        hidden = _hidden(loaded, path, prepared, prefix, part)
        # One trip to the CPU a pass: each would wait for the GPU.
        margin, mass = read(loaded.model, torch.cat(hidden), loaded.words)
        found = iter([Reading(*pair) for pair in zip(margin.tolist(), mass.tolist(), strict=True)])
        for row, asked in zip(readings, part, strict=True):
            row.extend(next(found) for _ in asked)
    return Scored(readings, prefix)


def _hidden(
    loaded: Loaded, path: Path, prepared: Sequence[Prepared], prefix: Prefix | None, rows: Sequence[Suffixes]
) -> list[torch.Tensor]:
    """(R of the row, D) each."""
    model = loaded.model
    if prefix is None:
        return [
            naive.hidden_at_ends(model, together(loaded, [one]), row, share_vision=True)[0] if row else _nothing(loaded)
            for one, row in zip(prepared, rows, strict=True)
        ]
    if path == "batched":
        return [
            batched.of_row(model, prefix.row(index), row) if row else _nothing(loaded)
            for index, row in enumerate(rows)
        ]
    if all(row == rows[0] for row in rows):
        return list(pack.hidden_at_ends(model, prefix, rows[0]))
    return pack.hidden_at_own_ends(model, prefix, rows)


def _nothing(loaded: Loaded) -> torch.Tensor:
    width = loaded.model.get_output_embeddings().weight.shape[1]
    return torch.zeros(0, width, dtype=loaded.dtype, device=loaded.device)
