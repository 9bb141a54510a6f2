"""What alerts has to watch for: the cameras that are armed, and the rules that are switched on.

Takes: a connection.
Gives: Rulebook; the site's version says whether it is still the newest.
Knows nothing about: what a rule means."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from store.cameras import CameraRow, all_cameras
from store.rules import RuleRow, all_rules
from store.site import site_version


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`cameras`: enabled and armed, by id. `rules`: enabled."""

    version: int = -1
    cameras: dict[str, CameraRow] = field(default_factory=dict)
    rules: tuple[RuleRow, ...] = ()

    def camera(self, camera_id: str) -> CameraRow | None:
        """None where it is unknown, disabled or disarmed."""
        return self.cameras.get(camera_id)

    def rules_of(self, camera_id: str) -> tuple[RuleRow, ...]:
        """The live rules of one camera; none where it is not armed."""
        if self.camera(camera_id) is None:
            return ()
        return tuple(rule for rule in self.rules if not rule.cameras or camera_id in rule.cameras)


def newest_rulebook(connection: sa.Connection, known: Rulebook) -> Rulebook:
    """`known` itself where nothing changed since."""
    version = site_version(connection)
    if version == known.version:
        return known
    cameras = {camera.id: camera for camera in all_cameras(connection) if camera.enabled and camera.armed}
    return Rulebook(version, cameras, tuple(rule for rule in all_rules(connection) if rule.enabled))
