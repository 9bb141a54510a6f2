"""Recent pictures of every camera on disk, so that a rule can be tried on what was there to see.

Takes: JPEG bytes with the frame that they are; ages and sizes that may not be passed.
Gives: ArchivedPicture, oldest first; the oldest make room.
Knows nothing about: where pictures come from, rules, the database.

A file's name says all there is to know, so there is no index to disagree with: FOLDER/CAMERA/HOUR/TIME-EPOCH-SEQ.jpg,
in an order that is that of time. Nothing is synced: a power failure costs the last seconds of something that is kept
for a day. What it left half written is of no size, or bears another name, and is cleared away."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_HOUR = "%Y%m%dT%H"
_NAME = re.compile(r"(\d{8}T\d{6})(\d{3})Z-(\d{1,19})-(\d{1,19})\.jpg")
_MASKS = "masks"
_CAMERA = re.compile(r"cam_[0-9a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class ArchivedPicture:
    """`path` is relative to the archive's folder."""

    camera_id: str
    at: datetime
    epoch: int
    seq: int
    path: str
    size_bytes: int = 0

    @property
    def name(self) -> str:
        """Sorts by time; unique within its camera."""
        return self.path.rpartition("/")[2]


class Archive:
    """One writer a camera, any number of readers. Whatever writes raises OSError where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, camera_id: str, jpeg: bytes, *, at: datetime, epoch: int, seq: int) -> int:
        """Gives the bytes that it added: 0 where the frame is there already. Nobody ever sees half of a picture."""
        at = at.astimezone(UTC)
        name = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z-{epoch}-{seq}.jpg"
        target = self._folder / camera_id / at.strftime(_HOUR) / name
        if target.exists():
            return 0
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{name}.part")
        try:
            temporary.write_bytes(jpeg)
            temporary.replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        return len(jpeg)

    def pictures(
        self,
        camera_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> tuple[ArchivedPicture, ...]:
        """Oldest first, from `since` to before `until`, behind the picture named `after`."""
        found: list[ArchivedPicture] = []
        for picture in self._walk(camera_id, since=since, after=after):
            if until is not None and picture.at >= until:
                break
            found.append(picture)
            if limit is not None and len(found) >= limit:
                break
        return tuple(found)

    def clear_up(self, camera_id: str) -> tuple[int, datetime | None]:
        """After a start: what a crash left half done goes. Gives the bytes that are there, and the newest time."""
        size_bytes, newest = 0, None
        for hour in self._hours(camera_id):
            for file in [*hour.glob(".*.part"), *(file for file in hour.glob("*.jpg") if not file.stat().st_size)]:
                file.unlink(missing_ok=True)
        for picture in self._walk(camera_id):
            size_bytes, newest = size_bytes + picture.size_bytes, picture.at
        return size_bytes, newest

    def prune(self, camera_id: str, *, size_bytes: int, most_bytes: int, before: datetime) -> int:
        """Drops what is older than `before`, and the oldest above `most_bytes`; gives what is left of `size_bytes`."""
        for picture in self._walk(camera_id):
            if picture.at >= before and size_bytes <= most_bytes:
                break
            file = self._folder / picture.path
            file.unlink(missing_ok=True)
            size_bytes -= picture.size_bytes
        for hour in self._hours(camera_id):
            try:
                hour.rmdir()
            except OSError:  # the oldest that holds something
                break
        return size_bytes

    def cameras(self) -> frozenset[str]:
        """Of which there is anything."""
        if not self._folder.is_dir():
            return frozenset()
        return frozenset(each.name for each in self._folder.iterdir() if _CAMERA.fullmatch(each.name))

    def drop(self, camera_id: str) -> None:
        """All of a camera; safe to call twice."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._folder / camera_id)

    def masks(self, camera_id: str) -> str:
        """Under which masks its pictures were taken, as `begin` was told; "" before."""
        try:
            return (self._folder / camera_id / _MASKS).read_text()
        except FileNotFoundError:
            return ""

    def begin(self, camera_id: str, masks: str) -> None:
        """Anew, without what was taken under other masks. Raises OSError; then nothing says that it was done."""
        self.drop(camera_id)
        if masks:
            (self._folder / camera_id).mkdir(parents=True)
            (self._folder / camera_id / _MASKS).write_text(masks)

    def _walk(self, camera_id: str, *, since: datetime | None = None, after: str = "") -> Iterator[ArchivedPicture]:
        first_hour = max(since.astimezone(UTC).strftime(_HOUR) if since else "", after[:11])
        for hour in self._hours(camera_id):
            if hour.name < first_hour:
                continue
            for file in sorted(hour.glob("*.jpg")):
                picture = self._picture(camera_id, file) if file.name > after else None
                if picture and (since is None or picture.at >= since):
                    yield picture

    def _hours(self, camera_id: str) -> list[Path]:
        if not _CAMERA.fullmatch(camera_id):
            return []
        try:
            return sorted(each for each in (self._folder / camera_id).iterdir() if each.is_dir())
        except FileNotFoundError:
            return []

    def _picture(self, camera_id: str, file: Path) -> ArchivedPicture | None:
        """None where the name is not ours, the file is empty, or it went while we looked."""
        named = _NAME.fullmatch(file.name)
        try:
            size_bytes = file.stat().st_size
        except FileNotFoundError:
            return None
        if named is None or not size_bytes:
            return None
        try:
            at = datetime.strptime(named[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        at += timedelta(milliseconds=int(named[2]))
        path = file.relative_to(self._folder).as_posix()
        return ArchivedPicture(camera_id, at, int(named[3]), int(named[4]), path, size_bytes)
