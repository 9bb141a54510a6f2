"""Endpoints of chat services and brokers over HTTP: what is taken, what is shown, what is refused."""

import sys

import pytest

from contracts.through_apprise import SCHEMES
from tests.api.running import Site

TOKEN = "123456:AAbbCCddEE-ff_gg"


@pytest.mark.parametrize(
    ("format", "url", "shown"),
    [
        (
            "slack",
            "https://8.8.8.8/services/T0001/B0002/XXXXXXXXXXXXXXXXXXXX",
            "https://8.8.8.8/services/T0001/B0002/***",
        ),
        ("telegram", f"https://8.8.8.8/bot{TOKEN}?chat_id=-1001", "https://8.8.8.8/***?***"),
        ("ntfy", "https://:tk_abcdefghijkl@8.8.8.8/a-topic", "https://8.8.8.8/a-topic"),
        ("alertmanager", "http://8.8.8.8:9093", "http://8.8.8.8:9093"),
        ("mqtt", "mqtt://alice:hunter2@8.8.8.8/home/pw", "mqtt://8.8.8.8/home/pw"),
        ("apprise", "gotifys://8.8.8.8/a/b/short", "gotifys://***"),
        ("apprise", "POVER://user@token/device?sound=siren", "pover://***"),
        ("apprise", "mailtos://me:hunter2@mail.example?smtp=8.8.8.8", "mailtos://***"),
    ],
)
def test_a_format_is_kept_and_its_url_shown_without_its_secret(site: Site, format: str, url: str, shown: str) -> None:
    made = site.admin.post("/api/v1/endpoints", json={"name": "x", "url": url, "format": format})

    assert made.status_code == 201, made.text
    assert (made.json()["format"], made.json()["url"]) == (format, shown)
    assert "secret" not in made.json()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"url": "https://8.8.8.8/x", "format": "carrier-pigeon"}, "alertmanager"),
        ({"url": f"https://8.8.8.8/bot{TOKEN}", "format": "telegram"}, "chat_id"),
        ({"url": "https://8.8.8.8/", "format": "ntfy"}, "topic"),
        ({"url": "https://8.8.8.8/", "format": "mqtt"}, "mqtt://"),
        ({"url": "mqtt://8.8.8.8/"}, "mqtt://"),
        ({"url": "mqtt://8.8.8.8/a+b", "format": "mqtt"}, "prefix"),
        ({"url": f"pover://user@{TOKEN}"}, "format apprise"),
        ({"url": f"file:///tmp/{TOKEN}", "format": "apprise"}, "'file://'"),
        ({"url": f"syslog://{TOKEN}", "format": "apprise"}, "'syslog://'"),
        ({"url": f"https://8.8.8.8/{TOKEN}", "format": "apprise"}, "pover"),
        ({"url": f"gotify:///{TOKEN}", "format": "apprise"}, "no host"),
        ({"url": f"gotify://8.8.8.8:no/{TOKEN}", "format": "apprise"}, "percent-encode"),
        ({"url": f"json://8.8.8.8/{TOKEN}, file:///etc", "format": "apprise"}, "blanks"),
    ],
)
def test_a_format_that_is_unknown_or_does_not_suit_its_url_is_refused_with_the_way_to_write_it(
    site: Site, body: dict[str, str], word: str
) -> None:
    answer = site.admin.post("/api/v1/endpoints", json={"name": "x"} | body)

    assert answer.status_code == 422
    assert word in answer.text
    assert TOKEN not in answer.text


def test_a_private_broker_is_confirmed_like_any_private_target(site: Site) -> None:
    body = {"name": "home", "url": "mqtt://10.0.0.7/pw", "format": "mqtt"}

    refused = site.admin.post("/api/v1/endpoints", json=body)
    made = site.admin.post("/api/v1/endpoints", json=body | {"confirm_private": True})

    assert "10.0.0.7:1883" in refused.text
    assert made.status_code == 201


def test_a_private_service_of_apprise_is_confirmed_at_its_own_port_and_metadata_never(site: Site) -> None:
    body = {"name": "mail", "url": "mailto://me:hunter2@home.example?smtp=10.0.0.7&mode=ssl", "format": "apprise"}
    metadata = {"name": "x", "url": "json://169.254.169.254/", "format": "apprise", "confirm_private": True}

    refused = site.admin.post("/api/v1/endpoints", json=body)
    made = site.admin.post("/api/v1/endpoints", json=body | {"confirm_private": True})
    never = site.admin.post("/api/v1/endpoints", json=metadata)

    assert "10.0.0.7:465" in refused.text
    assert "hunter2" not in refused.text + made.text
    assert made.status_code == 201
    assert (never.status_code, "never dialled" in never.text) == (422, True)


def test_only_an_admin_adds_what_goes_through_apprise(site: Site) -> None:
    body = {"name": "x", "url": "pover://user@token", "format": "apprise"}

    answer = site.with_scopes("view", "rules", "cameras").post("/api/v1/endpoints", json=body)

    assert answer.status_code == 403


def test_without_the_package_apprise_an_endpoint_of_it_is_refused_with_the_way_to_install_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    answer = site.admin.post("/api/v1/endpoints", json={"name": "x", "url": "pover://u@t", "format": "apprise"})

    assert answer.status_code == 422
    assert "pip" in answer.text


def test_the_openapi_document_names_the_format_and_its_schemes(site: Site) -> None:
    fields = site.admin.get("/openapi.json").json()["components"]["schemas"]["EndpointIn"]["properties"]

    assert "apprise" in fields["format"]["enum"]
    assert all(scheme in fields["url"]["description"] for scheme in SCHEMES)


def test_another_url_must_suit_the_format_too(site: Site) -> None:
    body = {"name": "x", "url": "https://8.8.8.8/topic", "format": "ntfy"}
    made = site.admin.post("/api/v1/endpoints", json=body).json()

    answer = site.admin.patch(f"/api/v1/endpoints/{made['id']}", json={"url": "mqtt://8.8.8.8/"})

    assert answer.status_code == 422
