"""Which URLs go through apprise, where they say that they go, and what of them is shown."""

import json
import subprocess
import sys

import pytest

from alerts.apprise_urls import Dialled, dialled, shown, without_parts
from contracts.errors import Invalid
from contracts.through_apprise import FIXED, HOSTED, SCHEMES


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("json://hook.example/x", "hook.example", 80),
        ("jsons://user:pw@hook.example:8443/x", "hook.example", 8443),
        ("GOTIFYS://push.example/token", "push.example", 443),
        ("hassio://10.0.0.9/token", "10.0.0.9", 8123),
        ("json://[fd00::7]:90/", "fd00::7", 90),
        ("mailto://me:pw@mail.example", "mail.example", 25),
        ("mailtos://me:pw@mail.example", "mail.example", 587),
        ("mailtos://me:pw@mail.example?mode=ssl", "mail.example", 465),
        ("mailtos://me:pw@mail.example?smtp=out.example", "out.example", 587),
    ],
)
def test_a_url_with_a_host_says_where_it_goes(url: str, host: str, port: int) -> None:
    assert dialled(url) == Dialled(host, port)


@pytest.mark.parametrize("scheme", FIXED)
def test_a_service_on_the_internet_has_no_host_of_its_own(scheme: str) -> None:
    assert dialled(f"{scheme}://token/another") is None


@pytest.mark.parametrize(
    "scheme",
    (
        "file files exec script dbus glib gnome kde syslog rsyslog windows macosx growl blink1 mqtt amqp irc xmpp smpp "
        "vapid fcm apprise mycustom https"
    ).split(),
)
def test_what_is_not_on_the_list_is_refused_with_the_list(scheme: str) -> None:
    with pytest.raises(Invalid, match="pover") as refused:
        dialled(f"{scheme}://t0psecret@host/t0psecret")

    assert f"'{scheme}://'" in str(refused.value)
    assert "t0psecret" not in str(refused.value)


def test_a_text_without_a_scheme_is_not_shown() -> None:
    with pytest.raises(Invalid) as refused:
        dialled("t0psecret")

    assert "t0psecret" not in str(refused.value)


KNOWN = """
import inspect, json, sys
from apprise.manager_plugins import NotificationManager
found = NotificationManager()
of = lambda plugin: "".join(inspect.getsource(sys.modules[each.__module__]) for each in plugin.__mro__[:-4])
print(json.dumps({scheme: of(found[scheme]) for scheme in sys.argv[1:] if scheme in found}))
"""


def test_every_service_of_the_list_is_one_of_apprises_that_starts_nothing_and_opens_no_socket_itself() -> None:
    made = subprocess.run([sys.executable, "-c", KNOWN, *SCHEMES], capture_output=True, text=True, check=True)

    sources = json.loads(made.stdout)

    assert sorted(sources) == sorted(SCHEMES)
    for word in ("subprocess", "import socket", "os.system", "ctypes"):
        assert [scheme for scheme, source in sources.items() if word in source] == []


def test_of_a_url_only_its_scheme_is_shown() -> None:
    assert [shown(f"{scheme}://a:b@c/d?e=f") for scheme in SCHEMES] == [f"{scheme}://***" for scheme in SCHEMES]


def test_what_apprise_says_holds_no_part_of_the_url_but_the_host_that_was_dialled() -> None:
    url = "json://alice:p%40ssword@push.example/T0ken1?+X-Key=T0ken2&format=text#T0ken3"
    said = "push.example said no to alice with P@SSWORD (p%40ssword), t0ken1, T0ken2 and T0ken3"

    assert without_parts(said, url) == "push.example said no to *** with *** (***), ***, *** and ***"
    assert without_parts("no to T0ken1 of T0ken2", "pover://T0ken1@T0ken2") == "no to *** of ***"


def test_every_scheme_with_a_host_has_a_port() -> None:
    assert set(HOSTED) | set(FIXED) == set(SCHEMES)
    assert len(SCHEMES) == len(set(SCHEMES))
