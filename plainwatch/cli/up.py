"""`plainwatch up`: the services for real use, until Ctrl-C.

Takes: a data directory, a host and a port.
Gives: running services, the API's address and, while there is no admin, a one-time set-up key.
Knows nothing about: cameras and rules; they come through the API."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.settings import load_settings
from plainwatch.cli.terminal import DataDir, errors_as_exit_codes, teller, words

if TYPE_CHECKING:
    from plainwatch.house import House

Host = Annotated[str | None, typer.Option("--host", help="Where the API listens.")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The API's port.")]


def up(data_dir: DataDir = Path("data"), host: Host = None, port: Port = None) -> None:
    """Run all services on this machine until Ctrl-C."""
    from plainwatch.house import (  # takes a second: only where it is needed
        LOOK_EVERY_S,
        House,
        ready_within_s,
        signals_to_end,
    )
    from plainwatch.model_here import ensure_engine

    with errors_as_exit_codes():
        settings, say = load_settings(), teller()
        ensure_engine(settings, say)
        house = House(
            data_dir,
            host=host or settings.host,
            port=port or settings.port,
            environment={},
            notify=say,
            ready_within_s=ready_within_s(settings.engine),
        )
        ended = signals_to_end()
        try:
            house.start()
            _greet(house)
            while not ended:
                house.watch()
                time.sleep(LOOK_EVERY_S)
        finally:
            house.stop()


def _greet(house: "House") -> None:
    words.print(f"plainwatch is up: {house.address}", markup=False)
    words.print(f"  data, evidence and logs: {house.data_dir}", markup=False)
    words.print("  add a camera: ./run camera add NAME URL", markup=False)
    if house.setup_key:
        words.print(f"  one-time set-up key, for the first admin: {house.setup_key}", markup=False)
    words.print("  Ctrl-C ends all services")
