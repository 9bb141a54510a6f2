"""How a camera can misbehave, and what each fault does to a picture.

Takes: a fault's name and its one parameter, as 'name' or 'name=value'.
Gives: Misbehaviour, and the picture changes of those faults that only change the picture.
Knows nothing about: sockets (session.py acts the wire faults out), encoding."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from contracts.errors import ConfigError
from plainwatch.simulator.footage import Bgr, even


class Fault(StrEnum):
    """What goes wrong; switched on and off for a mount while it runs."""

    SILENT = "silent"  # TCP is accepted, nothing is ever answered, running media stops
    SILENT_AFTER_PLAY = "silent_after_play"  # PLAY is answered, no media follows
    DRIP = "drip"  # answers leave at one byte a second, running media stops
    STOP_AFTER = "stop_after"  # media stops n seconds after PLAY, the socket stays open
    CLOSE_AFTER = "close_after"  # TCP is closed n seconds after PLAY
    UNAUTHORIZED = "unauthorized"  # 401 whatever the password
    REDIRECT_302 = "redirect_302"  # DESCRIBE is sent elsewhere
    NOT_FOUND = "not_found"  # DESCRIBE gets 404
    NEVER_KEYFRAME = "never_keyframe"  # only P frames are sent
    NO_VIDEO = "no_video"  # an audio track only
    GARBAGE = "garbage"  # random bytes where RTSP should be
    TIMESTAMP_JUMP = "timestamp_jump"  # RTP time leaps by n seconds, and back when lifted
    RESOLUTION_CHANGE = "resolution_change"  # half the size in each direction, new SPS in the stream
    FREEZE = "freeze"  # the same picture again and again, the stream goes on
    DARK = "dark"  # the light is out
    COVERED = "covered"  # something stands before the lens


_DEFAULT_VALUE: dict[Fault, float] = {
    Fault.STOP_AFTER: 0.0,
    Fault.CLOSE_AFTER: 0.0,
    Fault.TIMESTAMP_JUMP: 3600.0,
}


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A fault with its parameter: seconds for the timed ones, an address for the redirect."""

    fault: Fault
    value: float = 0.0
    target: str = ""


def misbehaviour(fault: Fault | str, value: float | str | None = None) -> Misbehaviour:
    """Checked: an unknown name, a redirect without an address or a value that is no number is refused."""
    try:
        known = Fault(fault)
    except ValueError as error:
        raise ConfigError(f"fault '{fault}' is not known", f"use one of: {', '.join(Fault)}") from error
    if known is Fault.REDIRECT_302:
        if not isinstance(value, str) or "://" not in value:
            raise ConfigError(f"fault '{known}' needs an address", f"say {known}=rtsp://host/path")
        return Misbehaviour(known, target=value)
    try:
        return Misbehaviour(known, _DEFAULT_VALUE.get(known, 0.0) if value is None else float(value))
    except ValueError as error:
        raise ConfigError(f"fault '{known}' takes a number, got '{value}'", f"say {known}=2.5") from error


def parse_misbehaviour(text: str) -> Misbehaviour:
    """From the command line: 'freeze', 'close_after=3', 'redirect_302=rtsp://…'."""
    name, has_value, value = text.partition("=")
    return misbehaviour(name.strip(), value.strip() if has_value else None)


PictureChange = Callable[[int, Bgr], Bgr]


def picture_change(fault: Fault, first_frame: int) -> PictureChange | None:
    """What the fault does to each picture of a group that begins at `first_frame`; None for wire faults."""
    if fault is Fault.FREEZE:
        return _Freezer().change
    if fault is Fault.RESOLUTION_CHANGE:
        return _half_size
    if fault is Fault.DARK:
        return lambda number, picture: _noisy(_dimmed(picture), first_frame + number)
    if fault is Fault.COVERED:
        return lambda number, picture: _noisy(_covered(picture), first_frame + number)
    return None


class _Freezer:
    """Remembers the first picture that it sees."""

    def __init__(self) -> None:
        self._held: Bgr | None = None

    def change(self, _number: int, picture: Bgr) -> Bgr:
        if self._held is None:
            self._held = picture
        return self._held


def _half_size(_number: int, picture: Bgr) -> Bgr:
    height, width = picture.shape[:2]
    size = (even(width // 2), even(height // 2))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _dimmed(picture: Bgr) -> Bgr:
    return np.asarray(picture * np.float32(0.03) + np.float32(3.0), np.uint8)


def _covered(picture: Bgr) -> Bgr:
    """A cloth close to the lens: hardly any of the view comes through, and nothing of it is sharp."""
    soft = cv2.blur(picture, (61, 61))
    cloth = np.full_like(picture, (58, 64, 70))
    return np.asarray(cv2.addWeighted(soft, 0.06, cloth, 0.94, 0.0), np.uint8)


def _noisy(picture: Bgr, seed: int) -> Bgr:
    """A sensor's own noise goes on in the dark; without it the picture would also be frozen."""
    noise = np.random.default_rng(seed).normal(0.0, 1.5, picture.shape[:2])
    return np.asarray(np.clip(picture + noise[..., None], 0, 255), np.uint8)
