"""Films of incidents: asked for when their end has been seen, kept as evidence, told of as an update.

Takes: incidents that have none yet, the ingest worker that reads their camera.
Gives: the film beside the pictures, `clip_url` in the incident, `incident.updated`; or why there is none.
Knows nothing about: packets, how a film is made.

Nothing waits for this: an incident whose film cannot be had stays as it was told. One at a time."""

import logging
import queue
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa

from alerts.evidence import KEEP_FREE_BYTES, write_synced
from alerts.lifecycle import tell
from alerts.links import Links
from contracts.board import Board
from contracts.broker import Client
from contracts.clips import JOB, ClipReply, ClipRequest, clip_room
from contracts.errors import PlainwatchError, StoreUnreachable, Unavailable
from contracts.jobs import ask
from contracts.service import Stop
from contracts.settings import Settings
from store.clips import ClipClaim, claim_clip, clip_wanted, end_clip, put_off_clip, return_clips
from store.database import Database
from store.incidents import Evidence, IncidentRow, IncidentState, incident_by_id, keep_evidence
from store.links import link_secret
from store.times import from_text

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LISTEN_S = 0.2
ANSWER_WITHIN_S = 30.0
#: the lease outlasts the answer and the writing
LEASE = timedelta(seconds=60)
AGAIN_AFTER = timedelta(seconds=2)
ATTEMPTS = 3
#: what opened before nobody has packets of
SINCE = timedelta(minutes=10)
#: the last packets arrive, and are kept, a moment after
SETTLED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """How much of a film."""

    pre_s: float
    post_s: float

    @classmethod
    def of(cls, settings: Settings) -> "Span":
        """As the deployment wants it."""
        return cls(settings.clip_pre_s, settings.clip_post_s)


class Clipper:
    """One per process; `run` in a thread of its own. `folder`: the evidence folder."""

    def __init__(
        self,
        database: Database,
        client: Client,
        folder: Path,
        span: Span,
        *,
        base_url: str,
        worker: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._client = client
        self._board = Board(client)
        self._folder = folder
        self._span = span
        self._base_url = base_url
        self._worker = worker
        self._clock = clock
        self._away = False

    def run(self, stop: Stop) -> None:
        """Until it is time to end; the database being away is no reason to."""
        is_begun = False
        while not stop.is_set():
            try:
                if not is_begun:
                    self._return_claims()
                    is_begun = True
                is_idle = not self.look(stop)
                self._away = False
            except StoreUnreachable as error:
                if not self._away:
                    log.warning("clips not looked for", extra={"problem": str(error)})
                self._away, is_idle = True, True
            if is_idle:
                stop.wait(LOOK_EVERY_S)

    def look(self, stop: Stop) -> bool:
        """One incident's; False where none waits. Raises StoreUnreachable."""
        claimed = self._claim()
        if claimed is None:
            return False
        claim, incident = claimed
        try:
            reply = self._asked(incident, stop)
        except PlainwatchError as error:
            self._failed(claim, incident, str(error))
            return True
        if reply is None:  # it is time to end; the next one of our name asks again
            return False
        path, problem = self._written(incident, reply)
        self._settle(claim, incident, path, problem)
        return True

    def _claim(self) -> tuple[ClipClaim, IncidentRow] | None:
        now = self._clock()
        ended = now - timedelta(seconds=self._span.post_s) - SETTLED
        with self._database.read() as connection:
            wanted = clip_wanted(connection, now=now, since=now - SINCE, captured_before=ended)
        if wanted is None:
            return None
        with self._database.write() as connection:
            claim = claim_clip(connection, wanted, worker=self._worker, now=now, until=now + LEASE)
            incident = incident_by_id(connection, wanted)
        return (claim, incident) if claim and incident else None

    def _return_claims(self) -> None:
        with self._database.write() as connection:
            return_clips(connection, worker=self._worker)

    def _asked(self, incident: IncidentRow, stop: Stop) -> ClipReply | None:
        """None where it is time to end. Raises PlainwatchError where asking again may help."""
        health = self._board.health().get(incident.camera_id)
        if health is None:
            raise Unavailable("no ingest worker reads the camera", "check that it is enabled and that ingest runs")
        at = from_text(incident.captured_at)
        request = ClipRequest(incident.camera_id, at, self._span.pre_s, self._span.post_s)
        heard: queue.SimpleQueue[ClipReply | PlainwatchError] = queue.SimpleQueue()
        threading.Thread(target=self._hear, args=(request, health.worker, heard), name="clip", daemon=True).start()
        while not stop.is_set():
            try:
                answer = heard.get(timeout=LISTEN_S)
            except queue.Empty:
                continue
            if isinstance(answer, PlainwatchError):
                raise answer
            return answer
        return None

    def _hear(self, request: ClipRequest, worker: str, heard: "queue.SimpleQueue[ClipReply | PlainwatchError]") -> None:
        """On a thread of its own: an end must not wait for a worker that does not answer."""
        asked = msgspec.msgpack.encode(request)
        try:
            raw = ask(self._client, clip_room(worker), JOB, asked, now=self._clock(), timeout_s=ANSWER_WITHIN_S)
            heard.put(msgspec.msgpack.decode(raw, type=ClipReply))
        except PlainwatchError as error:
            heard.put(error)

    def _written(self, incident: IncidentRow, reply: ClipReply) -> tuple[str, str]:
        """(path, "") or ("", why there is none)."""
        if not reply.video:
            return "", reply.reason
        path = f"{from_text(incident.opened_at):%Y/%m/%d}/{incident.id}.mp4"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < KEEP_FREE_BYTES + len(reply.video):
                return "", "the disk is nearly full"
            write_synced(self._folder, path, reply.video)
        except OSError as error:
            return "", f"the clip could not be written: {error.strerror}"
        return path, ""

    def _failed(self, claim: ClipClaim, incident: IncidentRow, problem: str) -> None:
        if claim.attempts >= ATTEMPTS:
            self._settle(claim, incident, "", problem)
            return
        with self._database.write() as connection:
            put_off_clip(connection, claim, next_at=self._clock() + AGAIN_AFTER)

    def _settle(self, claim: ClipClaim, incident: IncidentRow, path: str, problem: str) -> None:
        with self._database.write() as connection:
            is_ours = end_clip(connection, claim, "kept" if path else "missing")
            if is_ours:
                self._commit(connection, incident.id, path, problem)
        if path:
            log.info("clip kept", extra={"incident_id": incident.id, "camera_id": incident.camera_id})
        else:
            log.warning("clip missing", extra={"incident_id": incident.id, "reason": problem})

    def _commit(self, connection: sa.Connection, incident_id: str, path: str, problem: str) -> None:
        now = self._clock()
        found = incident_by_id(connection, incident_id, lock=True)
        if found is None:
            return
        evidence: Evidence = msgspec.structs.replace(found.evidence, clip=path, clip_missing=problem)
        is_told = bool(path) and found.state is not IncidentState.RETRACTED
        incident = keep_evidence(connection, found, evidence, is_told=is_told)
        if is_told:
            links = Links(self._base_url, link_secret(connection), now)
            tell(connection, "incident.updated", incident, links=links, now=now)
