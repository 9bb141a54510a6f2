"""The pictures that prove an incident: fetched from their pin, written and synced before the incident is committed.

Takes: which picture of which camera, the boxes on it.
Gives: Evidence: the exact analysed bytes under their sha256, and a copy with the boxes drawn; or why there is none.
Knows nothing about: incidents' life, the database."""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from alerts.drawing import draw_boxes
from contracts.errors import Unavailable
from contracts.messages import Detection
from contracts.pins import Pins
from store.incidents import Evidence, EvidenceFrame, SeenBox
from store.times import to_text

log = logging.getLogger(__name__)

#: below this the disk belongs to the database: an incident without a picture is better than none
KEEP_FREE_BYTES = 64 << 20
#: a picture that was taken farther from the judged one shows something else
STANDS_IN_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The picture that was judged at `captured_at`. `sha256` None: it was not pinned.

    Where it is gone the camera's last one stands in, if it was taken about then, and the evidence says how far off.
    `before`: sha256 of the pinned pictures that it was judged with, oldest first."""

    camera_id: str
    captured_at: datetime
    sha256: str | None
    boxes: tuple[Detection, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Picture:
    at: datetime
    jpeg: bytes
    boxes: tuple[Detection, ...]
    off_by: timedelta = timedelta(0)


class EvidenceKeeper:
    """`folder` is the evidence folder; paths in Evidence are relative to it."""

    def __init__(self, folder: Path, pins: Pins, *, keep_free_bytes: int = KEEP_FREE_BYTES) -> None:
        self._folder = folder
        self._pins = pins
        self._keep_free_bytes = keep_free_bytes

    def keep(self, incident_id: str, wanted: Wanted, *, now: datetime) -> Evidence:
        """Never raises for a picture's sake: what is missing is said."""
        try:
            picture = self._fetch(wanted)
        except Unavailable as error:
            return self._missing(incident_id, str(error))
        if picture is None:
            return self._missing(incident_id, "the picture was no longer kept")
        if abs(picture.off_by) > STANDS_IN_WITHIN:
            of_another = f"the picture was no longer kept, and the camera's last one is of {to_text(picture.at)}"
            return self._missing(incident_id, of_another)
        path = f"{now:%Y/%m/%d}/{incident_id}-1.jpg"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < self._keep_free_bytes:
                return self._missing(incident_id, "the disk is nearly full")
            write_synced(self._folder, path, picture.jpeg)
            drawn = self._draw(path, picture.jpeg, picture.boxes)
        except OSError as error:
            return self._missing(incident_id, f"the picture could not be written: {error.strerror}")
        sha256 = hashlib.sha256(picture.jpeg).hexdigest()
        off_by_s = picture.off_by.total_seconds()
        before = wanted.before if sha256 == wanted.sha256 else ()
        boxes = _seen(picture.boxes)
        return Evidence((EvidenceFrame(to_text(picture.at), path, sha256, boxes, drawn, off_by_s, before),))

    def put_boxes(self, incident_id: str, frame: EvidenceFrame, boxes: tuple[Detection, ...]) -> EvidenceFrame:
        """The frame with boxes that were found later, and a copy that shows them if the picture is still there."""
        drawn, problem = "", ""
        try:
            jpeg = (self._folder / frame.path).read_bytes()
            if hashlib.sha256(jpeg).hexdigest() != frame.sha256:
                problem = "the picture is not the one that was told"
            elif shutil.disk_usage(self._folder).free < self._keep_free_bytes:
                problem = "the disk is nearly full"
            else:
                drawn = self._draw(frame.path, jpeg, boxes)
        except OSError as error:
            problem = error.strerror or type(error).__name__
        if problem:
            log.warning("boxes not drawn", extra={"incident_id": incident_id, "problem": problem})
        return msgspec.structs.replace(frame, boxes=_seen(boxes), drawn=drawn)

    def _fetch(self, wanted: Wanted) -> _Picture | None:
        if wanted.sha256:
            jpeg = self._pins.fetch(wanted.camera_id, wanted.sha256)
            if jpeg is not None:
                return _Picture(wanted.captured_at, jpeg, wanted.boxes)
        last = self._pins.last(wanted.camera_id)
        if last is None:
            return None
        # Boxes belong to the picture that was judged, and to no other.
        off_by = last.captured_at - wanted.captured_at
        return _Picture(last.captured_at, last.picture, () if off_by else wanted.boxes, off_by)

    def _draw(self, path: str, jpeg: bytes, boxes: tuple[Detection, ...]) -> str:
        drawn = draw_boxes(jpeg, boxes) if boxes else None
        if drawn is None:
            return ""
        beside = path.removesuffix(".jpg") + ".boxes.jpg"
        write_synced(self._folder, beside, drawn)
        return beside

    def _missing(self, incident_id: str, reason: str) -> Evidence:
        log.warning("evidence missing", extra={"incident_id": incident_id, "reason": reason})
        return Evidence(missing=True, reason=reason)


def _seen(boxes: tuple[Detection, ...]) -> tuple[SeenBox, ...]:
    return tuple(SeenBox(box.label, box.box, box.score) for box in boxes)


def write_synced(folder: Path, path: str, content: bytes) -> None:
    """On return the file survives power loss, name and bytes; nobody ever sees half of it. Raises OSError."""
    target = folder / path
    made = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folders([target.parent, *(parent.parent for parent in made)])


def _sync_folders(folders: Sequence[Path]) -> None:
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
