"""Ready formats over real HTTP: what leaves, and what counts as taken."""

import asyncio
import base64
import json
from collections.abc import Callable

import pytest

from alerts.formats.choose import SERVICES
from alerts.sign import new_secret
from alerts.webhook import Message, Sent, WebhookSender
from contracts.outbound import parse_allow
from tests.alerts.formats.events import EVENTS, body_of
from tests.alerts.receiver import NOW, Behaviour, Receiver, answer

Serve = Callable[..., Receiver]
TAKEN: dict[str, Behaviour] = {
    "slack": answer(200, body=b"ok"),
    "discord": answer(204),
    "teams": answer(202),
    "telegram": answer(200, body=b'{"ok":true,"result":{}}'),
    "ntfy": answer(200, body=b'{"id":"a","time":1,"expires":2,"event":"message","topic":"t"}'),
    "alertmanager": answer(200),
}
PATHS = {"telegram": "/bot1:AAA?chat_id=5", "ntfy": "/topic"}


def sent(name: str, url: str) -> Sent:
    message = Message(url, new_secret(), "msg_1", body_of(EVENTS["opened"]), service=SERVICES[name])

    async def send() -> Sent:
        async with WebhookSender(lambda: parse_allow(["127.0.0.1"]), timeout_s=5) as sender:
            return await sender.send(message, now=NOW)

    return asyncio.run(send())


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_that_takes_it_gets_its_own_format_and_no_signature(name: str, serve: Serve) -> None:
    receiver = serve(TAKEN[name])

    outcome = sent(name, f"http://127.0.0.1:{receiver.port}{PATHS.get(name, '/x')}")

    assert (outcome.accepted, outcome.error) == (True, "")
    (got,) = receiver.received
    assert "front door" in json.dumps(json.loads(got.body), ensure_ascii=False)
    assert not [header for header in got.headers if header.startswith("webhook-")]


@pytest.mark.parametrize("name", ["slack", "telegram", "ntfy"])
def test_a_login_page_that_answers_200_took_nothing(name: str, serve: Serve) -> None:
    receiver = serve(answer(200, body=b"<html>please log in</html>"))

    outcome = sent(name, f"http://127.0.0.1:{receiver.port}{PATHS.get(name, '/x')}")

    assert not outcome.accepted
    assert outcome.error.startswith("answered")


def test_telegrams_token_stands_in_the_path_and_its_chat_in_the_body(serve: Serve) -> None:
    receiver = serve(TAKEN["telegram"])

    sent("telegram", f"http://127.0.0.1:{receiver.port}/bot1:AAA?chat_id=-5&message_thread_id=9")

    (got,) = receiver.received
    assert got.path == "/bot1:AAA/sendMessage"
    assert (json.loads(got.body)["chat_id"], json.loads(got.body)["message_thread_id"]) == ("-5", 9)


def test_ntfys_token_goes_as_a_password(serve: Serve) -> None:
    receiver = serve(TAKEN["ntfy"])

    sent("ntfy", f"http://:tk_secret@127.0.0.1:{receiver.port}/topic")

    (got,) = receiver.received
    assert got.path == "/"
    assert got.headers["authorization"] == "Basic " + base64.b64encode(b":tk_secret").decode()


def test_a_rate_limit_is_honoured_and_a_blocked_bot_is_a_failed_attempt(serve: Serve) -> None:
    slow = serve(answer(429, {"retry-after": "7"}, b'{"ok":false,"parameters":{"retry_after":7}}'))
    blocked = serve(answer(403, body=b'{"ok":false,"description":"Forbidden: bot was blocked by the user"}'))

    limited, forbidden = (sent("telegram", f"http://127.0.0.1:{at.port}/bot1:A?chat_id=5") for at in (slow, blocked))

    assert (limited.accepted, limited.retry_after) == (False, "7")
    assert (forbidden.accepted, forbidden.error) == (False, "answered 403")
    assert "blocked by the user" in forbidden.answer
