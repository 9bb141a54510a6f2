"""The archive is filled and bounded: a picture of every camera now and then, and all that were pinned in an incident.

Takes: pictures from the pins, the cameras of the site, answers heard while an incident is open.
Gives: pictures in the archive; what is too old, too much, of a removed camera, or not masked as it would be now, goes.
Knows nothing about: rules, how an incident is decided.

The pictures are the masked ones that the analyzer saw. A disk that is nearly full stops this and nothing else: the
archive leaves free what evidence and the database need."""

import hashlib
import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec

from alerts.archive import Archive
from contracts.errors import Unavailable
from contracts.messages import Answers
from contracts.pins import Pins
from contracts.service import Stop
from contracts.settings import Settings
from store.cameras import CameraRow, all_cameras
from store.database import Database

log = logging.getLogger(__name__)

TURN_EVERY_S = 1.0
#: evidence stops at 64 MiB; so far before it ends what can be spared
KEEP_FREE_BYTES = 512 << 20
SITE_EVERY = timedelta(seconds=5)
PRUNE_EVERY = timedelta(minutes=1)
#: at its bound a camera gives up a little more than it must, so that not every picture looks for the oldest
ROOM_MADE = 0.95
#: by then ingest has heard of new masks, and what was taken before has left the bus
MASKED_WITHIN = timedelta(seconds=30)
#: a pin lasts five minutes; more than so many frames behind, the oldest are given up
WAITING_MOST = 2_000


