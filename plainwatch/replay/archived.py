"""The pictures that a running site has kept of a camera, as footage.

Takes: a client of its API, a camera's name or id, the stretch that is wanted.
Gives: the camera, and its pictures in order of time.
Knows nothing about: how they are kept. They are masked already, and may be many seconds apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.errors import NotFound
from contracts.site import Sampling
from ingest.source import Picture, Sampled, Undecodable
from plainwatch.client import ApiClient, Json
from store.cameras import CameraRow, Zone


@dataclass(frozen=True, slots=True)
class ArchiveFootage:
    """`every_s`: pictures nearer than that to the one before are left out."""

    client: ApiClient
    camera: CameraRow
    every_s: float
    listed: tuple[Json, ...]

    @property
    def name(self) -> str:
        """Of the camera."""
        return self.camera.name

    @property
    def is_kept(self) -> bool:
        """Always."""
        return True

    @property
    def starts_at(self) -> datetime:
        """The first picture's time."""
        return _at(self.listed[0])

    def pictures(self) -> Iterator[Sampled]:
        """Each is fetched when it is its turn. Raises Unavailable where the server has gone."""
        last: datetime | None = None
        for entry in self.listed:
            at = _at(entry)
            if last is None or (at - last).total_seconds() >= 0.95 * self.every_s:
                last = at
                yield self._fetched(str(entry["url"]), at)

    def _fetched(self, url: str, at: datetime) -> Sampled:
        try:
            return Picture(self.client.picture(url), at, is_keyframe=True)
        except NotFound:  # the oldest make room while we read
            return Undecodable(at)


def camera_on(client: ApiClient, named: str) -> CameraRow:
    """By id or name. Raises NotFound, or Unavailable where no server answers."""
    cameras = list(client.items("/cameras"))
    wanted = named.casefold()
    found = next((one for one in cameras if wanted in (one["id"], str(one["name"]).casefold())), None)
    if found is None:
        known = ", ".join(str(one["name"]) for one in cameras[:5]) or "none"
        raise NotFound(f"camera '{named}' is none of this site", f"its cameras: {known}")
    zones = tuple(Zone(str(zone["name"]), tuple((x, y) for x, y in zone["polygon"])) for zone in found.get("zones", ()))
    return CameraRow(
        str(found["id"]),
        str(found["name"]),
        str(found["url"]),
        b"",
        "",
        sampling=Sampling(**found["sampling"]),
        zones=zones,
        masks=tuple(tuple((x, y) for x, y in mask) for mask in found.get("masks", ())),
        timezone=str(found.get("timezone") or ""),
    )


def archive_footage(
    client: ApiClient, camera: CameraRow, *, every_s: float, since: datetime | None, until: datetime | None
) -> ArchiveFootage:
    """Raises NotFound where nothing was kept."""
    query = {"from": _text(since), "to": _text(until)}
    path = f"/cameras/{camera.id}/archive"
    listed = tuple(client.items(path, **{name: value for name, value in query.items() if value}))
    if not listed:
        raise NotFound(
            f"camera '{camera.name}': no picture was kept of this time",
            "wait until some are, widen --from and --to, or give a video file",
        )
    return ArchiveFootage(client, camera, every_s, listed)


def _at(entry: Json) -> datetime:
    return datetime.fromisoformat(str(entry["at"]))


def _text(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
