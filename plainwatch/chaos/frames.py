"""The books of frames: what the cameras say they sent against what the site says became of it.

Takes: the cameras' own counts, the progress that was committed.
Gives: Look: exact or not, and why not.
Knows nothing about: what was broken.

An ingest that is killed takes with it what it had not yet counted: those keyframes were sent and never sampled
(`cut_off`), at most a few for each kill. From the moment at which the ingest that lives now was started, counts must
agree to the frame.

Of the moody camera less can be said: it sends keyframes that nobody can sample, for its stream is broken off, jumps,
or changes, and FFmpeg keeps the last one of each connection to itself. Judged of it is that no more was sampled than
it sent, and, once it was let be and plays again, that nothing which was sampled is left without an account."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contracts.errors import Unavailable
from plainwatch.chaos.yard import Watched, Yard
from store.progress import EpochRow, rows_by_camera, sum_up

LOOK_EVERY_S = 0.25
#: ingest speaks once a second, alerts counts once a second, a loss shows a second later
QUIET_S = 3.4
TRIES = 6
#: between two tries pictures flow again
MOVE_ON_S = 0.3
#: Two keyframes a second. What a kill takes: the one that FFmpeg holds, up to two of the second since ingest last
#: spoke, and one that alerts had not yet read of its word. 50 rounds: 1.4 for each kill of ingest or supervisor.
CUT_OFF_BY_A_KILL = 4
#: two in the mailbox, one in an analyzer's hands, one answer that alerts had not yet read. 50 rounds: 4 in all.
LOST_WITH_VALKEY = 4


@dataclass(frozen=True, slots=True)
class Count:
    """Of one camera. `lately`: since the ingest that lives now was started, as (sent, sampled).

    `accounted`: all that has an account, so not what is in flight."""

    camera: str
    is_steady: bool
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
        """To the frame where the camera is steady."""
        exact = not self.is_steady or self.lately[0] == self.lately[1]
        return self.sampled == self.accounted and exact and self.cut_off >= 0


@dataclass(frozen=True, slots=True)
class Blows:
    """What a loss may be owed to, so far. `ingest`: kills of it, and of the supervisor, who takes it along.

    `valkey`: kills of it, and the times at which it was emptied."""

    ingest: int
    valkey: int


def unexplained(count: Count, blows: Blows, *, plays: bool = True) -> list[str]:
    """What is wrong with a camera's books. `plays`: false where its last frames may not be accounted for yet."""
    wrong = []
    if plays and not count.is_conserved:
        wrong.append(f"not conserved: {count}")
    if count.cut_off < 0:
        wrong.append(f"{count.sampled} keyframes sampled, and only {count.sent} sent")
    if count.is_steady and count.cut_off > CUT_OFF_BY_A_KILL * blows.ingest:
        wrong.append(f"{count.cut_off} keyframes never sampled, after {blows.ingest} kills of ingest or supervisor")
    lost = count.dropped.get("broker", 0)
    if lost > LOST_WITH_VALKEY * blows.valkey:
        wrong.append(f"{lost} frames lost in Valkey, which was killed or emptied {blows.valkey} times")
    return wrong


def settled_counts(yard: Yard, exact: Sequence[Watched]) -> dict[str, Count]:
    """By camera id, with the media held for a moment; as often as it takes until each of `exact` was found conserved.

    FFmpeg gives a picture away when the next one begins: a keyframe that was sent last is not sampled yet."""
    found: dict[str, Count] = {}
    for attempt in range(TRIES):
        if attempt:
            yard.wait(MOVE_ON_S)
        with yard.still():
            if yard.until(lambda: _all_were_exact(found, yard, exact), within_s=QUIET_S):
                break
    return found


def _all_were_exact(found: dict[str, Count], yard: Yard, exact: Sequence[Watched]) -> bool:
    """What was lost is never found again, so one exact look at a camera is enough."""
    time.sleep(LOOK_EVERY_S)
    try:
        counts = count(yard)
    except Unavailable:
        return False
    found |= {camera: one for camera, one in counts.items() if camera not in found or not found[camera].is_conserved}
    return all(camera.id in found and found[camera.id].is_conserved for camera in exact)


def count(yard: Yard) -> dict[str, Count]:
    """By camera id, as of now. Raises Unavailable where the store or ingest is away."""
    pid = yard.site.pids().get("ingest")
    if pid is None:
        raise Unavailable("ingest does not run", "wait for it")
    born = started_at(pid)
    with yard.database.read() as connection:
        rows = rows_by_camera(connection)
    return {camera.id: _count(camera, rows.get(camera.id, ()), born, yard) for camera in yard.watched()}


def _count(camera: Watched, rows: tuple[EpochRow, ...], born: datetime, yard: Yard) -> Count:
    whole = sum_up(rows)
    lately = sum(play.keyframes for play in tuple(camera.mount.playbacks) if play.started_at >= born)
    newest = rows[-1] if rows else None
    return Count(
        camera=camera.id,
        is_steady=camera in yard.steady,
        sent=camera.mount.sent_keyframes,
        sampled=whole.sampled,
        accounted=whole.analysed + whole.unchanged + sum(whole.dropped.values()),
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
