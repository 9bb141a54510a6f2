"""The command line in a process of its own, as people use it."""

import json
import os
import subprocess
import sys

import sqlalchemy as sa

from store.schema import deliveries
from tests.api.running import Site


def call(site: Site, *arguments: str, code: int = 0) -> str:
    key = str(site.admin.headers["authorization"]).removeprefix("Bearer ")
    command = [sys.executable, "-m", "plainwatch.cli", "endpoint", *arguments, "--api", site.url]
    environment = {**os.environ, "PLAINWATCH_KEY": key}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == code, result.stderr
    return result.stdout


def test_an_endpoint_is_added_with_its_filters_and_its_kind_of_signature(site: Site) -> None:
    filters = ("--event", "incident.opened", "--event", "incident.ended", "--min-severity", "high")

    made = json.loads(call(site, "add", "phone", "https://93.184.216.34/", *filters, "--signature", "v1a", "--json"))

    assert made["event_types"] == ["incident.opened", "incident.ended"]
    assert (made["min_severity"], made["signature"]) == ("high", "v1a")
    assert made["public_key"].startswith("whpk_")


def test_a_rotation_prints_the_new_secret(site: Site) -> None:
    site.add_endpoint("phone")

    shown = call(site, "rotate", "phone", "--overlap-h", "1")

    assert "secret: whsec_" in shown


def test_the_log_is_listed_and_its_dead_letters_are_replayed(site: Site) -> None:
    endpoint = site.add_endpoint("phone")
    site.admin.post(f"/api/v1/endpoints/{endpoint['id']}/test")
    with site.deps.database.write() as connection:
        connection.execute(sa.update(deliveries).values(state="dead"))

    dead = json.loads(call(site, "log", "phone", "--state", "dead", "--json"))["items"]
    replayed = call(site, "replay", "phone", "--from", "2026-01-01T00:00:00Z", "--to", "2100-01-01")
    none = json.loads(call(site, "log", "phone", "--state", "dead", "--json"))["items"]

    assert [row["state"] for row in dead] == ["dead"]
    assert "1 are due again" in replayed
    assert none == []


def test_a_time_that_is_none_is_a_usage_error(site: Site) -> None:
    call(site, "replay", "phone", "--from", "yesterday", code=2)
