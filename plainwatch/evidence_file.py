"""Where the picture of an incident lies on this machine.

Takes: a data directory and an incident's id.
Gives: the file, and its path as a person would write it.
Knows nothing about: what is on the picture."""

import os
from pathlib import Path


def evidence_file(folder: Path, incident_id: str) -> Path | None:
    """The picture with the boxes drawn, else the one without."""
    found = sorted((folder / "evidence").rglob(f"{incident_id}*.jpg"))
    boxed = [path for path in found if path.name.endswith(".boxes.jpg")]
    return next(iter(boxed or found), None)


def shown(path: Path) -> str:
    """Relative to where the user stands, where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
