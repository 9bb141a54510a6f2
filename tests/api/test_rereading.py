"""What becomes of rules when cameras and zones get other names."""

from dataclasses import replace

import msgspec
import pytest

from contracts.messages import Capabilities, ModelRef
from store.audit import notes_on
from store.rules import change_rule, rule_by_id
from store.site import site_version
from tests.api.running import Site
from tests.api.test_tuning import Watched

BAY = [{"name": "loading bay", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}]
LINE = [{"name": "yellow line", "polygon": [[0.5, 0.2], [0.5, 1.0]]}]
PEOPLE = Capabilities(
    "analyzer-1",
    "edge",
    ModelRef("yolox_nano", "1", "edge"),
    labels=("person", "car"),
    predicates=("objects", "crosses", "enters", "stays"),
)


class Yard:
    """A rule whose one camera is online, as is an engine that knows people."""

    def __init__(self, site: Site, text: str, *, zones: object = (), **values: object) -> None:
        self.site = site
        site.analyzer_is_online(PEOPLE)
        self.camera = self.add("gate", zones=zones)
        answer = site.admin.post("/api/v1/rules", json={"text": text} | values)
        assert answer.status_code == 201, answer.text
        self.rule: str = answer.json()["id"]

    def add(self, name: str, **values: object) -> str:
        camera = str(self.site.add_camera(name, **values)["id"])
        self.site.report(camera)
        return camera

    def draw(self, zones: object) -> None:
        self.change(zones=zones)

    def change(self, **values: object) -> None:
        answer = self.site.admin.patch(f"/api/v1/cameras/{self.camera}", json=values)
        assert answer.status_code == 200, answer.text

    def shown(self) -> tuple[int, str, str]:
        rule = self.site.admin.get(f"/api/v1/rules/{self.rule}").json()
        return rule["version"], rule["state"]["state"], rule["state"].get("reason", "")


