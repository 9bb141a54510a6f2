from datetime import timedelta

import pytest

from api.auth import CLI_KEY_NAME, check_key, create_key, ensure_setup_key
from contracts.errors import NotAllowed
from store.keys import page_of_keys
from tests.api.running import Site, now

OPEN_TO_ALL = {"/", "/health"}


def operations(site: Site) -> list[tuple[str, str]]:
    paths = site.client().get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, item in paths.items() for method in item]


@pytest.mark.parametrize("header", [None, "Bearer pw_key_wrong", "Bearer", "Basic dXNlcjpwYXNz", "pw_key_wrong"])
def test_every_operation_refuses_a_missing_and_a_wrong_key(site: Site, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    guarded = [(method, path) for method, path in operations(site) if path not in OPEN_TO_ALL]

    nobody = site.client()
    answers = [nobody.request(method, path, headers=headers, json={}) for method, path in guarded]

    assert len(guarded) > 25
    for (method, path), answer in zip(guarded, answers, strict=True):
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "not_allowed"


def test_an_unknown_path_under_the_api_tells_nothing_without_a_key(site: Site) -> None:
    assert site.client().get("/api/v1/no-such-thing").status_code == 401
    assert site.admin.get("/api/v1/no-such-thing").status_code == 404


def test_a_broken_body_is_not_even_read_without_a_key(site: Site) -> None:
    answer = site.client().post("/api/v1/cameras", content=b"{", headers={"content-type": "application/json"})

    assert answer.status_code == 401


def test_the_set_up_key_makes_the_first_admin_key_and_is_used_up(site: Site) -> None:
    with site.deps.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    setup = ensure_setup_key(site.deps.database, now())
    assert setup and setup.startswith("pw_setup_")

    first = site.client(setup).post("/api/v1/keys", json={"name": "me"})
    second = site.client(setup).post("/api/v1/keys", json={"name": "me too"})

    assert first.status_code == 201
    assert first.json()["scopes"] == ["admin"]
    assert first.json()["key"].startswith("pw_key_")
    assert second.status_code == 401
    assert site.client(first.json()["key"]).get("/api/v1/keys").status_code == 200
    assert ensure_setup_key(site.deps.database, now()) is None


def test_the_set_up_key_opens_no_other_door(site: Site) -> None:
    with site.deps.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    setup = site.client(ensure_setup_key(site.deps.database, now()) or "")

    assert setup.get("/api/v1/cameras").status_code == 403
    assert setup.get("/api/v1/keys").status_code == 403
    assert setup.post("/api/v1/keys", json={"scopes": ["view"]}).status_code == 422


def test_a_new_set_up_key_takes_the_place_of_the_one_before_and_the_supervisors_own_key_does_not_count(
    site: Site,
) -> None:
    with site.deps.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    create_key(site.deps.database, CLI_KEY_NAME, ["admin"], now())
    older = ensure_setup_key(site.deps.database, now()) or ""

    newer = ensure_setup_key(site.deps.database, now()) or ""

    with pytest.raises(NotAllowed):
        check_key(site.deps.database, older, now())
    assert check_key(site.deps.database, newer, now()).setup


def test_a_key_without_the_scope_gets_403_and_an_admin_may_do_everything(site: Site) -> None:
    viewer, ruler = site.with_scopes("view"), site.with_scopes("rules")

    refused = viewer.post("/api/v1/rules", json={"text": "a car is visible"})

    assert refused.status_code == 403
    assert "'rules'" in refused.json()["detail"]
    assert ruler.post("/api/v1/rules", json={"text": "a car is visible"}).status_code == 201
    assert ruler.get("/api/v1/rules").status_code == 403
    assert site.admin.get("/api/v1/rules").status_code == 200


def test_an_expired_and_a_revoked_key_open_nothing(site: Site) -> None:
    made = site.admin.post("/api/v1/keys", json={"name": "old", "scopes": ["view"]}).json()
    gone = create_key(site.deps.database, "gone", ["view"], now(), expires_at=now() - timedelta(seconds=1))

    revoked = site.admin.delete(f"/api/v1/keys/{made['id']}")

    assert revoked.status_code == 204
    assert site.client(made["key"]).get("/api/v1/cameras").status_code == 401
    assert site.client(gone).get("/api/v1/cameras").status_code == 401
    assert site.admin.delete(f"/api/v1/keys/{made['id']}").status_code == 404


def test_the_use_of_a_key_is_written_at_most_once_a_minute(site: Site) -> None:
    start = now()
    secret = create_key(site.deps.database, "busy", ["view"], start)

    def last_used(after_s: float) -> str | None:
        check_key(site.deps.database, secret, start + timedelta(seconds=after_s))
        with site.deps.database.read() as connection:
            rows = page_of_keys(connection, after="", limit=100)
        return next(row.last_used_at for row in rows if row.name == "busy")

    first, soon, later = last_used(0), last_used(59), last_used(61)

    assert first == soon
    assert later and first and later > first


def test_a_key_that_would_have_expired_already_is_not_made(site: Site) -> None:
    answer = site.admin.post("/api/v1/keys", json={"name": "late", "expires_at": "2020-01-01T00:00:00Z"})

    assert answer.status_code == 422
    assert "expires_at" in answer.json()["detail"]
