import json

import pytest

from api.live import LiveBoard
from contracts.board import Board
from contracts.broker import connect
from tests.api.running import Site


def test_a_body_over_a_megabyte_is_refused(site: Site) -> None:
    declared = site.admin.post("/api/v1/rules", content=b"x" * (1 << 20) + b"y")
    streamed = site.admin.post("/api/v1/rules", content=(b"x" * 65_536 for _ in range(17)))

    assert declared.status_code == streamed.status_code == 413
    assert declared.json()["code"] == "too_large"


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b'{"text": "\\ud800"}', b'{"text": 5}', b"\xff\xfe"])
def test_a_body_that_is_not_understood_is_refused_with_the_field(site: Site, content: bytes) -> None:
    answer = site.admin.post("/api/v1/rules", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert answer.json()["code"] == "invalid"


def test_a_misspelt_field_is_named(site: Site) -> None:
    answer = site.admin.post("/api/v1/rules", json={"text": "a car is visible", "treshold": 0.5})

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("treshold")
    assert answer.json()["errors"][0]["field"] == "treshold"


def test_a_rule_as_long_as_a_book_is_refused(site: Site) -> None:
    answer = site.admin.post("/api/v1/rules", json={"text": "a car " * 1000})

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("text:")


def test_a_method_that_a_path_does_not_know_is_405_and_says_which_it_does(site: Site) -> None:
    answer = site.admin.put("/api/v1/cameras", json={})

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "allow" in answer.headers


def test_what_does_not_exist_is_404_with_a_remedy(site: Site) -> None:
    for path in ("cameras/x", "rules/x", "rules/x/versions", "endpoints/x", "incidents/x", "deliveries/x"):
        answer = site.admin.get(f"/api/v1/{path}")

        assert answer.status_code == 404, path
        assert answer.json()["remedy"], path


def test_a_cursor_that_is_not_ours_is_refused(site: Site) -> None:
    assert site.admin.get("/api/v1/cameras?cursor=%C3%A9").status_code == 422
    assert site.admin.get("/api/v1/cameras?limit=0").status_code == 422


def test_no_answer_may_be_kept_or_sniffed(site: Site) -> None:
    for answer in (site.client().get("/health"), site.admin.get("/api/v1/cameras"), site.client().get("/api/v1/rules")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_without_redis_the_api_answers_what_the_database_knows(site: Site) -> None:
    site.add_camera("gate")
    site.admin.post("/api/v1/rules", json={"text": "a car is visible"})
    away = LiveBoard(Board(connect("redis://127.0.0.1:1/0")))
    object.__setattr__(site.deps, "live", away)

    cameras = site.admin.get("/api/v1/cameras").json()["items"]
    rules = site.admin.get("/api/v1/rules").json()["items"]
    health = site.client().get("/health")
    added = site.admin.post("/api/v1/cameras", json={"name": "yard", "url": "rtsp://192.168.1.21/"})

    assert cameras[0]["status"]["state"] == "unknown"
    assert "bus" in cameras[0]["status"]["reason"]
    assert rules[0]["state"]["state"] == "degraded"
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
    assert added.status_code == 201
    assert "not probed" in added.json()["warnings"][0]
    assert site.admin.get("/metrics").text.count("plainwatch_bus_up 0.0") == 1


def test_without_the_database_every_operation_says_503(site: Site) -> None:
    with site.deps.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE site")

    health = site.client().get("/health")
    changed = site.admin.post("/api/v1/rules", json={"text": "a car is visible"})

    assert health.status_code == 503
    assert health.json()["checks"]["database"] != "ok"
    assert changed.status_code == 503
    assert changed.json()["code"] == "store_unreachable"
    assert "Traceback" not in changed.text


def test_a_bug_gives_a_problem_without_a_stack_trace(site: Site) -> None:
    class Broken(LiveBoard):
        def view(self, now: object) -> object:  # type: ignore[override]
            raise RuntimeError("rtsp://user:hunter2@camera")

    object.__setattr__(site.deps, "live", Broken(site.board))

    answer = site.admin.get("/api/v1/cameras")

    assert answer.status_code == 500
    assert json.loads(answer.text)["code"] == "bug"
    assert "hunter2" not in answer.text


def test_the_front_page_says_where_the_documentation_is(site: Site) -> None:
    page = site.client().get("/").json()

    assert site.client().get(page["openapi"]).json()["info"]["title"] == "Plainwatch"
