"""What a service under fire is told to suffer: one small file that is read again whenever it changes.

Takes: Orders from the one who breaks things.
Gives: Orders to the services, at any moment.
Knows nothing about: how an order is carried out."""

import os
from pathlib import Path
from typing import Literal

import msgspec

VARIABLE = "PLAINWATCH_CHAOS_ORDERS"

ModelFault = Literal["", "memory", "hang", "nan", "poison"]


class Orders(msgspec.Struct, frozen=True):
    """`number` grows with each order, so that a fault is carried out once where once is enough."""

    number: int = 0
    clock_offset_s: float = 0.0
    model: ModelFault = ""


class OrderFile:
    """Written by one process, read by the others."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_ns = 0
        self._orders = Orders()

    def write(self, orders: Orders) -> None:
        """All of it or nothing, whoever reads meanwhile."""
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(orders))
        os.replace(part, self._path)

    def read(self) -> Orders:
        """As they stand; none where nothing was ordered yet."""
        try:
            changed_ns = self._path.stat().st_mtime_ns
            if changed_ns != self._read_ns:
                self._orders = msgspec.json.decode(self._path.read_bytes(), type=Orders)
                self._read_ns = changed_ns
        except FileNotFoundError:
            return Orders()
        return self._orders
