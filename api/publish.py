"""The site as the workers see it: made from the database, kept in Redis.

Takes: the database, the board.
Gives: IngestSite and AnalyzerSite, published after each change, and anew within seconds where Redis lost them.
Knows nothing about: requests, what a question means."""

import logging
import threading

import sqlalchemy as sa

from contracts.board import Board
from contracts.errors import Unavailable
from contracts.service import Stop
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions, IngestCamera, IngestSite
from rules.questions import asked_questions
from store.cameras import CameraRow, all_cameras
from store.database import Database
from store.outbound import allowed_targets
from store.progress import epoch_floors
from store.rules import RuleRow, all_rules
from store.site import site_version

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


def read_site(connection: sa.Connection) -> tuple[IngestSite, AnalyzerSite]:
    """One snapshot of the database; cameras that are switched off are in neither part."""
    version = site_version(connection)
    floors = epoch_floors(connection)
    cameras = tuple(camera for camera in all_cameras(connection) if camera.enabled)
    rules = tuple(rule for rule in all_rules(connection) if rule.enabled)
    ingest = IngestSite(
        version,
        tuple(_to_read(camera, floors.get(camera.id, 0)) for camera in cameras),
        allowed_targets(connection, "camera"),
    )
    asked = tuple(
        CameraQuestions(camera.id, questions_for(camera, rules), keep_local=camera.keep_local) for camera in cameras
    )
    return ingest, AnalyzerSite(version, asked)


def questions_for(camera: CameraRow, rules: tuple[RuleRow, ...]) -> tuple[AskedQuestion, ...]:
    """Each question once; none for a camera that is not armed, since no rule may open an incident there."""
    if not camera.armed:
        return ()
    plans = [rule.plan for rule in rules if not rule.cameras or camera.id in rule.cameras]
    return tuple(asked_questions(plans))


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

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
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
        """True where it published. Reads the whole site only where the version or what Redis holds has changed."""
        with self._database.read() as connection:
            version = site_version(connection)
        on_board = (self._board.ingest_site(), self._board.analyzer_site())
        if self._published and self._published[0].version == version and on_board == self._published:
            return False
        with self._database.read() as connection:
            site = read_site(connection)
        if on_board != site:
            self._board.publish_site(*site)
            log.info("site published", extra={"version": site[0].version, "cameras": len(site[0].cameras)})
        self._published = site
        return True
