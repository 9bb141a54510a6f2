import base64
from datetime import timedelta

import pytest

from contracts.site import IngestCamera, IngestSite, ProbeReport
from store.audit import notes_on
from store.cameras import camera_by_id
from store.outbound import allowed_targets
from store.progress import Advance, IngestCount, advance, set_ingest_counts
from tests.api.running import GOOD_CAMERA, PICTURE, IngestWorker, Site, now, until

_NOTHING = IngestSite(0)
_SOMETHING = IngestSite(0, (IngestCamera("cam_x", "x", "rtsp://x/"),))
URL = "rtsp://viewer:hunter2@192.168.1.20:8554/stream1?channel=2"


def test_a_camera_is_probed_and_stored_with_its_credentials_sealed(site: Site, ingest: IngestWorker) -> None:
    answer = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL})

    shown = answer.json()
    assert answer.status_code == 201
    assert shown["url"] == "rtsp://***@192.168.1.20:8554/stream1?channel=2"
    assert shown["probe"] | {"picture": ""} == {
        "ok": True,
        "codec": "h264",
        "width": 1280,
        "height": 720,
        "fps": 25.0,
        "keyframe_interval_s": 0.5,
        "picture": "",
    }
    assert base64.b64decode(shown["probe"]["picture"].removeprefix("data:image/jpeg;base64,")) == PICTURE
    with site.deps.database.read() as connection:
        row = camera_by_id(connection, shown["id"])
    assert row and row.url == "rtsp://192.168.1.20:8554/stream1?channel=2"
    assert site.deps.sealer.open(row.sealed) == "viewer:hunter2"
    assert ingest.asked[0].url == row.url
    assert site.deps.sealer.open(ingest.asked[0].sealed) == "viewer:hunter2"


def test_a_camera_that_gives_no_pictures_is_refused_with_the_reason(site: Site, ingest: IngestWorker) -> None:
    wrong = {"reason": "the password is wrong", "remedy": "enter it again", "code": "source_unauthorized"}
    ingest.report = ProbeReport(ok=False, **wrong)

    refused = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL})
    forced = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL, "force": True})

    assert refused.status_code == 422
    assert refused.json()["code"] == "source_unauthorized"
    assert refused.json()["detail"] == "the password is wrong"
    assert "enter it again" in refused.json()["remedy"]
    assert forced.status_code == 201
    assert "the password is wrong" in forced.json()["warnings"][0]


def test_rare_keyframes_are_warned_of_with_the_figure_and_the_way_out(site: Site, ingest: IngestWorker) -> None:
    ingest.report = ProbeReport(ok=True, codec="h264", width=640, height=360, fps=10.0, keyframe_interval_s=5.0)
    every = {"name": "yard", "url": URL, "sampling": {"mode": "every_s", "every_s": 0.5}}

    rare = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL}).json()
    decoded = site.admin.post("/api/v1/cameras", json=every).json()

    assert "5.0 s" in rare["warnings"][0]
    assert "every_s" in rare["warnings"][0]
    assert "warnings" not in decoded


def test_without_an_ingest_worker_a_camera_is_stored_with_a_warning(site: Site) -> None:
    answer = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL})

    assert answer.status_code == 201
    assert "no ingest worker is online" in answer.json()["warnings"][0]
    assert answer.json()["status"]["state"] == "unknown"


def test_a_probe_alone_stores_nothing(site: Site, ingest: IngestWorker) -> None:
    seen = site.admin.post("/api/v1/cameras/probe", json={"url": URL})
    ingest.report = ProbeReport(ok=False, reason="nobody answers", code="source_unreachable")
    unseen = site.admin.post("/api/v1/cameras/probe", json={"url": URL})

    assert seen.status_code == 200
    assert seen.json()["codec"] == GOOD_CAMERA.codec
    assert unseen.status_code == 422
    assert unseen.json()["code"] == "source_unreachable"
    assert site.admin.get("/api/v1/cameras").json() == {"items": []}


def test_a_registered_camera_is_probed_with_its_stored_credentials(site: Site, ingest: IngestWorker) -> None:
    camera = site.add_camera(url=URL)

    seen = site.admin.post(f"/api/v1/cameras/{camera['id']}/probe")

    assert (seen.status_code, seen.json()["codec"]) == (200, "h264")
    assert site.deps.sealer.open(ingest.asked[0].sealed) == "viewer:hunter2"
    assert site.admin.post("/api/v1/cameras/cam_none/probe").status_code == 404


