import threading

import pytest
import sqlalchemy as sa

from store.audit import notes_on
from store.deliveries import Attempt, DeliveryState, delivery_by_id
from store.endpoint_health import BREAK_AFTER, Failure, endpoint_failed
from store.endpoints import endpoint_by_id
from store.outbound import allowed_targets
from store.schema import deliveries
from tests.api.running import Site, now, until
from tests.store.outbox_steps import lease_due, record_attempt

PUBLIC = "https://93.184.216.34/hook"


def test_the_secret_of_an_endpoint_is_shown_once(site: Site) -> None:
    made = site.add_endpoint()

    read = site.admin.get(f"/api/v1/endpoints/{made['id']}").json()

    secret = str(made["secret"])
    assert secret.startswith("whsec_")
    assert "secret" not in read
    assert read == {name: value for name, value in made.items() if name != "secret"}
    with site.deps.database.read() as connection:
        row = endpoint_by_id(connection, str(made["id"]))
    assert row and site.deps.sealer.open(row.sealed_secret) == secret
    assert site.deps.sealer.open(row.sealed_url) == PUBLIC


def test_a_secret_that_is_given_is_kept_and_not_repeated(site: Site) -> None:
    secret = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="

    made = site.add_endpoint(secret=secret)
    bad = site.admin.post("/api/v1/endpoints", json={"name": "b", "url": PUBLIC, "secret": "hunter2"})

    assert "secret" not in made
    assert bad.status_code == 422
    assert "hunter2" not in bad.text


def test_what_may_be_a_secret_in_a_url_is_masked(site: Site) -> None:
    chat = site.add_endpoint(url="https://user:hunter2@93.184.216.34/services/T0001/XXXXXXXXXXXXXXXXXXXXXXXX?token=abc")

    assert chat["url"] == "https://93.184.216.34/services/T0001/***?***"


def test_a_private_target_needs_an_admins_confirmation_of_exactly_that_address_and_port(site: Site) -> None:
    body = {"name": "home", "url": "http://192.168.1.5:8123/api/webhook/x"}

    refused = site.admin.post("/api/v1/endpoints", json=body)
    confirmed = site.admin.post("/api/v1/endpoints", json=body | {"confirm_private": True})
    neighbour = site.admin.post("/api/v1/endpoints", json=body | {"name": "b", "url": "http://192.168.1.5:8124/"})

    assert refused.status_code == neighbour.status_code == 422
    assert refused.json()["code"] == "outbound_refused"
    assert "192.168.1.5:8123" in refused.json()["remedy"]
    assert confirmed.status_code == 201
    with site.deps.database.read() as connection:
        assert allowed_targets(connection, "webhook") == ("192.168.1.5:8123",)
        notes = notes_on(connection, confirmed.json()["id"])
    assert "private webhook target allowed" in {action for _, action, _ in notes}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://2130706433/", "outbound_refused"),
        ("http://[::ffff:127.0.0.1]/", "outbound_refused"),
        ("http://169.254.169.254/", "outbound_refused"),
        ("https://no-such-host.invalid/", "source_unreachable"),
        ("ftp://93.184.216.34/", "invalid"),
        ("https://", "invalid"),
        ("nonsense", "invalid"),
    ],
)
def test_a_target_that_may_not_or_cannot_be_reached_is_refused_at_once(site: Site, url: str, code: str) -> None:
    answer = site.admin.post("/api/v1/endpoints", json={"name": "x", "url": url})

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["remedy"]


def test_an_unknown_event_type_or_format_is_refused(site: Site) -> None:
    types = site.admin.post("/api/v1/endpoints", json={"name": "x", "url": PUBLIC, "event_types": ["incident.opend"]})
    form = site.admin.post("/api/v1/endpoints", json={"name": "x", "url": PUBLIC, "format": "carrier-pigeon"})

    assert types.status_code == form.status_code == 422


def test_an_endpoint_is_changed_and_removed(site: Site) -> None:
    endpoint = site.add_endpoint()
    path = f"/api/v1/endpoints/{endpoint['id']}"
    site.add_endpoint("other")

    changed = site.admin.patch(path, json={"enabled": False, "event_types": ["incident.opened"]}).json()
    taken = site.admin.patch(path, json={"name": "other"})
    ping = site.admin.post(f"{path}/test")
    removed = site.admin.delete(path)

    assert (changed["enabled"], changed["event_types"]) == (False, ["incident.opened"])
    assert taken.status_code == 409
    assert ping.status_code == 409
    assert removed.status_code == 204
    assert site.admin.get(path).status_code == 404


def deliver(site: Site, delivery_id: str) -> None:
    """Plays alerts: takes the delivery and says that it arrived."""
    at = now()
    with site.deps.database.write() as connection:
        leased = lease_due(connection, worker="a", now=at, until=at, most=10, per_endpoint=10)
        row = next(row for row in leased if row.id == delivery_id)
        assert record_attempt(
            connection, row, Attempt(row.created_at, 12.0, 204), state=DeliveryState.DELIVERED, next_at=at
        )


