"""The API explains a sentence as the command does, and what it said stays with what happened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.api.running import Site
from tests.api.test_incidents import happen

ZONE = {"name": "loading bay", "polygon": [[0, 0], [1, 0], [1, 1]]}
SENTENCES = (
    "a car is visible",
    "more than 3 people in the loading bay between 22:00 and 06:00",
    "a person climbs over the fence at the front gate, urgent",
    "nobody at the front gate for 10 minutes on weekdays",
    "晚上十点后装卸区有人超过30秒",
    "someone is screaming loudly",
    "a suspicious person",
    "a person is not wearing a helmet, at most one alert every 10 minutes",
    "",
)


def by_command(folder: Path, site: dict[str, list[str]]) -> list[dict[str, Any]]:
    file = folder / "rules.jsonl"
    file.write_text("\n".join(json.dumps({"text": text, "site": site}) for text in SENTENCES))
    command = [sys.executable, "-m", "plainwatch.cli", "rule", "explain", "--file", str(file), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_api_explains_every_sentence_as_the_command_does_for_the_same_site(site: Site, tmp_path: Path) -> None:
    site.add_camera("front gate", zones=[ZONE])

    said = by_command(tmp_path, {"cameras": ["front gate"], "zones": ["loading bay"]})
    answered = [site.admin.post("/api/v1/rules/explain", json={"text": text}) for text in SENTENCES]

    assert [answer.status_code for answer in answered] == [200] * len(SENTENCES)
    assert [answer.json() for answer in answered] == said


def test_what_engines_are_online_changes_only_what_is_answerable(site: Site) -> None:
    before = site.admin.post("/api/v1/rules/explain", json={"text": SENTENCES[2]}).json()
    site.analyzer_is_online()

    after = site.admin.post("/api/v1/rules/explain", json={"text": SENTENCES[2]}).json()

    assert {**before, "answerable": None} == {**after, "answerable": None}


def test_an_edited_rule_has_a_new_version_and_its_old_incidents_keep_theirs(site: Site) -> None:
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    incident = happen(site, rule=rule["id"])

    edited = site.admin.patch(f"/api/v1/rules/{rule['id']}", json={"text": "a person is visible"}).json()
    kept = site.admin.get(f"/api/v1/incidents/{incident.id}").json()
    versions = site.admin.get(f"/api/v1/rules/{rule['id']}/versions").json()["items"]

    assert (edited["version"], kept["rule"]["version"], kept["rule"]["text"]) == (2, 1, "a car is visible")
    assert [one["plan"] for one in versions] == [rule["plan"], edited["plan"]]
