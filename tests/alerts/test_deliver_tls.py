"""HTTPS as it is in a company: a receiver whose certificate an authority of one's own has issued.

It is trusted by SSL_CERT_FILE, as other programs are told of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.sign import new_secret
from alerts.webhook import Message, Sent, WebhookSender
from contracts.errors import ConfigError
from contracts.outbound import parse_allow
from store.deliveries import DeliveryRow, DeliveryState
from store.endpoints import EndpointRow
from tests.alerts.authority import Authority, new_authority
from tests.alerts.receiver import Receiver, eventually

Serve = Callable[..., Receiver]
Register = Callable[..., EndpointRow]
Deliver = Callable[..., None]
Send = Callable[[EndpointRow], str]
Look = Callable[[str], DeliveryRow]
LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Trusted."""
    made = new_authority(tmp_path, "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def post(url: str, *, dials: str) -> Sent:
    """`dials`: what the URL's name resolves to."""
    message = Message(url=url, secret=new_secret(), message_id="msg_1", body=b"{}")

    async def send() -> Sent:
        async with WebhookSender(lambda: parse_allow([dials]), timeout_s=5.0, resolver=lambda *_: [dials]) as sender:
            return await sender.send(message, now=datetime.now(UTC))

    return asyncio.run(send())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_for_the_urls_host_from_a_trusted_authority_is_accepted(
    authority: Authority,
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
    host: str,
) -> None:
    receiver = serve(tls=authority.shows(host))
    sent = send(endpoint(f"https://{host}:{receiver.port}/hook?x=1"))

    deliver(allow=LOOPBACK)

    eventually(lambda: look(sent).attempts == 1)
    assert (look(sent).state, look(sent).last_error) == (DeliveryState.DELIVERED, None)
    (got,) = receiver.received
    assert (got.path, got.headers["host"]) == ("/hook?x=1", f"{host}:{receiver.port}")


def test_the_checked_address_is_dialled_and_the_urls_name_is_asked_for(
    authority: Authority, serve: Serve
) -> None:
    asked: list[str | None] = []
    shown = authority.shows("hook.example")
    shown.sni_callback = lambda _socket, name, _context: asked.append(name)
    receiver = serve(tls=shown)

    sent = post(f"https://hook.example:{receiver.port}/hook", dials="127.0.0.1")

    assert (sent.status, sent.error) == (204, "")
    assert asked == ["hook.example"]
    assert receiver.received[0].headers["host"] == f"hook.example:{receiver.port}"


def test_a_certificate_for_another_name_is_a_failed_attempt_that_says_so(
    authority: Authority,
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
) -> None:
    receiver = serve(tls=authority.shows("other.example"))
    sent = send(endpoint(f"https://localhost:{receiver.port}/"))

    deliver(allow=LOOPBACK)

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).state is DeliveryState.PENDING
    assert "certificate is not valid for 'localhost'" in (look(sent).last_error or "")
    assert receiver.received == []


def test_a_certificate_that_has_expired_is_a_failed_attempt_that_says_so(
    authority: Authority,
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
) -> None:
    receiver = serve(tls=authority.shows("localhost", expired=True))
    sent = send(endpoint(f"https://localhost:{receiver.port}/"))

    deliver(allow=LOOPBACK)

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).state is DeliveryState.PENDING
    assert "certificate has expired" in (look(sent).last_error or "")
    assert receiver.received == []


@pytest.mark.parametrize("trusts", ["the system's authorities", "another one"])
def test_a_certificate_of_an_authority_that_is_not_trusted_is_a_failed_attempt_that_says_so(
    serve: Serve,
    endpoint: Register,
    deliver: Deliver,
    send: Send,
    look: Look,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusts: str,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if trusts == "another one":
        monkeypatch.setenv("SSL_CERT_FILE", str(new_authority(tmp_path, "another").file))
    receiver = serve(tls=new_authority(tmp_path, "nobody knows it").shows("localhost"))
    sent = send(endpoint(f"https://localhost:{receiver.port}/"))

    deliver(allow=LOOPBACK)

    eventually(lambda: look(sent).attempts == 1)
    assert look(sent).state is DeliveryState.PENDING
    assert "unable to get local issuer certificate" in (look(sent).last_error or "")
    assert receiver.received == []


def test_a_certificate_file_that_is_not_there_is_said_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ours.pem")

    with pytest.raises(ConfigError, match=r"/nowhere/ours\.pem.*No such file"):
        WebhookSender(lambda: ())