@dataclass(frozen=True, slots=True)
class ArchiveBounds:
    """`hours` 0 switches the archive off, and empties it. `total_bytes` is shared out evenly among the cameras."""

    hours: float = 24.0
    every_s: float = 10.0
    camera_bytes: int = 500 << 20
    total_bytes: int = 20_000 << 20
    keep_free_bytes: int = KEEP_FREE_BYTES

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the deployment decides."""
        camera_bytes, total_bytes = settings.archive_mb << 20, settings.archive_total_mb << 20
        return cls(settings.archive_hours, settings.archive_every_s, camera_bytes, total_bytes)

    def most_bytes(self, cameras: int) -> int:
        """For one of so many."""
        return min(self.camera_bytes, self.total_bytes // max(1, cameras))


@dataclass(slots=True)
class _Kept:
    """What is there of one camera, and when it was looked at last."""

    size_bytes: int
    newest: datetime | None
    looked_at: datetime | None = None


class Archiver:
    """One per process; `run` in a thread of its own, `incident_frame` from any. `owns`: whose cameras are ours."""

    def __init__(
        self,
        folder: Path,
        pins: Pins,
        database: Database,
        bounds: ArchiveBounds,
        *,
        owns: Callable[[str], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._archive = Archive(folder)
        self._pins = pins
        self._database = database
        self._bounds = bounds
        self._owns = owns
        self._clock = clock
        self._waiting: deque[Answers] = deque(maxlen=WAITING_MOST)
        self._kept: dict[str, _Kept] = {}
        self._cameras: frozenset[str] = frozenset()
        self._registered = 0
        self._masked_from: dict[str, datetime] = {}
        self._site_at: datetime | None = None
        self._pruned_at: datetime | None = None
        self._problem = ""

    def incident_frame(self, answers: Answers) -> None:
        """Heard while an incident is open. Returns at once; without a pinned picture nothing is kept."""
        if self._bounds.hours and answers.evidence:
            self._waiting.append(answers)

    def run(self, stop: Stop) -> None:
        """Until it is time to end; Redis, the database or the disk being away is no reason to."""
        while not stop.wait(TURN_EVERY_S):
            try:
                self.turn()
            except Unavailable as error:
                self._say(str(error))
            except OSError as error:
                self._say(f"the disk refuses: {error.strerror}")

    def turn(self) -> None:
        """One pass. Raises Unavailable and OSError; whatever was kept stays kept."""
        now = self._clock()
        self._follow_site(now)
        if self._pruned_at is None or abs(now - self._pruned_at) >= PRUNE_EVERY:
            self._prune(now)
            self._pruned_at = now
        if not self._bounds.hours:
            return
        if self._disk_is_full():
            self._waiting.clear()
            self._say("the disk is nearly full")
            return
        for _ in range(len(self._waiting)):
            self._keep_incident_frame(self._waiting.popleft())
        for camera_id in self._cameras:
            self._keep_last(camera_id, now)
        if self._problem:
            log.info("archive goes on")
        self._problem = ""

    def _follow_site(self, now: datetime) -> None:
        if self._site_at is not None and abs(now - self._site_at) < SITE_EVERY:
            return
        on_disk = self._archive.cameras()
        with self._database.read() as connection:
            cameras = all_cameras(connection)
        registered = frozenset(camera.id for camera in cameras)
        self._cameras = frozenset(camera for camera in registered if self._owns(camera))
        for camera_id in on_disk - registered:
            if self._owns(camera_id):
                self._archive.drop(camera_id)
                log.info("archive dropped", extra={"camera_id": camera_id})
        for camera in cameras:
            if camera.id in self._cameras:
                self._follow_masks(camera, now)
        # Another worker may have written to a camera that was ours: what is there is found out anew.
        self._kept = {camera: kept for camera, kept in self._kept.items() if camera in self._cameras}
        self._site_at, self._registered = now, len(registered)

    def _follow_masks(self, camera: CameraRow, now: datetime) -> None:
        """What a mask hides now must not be seen in older pictures either."""
        masks = hashlib.sha256(msgspec.json.encode(camera.masks)).hexdigest() if camera.masks else ""
        if self._archive.masks(camera.id) == masks:
            return
        self._archive.begin(camera.id, masks)
        self._masked_from[camera.id] = now + MASKED_WITHIN
        self._kept.pop(camera.id, None)
        log.info("archive begun anew under other masks", extra={"camera_id": camera.id})

    def _is_masked(self, camera_id: str, at: datetime) -> bool:
        masked_from = self._masked_from.get(camera_id)
        return masked_from is None or at >= masked_from

    def _prune(self, now: datetime) -> None:
        before = now - timedelta(hours=self._bounds.hours)
        for camera_id in self._cameras:
            self._make_room(camera_id, before)

    def _make_room(self, camera_id: str, before: datetime) -> None:
        kept, most_bytes = self._kept_of(camera_id), self._bounds.most_bytes(self._registered)
        if kept.size_bytes > most_bytes:
            most_bytes = int(most_bytes * ROOM_MADE)
        kept.size_bytes = self._archive.prune(
            camera_id, size_bytes=kept.size_bytes, most_bytes=most_bytes, before=before
        )

    def _keep_incident_frame(self, answers: Answers) -> None:
        if answers.camera not in self._cameras or answers.evidence is None:
            return
        jpeg = self._pins.fetch(answers.camera, answers.evidence)
        if jpeg is not None:
            self._put(answers.camera, jpeg, answers.captured_at, answers.epoch, answers.seq)

    def _keep_last(self, camera_id: str, now: datetime) -> None:
        """The analyzer keeps one every `every_s`, or each: nothing is fetched before the next may be there."""
        kept, every = self._kept_of(camera_id), timedelta(seconds=self._bounds.every_s)
        soon = kept.newest is not None and abs(now - kept.newest) < every
        if soon or (kept.looked_at is not None and abs(now - kept.looked_at) < every / 10):
            return
        kept.looked_at = now
        last = self._pins.last(camera_id)
        if last is None or now - last.captured_at >= timedelta(hours=self._bounds.hours):
            return
        if kept.newest is None or abs(last.captured_at - kept.newest) >= every:
            self._put(camera_id, last.picture, last.captured_at, last.epoch, last.seq)
            kept.newest = last.captured_at

    def _put(self, camera_id: str, jpeg: bytes, at: datetime, epoch: int, seq: int) -> None:
        if not self._is_masked(camera_id, at):
            return
        kept = self._kept_of(camera_id)
        kept.size_bytes += self._archive.put(camera_id, jpeg, at=at, epoch=epoch, seq=seq)
        if kept.size_bytes > self._bounds.most_bytes(self._registered):
            self._make_room(camera_id, self._clock() - timedelta(hours=self._bounds.hours))

    def _kept_of(self, camera_id: str) -> _Kept:
        if camera_id not in self._kept:
            self._kept[camera_id] = _Kept(*self._archive.clear_up(camera_id))
        return self._kept[camera_id]

    def _disk_is_full(self) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._folder).free < self._bounds.keep_free_bytes

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            log.warning("archive stopped for now", extra={"problem": problem})
        self._problem = problem
