"""Through apprise as it is installed, to real receivers on this machine."""

import asyncio
import os
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from alerts.apprise_events import AppriseSender
from alerts.webhook import Sent
from contracts.outbound import parse_allow
from tests.alerts.formats.events import EVENTS, body_of
from tests.alerts.receiver import Receiver, answer

Serve = Callable[..., Receiver]
TOKEN = "T0ken4711"


def send(url: str, *allow: str, timeout_s: float = 60.0, resolves_to: str = "") -> Sent:
    """`resolves_to`: what the URL's name resolves to when it is looked at first."""
    more = {"resolver": lambda *_: [resolves_to]} if resolves_to else {}

    async def once() -> Sent:
        sender = AppriseSender(lambda: parse_allow(allow), timeout_s=timeout_s, **more)
        return await sender.send(url, body_of(EVENTS["opened"]))

    return asyncio.run(once())


def test_a_message_arrives_with_its_title_and_text(serve: Serve) -> None:
    receiver = serve(answer(200))

    sent = send(f"json://127.0.0.1:{receiver.port}/{TOKEN}", "127.0.0.1")

    assert (sent.accepted, sent.error, sent.status) == (True, "", None)
    (got,) = receiver.received
    assert got.path == f"/{TOKEN}"
    assert b"a person is at the door" in got.body


def test_a_target_that_nobody_allowed_gets_nothing(serve: Serve) -> None:
    receiver = serve()

    sent = send(f"json://127.0.0.1:{receiver.port}/{TOKEN}")

    assert f"an admin can allow exactly 127.0.0.1:{receiver.port}" in sent.error
    assert (sent.accepted, receiver.received) == (False, [])


def test_a_name_that_resolves_anew_is_judged_at_the_address_that_is_dialled(serve: Serve) -> None:
    receiver = serve()

    sent = send(f"json://localhost:{receiver.port}/{TOKEN}", resolves_to="8.8.8.8")

    assert "this machine itself" in sent.error
    assert (sent.accepted, receiver.received) == (False, [])


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_not_followed_also_where_the_url_asks_for_it(serve: Serve, status: int) -> None:
    inside = serve()
    outside = serve(answer(status, {"location": inside.url}))

    sent = send(f"json://127.0.0.1:{outside.port}/{TOKEN}?redirect=yes", "127.0.0.1")

    assert str(status) in sent.error
    assert (len(outside.received), inside.received) == (1, [])


def test_what_the_service_said_against_it_is_the_error_without_any_part_of_the_url(serve: Serve) -> None:
    receiver = serve(answer(401))

    sent = send(f"gotify://127.0.0.1:{receiver.port}/A{TOKEN}x", "127.0.0.1")

    assert "401" in sent.error
    assert TOKEN not in sent.error
    assert TOKEN in str(receiver.received)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"pover://{TOKEN}", "cannot read this URL"),
        (f"file:///{TOKEN}", "'file://'"),
        (f"json://[{TOKEN}/", "percent-encode"),
        (f"pover://[{TOKEN}/", "percent-encode"),
    ],
)
def test_a_url_that_is_none_is_a_failed_attempt_and_not_shown(url: str, said: str) -> None:
    sent = send(url)

    assert said in sent.error
    assert TOKEN not in sent.error
    assert not sent.accepted


def test_a_second_url_behind_a_comma_is_none(serve: Serve) -> None:
    first, second = serve(answer(200)), serve(answer(200))

    send(f"json://127.0.0.1:{first.port}/x,json://127.0.0.1:{second.port}/x", "127.0.0.1")

    assert second.received == []


def apprise_processes() -> list[bytes]:
    """Command line and environment of those that this process has started and that still run."""
    told = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid():
                told.append((stat.parent / "cmdline").read_bytes() + (stat.parent / "environ").read_bytes())
    return [each for each in told if b"alerts.apprise_child" in each]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_service_that_hangs_is_given_up_at_the_timeout_and_its_process_held_no_secret_of_ours(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAINWATCH_SECRET_KEY", "k3y4711")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    over = threading.Event()
    seen: list[bytes] = []

    def hang(handler: BaseHTTPRequestHandler) -> None:
        seen.extend(apprise_processes())
        over.wait(60)

    receiver = serve(hang)

    sent = send(f"json://127.0.0.1:{receiver.port}/{TOKEN}?rto=60", "127.0.0.1", timeout_s=5)

    over.set()
    assert sent.error == "no answer within 5 s"
    assert apprise_processes() == []
    (told,) = seen
    assert not [word for word in (b"PLAINWATCH", b"k3y4711", b"proxy", TOKEN.encode()) if word in told]


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    sent = send("pover://user@token")

    assert "plainwatch[apprise]" in sent.error
    assert not sent.accepted


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs."""

    def handle(self) -> None:
        self._say("220 mail.test")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))  # type: ignore[attr-defined]
            self._say("221 bye" if word == b"QUIT" else "250 fine")
            if word == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_mail_goes_to_a_server_that_is_allowed_and_to_no_other(mail: socketserver.ThreadingTCPServer) -> None:
    url = f"mailto://home.example:{mail.server_address[1]}?smtp=127.0.0.1&from=watch@home.example&to=me@home.example"

    refused, sent = send(url), send(url, "127.0.0.1")

    assert "an admin can allow" in refused.error
    assert sent.accepted, sent.error
    (text,) = mail.mails  # type: ignore[attr-defined]
    assert b"me@home.example" in text


def test_a_file_that_a_url_names_is_not_read(mail: socketserver.ThreadingTCPServer, tmp_path: Path) -> None:
    key = tmp_path / "pub.asc"
    key.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    at = f"mailto://home.example:{mail.server_address[1]}?smtp=127.0.0.1&from=a@home.example&to=b@home.example"

    sent = send(f"{at}&pgp=encrypt&pgppub={key}", "127.0.0.1")

    assert not sent.accepted
    assert mail.mails == []  # type: ignore[attr-defined]


def test_more_at_once_than_there_are_places_arrive_all(serve: Serve) -> None:
    receiver = serve(answer(200))

    async def many() -> list[Sent]:
        sender = AppriseSender(lambda: parse_allow(["127.0.0.1"]), timeout_s=60)
        url, body = f"json://127.0.0.1:{receiver.port}/", body_of(EVENTS["opened"])
        return list(await asyncio.gather(*(sender.send(url, body) for _ in range(10))))

    made = asyncio.run(many())

    assert [sent.error for sent in made] == [""] * 10
    assert len(receiver.received) == 10