def test_a_zone_that_is_drawn_later_makes_the_rule_go_live_as_a_new_version(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay")
    version, state, reason = yard.shown()
    with site.deps.database.read() as connection:
        before = site_version(connection)

    yard.draw(BAY)

    versions = site.admin.get(f"/api/v1/rules/{yard.rule}/versions").json()["items"]
    with site.deps.database.read() as connection:
        noted, after = notes_on(connection, yard.rule)[-1], site_version(connection)
    assert (version, state) == (1, "pending_engine") and "draw a zone with that name" in reason
    assert yard.shown() == (2, "live", "")
    assert [one["plan"]["zones"] for one in versions] == [[], ["loading bay"]]
    assert noted[1:] == (
        "rule changed",
        "version 2: its plan was made anew, since camera 'gate' brought 'loading bay'",
    )
    assert after == before + 1


def test_a_zone_of_two_points_makes_a_rule_about_crossing_it_go_live(site: Site) -> None:
    yard = Yard(site, "a person crosses the yellow line")

    yard.draw(LINE)

    assert yard.shown() == (2, "live", "")


def test_a_zone_comes_with_a_camera_too(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay")

    yard.add("dock", zones=BAY)

    assert yard.shown() == (2, "live", "")


def test_a_rule_whose_zone_is_renamed_says_which_and_goes_on_when_it_is_there_again(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay", zones=BAY)

    yard.draw([BAY[0] | {"name": "ramp"}])
    renamed = yard.shown()
    yard.draw(BAY)

    reason = "no camera that it watches has the zone 'loading bay': draw it, or write the rule otherwise"
    assert renamed == (1, "degraded", reason)
    assert yard.shown() == (1, "live", "")


def test_a_line_in_which_something_should_be_is_said_to_be_none(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay", zones=BAY)

    yard.draw([{"name": "loading bay", "polygon": [[0.5, 0.2], [0.5, 1.0]]}])

    assert yard.shown()[1:] == (
        "degraded",
        "the zone 'loading bay' is a line, and nothing is in a line: draw it with three corners or more",
    )


@pytest.mark.parametrize("zones", [BAY, [BAY[0] | {"polygon": [[0, 0], [1, 0], [1, 0.5]]}]])
def test_names_that_a_rule_does_not_mention_and_shapes_make_no_version(site: Site, zones: list[object]) -> None:
    yard = Yard(site, "a person is in the loading bay", zones=BAY)

    yard.draw([*zones, {"name": "ramp", "polygon": [[0, 0], [1, 0], [1, 1]]}])

    assert yard.shown() == (1, "live", "")


def test_a_camera_that_the_sentence_names_is_the_one_that_is_watched_from_then_on(site: Site) -> None:
    yard = Yard(site, "a person is at the back door")

    door = yard.add("back door")

    rule = site.admin.get(f"/api/v1/rules/{yard.rule}").json()
    assert (rule["version"], rule["cameras"], rule["plan"]["cameras"]) == (2, [door], ["back door"])


def test_cameras_that_a_person_chose_stay_chosen(site: Site) -> None:
    yard = Yard(site, "a person is at the back door", cameras=["gate"])

    yard.add("back door", zones=[BAY[0] | {"name": "door"}])

    assert yard.shown()[0] == 1


def test_a_renamed_camera_is_still_the_one_that_a_rule_watches(site: Site) -> None:
    yard = Yard(site, "a person is visible on gate")

    yard.change(name="front gate")

    rule = site.admin.get(f"/api/v1/rules/{yard.rule}").json()
    assert (rule["cameras"], rule["state"]["state"]) == ([yard.camera], "live")


def test_a_zone_on_a_camera_that_the_rule_does_not_watch_alters_nothing_until_it_does(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay", cameras=["gate"])

    yard.add("dock", zones=BAY)
    elsewhere = yard.shown()
    site.admin.patch(f"/api/v1/rules/{yard.rule}", json={"cameras": ["dock"]})

    assert elsewhere[:2] == (1, "pending_engine") and "'loading bay' is no zone that I know" in elsewhere[2]
    assert yard.shown() == (2, "live", "")


def test_a_plan_that_a_model_made_is_left_alone(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay")
    with site.deps.database.write() as connection:
        stored = rule_by_id(connection, yard.rule)
        assert stored is not None
        plan = msgspec.structs.replace(stored.plan, origin="model")
        change_rule(connection, replace(stored, plan=plan), new_version=False)

    yard.draw(BAY)

    assert yard.shown()[0] == 1


def test_the_same_text_sent_again_is_read_with_the_names_of_today(site: Site) -> None:
    yard = Yard(site, "a person is in the loading bay", zones=BAY)
    with site.deps.database.write() as connection:  # as a release wrote it that did not read rules anew
        stored = rule_by_id(connection, yard.rule)
        assert stored is not None
        plan = msgspec.structs.replace(stored.plan, zones=())
        change_rule(connection, replace(stored, plan=plan), new_version=False)

    again = site.admin.patch(f"/api/v1/rules/{yard.rule}", json={"text": "a person is in the loading bay"}).json()
    once_more = site.admin.patch(f"/api/v1/rules/{yard.rule}", json={"text": "a person is in the loading bay"}).json()

    assert (again["version"], again["plan"]["zones"]) == (2, ["loading bay"])
    assert once_more["version"] == 2


def test_frames_that_people_graded_do_not_hold_up_a_camera(site: Site) -> None:
    watched = Watched(site, "a car is visible in the loading bay")
    watched.alarm("inc_1", 0.9, value="false_alarm")

    drawn = site.admin.patch(f"/api/v1/cameras/{watched.camera}", json={"zones": BAY})

    assert drawn.status_code == 200
    assert site.admin.get(watched.path).json()["version"] == 2
    assert site.admin.get("/api/v1/incidents/inc_1").json()["rule"]["version"] == 1
