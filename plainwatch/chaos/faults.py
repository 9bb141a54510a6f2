"""What can break around a site besides its processes, each as one function that begins it, holds it and ends it.

Takes: a Yard whose services run.
Gives: HOUSE_FAULTS by name; each gives the problems it saw, none where all was well.
Knows nothing about: rounds, and what is lost in the end."""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from contracts.broker import bus_errors, connect
from contracts.errors import Unavailable
from plainwatch.chaos.engine import Poison, read_poison
from plainwatch.chaos.orders import ModelFault, Orders
from plainwatch.chaos.processes import VALKEY, allow_disk, deny_disk, send
from plainwatch.chaos.room import POISON_FILE
from plainwatch.chaos.yard import Yard
from plainwatch.valkey import private_valkey

Problems = list[str]
HouseFault = Callable[[Yard], Problems]

STOPPED_S = 3.0
FULL_S = 3.0
LOCKED_S = 10.0
JUMPED_S = 3.0
JUMP_S = 3600.0
BROKEN_MODEL_S = 2.5
#: a frame kills its worker twice, and the third life puts it aside
POISON_DEATHS = 2
POISON_WITHIN_S = 30.0
#: two starts of an analyzer, which a supervisor that saw it die often puts off by ten seconds each
PUT_ASIDE_WITHIN_S = 45.0
POISON_TRIES = 3
#: shorter than PLAINWATCH_READ_TIMEOUT_S
STILL_S = 6.0
#: shorter than an analyzer takes to start
FLOWS_S = 0.3
HANG_WITHIN_S = 30.0
#: the API says within seconds that something is away
ANSWERS_WITHIN_S = 5.0


def valkey_stopped(yard: Yard) -> Problems:
    """It neither answers nor hangs up."""
    pid = yard.pid(VALKEY)
    send(pid, signal.SIGSTOP)
    try:
        began_s = time.monotonic()
        yard.ask(lambda: yard.client.get("/cameras"))
        took_s = time.monotonic() - began_s
        yard.wait(STOPPED_S)
    finally:
        send(pid, signal.SIGCONT)
    slow = f"the API took {took_s:.1f} s to answer while Valkey was stopped"
    return [slow] if took_s > ANSWERS_WITHIN_S else []


def valkey_emptied(yard: Yard) -> Problems:
    """Everything in it is gone from one moment to the next."""
    client = connect(private_valkey(yard.folder).url)
    try:
        with bus_errors("empty it"):
            client.flushall()
    except Unavailable:
        return ["Valkey did not let itself be emptied"]
    finally:
        client.close()
    return []


def disk_full(yard: Yard) -> Problems:
    """Neither the database nor the evidence nor the log takes another byte."""
    pids = [yard.pid(room) for room in ("alerts", "api")]
    for pid in pids:
        deny_disk(pid)
    try:
        yard.wait(FULL_S)
    finally:
        for pid in pids:
            allow_disk(pid)
    return []


def store_locked(yard: Yard) -> Problems:
    """Somebody else holds the database's one write lock."""
    other = sqlite3.connect(yard.folder / "plainwatch.sqlite", timeout=30.0, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yard.wait(LOCKED_S)
        other.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return [f"the database did not let itself be locked: {error}"]
    finally:
        other.close()
    return []


def clock_forward(yard: Yard) -> Problems:
    """An hour, and back again."""
    with _ordered(yard, clock_offset_s=JUMP_S):
        yard.wait(JUMPED_S)
    return []


def clock_back(yard: Yard) -> Problems:
    """An hour, and forward again."""
    with _ordered(yard, clock_offset_s=-JUMP_S):
        yard.wait(JUMPED_S)
    return []


def model_out_of_memory(yard: Yard) -> Problems:
    """At every frame."""
    with _ordered(yard, model="memory"):
        yard.wait(BROKEN_MODEL_S)
    return []


def model_without_number(yard: Yard) -> Problems:
    """Every margin is NaN."""
    with _ordered(yard, model="nan"):
        yard.wait(BROKEN_MODEL_S)
    return []


def model_hangs(yard: Yard) -> Problems:
    """Until its deadline ends the process."""
    before = yard.pid("analyzer")
    with _ordered(yard, model="hang"):
        ended = yard.until(lambda: yard.site.pids().get("analyzer") != before, within_s=HANG_WITHIN_S)
    return [] if ended else ["a model that hangs was not ended"]


def poison_frame(yard: Yard) -> Problems:
    """One frame kills two workers and is put aside: nothing less will do.

    One that newer frames overtook after its first death is dropped, rightly; then another one is tried."""
    for _ in range(POISON_TRIES):
        deaths, was_put_aside = _poison_one(yard)
        if deaths > POISON_DEATHS:
            return [f"a poison frame killed {deaths} workers"]
        if was_put_aside:
            return [] if deaths == POISON_DEATHS else [f"a frame was put aside after {deaths} deaths"]
        if deaths == POISON_DEATHS:
            return [f"a poison frame killed {deaths} workers and was not put aside"]
    return [f"of {POISON_TRIES} poison frames none was put aside"]


EMPTIED = "Valkey emptied"
HOUSE_FAULTS: dict[str, HouseFault] = {
    "Valkey stopped": valkey_stopped,
    EMPTIED: valkey_emptied,
    "disk full": disk_full,
    "database locked": store_locked,
    "clock an hour ahead": clock_forward,
    "clock an hour behind": clock_back,
    "model out of memory": model_out_of_memory,
    "model gives NaN": model_without_number,
    "model hangs": model_hangs,
    "poison frame": poison_frame,
}


@contextmanager
def _ordered(yard: Yard, *, clock_offset_s: float = 0.0, model: ModelFault = "") -> Iterator[int]:
    number = yard.orders.read().number + 1
    yard.orders.write(Orders(number, clock_offset_s, model))
    try:
        yield number
    finally:
        yard.orders.write(Orders(number))


def _poison_one(yard: Yard) -> tuple[int, bool]:
    """How many workers it killed, and whether it was put aside.

    The dead worker's frame waits again from the moment at which the next worker begins until that one takes it. Newer
    frames may overtake it then, and then only: so the cameras hold still meanwhile, each time not for long."""
    before = _poisoned(yard)
    with _ordered(yard, model="poison") as number:

        def moved_on(known: int) -> bool:
            return _deaths(yard, number) > known or _poisoned(yard) > before

        yard.until(lambda: _deaths(yard, number) > 0, within_s=POISON_WITHIN_S)
        ends_s = time.monotonic() + PUT_ASIDE_WITHIN_S
        while (known := _deaths(yard, number)) and _poisoned(yard) <= before and time.monotonic() < ends_s:
            yard.wait(FLOWS_S)
            yard.pid("analyzer")
            with yard.still():
                yard.until(partial(moved_on, known), within_s=STILL_S)
        return _deaths(yard, number), _poisoned(yard) > before


def _deaths(yard: Yard, order: int) -> int:
    poison: Poison | None = read_poison(yard.folder / POISON_FILE)
    return poison.deaths if poison and poison.order == order else 0


def _poisoned(yard: Yard) -> int:
    """Frames that were put aside so far, of all cameras."""
    page = yard.insist(lambda: yard.client.get("/cameras"))
    return sum(one["frames"]["dropped"].get("poison", 0) for one in page["items"])
