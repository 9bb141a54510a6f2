"""Which checkpoint is run where none is named, and how much of a download that is.

Takes: whether there is a GPU.
Gives: a hub id, and its size.
Knows nothing about: torch; the front door asks before it is installed."""

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


def known(name: str) -> Choice | None:
    """Whether it is one of ours."""
    return next((choice for choice in (FOR_GPU, FOR_CPU) if choice.name == name), None)
