from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contracts.ids import new_id
from contracts.messages import ModelRef
from store.deliveries import delivery_by_id
from store.incidents import Evidence, EvidenceFrame, IncidentRow, IncidentState, Latency, add_incident, end_incident
from store.times import to_text
from tests.api.running import PICTURE, Site, now


def happen(
    site: Site, *, rule: str = "rul_1", camera: str = "cam_1", at: datetime | None = None, group: str | None = None
) -> IncidentRow:
    """`group` "": the first of its own."""
    at = at or now()
    incident_id = new_id("inc", at)
    frame = EvidenceFrame(to_text(at), f"{camera}/picture 1.jpg", "ab" * 32)
    row = IncidentRow(
        id=incident_id,
        state=IncidentState.OPENED,
        rule_id=rule,
        rule_version=1,
        rule_text="a car is visible",
        rule_lang="en",
        camera_id=camera,
        camera_name="gate",
        severity="medium",
        confidence=0.9,
        threshold=0.5,
        calibrated=False,
        started_at=to_text(at),
        captured_at=to_text(at),
        decided_at=to_text(at),
        opened_at=to_text(at),
        latency_ms=Latency(1.0, 2.0, 3.0),
        evidence=Evidence((frame,)),
        model=ModelRef("yolox_nano", "1", "edge"),
        group_id=incident_id if group == "" else group,
    )
    with site.deps.database.write() as connection:
        add_incident(connection, row)
    return row


def keep_picture(site: Site, path: str) -> Path:
    file = site.deps.settings.evidence_dir / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(PICTURE)
    return file


def test_incidents_are_listed_newest_first_and_filtered(site: Site) -> None:
    start = now() - timedelta(hours=1)
    rows = [
        happen(site, rule=f"rul_{number}", camera=f"cam_{number % 2}", at=start + timedelta(minutes=number))
        for number in range(4)
    ]
    ids = [row.id for row in reversed(rows)]

    def listed(query: str) -> list[str]:
        return [one["id"] for one in site.admin.get(f"/api/v1/incidents?{query}").json()["items"]]

    since = to_text(start + timedelta(minutes=2))
    first = site.admin.get("/api/v1/incidents?limit=3").json()
    assert listed("") == ids
    assert [one["id"] for one in first["items"]] == ids[:3]
    assert listed(f"limit=3&cursor={first['next_cursor']}") == ids[3:]
    assert listed("camera=cam_1") == [ids[0], ids[2]]
    assert listed("rule=rul_3&state=opened") == [ids[0]]
    assert listed("state=ended") == []
    assert listed(f"since={since}") == ids[:2]
    assert listed(f"since={since}&limit=1") == ids[:1]
    assert site.admin.get("/api/v1/incidents?since=yesterday").status_code == 422


def test_an_incident_has_every_field_of_the_interface(site: Site) -> None:
    row = happen(site)

    shown = site.admin.get(f"/api/v1/incidents/{row.id}").json()

    assert shown["rule"] | {"lang": "en"} == {"id": "rul_1", "version": 1, "text": "a car is visible", "lang": "en"}
    assert shown["camera"] == {"id": "cam_1", "name": "gate"}
    assert shown["model"] == {"name": "yolox_nano", "revision": "1", "engine": "edge"}
    assert shown["latency_ms"] == {"queue": 1.0, "infer": 2.0, "total": 3.0}
    assert shown["evidence"]["frames"][0]["sha256"] == "ab" * 32
    assert "ended_at" not in shown


def test_an_acknowledgement_is_told_to_the_endpoints_in_the_same_step(site: Site) -> None:
    site.add_endpoint()
    row = happen(site)

    answer = site.admin.post(f"/api/v1/incidents/{row.id}/acknowledge")
    twice = site.admin.post(f"/api/v1/incidents/{row.id}/acknowledge")

    sent = site.admin.get(f"/api/v1/deliveries?incident={row.id}").json()["items"]
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    assert twice.status_code == 409
    assert [one["type"] for one in sent] == ["incident.acknowledged"]
    with site.deps.database.read() as connection:
        delivery = delivery_by_id(connection, sent[0]["id"])
    assert delivery and '"state":"acknowledged"' in delivery.body


def said(site: Site, incident_id: str) -> list[str]:
    """Types of its webhooks, oldest first."""
    items = site.admin.get(f"/api/v1/deliveries?incident={incident_id}").json()["items"]
    return [one["type"] for one in reversed(items)]


def test_a_retraction_says_why_ends_the_incident_and_is_the_last_word(site: Site) -> None:
    site.add_endpoint()
    row = happen(site)

    answer = site.admin.post(f"/api/v1/incidents/{row.id}/retract", json={"reason": "the gardener"})
    again = site.admin.post(f"/api/v1/incidents/{row.id}/retract", json={})
    after = site.admin.post(f"/api/v1/incidents/{row.id}/acknowledge")

    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["retract_reason"]) == (200, "retracted", "the gardener")
    assert shown["ended_at"]
    assert (again.status_code, after.status_code) == (409, 409)
    assert "is retracted already" in again.json()["detail"]
    assert said(site, row.id) == ["incident.retracted"]