def test_a_taken_name_is_refused_before_anybody_looks_at_the_camera(site: Site, ingest: IngestWorker) -> None:
    site.add_camera("gate")

    answer = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": URL})

    assert answer.status_code == 409
    assert ingest.asked == []


def test_a_probe_without_an_ingest_worker_is_unavailable(site: Site) -> None:
    assert site.admin.post("/api/v1/cameras/probe", json={"url": URL}).status_code == 503


@pytest.mark.parametrize(
    "url",
    [
        "ftp://192.168.1.20/x",
        "rtsp:/192.168.1.20",
        "rtsp://",
        "rtsp://host:99999/",
        "rtsp://[::1/x",
        "concat:a|b",
        "/etc/passwd",
        "file:clip.mp4",
        "rtsp://user:hunter2/more@192.168.1.20/x",
        "rtsp://user:12/hunter2@192.168.1.20/x",
        "rtsp://us%3Aer:hunter2@192.168.1.20/x",
    ],
)
def test_a_url_that_is_no_camera_is_refused_without_repeating_its_password(site: Site, url: str) -> None:
    answer = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": url, "probe": False})

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["remedy"]
    assert "hunter2" not in answer.text


def test_a_camera_on_this_machine_needs_an_admins_confirmation_once(site: Site) -> None:
    body = {"name": "demo", "url": "rtsp://127.0.0.1:18554/demo", "probe": False}
    writer = site.with_scopes("cameras", "view")

    refused = site.admin.post("/api/v1/cameras", json=body)
    not_admin = writer.post("/api/v1/cameras", json=body | {"confirm_private": True})
    confirmed = site.admin.post("/api/v1/cameras", json=body | {"confirm_private": True})
    again = writer.post("/api/v1/cameras", json=body | {"name": "demo 2"})

    assert refused.status_code == 422
    assert refused.json()["code"] == "outbound_refused"
    assert "confirm_private" in refused.json()["remedy"]
    assert not_admin.status_code == 403
    assert confirmed.status_code == again.status_code == 201
    with site.deps.database.read() as connection:
        assert allowed_targets(connection, "camera") == ("127.0.0.1:18554",)
        notes = notes_on(connection, confirmed.json()["id"])
    assert {action for _, action, _ in notes} == {"private camera target allowed", "camera added"}


