"""Whether a camera is armed at a moment: a person's word, else the switch and the hours.

Takes: a camera, the site's time zone, a moment.
Gives: armed or not, why, and until when that holds; the change that arming or disarming it by hand makes.
Knows nothing about: who asks, the database.

As with an alarm panel: who arms or disarms by hand overrides the hours until they change the next time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.incidents.clockface import is_open
from store.cameras import ByHand, CameraRow
from store.times import from_text, to_text

_MINUTE = timedelta(minutes=1)
#: hours repeat every week; summer time may move an edge by an hour
_LOOK_AHEAD = timedelta(days=7, hours=2)


@dataclass(frozen=True, slots=True)
class Standing:
    """`why` completes "the camera is armed" or "the camera is disarmed"; empty where there is nothing to add."""

    armed: bool
    why: str = ""
    until: datetime | None = None


def standing_of(camera: CameraRow, timezone: str, now: datetime) -> Standing:
    """`timezone`: the site's, for a camera that names none."""
    by_hand = camera.by_hand
    if by_hand.armed is not None and to_text(now) < by_hand.until:
        return Standing(by_hand.armed, "by hand", from_text(by_hand.until))
    if not camera.armed:
        return Standing(False, "by hand")
    if not camera.arming:
        return Standing(True)
    return Standing(is_open(camera.arming, camera.timezone or timezone, now), "by its hours")


def is_armed(camera: CameraRow, timezone: str, now: datetime) -> bool:
    """For each camera, often; most have no hours."""
    return standing_of(camera, timezone, now).armed if camera.is_timed else camera.armed


def set_by_hand(camera: CameraRow, armed: bool, timezone: str, now: datetime, *, lasts: timedelta | None) -> CameraRow:
    """`lasts` None: until the hours change the next time; without hours for good."""
    if lasts is not None:
        return replace(camera, by_hand=ByHand(armed, to_text(now + lasts)))
    if not camera.arming:
        return replace(camera, armed=armed, by_hand=ByHand())
    edge = next_change(camera, timezone, now)
    if edge is None:
        return replace(camera, armed=armed, by_hand=ByHand())
    # The switch is on for what comes after; until then the word counts.
    return replace(camera, armed=True, by_hand=ByHand(armed, to_text(edge)))


def next_change(camera: CameraRow, timezone: str, now: datetime) -> datetime | None:
    """When its hours begin or end the next time; None: they never do."""
    zone = camera.timezone or timezone
    before = is_open(camera.arming, zone, now)
    at = now.replace(second=0, microsecond=0) + _MINUTE
    while at <= now + _LOOK_AHEAD:
        if is_open(camera.arming, zone, at) != before:
            return at
        at += _MINUTE
    return None
