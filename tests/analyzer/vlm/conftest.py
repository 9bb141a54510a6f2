"""Tiny checkpoints and models, made once a session."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from analyzer.vlm.load import Loaded, load
from tests.analyzer.vlm.tiny import FAMILIES, HYBRID, save_tiny

Checkpoint = Callable[[str], Path]
LoadTiny = Callable[..., Loaded]

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """The folder of a family's tiny checkpoint."""
    saved: dict[str, Path] = {}

    def of(family: str) -> Path:
        if family not in saved:
            saved[family] = save_tiny(family, tmp_path_factory.mktemp(family))
        return saved[family]

    return of


@pytest.fixture(scope="session")
def load_tiny(checkpoint: Checkpoint) -> LoadTiny:
    """A family's tiny model in float32 at 64 visual tokens a picture, or as given."""
    loaded: dict[tuple[object, ...], Loaded] = {}

    def of(family: str, *, dtype: str = "float32", visual_tokens: int = 64) -> Loaded:
        key = (family, dtype, visual_tokens)
        if key not in loaded:
            loaded[key] = load(str(checkpoint(family)), dtype=dtype, visual_tokens=visual_tokens)  # type: ignore[arg-type]
        return loaded[key]

    return of


@pytest.fixture(scope="session", params=FAMILIES)
def tiny(request: pytest.FixtureRequest, checkpoint: Checkpoint) -> Path:
    """Each family that can be packed, in turn."""
    return checkpoint(request.param)


@pytest.fixture(params=FAMILIES)
def loaded(request: pytest.FixtureRequest, load_tiny: LoadTiny) -> Loaded:
    """Each family that can be packed, in turn, in float32."""
    return load_tiny(request.param)


@pytest.fixture(scope="session")
def hybrid(checkpoint: Checkpoint) -> Path:
    """A family whose cache is more than keys and values of every token."""
    return checkpoint(HYBRID)