def test_the_metadata_service_cannot_be_confirmed(site: Site) -> None:
    body = {"name": "x", "url": "http://169.254.169.254/latest", "probe": False, "confirm_private": True}

    answer = site.admin.post("/api/v1/cameras", json=body)

    assert answer.status_code == 422
    assert answer.json()["code"] == "outbound_refused"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zones", [{"name": "a", "polygon": [[0, 0]]}]),
        ("zones", [{"name": "a", "polygon": [[0.5, 0.5], [0.5, 0.5]]}]),
        ("zones", [{"name": "a", "polygon": [[0, 0], [0.5, 0.5], [1, 1]]}]),
        ("zones", [{"name": "a", "polygon": [[0, 0], [1.5, 0], [1, 1]]}]),
        ("zones", [{"name": name, "polygon": [[0, 0], [1, 0], [1, 1]]} for name in ("Gate", "gate")]),
        ("masks", [[[0, 0], [1, 0]]]),
        ("timezone", "Mars/Olympus"),
        ("timezone", "Europe"),
        ("timezone", "../../etc/passwd"),
        ("sampling", {"mode": "sometimes"}),
        ("sampling", {"mode": "every_s", "every_s": 0}),
        ("name", ""),
        ("name", "a\nb"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(site: Site, field: str, value: object) -> None:
    body = {"name": "gate", "url": "rtsp://192.168.1.20/", "probe": False} | {field: value}

    answer = site.admin.post("/api/v1/cameras", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_a_name_is_taken_once(site: Site) -> None:
    gate = site.add_camera("gate")
    yard = site.add_camera("yard")

    added = site.admin.post("/api/v1/cameras", json={"name": "gate", "url": "rtsp://192.168.1.9/", "probe": False})
    renamed = site.admin.patch(f"/api/v1/cameras/{yard['id']}", json={"name": "gate"})

    assert added.status_code == renamed.status_code == 409
    assert "'gate'" in added.json()["detail"]
    assert site.admin.patch(f"/api/v1/cameras/{gate['id']}", json={"name": "gate"}).status_code == 200


def test_status_is_ingests_newest_word_and_unknown_when_it_is_old(site: Site) -> None:
    camera = site.add_camera()
    path = f"/api/v1/cameras/{camera['id']}"

    site.report(str(camera["id"]), fps=25.0, keyframe_interval_s=2.0, last_frame_at=now(), conditions=("dark",))
    fresh = site.admin.get(path).json()["status"]
    site.report(str(camera["id"]), state="offline", reason="rtsp://u:hunter2@h refused", remedy="check the password")
    offline = site.admin.get(path).json()["status"]
    site.report(str(camera["id"]), at=now() - timedelta(seconds=11))
    stale = site.admin.get(path).json()["status"]

    assert fresh["state"] == "online"
    assert (fresh["fps"], fresh["keyframe_interval_s"], fresh["conditions"]) == (25.0, 2.0, ["dark"])
    assert fresh["last_frame_at"].endswith("Z")
    assert offline["state"] == "offline"
    assert offline["reason"] == "rtsp://***@h refused"
    assert stale["state"] == "unknown"
    assert stale["reason"] == "no ingest worker reports"


def test_frames_are_counted_so_that_nothing_is_missing(site: Site) -> None:
    camera = str(site.add_camera()["id"])
    with site.deps.database.write() as connection:
        set_ingest_counts(connection, [IngestCount(camera, 7, sampled=10, dropped={"oom": 1})])
        advance(connection, [Advance(camera, 7, 9, now(), "1-0", analysed=5, unchanged=2, dropped={"stale": 1})])

    frames = site.admin.get(f"/api/v1/cameras/{camera}").json()["frames"]

    assert frames == {"sampled": 10, "analysed": 5, "unchanged": 2, "dropped": {"oom": 1, "stale": 1}, "in_flight": 1}


def test_a_zone_of_two_points_is_a_line(site: Site) -> None:
    fence = {"name": "fence", "polygon": [[0.5, 0.2], [0.5, 1.0]]}

    camera = site.add_camera(zones=[fence])

    assert camera["zones"] == [fence]


def test_a_change_leaves_what_it_does_not_name(site: Site) -> None:
    polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    camera = site.add_camera(zones=[{"name": "gate", "polygon": polygon}], masks=[polygon], timezone="Asia/Shanghai")
    path = f"/api/v1/cameras/{camera['id']}"

    changed = site.admin.patch(path, json={"armed": False, "sampling": {"mode": "every_s", "every_s": 1.0}}).json()
    cleared = site.admin.patch(path, json={"zones": [], "timezone": None}).json()

    assert changed["zones"] == [{"name": "gate", "polygon": polygon}]
    assert changed["timezone"] == "Asia/Shanghai"
    assert not changed["armed"]
    assert cleared["zones"] == []
    assert cleared["masks"] == [polygon]
    assert "timezone" not in cleared


def test_a_new_url_is_probed_and_brings_its_own_credentials(site: Site, ingest: IngestWorker) -> None:
    camera = site.add_camera(url=URL)
    path = f"/api/v1/cameras/{camera['id']}"

    changed = site.admin.patch(path, json={"url": "rtsp://192.168.1.21/other"})

    assert changed.json()["url"] == "rtsp://192.168.1.21/other"
    assert ingest.asked[-1].url == "rtsp://192.168.1.21/other"
    with site.deps.database.read() as connection:
        row = camera_by_id(connection, str(camera["id"]))
    assert row and row.sealed == b""


def test_a_camera_that_is_removed_is_forgotten_everywhere(site: Site) -> None:
    camera = str(site.add_camera()["id"])
    site.report(camera)
    until(lambda: camera in {one.id for one in (site.board.ingest_site() or _NOTHING).cameras})

    removed = site.admin.delete(f"/api/v1/cameras/{camera}")

    assert removed.status_code == 204
    assert removed.content == b""
    assert site.admin.get(f"/api/v1/cameras/{camera}").status_code == 404
    assert camera not in site.board.health()
    until(lambda: (site.board.ingest_site() or _SOMETHING).cameras == ())


def test_cameras_page_in_the_order_of_their_registration(site: Site) -> None:
    names = [f"camera {number}" for number in range(5)]
    for name in names:
        site.add_camera(name)

    first = site.admin.get("/api/v1/cameras?limit=2").json()
    second = site.admin.get(f"/api/v1/cameras?limit=2&cursor={first['next_cursor']}").json()
    third = site.admin.get(f"/api/v1/cameras?limit=2&cursor={second['next_cursor']}").json()

    assert [one["name"] for page in (first, second, third) for one in page["items"]] == names
    assert "next_cursor" not in third


def test_a_file_is_a_camera_where_a_media_root_is_set(site: Site) -> None:
    object.__setattr__(site.deps, "settings", site.deps.settings.model_copy(update={"media_root": "/media"}))

    camera = site.add_camera(url="file:clip.mp4")

    assert camera["url"] == "file:clip.mp4"
