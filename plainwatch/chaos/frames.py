"""The books of frames: what the cameras say they sent against what the site says became of it.

Takes: the cameras' own counts, the progress that was committed.
Gives: Look: exact or not, and why not.
Knows nothing about: what was broken.

An ingest that is killed takes with it what it had not yet counted: those keyframes were sent and never sampled
(`cut_off`). From the moment at which the ingest that lives now was started, counts must agree to the frame."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.errors import Unavailable
from plainwatch.chaos.yard import Watched, Yard
from plainwatch.simulator import Fault
from store.progress import EpochRow, rows_by_camera, sum_up

LOOK_EVERY_S = 0.25
#: ingest speaks once a second, alerts counts once a second, a loss shows a second later
QUIET_S = 3.4
TRIES = 6
#: between two tries pictures flow again
MOVE_ON_S = 0.3


@dataclass(frozen=True, slots=True)
class Count:
    """Of one camera. `lately`: since the ingest that lives now was started, as (sent, sampled)."""

    camera: str
    sent: int
    sampled: int
    accounted: int
    in_flight: int
    lately: tuple[int, int]
    dropped: dict[str, int]

    @property
    def cut_off(self) -> int:
        """Sent to an ingest that was killed before it had counted them."""
        return self.sent - self.sampled

    @property
    def is_conserved(self) -> bool:
        """To the frame."""
        books = self.sampled == self.accounted and self.in_flight == 0
        return books and self.lately[0] == self.lately[1] and self.cut_off >= 0


def settled_counts(yard: Yard) -> dict[str, Count]:
    """By camera id, with the media held for a moment; as often as it takes until each steady one was found exact.

    FFmpeg gives a picture away when the next one begins: a keyframe that was sent last is not sampled yet."""
    found: dict[str, Count] = {}
    for attempt in range(TRIES):
        if attempt:
            yard.wait(MOVE_ON_S)
        for mount in yard.mounts():
            mount.misbehave(Fault.SILENT)
        try:
            if yard.until(lambda: _all_were_exact(found, yard), within_s=QUIET_S):
                break
        finally:
            for mount in yard.mounts():
                mount.behave(Fault.SILENT)
    return found


def _all_were_exact(found: dict[str, Count], yard: Yard) -> bool:
    """What was lost is never found again, so one exact look at a camera is enough."""
    time.sleep(LOOK_EVERY_S)
    try:
        counts = count(yard)
    except Unavailable:
        return False
    found |= {camera: one for camera, one in counts.items() if camera not in found or not found[camera].is_conserved}
    return all(camera.id in found and found[camera.id].is_conserved for camera in yard.steady)


def count(yard: Yard) -> dict[str, Count]:
    """By camera id, as of now. Raises Unavailable where the store or ingest is away."""
    pid = yard.site.pids().get("ingest")
    if pid is None:
        raise Unavailable("ingest does not run", "wait for it")
    born = started_at(pid)
    with yard.database.read() as connection:
        rows = rows_by_camera(connection)
    return {camera.id: _count(camera, rows.get(camera.id, ()), born) for camera in yard.watched()}


def _count(camera: Watched, rows: tuple[EpochRow, ...], born: datetime) -> Count:
    whole = sum_up(rows)
    lately = sum(play.keyframes for play in tuple(camera.mount.playbacks) if play.started_at >= born)
    newest = rows[-1] if rows else None
    return Count(
        camera=camera.id,
        sent=camera.mount.sent_keyframes,
        sampled=whole.sampled,
        accounted=whole.analysed + whole.unchanged + sum(whole.dropped.values()) + whole.in_flight,
        in_flight=whole.in_flight,
        lately=(lately, max(newest.sampled, newest.watermark_seq) if newest else 0),
        dropped=whole.dropped,
    )


def answered(yard: Yard) -> dict[str, int]:
    """By camera id: frames that were answered or unchanged, and committed. Raises Unavailable."""
    with yard.database.read() as connection:
        rows = rows_by_camera(connection)
    sums = {camera: sum_up(found) for camera, found in rows.items()}
    return {camera: whole.analysed + whole.unchanged for camera, whole in sums.items()}


def started_at(pid: int) -> datetime:
    """By the kernel's word. Raises Unavailable where it has ended."""
    try:
        ticks = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
    except OSError as error:
        raise Unavailable(f"process {pid} has ended", "wait for the next") from error
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return datetime.now(UTC) - timedelta(seconds=age_s)
