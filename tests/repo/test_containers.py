"""docker-compose.yml and Dockerfile, as far as they can be checked without an engine."""

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("api", "ingest", "analyzer", "alerts")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_every_service_of_the_house_is_there_with_a_health_check(services: dict[str, Any]) -> None:
    assert set(services) == {"valkey", *WORKERS}
    assert all("healthcheck" in service for service in services.values())


@pytest.mark.parametrize("room", WORKERS)
def test_the_commands_name_modules_that_exist(services: dict[str, Any], room: str) -> None:
    for command in (services[room]["command"], services[room]["healthcheck"]["test"][1:]):
        assert command[:2] == ["python", "-m"]
        assert importlib.util.find_spec(command[2] if "." in command[2] else f"{command[2]}.__main__") is not None


@pytest.mark.parametrize("room", WORKERS)
def test_the_variables_are_settings(services: dict[str, Any], room: str) -> None:
    known = {f"PLAINWATCH_{name.upper()}" for name in Settings.model_fields}

    assert set(services[room]["environment"]) <= known


def test_no_password_stands_in_the_file_and_nothing_listens_beyond_this_machine(services: dict[str, Any]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    text = (ROOT / "docker-compose.yml").read_text()

    assert published == ["127.0.0.1:8600:8600"]
    assert not re.search(r"(?i)password:[ \t]*['\"]?\w", text)
    assert "/run/secrets/redis_password" in services["valkey"]["command"][2]


def test_the_image_copies_every_room(services: dict[str, Any]) -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    named = [name for line in copied for name in line.split()]

    assert all((ROOT / name).exists() for name in named)
    assert {"contracts", "rules", "store", "ingest", "analyzer", "alerts", "api", "plainwatch"} <= set(named)


@pytest.mark.parametrize(
    ("extras", "torch"), [("", False), ("[mqtt]", False), ("[postgres]", False), ("[vlm]", True), ("[mqtt,vlm]", True)]
)
def test_only_extras_that_need_torch_bring_it_into_the_image(extras: str, torch: bool) -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    (command,) = re.findall(r"^RUN (.*torch==.*)$", text, re.MULTILINE)
    shell = ["sh", "-c", f"pip() {{ echo \"$@\"; }}; {command}"]

    said = subprocess.run(shell, capture_output=True, check=True, env={"EXTRAS": extras, "TORCH_INDEX": "cpu"})

    assert (b"torch==" in said.stdout) == torch
