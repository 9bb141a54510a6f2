"""Jobs over a real Valkey: asked, taken, answered; late ones dropped."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from contracts import keys
from contracts.broker import Client
from contracts.errors import JobTimedOut, NotFound, PlainwatchError
from contracts.jobs import Job, answer_job, ask, take_job, waiting_job

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
WITHIN_S = 10.0


def echo(payload: bytes) -> bytes:
    return payload[::-1]


def refuse(payload: bytes) -> bytes:
    raise NotFound("picture 'abc' is no longer kept", "raise the bound")


def serve_one(client: Client) -> threading.Thread:
    def work() -> None:
        job = take_job(client, "analyzer")
        assert job is not None
        answer_job(client, job, {"echo": echo, "refuse": refuse}, now=NOW)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_asker_gets_what_the_handler_gave(client: Client) -> None:
    worker = serve_one(client)

    reply = ask(client, "analyzer", "echo", b"abc", now=NOW, timeout_s=WITHIN_S)
    worker.join(timeout=WITHIN_S)

    assert reply == b"cba"


@pytest.mark.parametrize(("kind", "said"), [("refuse", "no longer kept; raise the bound"), ("sing", "'sing'")])
def test_what_went_wrong_comes_back_as_text(client: Client, kind: str, said: str) -> None:
    worker = serve_one(client)

    with pytest.raises(PlainwatchError, match=said):
        ask(client, "analyzer", kind, b"", now=NOW, timeout_s=WITHIN_S)
    worker.join(timeout=WITHIN_S)


def test_nobody_answering_is_said_after_the_timeout(client: Client) -> None:
    with pytest.raises(JobTimedOut, match="no analyzer worker answered 'echo'"):
        ask(client, "analyzer", "echo", b"", now=NOW, timeout_s=0.1)


def test_looking_for_a_job_waits_for_none_and_takes_the_oldest(client: Client) -> None:
    nothing = waiting_job(client, "analyzer")
    for kind in ("first", "second"):
        with pytest.raises(JobTimedOut):
            ask(client, "analyzer", kind, b"", now=NOW, timeout_s=0.01)

    kinds = [job.kind for job in (waiting_job(client, "analyzer"), waiting_job(client, "analyzer")) if job]

    assert nothing is None
    assert kinds == ["first", "second"]
    assert waiting_job(client, "analyzer") is None


def test_a_job_past_its_deadline_is_not_worked_on(client: Client) -> None:
    done: list[bytes] = []
    job = Job("j1", "echo", NOW, b"late")

    answer_job(client, job, {"echo": lambda payload: done.append(payload) or payload}, now=NOW + timedelta(seconds=1))  # type: ignore[func-returns-value]

    assert done == []
    assert client.exists(keys.reply("j1")) == 0
