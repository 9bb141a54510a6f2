"""One service under fire: the real one, with a clock that jumps and a model that fails when it is told to.

Takes: `python -m plainwatch.chaos.room ROOM`, the order file in PLAINWATCH_CHAOS_ORDERS.
Gives: the service's exit code.
Knows nothing about: who gives the orders.

Clocks and the engine are chosen where a service is wired, in its __main__: there, and only there, ours take their
place. Monotonic clocks go on, as they do where a machine's clock is set."""

import importlib
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType

from analyzer.engine import Engine
from contracts import service
from contracts.broker import Client
from contracts.settings import Settings
from plainwatch.chaos.engine import FailingEngine
from plainwatch.chaos.orders import VARIABLE, OrderFile

POISON_FILE = "poison.json"


def main(room: str) -> int:
    """Runs until the service ends."""
    path = Path(os.environ[VARIABLE])
    orders = OrderFile(path)

    class Shifted(datetime):
        """Says another time than the machine's."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=orders.read().clock_offset_s)

    wiring = importlib.import_module(f"{room}.__main__")
    for module in (wiring, service):
        _replace(module, "datetime", Shifted)
    if room == "analyzer":
        _replace(wiring, "open_engine", _failing(wiring.open_engine, orders, path.parent / POISON_FILE))
    return service.run(room, wiring.main if hasattr(wiring, "main") else wiring.serve)


def _replace(module: ModuleType, name: str, value: object) -> None:
    setattr(module, name, value)


def _failing(
    real: Callable[[Settings, Client | None], Engine], orders: OrderFile, poison: Path
) -> Callable[[Settings, Client | None], Engine]:
    def open_engine(settings: Settings, client: Client | None = None) -> Engine:
        return FailingEngine(real(settings, client), orders, poison)

    return open_engine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
