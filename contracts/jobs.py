"""Questions with a deadline, from api or alerts to a worker and back: probe, explain, try.

Takes: a job's kind and payload from the asker; a handler for each kind from the worker.
Gives: the reply, or JobTimedOut.
Knows nothing about: what jobs do."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from contracts import keys
from contracts.broker import BLOCK_S, Client, bus_errors
from contracts.errors import JobTimedOut, PlainwatchError

#: nobody picks replies up after this; the keys expire
REPLY_TTL_S = 60
QUEUE_MAX = 100


class Job(msgspec.Struct, frozen=True):
    """One question; after `deadline` nobody waits for its answer."""

    id: str
    kind: str
    deadline: datetime
    payload: bytes


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`error` (a text fit to show) in place of the payload where the worker could not."""

    payload: bytes = b""
    error: str = ""


Handler = Callable[[bytes], bytes]


def ask(
    client: Client, room: str, kind: str, payload: bytes, *, now: datetime, timeout_s: float, bell: str = ""
) -> bytes:
    """Blocks up to `timeout_s`; `bell` wakes workers that wait for something else.

    Raises JobTimedOut, or PlainwatchError with the worker's text."""
    job = Job(secrets.token_hex(8), kind, now + timedelta(seconds=timeout_s), payload)
    waited_s = 0.0
    with bus_errors(f"ask {room} to {kind}"):
        client.lpush(keys.jobs(room), msgspec.msgpack.encode(job))
        client.ltrim(keys.jobs(room), 0, QUEUE_MAX - 1)
        if bell:
            client.lpush(bell, "1")
            client.ltrim(bell, 0, 0)
        raw: Any = None
        while raw is None and waited_s < timeout_s:
            step_s = min(BLOCK_S, timeout_s - waited_s)
            raw = client.blpop([keys.reply(job.id)], timeout=step_s)
            waited_s += step_s
    if raw is None:
        raise JobTimedOut(f"no {room} worker answered '{kind}' within {timeout_s:.0f} s", f"check that {room} runs")
    reply = msgspec.msgpack.decode(raw[1], type=Reply)
    if reply.error:
        raise PlainwatchError(reply.error)
    return reply.payload


def take_job(client: Client, room: str, *, wait_s: float = BLOCK_S) -> Job | None:
    """The oldest job; None after the wait."""
    with bus_errors(f"wait for jobs of {room}"):
        raw: Any = client.brpop([keys.jobs(room)], timeout=min(wait_s, BLOCK_S))
    return msgspec.msgpack.decode(raw[1], type=Job) if raw else None


def waiting_job(client: Client, room: str) -> Job | None:
    """The oldest job, at once; None where none waits. For a worker that has something else to do."""
    with bus_errors(f"look for jobs of {room}"):
        raw: Any = client.rpop(keys.jobs(room))
    return msgspec.msgpack.decode(raw, type=Job) if raw else None


def answer_job(client: Client, job: Job, handlers: Mapping[str, Handler], *, now: datetime) -> None:
    """Runs the handler and replies; a job past its deadline is dropped, since nobody waits."""
    if now >= job.deadline:
        return
    handler = handlers.get(job.kind)
    try:
        reply = Reply(payload=handler(job.payload)) if handler else Reply(error=f"job '{job.kind}' is not known here")
    except PlainwatchError as error:
        reply = Reply(error=str(error))
    with bus_errors(f"reply to job '{job.kind}'"):
        client.rpush(keys.reply(job.id), msgspec.msgpack.encode(reply))
        client.expire(keys.reply(job.id), REPLY_TTL_S)
