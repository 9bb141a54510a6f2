"""What is said before services start where the engine vlm, or its model, cannot be had."""

import errno
import subprocess
import sys
from pathlib import Path

import huggingface_hub.constants
import pytest
from httpx2 import ConnectError, Request, Response
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from analyzer.vlm.choice import FOR_CPU, choose, sees_gpu
from contracts.errors import Refused, Unavailable
from contracts.settings import load_settings
from plainwatch.checks import ROOT
from plainwatch.model_here import chosen_model, ensure_engine, why_not_fetched


def answered(kind: type[HfHubHTTPError], status: int) -> HfHubHTTPError:
    return kind("no", response=Response(status, request=Request("GET", "https://hub.example/api")))


def hidden(error: Exception) -> Exception:
    """As the hub's client raises it when it has looked into its cache too."""
    shown = LocalEntryNotFoundError("not in the cache")
    shown.__cause__ = error
    return shown


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("error", "refused", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), False, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), False, "cannot be written"),
        (answered(GatedRepoError, 403), True, "ask for consent"),
        (answered(RepositoryNotFoundError, 404), True, "the hub has none of this name"),
        (answered(RevisionNotFoundError, 404), True, "has no revision 'v9'"),
        (answered(HfHubHTTPError, 401), False, "does not accept HF_TOKEN"),
        (answered(HfHubHTTPError, 503), False, "the hub answered 503"),
        (ConnectError("no route"), False, "the hub cannot be reached"),
    ],
)
def test_each_way_in_which_a_model_cannot_be_fetched_has_its_own_sentence(
    error: Exception, refused: bool, said: str, wrapped: bool
) -> None:
    told = why_not_fetched("org/model", "v9", hidden(error) if wrapped else error)

    assert isinstance(told, Refused if refused else Unavailable)
    assert said in told.problem
    assert "'org/model'" in told.problem
    assert told.remedy
    assert "\n" not in str(told)


def test_without_a_network_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(Unavailable, match="the hub cannot be reached") as away:
        ensure_engine(load_settings(engine="vlm", vlm_model="org/model"), lambda _: None)

    assert "--engine edge" in away.value.remedy


def test_the_front_door_fetches_what_the_analyzer_will_load_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    told: list[str] = []

    with pytest.raises(Unavailable):
        ensure_engine(load_settings(engine="vlm"), told.append)

    gpu, why = sees_gpu("auto")
    assert why.startswith("torch ")
    assert told[0].startswith(f"engine vlm: model {choose(gpu=gpu).name}, since {why}")
    assert chosen_model(load_settings(engine="vlm", vlm_device="cpu")) == (FOR_CPU.name, "the device is set to 'cpu'")


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_a_folder_as_model_is_no_engine_without_its_packages(tmp_path: Path, package: str) -> None:
    script = f"""
import sys
sys.modules[{package!r}] = None
from contracts.settings import load_settings
from plainwatch.model_here import ensure_engine
try:
    ensure_engine(load_settings(engine="vlm", vlm_model={str(tmp_path)!r}), print)
except Exception as error:
    print(type(error).__name__, error)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, cwd=ROOT)

    assert done.stdout.startswith("Refused engine vlm: torch and transformers cannot be loaded here")
    assert "./run … --engine vlm" in done.stdout
    assert "pip install" not in done.stdout
