import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx2

from alerts.site_events import tell_site
from store.incidents import acknowledge_incident, end_incident, snooze_incident
from store.times import to_text
from tests.api.running import Site, now
from tests.api.test_incidents import happen


class Stream:
    """A client that watches events; raises ReadTimeout where none comes in time."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines = response.iter_lines()

    def watching(self) -> None:
        """Returns once the server has said that it is there."""
        next(line for line in self._lines if line == ": watching")

    def next(self) -> tuple[str, str, dict[str, object]]:
        """(id, type, data) of the next event."""
        fields: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif not line and "data" in fields:
                return fields["id"], fields["event"], json.loads(fields["data"])
        raise AssertionError("the stream ended")


@contextmanager
def watch(client: httpx2.Client, last_event_id: str = "") -> Iterator[Stream]:
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    with client.stream("GET", "/api/v1/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        stream.watching()
        yield stream


def test_the_life_of_an_incident_is_told_as_it_happens(site: Site) -> None:
    earlier = to_text(now() - timedelta(seconds=1))
    with watch(site.client(_key(site)), earlier) as stream:
        row = happen(site)
        opened = stream.next()
        with site.deps.database.write() as connection:
            row = acknowledge_incident(connection, row)
        acknowledged = stream.next()
        with site.deps.database.write() as connection:
            end_incident(connection, row, at=now(), reason=None)
        ended = stream.next()

    assert [event[1] for event in (opened, acknowledged, ended)] == [
        "incident.opened",
        "incident.acknowledged",
        "incident.ended",
    ]
    assert opened[2]["type"] == "incident.opened"
    assert opened[2]["data"]["id"] == row.id  # type: ignore[index]


def test_a_client_that_comes_back_is_told_what_it_missed(site: Site) -> None:
    happen(site, rule="rul_old", at=now() - timedelta(minutes=5))
    missed = happen(site, rule="rul_new", at=now() - timedelta(minutes=1))

    with watch(site.client(_key(site)), to_text(now() - timedelta(minutes=2))) as stream:
        _, kind, data = stream.next()

    assert kind == "incident.opened"
    assert data["data"]["id"] == missed.id  # type: ignore[index]


def test_a_cameras_change_is_told(site: Site) -> None:
    camera = str(site.add_camera()["id"])
    site.report(camera)

    # An incident in the past makes the first look visible: after it, the stream knows the camera as online.
    happen(site)
    with watch(site.client(_key(site)), to_text(now() - timedelta(seconds=30))) as stream:
        stream.next()
        site.report(camera, state="offline", reason="no answer")
        _, kind, data = stream.next()

    assert kind == "camera.offline"
    assert data["data"]["status"]["reason"] == "no answer"  # type: ignore[index]
    assert data["data"]["camera"]["id"] == camera  # type: ignore[index]


def test_what_is_told_of_the_site_is_an_event_too_and_stays_in_the_list(site: Site) -> None:
    with watch(site.client(_key(site)), to_text(now())) as stream:
        with site.deps.database.write() as connection:
            tell_site(connection, "camera.offline", {"reason": "told as it happens already"}, now=now())
            tell_site(connection, "analyzer.down", {"reason": "no sign of life"}, now=now() + timedelta(seconds=1))
        _, kind, event = stream.next()

    listed = site.admin.get("/api/v1/events/site?limit=1").json()
    older = site.admin.get(f"/api/v1/events/site?cursor={listed['next_cursor']}").json()
    assert kind == event["type"] == "analyzer.down"
    assert event["data"]["reason"] == "no sign of life"  # type: ignore[index]
    assert listed["items"][0]["data"] == event["data"]
    assert [one["type"] for one in older["items"]] == ["camera.offline"]
    assert "next_cursor" not in older


def test_a_snooze_is_an_event(site: Site) -> None:
    row = happen(site)
    with watch(site.client(_key(site))) as stream:
        with site.deps.database.write() as connection:
            snooze_incident(connection, row, now() + timedelta(minutes=5))
        _, kind, _ = stream.next()

    assert kind == "incident.snoozed"


def test_only_so_many_clients_may_watch(site: Site) -> None:
    while site.deps.streams.acquire(blocking=False):
        pass

    with site.client(_key(site)).stream("GET", "/api/v1/events") as response:
        text = response.read().decode()

    assert "event: problem" in text


def _key(site: Site) -> str:
    return str(site.admin.post("/api/v1/keys", json={"name": "watcher", "scopes": ["view"]}).json()["key"])