def test_a_test_ping_is_a_delivery_like_any_other(site: Site) -> None:
    endpoint = site.add_endpoint(event_types=["incident.opened"])

    ping = site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test")

    shown = ping.json()
    assert ping.status_code == 202
    assert (shown["type"], shown["state"], shown["attempts"]) == ("test.ping", "pending", 0)
    assert site.admin.get(f"/api/v1/deliveries/{shown['id']}").json() == shown
    with site.deps.database.read() as connection:
        row = delivery_by_id(connection, shown["id"])
    assert row and '"type":"test.ping"' in row.body


def test_a_test_ping_can_wait_for_its_outcome(site: Site) -> None:
    endpoint = site.add_endpoint()
    answers: list[dict[str, object]] = []

    def ping() -> None:
        answers.append(site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test?wait_s=9").json())

    thread = threading.Thread(target=ping)
    thread.start()
    viewer = site.with_scopes("view")
    until(lambda: len(viewer.get("/api/v1/deliveries").json()["items"]) == 1)
    deliver(site, viewer.get("/api/v1/deliveries").json()["items"][0]["id"])
    thread.join()

    assert (answers[0]["state"], answers[0]["last_status"]) == ("delivered", 204)


def test_a_replay_keeps_the_message_id_and_starts_anew(site: Site) -> None:
    endpoint = site.add_endpoint()
    sent = site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test").json()
    path = f"/api/v1/deliveries/{sent['id']}/replay"

    too_early = site.admin.post(path)
    deliver(site, sent["id"])
    again = site.admin.post(path)

    assert too_early.status_code == 409
    assert again.status_code == 202
    assert (again.json()["state"], again.json()["attempts"]) == ("pending", 0)
    assert again.json()["message_id"] == sent["message_id"]


def test_deliveries_are_listed_newest_first_and_filtered(site: Site) -> None:
    one, other = (str(site.add_endpoint(name)["id"]) for name in ("one", "other"))
    sent = [site.admin.post(f"/api/v1/endpoints/{id}/test").json()["id"] for id in (one, other, one)]
    deliver(site, sent[0])

    everything = site.admin.get("/api/v1/deliveries").json()["items"]
    of_one = site.admin.get(f"/api/v1/deliveries?endpoint={one}").json()["items"]
    done = site.admin.get("/api/v1/deliveries?state=delivered").json()["items"]

    assert {row["id"] for row in everything} == set(sent)
    assert [row["id"] for row in everything] == sorted(sent, reverse=True)
    assert {row["id"] for row in of_one} == {sent[0], sent[2]}
    assert [row["id"] for row in done] == [sent[0]]
    assert site.admin.get("/api/v1/deliveries?state=lost").status_code == 422


def test_a_rotation_shows_the_new_secret_once_and_keeps_the_old_one_for_the_overlap(site: Site) -> None:
    made = site.add_endpoint()
    path = f"/api/v1/endpoints/{made['id']}"

    rotated = site.admin.post(f"{path}/rotate", json={"overlap_s": 3600}).json()

    shown = site.admin.get(path).json()
    with site.deps.database.read() as connection:
        row = endpoint_by_id(connection, str(made["id"]))
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert "secret" not in shown
    assert shown["old_secret_until"] == rotated["old_secret_until"]
    assert row and row.sealed_old_secret
    assert site.deps.sealer.open(row.sealed_secret) == rotated["secret"]
    assert site.deps.sealer.open(row.sealed_old_secret) == made["secret"]


def test_a_secret_that_leaked_is_worthless_at_once_where_no_overlap_is_wanted(site: Site) -> None:
    made = site.add_endpoint()

    rotated = site.admin.post(f"/api/v1/endpoints/{made['id']}/rotate", json={"overlap_s": 0}).json()

    with site.deps.database.read() as connection:
        row = endpoint_by_id(connection, str(made["id"]))
    assert "old_secret_until" not in rotated
    assert row and row.sealed_old_secret is None


def test_ed25519_shows_its_public_key_always_and_its_private_key_never(site: Site) -> None:
    made = site.add_endpoint(signature="v1a")
    path = f"/api/v1/endpoints/{made['id']}"

    rotated = site.admin.post(f"{path}/rotate", json={}).json()
    back = site.admin.post(f"{path}/rotate", json={"signature": "v1"}).json()

    assert str(made["public_key"]).startswith("whpk_")
    assert "secret" not in made and "secret" not in rotated
    assert rotated["signature"] == "v1a" and rotated["public_key"] != made["public_key"]
    assert back["signature"] == "v1" and back["secret"].startswith("whsec_") and "public_key" not in back


def test_a_secret_of_the_other_kind_is_refused_without_being_repeated(site: Site) -> None:
    shared = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
    body = {"name": "x", "url": PUBLIC, "secret": shared, "signature": "v1a"}

    refused = site.admin.post("/api/v1/endpoints", json=body)
    taken = site.admin.post("/api/v1/endpoints", json=body | {"secret": shared.replace("whsec_", "whsk_")})

    assert refused.status_code == 422
    assert shared not in refused.text
    assert taken.status_code == 201
    assert taken.json()["public_key"].startswith("whpk_")


def test_the_least_severity_is_kept_and_changed_and_only_admins_rotate(site: Site) -> None:
    endpoint = site.add_endpoint(min_severity="high")
    path = f"/api/v1/endpoints/{endpoint['id']}"

    changed = site.admin.patch(path, json={"min_severity": "low"}).json()
    wrong = site.admin.patch(path, json={"min_severity": "dreadful"})
    viewer = site.with_scopes("view", "rules", "cameras").post(f"{path}/rotate", json={})

    assert (endpoint["min_severity"], changed["min_severity"]) == ("high", "low")
    assert wrong.status_code == 422
    assert viewer.status_code == 403


def test_what_an_endpoint_answered_is_shown_to_admins_only(site: Site) -> None:
    endpoint = site.add_endpoint()
    ping = site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test").json()
    at = now()
    with site.deps.database.write() as connection:
        for status in (500, 204):
            (row,) = lease_due(connection, worker="a", now=at, until=at, most=1, per_endpoint=9)
            attempt = Attempt(row.created_at, 12.34, status, answer="said in confidence")
            record_attempt(connection, row, attempt, state=DeliveryState.PENDING, next_at=at)
    path = f"/api/v1/deliveries/{ping['id']}/attempts"

    whole = site.admin.get(path).json()["items"]
    seen = site.with_scopes("view").get(path)
    first = site.admin.get(f"{path}?limit=1").json()
    second = site.admin.get(f"{path}?limit=1&cursor={first['next_cursor']}").json()

    assert [(one["status"], one["latency_ms"], one["answer"]) for one in whole] == [
        (500, 12.3, "said in confidence"),
        (204, 12.3, "said in confidence"),
    ]
    assert "confidence" not in seen.text
    assert [one["status"] for one in seen.json()["items"]] == [500, 204]
    assert first["items"] + second["items"] == whole
    assert "next_cursor" not in second
    assert site.admin.get("/api/v1/deliveries/none/attempts").status_code == 404
    assert site.admin.get(f"{path}?cursor=eHg").status_code == 422


def test_the_dead_letters_of_a_stretch_are_replayed_under_the_same_ids(site: Site) -> None:
    one, other = (str(site.add_endpoint(name)["id"]) for name in ("one", "other"))
    sent = [site.admin.post(f"/api/v1/endpoints/{id}/test").json() for id in (one, one, other)]
    with site.deps.database.write() as connection:
        connection.execute(sa.update(deliveries).values(state="dead", attempts=10))
    stretch = {"endpoint": one, "from": "2026-01-01T00:00:00Z", "to": "2100-01-01T00:00:00+02:00"}

    replayed = site.admin.post("/api/v1/deliveries/replay", json=stretch)

    again = site.admin.get("/api/v1/deliveries?state=pending").json()["items"]
    dead = site.admin.get("/api/v1/deliveries?state=dead").json()["items"]
    assert (replayed.status_code, replayed.json()) == (202, {"replayed": 2})
    assert {row["message_id"] for row in again} == {row["message_id"] for row in sent[:2]}
    assert [row["id"] for row in dead] == [sent[2]["id"]]
    assert site.with_scopes("view").post("/api/v1/deliveries/replay", json=stretch).status_code == 403


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-22T08:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_stretch_needs_moments_with_a_zone_and_within_reason(site: Site, moment: str) -> None:
    body = {"from": moment, "to": "2026-11-22T08:00:00Z"}

    assert site.admin.post("/api/v1/deliveries/replay", json=body).status_code == 422


def test_a_ping_goes_before_what_waits_and_opens_the_breaker_for_a_probe(site: Site) -> None:
    endpoint = str(site.add_endpoint()["id"])
    site.admin.post(f"/api/v1/endpoints/{endpoint}/test")
    with site.deps.database.write() as connection:
        connection.execute(sa.update(deliveries).values(next_at=deliveries.c.created_at))
        for _ in range(BREAK_AFTER):
            endpoint_failed(connection, endpoint, Failure("answered 500", now()))

    shut = site.admin.get(f"/api/v1/endpoints/{endpoint}").json()
    ping = site.admin.post(f"/api/v1/endpoints/{endpoint}/test").json()

    with site.deps.database.write() as connection:
        leased = lease_due(connection, worker="a", now=now(), until=now(), most=9, per_endpoint=9)
    assert shut["next_probe_at"]
    assert [row.id for row in leased] == [ping["id"]]
