"""How every worker process lives: logs, signals, the end with its parent, the one broad catch.

Takes: the room's name and its main loop.
Gives: `run`, which returns an exit code; Stop, which the loops wait on; `beat_forever` for signs of life.
Knows nothing about: what the loops do."""

import ctypes
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime

import structlog

from contracts.board import Board
from contracts.errors import PlainwatchError, Unavailable
from contracts.messages import WorkerBeat
from contracts.redact import scrub
from contracts.settings import Settings, load_settings

log = logging.getLogger(__name__)

BEAT_EVERY_S = 2.0
_PR_SET_PDEATHSIG = 1
#: set by the supervisor to its own process id
PARENT_VARIABLE = "PLAINWATCH_PARENT_PID"


class Stop:
    """Set once, by a signal or by a loop that cannot go on."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Safe to call twice."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleeps, but not past the end; True when it is time to end."""
        return self._event.wait(seconds)


def run(room: str, main: Callable[[Settings, Stop], None]) -> int:
    """Runs `main` until it returns or a signal comes. The exit code: 0, ours by error class, or 1 for a bug."""
    try:
        settings = load_settings()
    except PlainwatchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    start_logging(json=settings.log_json)
    end_with_parent()
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # From another thread: the signal may find the main one inside Event.wait, holding the lock that `set` needs.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, name="signal").start())
    try:
        main(settings, stop)
    except PlainwatchError as error:
        log.error("service failed", extra={"room": room, "problem": str(error)})
        return error.exit_code
    except Exception:
        log.exception("service crashed", extra={"room": room})
        return 1
    return 0


def worker_name(room: str, settings: Settings) -> str:
    """Stable over restarts, so that a restarted worker finds what it held."""
    return settings.worker or f"{room}-{socket.gethostname()}"


def end_with_parent() -> None:
    """Asks the kernel to end us when the supervisor dies, also by kill -9 (Linux); a no-op without a supervisor."""
    parent = os.environ.get(PARENT_VARIABLE)
    if not parent or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def start_logging(*, json: bool, level: int = logging.INFO) -> None:
    """Standard logging through structlog, every line scrubbed of credentials, on standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    )
    handler = _ScrubbingHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx2", "httpcore2", "alembic", "libav", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _ScrubbingHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """The last door before the log: whatever gets here, credentials do not pass."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def run_together(parts: Sequence[Callable[[Stop], None]], stop: Stop, *, name: str) -> None:
    """Each part in a thread of its own; when one ends, or breaks, all end, and what broke is raised."""
    with ThreadPoolExecutor(len(parts), thread_name_prefix=name) as threads:
        running = [threads.submit(part, stop) for part in parts]
        wait(running, return_when=FIRST_COMPLETED)
        stop.set()
    for part in running:
        part.result()


def beat_forever(
    board: Board, room: str, worker: str, stop: Stop, figures: Callable[[], dict[str, float]] = dict
) -> None:
    """One thread's loop: a sign of life every BEAT_EVERY_S; Redis being away is no reason to end."""
    away = False
    while True:
        try:
            board.beat(WorkerBeat(room, worker, datetime.now(UTC), os.getpid(), figures()))
            away = False
        except Unavailable as error:
            if not away:
                log.warning("sign of life not sent", extra={"room": room, "problem": str(error)})
            away = True
        if stop.wait(BEAT_EVERY_S):
            return
