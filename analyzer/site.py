"""What is asked of which camera, as api published it last; and, the other way, what we can answer.

Takes: the board, this engine's capabilities, the time.
Gives: the questions due for a camera, and of how many frames they are.
Knows nothing about: frames, engines."""

import logging
from datetime import datetime

from contracts.board import Board
from contracts.messages import Capabilities
from contracts.service import BEAT_EVERY_S
from contracts.site import AnalyzerSite, AskedQuestion, CameraQuestions

log = logging.getLogger(__name__)

POLL_EVERY_S = 1.0


class SiteWatch:
    """Polled from the loop that uses it, so it needs no lock."""

    def __init__(self, board: Board, capabilities: Capabilities) -> None:
        self._board = board
        self._capabilities = capabilities
        self._site: AnalyzerSite | None = None
        self._cameras: dict[str, CameraQuestions] = {}
        self._polled_at: datetime | None = None
        self._offered_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether a site was ever published to us."""
        return self._site is not None

    @property
    def version(self) -> int:
        """0 before the first site."""
        return self._site.version if self._site else 0

    def questions(self, camera: str) -> tuple[AskedQuestion, ...]:
        """Empty where nothing is due, also for a camera that was removed a moment ago."""
        return self._of(camera).questions

    def frames(self, camera: str) -> int:
        """How many successive frames the widest of its questions is about."""
        return max((question.frames for question in self.questions(camera)), default=1)

    def keep_local(self, camera: str) -> bool:
        """Whether its pictures must stay here; so it is for a camera that is not known."""
        return self._of(camera).keep_local

    def archive_every_s(self, camera: str) -> float:
        """How often a picture of it is wanted for the archive; 0: never."""
        return self._of(camera).archive_every_s

    def refresh(self, now: datetime) -> bool:
        """False until a first site is known. When Redis comes back empty, the last one goes on being used."""
        if _is_due(self._offered_at, now, BEAT_EVERY_S):
            self._board.offer(self._capabilities)
            self._offered_at = now
        if _is_due(self._polled_at, now, POLL_EVERY_S):
            self._adopt(self._board.analyzer_site())
            self._polled_at = now
        return self.known

    def _adopt(self, site: AnalyzerSite | None) -> None:
        if site is None or site == self._site:
            return
        if not self._site or site.version != self._site.version:
            log.info("site adopted", extra={"version": site.version, "cameras": len(site.cameras)})
        self._site = site
        self._cameras = {camera.camera: camera for camera in site.cameras}

    def _of(self, camera: str) -> CameraQuestions:
        return self._cameras.get(camera) or CameraQuestions(camera, keep_local=True)


def _is_due(last: datetime | None, now: datetime, every_s: float) -> bool:
    """Also when the clock was set back."""
    return last is None or abs((now - last).total_seconds()) >= every_s
