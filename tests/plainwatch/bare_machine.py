"""A machine that has torch and transformers, with what these two need, and none of our other dependencies.

Its packages are links into this environment, and python there imports from no other place."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
#: without these two transformers does not start
NEEDED_BY_TRANSFORMERS = {"numpy", "httpx2", "h11"}


def ours() -> set[str]:
    """The distributions that a plain install of ours brings."""
    plain = (Requirement(text) for text in metadata.requires("plainwatch") or ())
    return {_name(one.name) for one in plain if "extra" not in str(one.marker)} - NEEDED_BY_TRANSFORMERS


def installed_for(*roots: str) -> set[str]:
    """The distributions that a plain install of `roots` brings."""
    found: set[str] = set()
    waiting = [_name(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            texts = metadata.requires(name) or ()
        except metadata.PackageNotFoundError:  # needed elsewhere: on another system, for a GPU
            continue
        found.add(name)
        needs = map(Requirement, texts)
        waiting += [_name(need.name) for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def link(distributions: set[str], folder: Path) -> None:
    """Fills `folder` with them, as a site-packages would be filled."""
    for name in distributions:
        distribution = metadata.distribution(name)
        tops = {path.parts[0] for path in distribution.files or () if path.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))


def run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """`python …` in the working tree, with the packages of `folder` alone (-S: no site-packages)."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder, env=environment)


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
