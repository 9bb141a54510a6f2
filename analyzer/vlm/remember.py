"""Pictures that were just looked at, as the model left them: an explanation need not look again.

Takes: the sha256 of pictures, their frozen Prefix and what belongs to it.
Gives: the same again, if it is still there.
Knows nothing about: pictures, questions, threads; it imports torch only.

A prefix of a model of 2 to 8 B parameters takes 66 to 84 MiB, so few are kept, and both count and bytes bound them."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import torch

from analyzer.vlm.prefix import Prefix, freeze, thaw

Kept = TypeVar("Kept")

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remembered(Generic[Kept]):
    """A prefix of one prompt, and what its owner needs with it, such as the size of the model's input."""

    prefix: Prefix
    beside: Kept


@dataclass(slots=True)
class Memory(Generic[Kept]):
    """The least recently used goes first. The key: the sha256 of each picture of the prompt, oldest first, and
    what says how they are shown."""

    most: int = 8
    most_bytes: int = 768 * MIB
    _held: OrderedDict[tuple[str, ...], Remembered[Kept]] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def put(self, pictures: Sequence[str], prefix: Prefix, beside: Kept) -> None:
        """Replaces what was there; a prefix larger than the whole memory is not kept."""
        key, size = tuple(pictures), nbytes(prefix)
        self.forget(key)
        if self.most < 1 or size > self.most_bytes:
            return
        while self._held and (len(self._held) >= self.most or self._bytes + size > self.most_bytes):
            self.forget(next(iter(self._held)))
        self._held[key] = Remembered(alone(prefix), beside)
        self._bytes += size

    def get(self, pictures: Sequence[str]) -> Remembered[Kept] | None:
        """What is asked for stays longest."""
        key = tuple(pictures)
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key]

    def forget(self, pictures: Sequence[str]) -> None:
        """Nothing happens where it is not held."""
        gone = self._held.pop(tuple(pictures), None)
        if gone is not None:
            self._bytes -= nbytes(gone.prefix)

    def clear(self) -> None:
        """All of it: the first thing to give up when memory runs out."""
        self._held.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def bytes(self) -> int:
        """Of keys and values held."""
        return self._bytes


def nbytes(prefix: Prefix) -> int:
    """Of all that its cache holds: keys and values, or the states of linear attention."""
    return sum(int(tensor.nbytes) for tensor in _tensors(prefix))


def alone(prefix: Prefix) -> Prefix:
    """Copied where it shares memory with more than itself: one row would keep the whole batch alive."""
    owns = all(tensor.untyped_storage().nbytes() == tensor.nbytes for tensor in _tensors(prefix))
    # What is not frozen was copied when its row was taken.
    if owns or not prefix.frozen:
        return prefix
    cache = thaw(prefix)
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys.clone(), layer.values.clone()
    return Prefix(freeze(cache), prefix.length, prefix.next_pos.clone(), prefix.mrope)


def _tensors(prefix: Prefix) -> list[torch.Tensor]:
    held: list[object] = []
    for layer in prefix.cache.layers:
        for value in vars(layer).values():
            held += value.values() if isinstance(value, dict) else [value]
    return [value for value in held if isinstance(value, torch.Tensor)]
