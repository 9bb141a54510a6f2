from datetime import datetime, timedelta

import pytest

from store.times import to_text
from tests.api.running import PICTURE, Site, now


def fill(site: Site, *, pictures: int) -> tuple[str, datetime]:
    """A camera with so many pictures, one every ten minutes; the first a day ago."""
    camera = str(site.add_camera()["id"])
    start = (now() - timedelta(days=1)).replace(microsecond=0)
    for number in range(pictures):
        at = start + timedelta(minutes=10 * number)
        site.deps.pictures.archive.put(camera, PICTURE, at=at, epoch=1, seq=number)
    return camera, start


def test_recent_pictures_are_listed_oldest_first_page_by_page_and_by_time(site: Site) -> None:
    camera, start = fill(site, pictures=10)
    path = f"/api/v1/cameras/{camera}/archive"

    def seqs(**query: str) -> list[int]:
        return [one["seq"] for one in site.admin.get(path, params=query).json()["items"]]

    first = site.admin.get(path, params={"limit": "4"}).json()
    assert seqs() == list(range(10))
    assert [one["seq"] for one in first["items"]] == [0, 1, 2, 3]
    assert first["items"][1]["at"] == to_text(start + timedelta(minutes=10))
    assert seqs(cursor=first["next_cursor"], limit="200") == [4, 5, 6, 7, 8, 9]
    middle = {"from": to_text(start + timedelta(minutes=20)), "to": to_text(start + timedelta(minutes=50))}
    assert seqs(**middle) == [2, 3, 4]
    assert site.admin.get(path, params={"from": "yesterday"}).status_code == 422
    assert "next_cursor" not in site.admin.get(path).json()


def test_a_listed_link_opens_without_a_key_until_it_expires(site: Site) -> None:
    camera, _ = fill(site, pictures=1)
    (listed,) = site.admin.get(f"/api/v1/cameras/{camera}/archive").json()["items"]
    stranger = site.client()
    path = listed["url"].partition("/api/")[2]

    opened = stranger.get(f"/api/{path}")
    forged = stranger.get(f"/api/{path}x")
    picture = site.deps.pictures.archive.pictures(camera)[0].path
    old = site.deps.pictures.archive_linker(now() - timedelta(hours=2))(picture).partition("/api/")[2]

    assert (opened.status_code, opened.content, opened.headers["content-type"]) == (200, PICTURE, "image/jpeg")
    assert forged.status_code == 401
    assert stranger.get(f"/api/{old}").status_code == 401
    assert stranger.get(f"/api/v1/archive/{picture}").status_code == 401
    assert site.with_scopes("view").get(f"/api/v1/archive/{picture}").content == PICTURE


def test_nothing_is_shown_of_a_camera_that_was_removed(site: Site) -> None:
    camera, _ = fill(site, pictures=1)
    (listed,) = site.admin.get(f"/api/v1/cameras/{camera}/archive").json()["items"]

    site.admin.delete(f"/api/v1/cameras/{camera}")

    assert site.admin.get(f"/api/v1/cameras/{camera}/archive").status_code == 404
    assert site.client().get("/api/" + listed["url"].partition("/api/")[2]).status_code == 404


@pytest.mark.parametrize("behind", ["../../secret.key", "%2e%2e/%2e%2e/secret.key", "", "20261122T09"])
def test_nothing_outside_the_archive_can_be_fetched(site: Site, behind: str) -> None:
    camera, _ = fill(site, pictures=1)

    answer = site.admin.get(f"/api/v1/archive/{camera}/{behind}")

    assert answer.status_code == 404
