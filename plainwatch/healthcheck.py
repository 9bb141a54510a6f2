"""Whether the worker of this container gives signs of life: for Docker and Kubernetes.

Takes: `python -m plainwatch.healthcheck ROOM`, the same environment as the worker.
Gives: exit code 0 where it has beaten within seconds, else 1 with the reason.
Knows nothing about: what the worker does."""

import sys
from datetime import UTC, datetime

from contracts.board import Board
from contracts.broker import connect
from contracts.errors import PlainwatchError
from contracts.service import worker_name
from contracts.settings import load_settings


def main(room: str) -> int:
    """Asks the board for the worker of this container's name."""
    try:
        settings = load_settings()
        board = Board(connect(settings.bus_url))
        alive = {beat.worker for beat in board.beats(now=datetime.now(UTC)) if beat.room == room}
    except PlainwatchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if worker_name(room, settings) in alive:
        return 0
    sys.stderr.write(f"{room}: no sign of life of '{worker_name(room, settings)}'\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