def test_a_snooze_is_told_listed_and_lifted(site: Site) -> None:
    site.add_endpoint()
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    row = happen(site, rule=rule["id"])

    answer = site.admin.post(f"/api/v1/incidents/{row.id}/snooze", json={"minutes": 30})
    listed = site.admin.get("/api/v1/incidents/snoozes").json()["items"]
    lifted = site.admin.delete(f"/api/v1/incidents/{row.id}/snooze")
    twice = site.admin.delete(f"/api/v1/incidents/{row.id}/snooze")

    assert answer.json()["sequence"] == 2
    assert [(one["rule_id"], one["camera_id"], one["until"]) for one in listed] == [
        (rule["id"], "cam_1", answer.json()["snoozed_until"])
    ]
    assert "snoozed_until" not in lifted.json()
    assert (twice.status_code, twice.json()["sequence"]) == (200, 3)
    assert site.admin.get("/api/v1/incidents/snoozes").json()["items"] == []
    assert said(site, row.id) == ["incident.snoozed", "incident.updated"]


@pytest.mark.parametrize("minutes", [0, -1, 20_000, "long", None])
def test_a_snooze_without_a_sensible_time_is_refused(site: Site, minutes: object) -> None:
    row = happen(site)

    answer = site.admin.post(f"/api/v1/incidents/{row.id}/snooze", json={"minutes": minutes})

    assert answer.status_code == 422


def test_a_snooze_of_a_removed_rule_is_refused(site: Site) -> None:
    row = happen(site)

    answer = site.admin.post(f"/api/v1/incidents/{row.id}/snooze", json={"minutes": 5})

    assert answer.status_code == 409
    assert "was removed" in answer.json()["detail"]


def test_only_who_may_change_rules_may_say_something_of_an_incident(site: Site) -> None:
    row = happen(site)
    viewer = site.with_scopes("view")

    answers = [viewer.post(f"/api/v1/incidents/{row.id}/{verb}", json={}) for verb in ("acknowledge", "retract")]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_the_incidents_of_a_group_are_found_and_one_says_who_else_saw_it(site: Site) -> None:
    first = happen(site, camera="cam_1", group="")
    joined = happen(site, camera="cam_2", group=first.id)
    happen(site, rule="rul_2", group="")

    listed = site.admin.get(f"/api/v1/incidents?group={first.id}").json()["items"]
    shown = site.admin.get(f"/api/v1/incidents/{joined.id}").json()

    assert [one["id"] for one in listed] == [joined.id, first.id]
    assert shown["group"] == {
        "id": first.id,
        "cameras": [{"id": "cam_1", "name": "gate"}, {"id": "cam_2", "name": "gate"}],
    }


def test_feedback_is_kept(site: Site) -> None:
    row = happen(site)

    given = site.admin.post(f"/api/v1/incidents/{row.id}/feedback", json={"value": "false_alarm"})
    wrong = site.admin.post(f"/api/v1/incidents/{row.id}/feedback", json={"value": "maybe"})

    assert given.json()["feedback"] == "false_alarm"
    assert wrong.status_code == 422
    assert site.admin.get(f"/api/v1/incidents/{row.id}").json()["feedback"] == "false_alarm"


def test_a_picture_opens_by_its_signed_link_without_a_key(site: Site) -> None:
    row = happen(site)
    keep_picture(site, row.evidence.frames[0].path)
    link = site.admin.get(f"/api/v1/incidents/{row.id}").json()["evidence"]["frames"][0]["url"]
    path = "/api/v1/" + link.partition("/api/v1/")[2]

    opened = site.client().get(path)
    forged = site.client().get(path[:-3] + "AAA")
    bare = site.client().get(path.partition("?")[0])
    keyed = site.with_scopes("view").get(path.partition("?")[0])
    unscoped = site.with_scopes("rules").get(path.partition("?")[0])

    assert (opened.status_code, opened.content) == (200, PICTURE)
    assert opened.headers["content-type"] == "image/jpeg"
    assert (keyed.status_code, keyed.content) == (200, PICTURE)
    assert forged.status_code == bare.status_code == 401
    assert unscoped.status_code == 403


def test_a_link_expires(site: Site) -> None:
    row = happen(site)
    keep_picture(site, row.evidence.frames[0].path)
    link = site.deps.pictures.linker(now() - timedelta(days=8))(row.evidence.frames[0].path)

    answer = site.client().get("/api/v1/" + link.partition("/api/v1/")[2])

    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.key",
        "..%2Fsecret.key",
        "%2e%2e/secret.key",
        "cam_1/../../secret.key",
        "cam_1/%2e%2e/%2e%2e/secret.key",
        "%2Fetc%2Fpasswd",
        "//etc/passwd",
        "link.jpg",
        "notes.txt",
        "",
        "cam_1",
        "a%00.jpg",
        "a" * 3000 + ".jpg",
    ],
)
def test_nothing_outside_the_evidence_folder_can_be_fetched(site: Site, path: str) -> None:
    keep_picture(site, "cam_1/picture.jpg")
    keep_picture(site, "notes.txt")
    (site.deps.settings.evidence_dir / "link.jpg").symlink_to(site.deps.settings.key_file)

    answer = site.admin.get(f"/api/v1/evidence/{path}")

    assert answer.status_code in (404, 422)
    assert site.deps.settings.key_file.read_bytes().strip() not in answer.content


def test_an_incident_that_ended_says_when(site: Site) -> None:
    row = happen(site)
    with site.deps.database.write() as connection:
        end_incident(connection, row, at=now(), reason=None)

    shown = site.admin.get(f"/api/v1/incidents/{row.id}").json()

    assert shown["state"] == "ended"
    assert shown["ended_at"].endswith("Z")
