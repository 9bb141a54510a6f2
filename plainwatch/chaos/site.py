"""A site under fire in a process of its own, so that its supervisor can be killed too.

Takes: `python -m plainwatch.chaos.site FOLDER PORT`.
Gives: the services that `plainwatch up` runs, each of them ready to suffer.
Knows nothing about: who breaks it."""

import sys
import time
from pathlib import Path

from contracts.errors import PlainwatchError
from contracts.service import end_with_parent
from plainwatch.house import LOOK_EVERY_S, House, signals_to_end


def main(folder: Path, port: int) -> int:
    """Until it is told to end, or killed."""
    end_with_parent()
    ended = signals_to_end()
    try:
        house = House(folder, host="127.0.0.1", port=port, environment={}, notify=_tell, room_command=_under_fire)
    except PlainwatchError as error:
        _tell(str(error))
        return error.exit_code
    try:
        house.start()
        while not ended:
            house.watch()
            time.sleep(LOOK_EVERY_S)
    except PlainwatchError as error:
        _tell(str(error))
        return error.exit_code
    finally:
        house.stop()
    return 0


def _under_fire(room: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "plainwatch.chaos.room", room)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
