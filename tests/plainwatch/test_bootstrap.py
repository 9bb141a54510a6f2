"""What `./run` installs for which command; the installing itself is what every fresh checkout does."""

import pytest

from plainwatch.bootstrap import TORCH, extra_for
from plainwatch.checks import ROOT


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("demo", ""),
        ("demo --engine edge", ""),
        ("demo --engine vlm --seconds 30", "vlm"),
        ("demo --engine=vlm", "vlm"),
        ("demo --engine", ""),
        ("rule explain vlm", ""),
        ("bench rules --json", "vlm"),
        ("bench ingest", ""),
        ("models export-gate x y", "export"),
        ("", ""),
    ],
)
def test_torch_is_installed_only_where_a_command_needs_it(
    command: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLAINWATCH_ENGINE", raising=False)

    assert extra_for(command.split()) == extra


@pytest.mark.parametrize(
    ("command", "extra"), [("up", "vlm"), ("demo", "vlm"), ("demo --engine edge", ""), ("camera list", "")]
)
def test_the_engine_of_the_settings_counts_where_an_analyzer_is_started(
    command: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAINWATCH_ENGINE", "vlm")

    assert extra_for(command.split()) == extra


def test_a_gate_before_a_server_needs_a_tokenizer_and_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINWATCH_GATE", "/models/gate")

    assert [extra_for(["up"]), extra_for(["demo", "--engine", "openai"])] == ["", "gate"]
    assert extra_for(["demo", "--engine", "vlm"]) == "vlm"


def test_bootstrap_installs_the_version_of_torch_that_the_project_pins() -> None:
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch==")]

    assert pinned == [f"torch=={TORCH}"]
    assert f'"torch=={TORCH}"' in (ROOT / "pyproject.toml").read_text()
