import pytest

from contracts.messages import Capabilities, ModelRef
from tests.api.running import Site


def write(site: Site, text: str, **values: object) -> dict[str, object]:
    answer = site.admin.post("/api/v1/rules", json={"text": text} | values)
    assert answer.status_code == 201, answer.text
    shown: dict[str, object] = answer.json()
    return shown


def test_a_rule_is_shown_with_its_plan(site: Site) -> None:
    rule = write(site, "a car is visible", name="cars", threshold=0.6)

    read = site.admin.get(f"/api/v1/rules/{rule['id']}").json()

    assert read == rule
    assert read["version"] == 1
    assert read["plan"]["temporal"] == {"kind": "instant"}
    assert read["plan"]["questions"][0]["predicate"]["labels"] == ["car"]
    assert (read["name"], read["threshold"], read["cameras"]) == ("cars", 0.6, [])


@pytest.mark.parametrize("text", ["someone is screaming loudly", "a suspicious person", "!!!", "   ", "我的邻居来了"])
def test_what_a_picture_cannot_show_is_refused_with_a_suggestion(site: Site, text: str) -> None:
    answer = site.admin.post("/api/v1/rules", json={"text": text})

    problem = answer.json()
    assert answer.status_code == 422
    assert problem["code"] == "rule_refused"
    assert problem["remedy"]
    assert problem["plan"]["lint"][0]["level"] == "error"


def test_what_only_a_reading_engine_can_answer_waits_for_one_and_says_so(site: Site) -> None:
    site.report(str(site.add_camera()["id"]))
    site.analyzer_is_online()

    rule = write(site, "a man climbs over the fence")
    site.analyzer_is_online(Capabilities("analyzer-2", "vlm", ModelRef("tiny", "1", "vlm"), free_text=True))
    later = site.admin.get(f"/api/v1/rules/{rule['id']}").json()

    assert rule["state"] == {
        "state": "pending_engine",
        "reason": (
            "no engine online can answer it: edge: 'climbs' needs a vision-language model; "
            "vlm: no analyzer that runs it is online"
        ),
    }
    assert rule["plan"]["answerable"][0]["ok"] is False  # type: ignore[index]
    assert rule["plan"]["questions"][0]["frames"] == 3  # type: ignore[index]
    assert later["state"] == {"state": "live"}


def test_what_an_engine_of_some_kind_can_answer_waits_for_a_worker_that_can(site: Site) -> None:
    site.report(str(site.add_camera()["id"]))

    nobody = write(site, "a car is visible")["state"]
    site.analyzer_is_online(Capabilities("analyzer-1", "edge", ModelRef("none", "1", "edge"), predicates=("motion",)))
    wrong = write(site, "a car is visible")["state"]
    site.analyzer_is_online()
    right = write(site, "a car is visible")["state"]

    assert nobody == {"state": "pending_engine", "reason": "no analyzer is online"}
    assert isinstance(wrong, dict) and wrong["state"] == "pending_engine"
    assert right == {"state": "live"}


def test_a_rule_is_degraded_while_its_camera_gives_nothing(site: Site) -> None:
    site.analyzer_is_online()
    gate, yard = (str(site.add_camera(name)["id"]) for name in ("gate", "yard"))
    site.report(gate)
    site.report(yard, state="offline", reason="no answer")

    everywhere = write(site, "a car is visible")["state"]
    at_the_gate = write(site, "a car is visible", cameras=["gate"])["state"]
    switched_off = write(site, "a car is visible", enabled=False)["state"]

    assert everywhere == {"state": "degraded", "reason": "camera 'yard' is offline: no answer"}
    assert at_the_gate == {"state": "live"}
    assert switched_off == {"state": "degraded", "reason": "the rule is switched off"}


def test_cameras_are_chosen_by_name_or_id_or_by_the_sentence(site: Site) -> None:
    gate, yard = (str(site.add_camera(name)["id"]) for name in ("front gate", "yard"))

    given = write(site, "a car is visible", cameras=["Front Gate", yard])
    said = write(site, "a car is visible on the camera front gate")
    unknown = site.admin.post("/api/v1/rules", json={"text": "a car is visible", "cameras": ["roof"]})

    assert given["cameras"] == [gate, yard]
    assert said["cameras"] == [gate]
    assert unknown.status_code == 422
    assert "'roof'" in unknown.json()["detail"]


def test_a_threshold_that_no_rule_can_be_run_with_is_refused(site: Site) -> None:
    for threshold in (0, 1):
        refused = site.admin.post("/api/v1/rules", json={"text": "a car is visible", "threshold": threshold})

        assert refused.status_code == 422


def test_another_text_makes_a_new_version_and_nothing_else_does(site: Site) -> None:
    rule = write(site, "a car is visible", threshold=0.5)
    path = f"/api/v1/rules/{rule['id']}"

    same = site.admin.patch(path, json={"text": "a car is visible", "threshold": None, "name": "cars"}).json()
    other = site.admin.patch(path, json={"text": "more than 3 people are visible"}).json()
    refused = site.admin.patch(path, json={"text": "you hear a bang"})
    versions = site.admin.get(f"{path}/versions").json()["items"]

    assert (same["version"], same["name"], "threshold" in same) == (1, "cars", False)
    assert (other["version"], other["plan"]["count"]) == (2, {"op": ">", "n": 3})
    assert refused.status_code == 422
    assert [(one["version"], one["text"]) for one in versions] == [
        (1, "a car is visible"),
        (2, "more than 3 people are visible"),
    ]


def test_a_rule_whose_only_camera_was_removed_does_not_turn_to_all_cameras(site: Site) -> None:
    site.analyzer_is_online()
    gate = str(site.add_camera("gate")["id"])
    site.report(str(site.add_camera("yard")["id"]))
    rule = write(site, "a car is visible", cameras=["gate"])

    site.admin.delete(f"/api/v1/cameras/{gate}")

    left = site.admin.get(f"/api/v1/rules/{rule['id']}").json()
    assert left["cameras"] == [gate]
    assert left["state"] == {"state": "degraded", "reason": f"camera '{gate}' was removed"}


def test_a_removed_rule_is_gone_and_its_versions_stay(site: Site) -> None:
    rule = write(site, "a car is visible")

    assert site.admin.delete(f"/api/v1/rules/{rule['id']}").status_code == 204
    assert site.admin.get(f"/api/v1/rules/{rule['id']}").status_code == 404
    assert len(site.admin.get(f"/api/v1/rules/{rule['id']}/versions").json()["items"]) == 1


def test_a_sentence_is_explained_with_the_sites_names_or_with_given_ones(site: Site) -> None:
    site.add_camera("front gate")
    text = {"text": "a car is visible on the camera front gate"}

    known = site.admin.post("/api/v1/rules/explain", json=text).json()
    refused = site.admin.post("/api/v1/rules/explain", json={"text": "!!!", "cameras": [], "zones": []})

    assert known["cameras"] == ["front gate"]
    assert known["status"] == "ok"
    assert refused.status_code == 200
    assert refused.json()["status"] == "refused"
