"""The real engine, which fails on command: out of memory, hanging, giving no number, dying of one frame.

Takes: an engine, the orders, a file that outlives the process.
Gives: an engine.
Knows nothing about: what the real one does."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from analyzer.engine import Engine, Query
from contracts.messages import Answer, Capabilities
from plainwatch.chaos.orders import OrderFile

HANG_S = 3600.0


class Poison(msgspec.Struct, frozen=True):
    """The frame that kills, and how often it did."""

    order: int
    camera: str
    epoch: int
    seq: int
    deaths: int = 0


class FailingEngine:
    """Behind the same port. It does not explain, so it stands before engines that do not."""

    def __init__(self, engine: Engine, orders: OrderFile, poison: Path) -> None:
        self._engine = engine
        self._orders = orders
        self._poison = poison

    def capabilities(self, worker: str) -> Capabilities:
        """The real engine's."""
        return self._engine.capabilities(worker)

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        """As ordered; without an order the real engine's answers."""
        orders = self._orders.read()
        if orders.model == "memory":
            raise MemoryError
        if orders.model == "hang":
            time.sleep(HANG_S)
        if orders.model == "poison":
            self._die_of_it(batch, orders.number)
        answers = self._engine.answer(batch)
        if orders.model == "nan":
            return [tuple(_without_a_number(answer) for answer in given) for given in answers]
        return answers

    def close(self) -> None:
        """Closes the real engine."""
        self._engine.close()

    def _die_of_it(self, batch: Sequence[Query], order: int) -> None:
        """The first frame seen after the order is the one; it kills whoever sees it, as often as it is seen."""
        poison = read_poison(self._poison)
        if poison is None or poison.order != order:
            first = batch[0].frame
            poison = Poison(order, first.camera, first.epoch, first.seq)
        for query in batch:
            if (query.frame.camera, query.frame.epoch, query.frame.seq) == (poison.camera, poison.epoch, poison.seq):
                dead = msgspec.structs.replace(poison, deaths=poison.deaths + 1)
                self._poison.write_bytes(msgspec.json.encode(dead))
                os.abort()


def read_poison(path: Path) -> Poison | None:
    """None while no frame has killed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Poison)
    except FileNotFoundError:
        return None


def _without_a_number(answer: Answer) -> Answer:
    return answer if answer.margin is None else msgspec.structs.replace(answer, margin=float("nan"))
