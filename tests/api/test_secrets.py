import logging

import pytest

from contracts.redact import scrub
from store.deliveries import Attempt, DeliveryState
from tests.api.running import Site, now
from tests.api.test_incidents import happen
from tests.store.outbox_steps import lease_due, record_attempt

PASSWORD = "hunter2"
SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
HOOK_TOKEN = "T0ken4711T0ken4711T0ken"


def every_get(site: Site, ids: dict[str, str]) -> dict[str, str]:
    """The text of every GET of the OpenAPI document, with the ids filled in."""
    texts = {}
    for path, item in site.admin.get("/openapi.json").json()["paths"].items():
        if "get" not in item or path == "/api/v1/events":
            continue
        texts[path] = site.admin.get(path.format(**ids)).text
    return texts


def test_no_answer_metric_error_or_log_holds_a_secret(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    camera = site.add_camera(url=f"rtsp://user:{PASSWORD}@192.168.1.20/1", substream_url="rtsp://192.168.1.20/2")
    endpoint = site.add_endpoint(url=f"https://u:{PASSWORD}@93.184.216.34/{HOOK_TOKEN}?k={HOOK_TOKEN}", secret=SECRET)
    far = {"name": "far", "format": "apprise", "url": f"json://u:{PASSWORD}@93.184.216.34/{HOOK_TOKEN}?+k={HOOK_TOKEN}"}
    site.add_endpoint(**far)
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    site.report(str(camera["id"]), state="offline", reason=f"rtsp://user:{PASSWORD}@192.168.1.20/1: 401")
    ping = site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test").json()
    _fail(site, f"https://u:{PASSWORD}@93.184.216.34/ did not answer")
    incident = happen(site).id
    ids = {
        "camera_id": str(camera["id"]),
        "endpoint_id": str(endpoint["id"]),
        "rule_id": rule["id"],
        "delivery_id": ping["id"],
        "incident_id": incident,
        "token": site.deps.pictures.links(now()).feedback(incident, "true_alarm").rpartition("/")[2],
        "backtest_id": "bkt_none",
        "path": "none.jpg",
    }

    texts = every_get(site, ids)
    texts |= {
        "taken camera": site.admin.post(
            "/api/v1/cameras", json={"name": "gate", "url": f"rtsp://user:{PASSWORD}@192.168.1.20/1", "probe": False}
        ).text,
        "bad url": site.admin.post("/api/v1/cameras", json={"name": "x", "url": f"ftp://user:{PASSWORD}@h/"}).text,
        "bad field": site.admin.post(
            "/api/v1/cameras", json={"name": "x", "url": f"rtsp://user:{PASSWORD}@h/", "zones": PASSWORD}
        ).text,
        "bad service": site.admin.post(
            "/api/v1/endpoints", json={"name": "x", "format": "apprise", "url": f"file://{PASSWORD}/{HOOK_TOKEN}"}
        ).text,
        "bad secret": site.admin.post(
            "/api/v1/endpoints", json={"name": "x", "url": "https://93.184.216.34", "secret": SECRET[:-9]}
        ).text,
        "log": caplog.text,
    }

    key = site.admin.headers["authorization"].removeprefix("Bearer ")
    assert len(texts) > 15
    for where, text in texts.items():
        for secret in (PASSWORD, SECRET.removeprefix("whsec_"), HOOK_TOKEN, key, "gAAAA"):
            assert secret not in text, (where, scrub(text))


def _fail(site: Site, error: str) -> None:
    at = now()
    with site.deps.database.write() as connection:
        for row in lease_due(connection, worker="a", now=at, until=at, most=10, per_endpoint=10):
            attempt = Attempt(row.created_at, 1.0, error=error)
            record_attempt(connection, row, attempt, state=DeliveryState.PENDING, next_at=at)
