import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from contracts.errors import Invalid
from plainwatch.cli.camera import read_window
from tests.api.running import Site
from tests.api.test_incidents import happen

Say = Callable[..., dict[str, Any]]


@pytest.fixture
def say(site: Site) -> Say:
    """Runs one command against the running API; gives its JSON, or {"exit": code} where it fails."""
    key = site.admin.headers["authorization"].removeprefix("Bearer ")
    environment = {**os.environ, "PLAINWATCH_KEY": key, "PLAINWATCH_API": site.url}

    def run(*words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "plainwatch.cli", *words, "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        return dict(json.loads(done.stdout)) if done.returncode == 0 else {"exit": done.returncode}

    return run


def test_what_is_said_of_an_incident_in_the_terminal_is_said(site: Site, say: Say) -> None:
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    row = happen(site, rule=rule["id"])

    acknowledged = say("incident", "acknowledge", row.id)
    snoozed = say("incident", "snooze", row.id, "--minutes", "5")
    again = say("incident", "acknowledge", row.id)

    assert acknowledged["state"] == "acknowledged"
    assert snoozed["snoozed_until"]
    assert again == {"exit": 3}


def test_a_camera_is_armed_and_disarmed_in_the_terminal_also_by_hours(site: Site, say: Say) -> None:
    site.add_camera()

    off = say("camera", "disarm", "gate", "--minutes", "5")
    hours = say("camera", "hours", "gate", "22:00-06:00", "sat,sun:00:00-24:00")
    shown = say("camera", "hours", "gate")

    assert off["armed_now"] is False
    assert [window["start"] for window in hours["arming"]] == ["22:00", "00:00"]
    assert hours["arming"][1]["days"] == ["sat", "sun"]
    assert shown["arming"] == hours["arming"]


@pytest.mark.parametrize("hours", ["night", "22:00", "22-06", "someday:10:00-11:00"])
def test_hours_that_are_not_understood_are_refused_with_an_example(hours: str) -> None:
    with pytest.raises(Invalid, match="write 22:00-06:00"):
        read_window(hours)
