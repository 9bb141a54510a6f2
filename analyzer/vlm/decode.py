"""Words after a frozen prefix, token by token, the likeliest each time.

Takes: a model, the Prefix of one prompt, token ids.
Gives: what the model says next; the tokens that `generate()` would give for the whole prompt.
Knows nothing about: what is asked; it imports torch only.

The keys and values of the prefix are shared and not copied; what is said here is forgotten with the Decoder."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from analyzer.vlm.prefix import Prefix, thaw
from contracts.errors import EngineError

#: whether there is time for one pass more; asked before each
InTime = Callable[[], bool]


def always() -> bool:
    """For who has no deadline."""
    return True


class Decoder:
    """One continuation of one prompt; it lives as long as one answer. Call in inference mode."""

    def __init__(self, model: Any, prefix: Prefix) -> None:
        assert prefix.next_pos.shape[0] == 1, "the prefix of one prompt: Prefix.row gives it"
        self._model = model
        self._prefix = prefix
        self._cache = thaw(prefix)
        self._fed = 0

    def feed(self, ids: Sequence[int]) -> torch.Tensor:
        """At least one id -> (V,) fp32 log-probabilities of what follows. Raises EngineError where it is no number."""
        device = self._prefix.next_pos.device
        hidden = self._model.model(
            input_ids=torch.tensor([list(ids)], device=device),
            position_ids=self._prefix.positions(torch.arange(self._fed, self._fed + len(ids), device=device)),
            past_key_values=self._cache,
            use_cache=True,
        ).last_hidden_state[0, -1]
        self._fed += len(ids)
        # the norm of the log-softmax spreads one NaN over all, so one number tells
        said = torch.log_softmax(self._model.get_output_embeddings()(hidden).float(), -1)
        if not torch.isfinite(said[0]) and torch.isnan(said).any():
            raise EngineError("model: it gave no number for the next word", "load it in bfloat16 or float32")
        return said


@dataclass(frozen=True, slots=True)
class Spoken:
    """`ended`: the model fell silent, or it was enough; else it was cut off."""

    tokens: list[int]
    ended: bool


def greedy(
    decoder: Decoder,
    asked: Sequence[int],
    *,
    most: int,
    ends: Container[int],
    enough: Callable[[Sequence[int]], bool] = lambda _: False,
    in_time: InTime = always,
) -> Spoken:
    """What is said to `asked`: until a token of `ends` (not told), `enough`, `most` tokens, or no longer `in_time`."""
    said: list[int] = []
    fed = asked
    while len(said) < most and in_time():
        token = int(decoder.feed(fed).argmax())
        if token in ends:
            return Spoken(said, ended=True)
        said.append(token)
        if enough(said):
            return Spoken(said, ended=True)
        fed = (token,)
    return Spoken(said, ended=False)
