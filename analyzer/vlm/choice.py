"""Which checkpoint is run where none is named, and how much of a download that is.

Takes: the device that the settings name.
Gives: a hub id and its size, and why this one.
Knows nothing about: cards that torch cannot use. The front door, which fetches the model, and the analyzer, which loads
it, both ask here: by the device files alone one chose the large model where the other then took the small."""

import importlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """`download_gb`: of the published files, as their model cards say; not measured by us."""

    name: str
    download_gb: float


FOR_GPU = Choice("Qwen/Qwen3-VL-2B-Instruct", 4.3)
FOR_CPU = Choice("HuggingFaceTB/SmolVLM2-500M-Video-Instruct", 1.0)


def choose(*, gpu: bool) -> Choice:
    """A model that answers within the age that a frame may have."""
    return FOR_GPU if gpu else FOR_CPU


def sees_gpu(device: str) -> tuple[bool, str]:
    """Whether the model runs on one, and why. Raises ImportError or OSError where torch cannot be loaded."""
    if device == "cpu":
        return False, "the device is set to 'cpu'"
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        return True, f"torch sees {torch.cuda.get_device_name()}"
    if torch.version.cuda is None:
        return False, f"torch {torch.__version__} is built for the CPU"
    return False, f"torch {torch.__version__} finds no GPU that the driver lets it use"


def known(name: str) -> Choice | None:
    """Whether it is one of ours."""
    return next((choice for choice in (FOR_GPU, FOR_CPU) if choice.name == name), None)
