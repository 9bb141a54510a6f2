"""Pictures, frames and questions."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
import simplejpeg

from contracts.messages import Keyframe, Scene
from contracts.plan import Predicate
from contracts.site import AskedQuestion

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A picture with nothing in it that a detector knows."""
    rows, columns = np.mgrid[0:120, 0:160]
    picture = np.stack([rows, columns, rows + columns], axis=2).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=80, colorspace="BGR"))


@pytest.fixture(scope="session")
def frame_of(jpeg: bytes) -> MakeFrame:
    """A Keyframe; what is not given is ordinary."""

    def make(
        camera: str = "cam_1",
        *,
        seq: int = 1,
        picture: bytes = jpeg,
        captured_at: datetime = NOW,
        scene: Scene = Scene(warm=True),  # noqa: B008 - frozen
    ) -> Keyframe:
        return Keyframe(camera, 1, seq, captured_at, picture, 160, 120, scene)

    return make


@pytest.fixture(scope="session")
def ask() -> Ask:
    """A question of the given predicate; its key says what is asked."""

    def make(kind: str, *labels: str, pin_always: bool = False, frames: int = 1) -> AskedQuestion:
        predicate = None if kind == "text" else Predicate(kind, labels)  # type: ignore[arg-type]
        return AskedQuestion("q_" + "_".join((kind, *labels)), f"{kind} {labels}?", predicate, pin_always, frames)

    return make
