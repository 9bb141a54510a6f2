"""What `./run` installs for which command; the installing itself is what every fresh checkout does."""

import pytest
from packaging.requirements import Requirement

from plainwatch.bootstrap import (
    CUDA_DOWNLOAD_MB,
    CUDA_ON_DISK_MB,
    DISK_NEEDED_MB,
    TORCH,
    TORCHVISION,
    disk_needed_mb,
    extra_for,
    torch_needed,
    what_torch_costs,
)
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
        ("evaluate clips --labels events.json --engine vlm", "vlm"),
        ("backtest --rule x --source y.mp4 --engine=vlm", "vlm"),
        ("backtest --rule x --source y.mp4", ""),
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
    ("command", "extra"),
    [("up", "vlm"), ("demo", "vlm"), ("evaluate clips", "vlm"), ("demo --engine edge", ""), ("camera list", "")],
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


CPU_BUILD, CARD_BUILDS = (f"torch=={TORCH}+cpu",), (f"torch==={TORCH}", f"torchvision==={TORCHVISION}")
PAIR = {"torch": TORCH, "torchvision": TORCHVISION}


@pytest.mark.parametrize(
    ("installed", "card", "needed"),
    [
        ({}, False, CPU_BUILD),
        ({"torch": "2.12.0+cpu"}, False, CPU_BUILD),
        ({"torch": f"{TORCH}+cpu"}, False, ()),
        (PAIR, False, ()),
        ({}, True, CARD_BUILDS),
        ({"torch": f"{TORCH}+cpu"}, True, CARD_BUILDS),
        ({"torch": TORCH}, True, CARD_BUILDS),
        (PAIR, True, ()),
        ({"torch": f"{TORCH}+cu130"}, True, ()),
    ],
)
def test_a_machine_gets_the_build_of_torch_that_suits_it(
    installed: dict[str, str], card: bool, needed: tuple[str, ...]
) -> None:
    assert torch_needed(installed, platform="linux", card=card) == needed


@pytest.mark.parametrize("installed", [{}, {"torch": "2.12.0"}, {"torch": f"{TORCH}+cpu"}, PAIR])
def test_nothing_brings_cuda_or_torchvision_to_a_machine_without_a_card(installed: dict[str, str]) -> None:
    for platform in ("linux", "darwin"):
        asked = torch_needed(installed, platform=platform, card=False)

        assert all(one.endswith("+cpu") or platform != "linux" for one in asked)
        assert not any("torchvision" in one for one in asked)
        assert disk_needed_mb(asked) == DISK_NEEDED_MB


def test_a_cpu_build_does_not_pass_for_the_build_for_a_card() -> None:
    torch, torchvision = (Requirement(one) for one in CARD_BUILDS)

    assert [torch.specifier.contains(version) for version in (TORCH, f"{TORCH}+cpu")] == [True, False]
    assert torchvision.specifier.contains(TORCHVISION)


def test_what_a_card_costs_is_said_and_the_disk_must_hold_it() -> None:
    said = what_torch_costs(CARD_BUILDS)

    assert f"{CUDA_DOWNLOAD_MB} MB" in said
    assert f"{CUDA_ON_DISK_MB} MB on disk" in said
    assert disk_needed_mb(CARD_BUILDS) == DISK_NEEDED_MB + CUDA_DOWNLOAD_MB + CUDA_ON_DISK_MB > 10_000
