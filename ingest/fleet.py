"""The cameras of this process, kept in step with the site.

Takes: the site and the signs of life on the board; leases.
Gives: running cameras: started, restarted when their configuration changes, handed over, stopped.
Knows nothing about: how a camera is read."""

import logging
from collections.abc import Callable, Sequence

import msgspec

from contracts.board import Board
from contracts.errors import Unavailable
from contracts.leases import LEASE_S, Leases
from contracts.service import Stop
from contracts.site import IngestCamera, IngestSite
from ingest.camera import Camera
from ingest.sharing import owner_of
from ingest.source import Clock

log = logging.getLogger(__name__)

_TICK_S = 1.0
_RENEW_S = LEASE_S / 3
#: between two starts: opening a camera costs 54 ms of CPU at 1080p
_STAGGER_S = 0.06
_JOIN_S = 2.0


class Fleet:
    """`run` until stopped, on one thread."""

    def __init__(
        self,
        board: Board,
        leases: Leases,
        clock: Clock,
        worker: str,
        make_camera: Callable[[IngestCamera, int], Camera],
    ) -> None:
        self._board = board
        self._leases = leases
        self._clock = clock
        self._worker = worker
        self._make_camera = make_camera
        self._cameras: dict[str, Camera] = {}
        self._renewed_s = float("-inf")
        self._is_bus_away = False
        #: targets that an admin of the site allowed
        self.allow: Sequence[str] = ()

    def run(self, stop: Stop) -> None:
        """Redis being away is no reason to stop a camera."""
        while not stop.wait(_TICK_S):
            self.tick()
        self.close()

    def tick(self) -> None:
        """One round; `run` makes one a second."""
        for camera in self._cameras.values():
            camera.watch()
        try:
            self._renew()
            site = self._board.ingest_site()
            if site is not None:
                self._reconcile(site)
            for camera in self._cameras.values():
                camera.report()
                camera.remember()
        except Unavailable as error:
            if not self._is_bus_away:
                log.warning("bus lost, cameras are read on", extra={"problem": str(error)})
            self._is_bus_away = True
        else:
            self._is_bus_away = False

    def close(self) -> None:
        """Stops every camera and gives its lease back; a reader that hangs is left behind."""
        try:
            self._drop(list(self._cameras))
        except Unavailable as error:
            log.warning("leases not given back, they expire", extra={"problem": str(error)})

    def figures(self) -> dict[str, float]:
        """For the sign of life."""
        cameras = list(self._cameras.values())
        return {"cameras": len(cameras), "hung_readers": sum(camera.hung_readers for camera in cameras)}

    def _renew(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._renewed_s < _RENEW_S:
            return
        for name, camera in list(self._cameras.items()):
            if camera.is_fenced or not self._leases.renew(name, camera.epoch, now=self._clock.now()):
                log.warning("lease lost", extra={"camera_id": name, "epoch": camera.epoch})
                camera.stop()
                del self._cameras[name]
        self._renewed_s = now_s

    def _reconcile(self, site: IngestSite) -> None:
        self.allow = site.allow
        now = self._clock.now()
        workers = {beat.worker for beat in self._board.beats(now=now) if beat.room == "ingest"} | {self._worker}
        mine = {spec.id: spec for spec in site.cameras if owner_of(spec.id, workers) == self._worker}
        over = [
            name
            for name, camera in self._cameras.items()
            if camera.is_fenced or name not in mine or _differs(mine[name], camera.spec)
        ]
        self._drop(over)
        for name in set(over) - {spec.id for spec in site.cameras}:
            self._board.forget_camera(name)
        started = 0
        for name, spec in mine.items():
            if name not in self._cameras and self._start(spec, started * _STAGGER_S):
                started += 1

    def _start(self, spec: IngestCamera, delay_s: float) -> bool:
        epoch = self._leases.acquire(spec.id, now=self._clock.now(), floor=spec.epoch_floor)
        if epoch is None:  # its owner has not let go yet
            return False
        camera = self._make_camera(spec, epoch)
        camera.recall()
        self._cameras[spec.id] = camera
        camera.start(delay_s)
        log.info("camera started", extra={"camera_id": spec.id, "camera": spec.name, "epoch": epoch})
        return True

    def _drop(self, names: Sequence[str]) -> None:
        """All at once, since each may take a moment to end. What they counted last stays on the board."""
        leaving = [self._cameras.pop(name) for name in names]
        for camera in leaving:
            camera.stop()
        ends_s = self._clock.monotonic_s() + _JOIN_S
        for camera in leaving:
            camera.join(max(0.0, ends_s - self._clock.monotonic_s()))
            log.info("camera stopped", extra={"camera_id": camera.spec.id, "epoch": camera.epoch})
        for camera in leaving:
            self._board.report_last_word(camera.health())
            if not camera.is_fenced:
                self._leases.release(camera.spec.id)


def _differs(wanted: IngestCamera, running: IngestCamera) -> bool:
    """The epoch floor follows the epoch that runs: it matters to the next lease alone."""
    return msgspec.structs.replace(wanted, epoch_floor=running.epoch_floor) != running
