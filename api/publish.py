"""The site as the workers see it: made from the database, kept in Redis.

Takes: the database, the board.
Gives: IngestSite and AnalyzerSite, published after each change, and anew within seconds where Redis lost them.
Knows nothing about: requests, what a question means."""

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from alerts.calibrating import UNCALIBRATED, Calibration
from alerts.fitting import calibration_from
from contracts.board import Board
from contracts.errors import Unavailable
from contracts.service import Stop
from contracts.site import AnalyzerSite, AskedQuestion, Bar, CameraQuestions, IngestCamera, IngestSite
from rules.asking.asked import asked_key
from rules.asking.questions import asked_questions, barred
from rules.learning.floor import Asking, floored
from store.calibration import all_calibrations
from store.cameras import CameraRow, all_cameras
from store.database import Database
from store.gates import GateRow, all_gates
from store.outbound import allowed_targets
from store.progress import epoch_floors
from store.rules import RuleRow, all_rules
from store.site import site_version
from store.times import from_text

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


IsArmed = Callable[[CameraRow], bool]


def _switch(camera: CameraRow) -> bool:
    return camera.armed


def read_site(
    connection: sa.Connection, *, archive_every_s: float = 0.0, is_armed: IsArmed = _switch
) -> tuple[IngestSite, AnalyzerSite]:
    """One snapshot of the database; cameras that are switched off are in neither part.

    Who disarms a camera wants no record of what it sees: nothing of it is archived."""
    version = site_version(connection)
    floors = epoch_floors(connection)
    cameras = tuple(camera for camera in all_cameras(connection) if camera.enabled)
    rules = tuple(rule for rule in all_rules(connection) if rule.enabled)
    gates, calibration = all_gates(connection), calibration_from(all_calibrations(connection))
    ingest = IngestSite(
        version,
        tuple(_to_read(camera, floors.get(camera.id, 0)) for camera in cameras),
        allowed_targets(connection, "camera"),
    )
    asked = tuple(
        CameraQuestions(
            camera.id,
            questions_for(camera, rules, gates, calibration) if is_armed(camera) else (),
            keep_local=camera.keep_local,
            archive_every_s=archive_every_s if is_armed(camera) else 0.0,
        )
        for camera in cameras
    )
    return ingest, AnalyzerSite(version, asked)


def questions_for(
    camera: CameraRow,
    rules: tuple[RuleRow, ...],
    gates: tuple[GateRow, ...] = (),
    calibration: Calibration = UNCALIBRATED,
) -> tuple[AskedQuestion, ...]:
    """Each question once; to be asked while the camera is armed, since else no rule may open an incident there."""
    here = [rule for rule in rules if not rule.cameras or camera.id in rule.cameras]
    closed = [(rule.plan, _closed(rule, camera, gates)) for rule in here]
    asked = barred(asked_questions(rule.plan for rule in here), closed)
    return floored(asked, [_asking(rule, camera, calibration) for rule in here])


def _asking(rule: RuleRow, camera: CameraRow, calibration: Calibration) -> Asking:
    keys = {asked_key(rule.plan, question) for question in rule.plan.questions}
    scalings = {key: calibration.of_all_models(rule, camera, key) for key in keys}
    return Asking(rule.plan, rule.threshold, scalings)


def _closed(rule: RuleRow, camera: CameraRow, gates: tuple[GateRow, ...]) -> dict[str, Bar]:
    mine = (rule.id, rule.version, camera.group)
    return {
        gate.key.model: Bar(gate.bar, gate.key.model, from_text(gate.until) if gate.until else None)
        for gate in gates
        if gate.bar is not None and (gate.key.rule_id, gate.key.rule_version, gate.key.camera_group) == mine
    }


def _to_read(camera: CameraRow, floor: int) -> IngestCamera:
    return IngestCamera(
        id=camera.id,
        name=camera.name,
        url=camera.url,
        sealed=camera.sealed,
        sampling=camera.sampling,
        masks=camera.masks,
        epoch_floor=floor,
    )


class Publisher:
    """One thread. A request that changed the site wakes it and need not wait for Redis."""

    def __init__(
        self, database: Database, board: Board, *, archive_every_s: float = 0.0, is_armed: IsArmed = _switch
    ) -> None:
        self._database = database
        self._board = board
        self._archive_every_s = archive_every_s
        self._is_armed = is_armed
        self._timed: tuple[tuple[CameraRow, bool], ...] = ()
        self._awake = threading.Event()
        self._published: tuple[IngestSite, AnalyzerSite] | None = None
        self._away = False

    def wake(self) -> None:
        """Returns at once."""
        self._awake.set()

    def run(self, stop: Stop) -> None:
        """Until told to stop; neither Redis nor the database being away ends it."""
        while not stop.is_set():
            self._awake.clear()
            try:
                self.publish_if_needed()
                self._away = False
            except Unavailable as error:
                if not self._away:
                    log.warning("site not published", extra={"problem": str(error)})
                self._away = True
            self._awake.wait(LOOK_EVERY_S)

    def publish_if_needed(self) -> bool:
        """True where it published. Reads the whole site only where the version, who is armed, or what Redis holds has
        changed."""
        with self._database.read() as connection:
            version = site_version(connection)
        on_board = (self._board.ingest_site(), self._board.analyzer_site())
        same_arms = all(self._is_armed(camera) == armed for camera, armed in self._timed)
        if self._published and self._published[0].version == version and on_board == self._published and same_arms:
            return False
        with self._database.read() as connection:
            timed = (camera for camera in all_cameras(connection) if camera.is_timed)
            self._timed = tuple((camera, self._is_armed(camera)) for camera in timed)
            site = read_site(connection, archive_every_s=self._archive_every_s, is_armed=self._is_armed)
        if on_board != site:
            self._board.publish_site(*site)
            log.info("site published", extra={"version": site[0].version, "cameras": len(site[0].cameras)})
        self._published = site
        return True
