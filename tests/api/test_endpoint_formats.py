"""Endpoints of chat services and brokers over HTTP: what is taken, what is shown, what is refused."""

import pytest

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


def test_another_url_must_suit_the_format_too(site: Site) -> None:
    body = {"name": "x", "url": "https://8.8.8.8/topic", "format": "ntfy"}
    made = site.admin.post("/api/v1/endpoints", json=body).json()

    answer = site.admin.patch(f"/api/v1/endpoints/{made['id']}", json={"url": "mqtt://8.8.8.8/"})

    assert answer.status_code == 422
