"""What alerts has to watch for: the cameras that are armed, the rules that are switched on, and who shall be quiet.

Takes: a connection.
Gives: Rulebook; the site's version, and who is armed at the moment, say whether it is still the newest.
Knows nothing about: what a rule means, when a camera is armed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from store.cameras import CameraRow, all_cameras
from store.rules import RuleRow, all_rules
from store.site import site_version
from store.snoozes import all_snoozes

IsArmed = Callable[[CameraRow], bool]


def _switch(camera: CameraRow) -> bool:
    return camera.armed


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`cameras`: enabled and armed, by id. `rules`: enabled. `disarmed`: cameras that are read and may not alert now.

    `snoozes`: until when a (rule, camera) shall be quiet, as text. `timed`: cameras that time alone may arm or disarm,
    few of many; they are looked at all the time."""

    version: int = -1
    cameras: dict[str, CameraRow] = field(default_factory=dict)
    rules: tuple[RuleRow, ...] = ()
    disarmed: Mapping[str, CameraRow] = field(default_factory=dict)
    snoozes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    timed: tuple[CameraRow, ...] = ()

    def camera(self, camera_id: str) -> CameraRow | None:
        """None where it is unknown, disabled or disarmed."""
        return self.cameras.get(camera_id)

    def rules_of(self, camera_id: str) -> tuple[RuleRow, ...]:
        """The live rules of one camera; none where it is not armed."""
        if self.camera(camera_id) is None:
            return ()
        return tuple(rule for rule in self.rules if not rule.cameras or camera_id in rule.cameras)

    def is_snoozed(self, rule_id: str, camera_id: str, at: str) -> bool:
        """`at` as store.times writes it."""
        return at < self.snoozes.get((rule_id, camera_id), "")


def newest_rulebook(connection: sa.Connection, known: Rulebook, is_armed: IsArmed = _switch) -> Rulebook:
    """`known` itself where nothing changed since."""
    version = site_version(connection)
    if version == known.version:
        return _armed_anew(known, is_armed)
    enabled = {camera.id: camera for camera in all_cameras(connection) if camera.enabled}
    return Rulebook(
        version,
        {id: camera for id, camera in enabled.items() if is_armed(camera)},
        tuple(rule for rule in all_rules(connection) if rule.enabled),
        {id: camera for id, camera in enabled.items() if not is_armed(camera)},
        {(one.rule_id, one.camera_id): one.until for one in all_snoozes(connection)},
        tuple(camera for camera in enabled.values() if camera.is_timed),
    )


def _armed_anew(known: Rulebook, is_armed: IsArmed) -> Rulebook:
    if all(is_armed(camera) == (camera.id in known.cameras) for camera in known.timed):
        return known
    everyone = {**known.cameras, **known.disarmed}
    armed = {id: camera for id, camera in everyone.items() if is_armed(camera)}
    return replace(known, cameras=armed, disarmed={id: one for id, one in everyone.items() if id not in armed})
