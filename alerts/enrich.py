"""Notify now, enrich later: what was seen, in one sentence and in boxes, for incidents that were told already.

Takes: incidents that wait for an explanation, an analyzer that explains, the pictures kept as evidence.
Gives: the explanation and its boxes in the incident, and `incident.updated` to whoever wants it.
Knows nothing about: models, how a rule decides.

Nothing waits for this: an incident that cannot be explained within EXPLAIN_WITHIN stays as it was told. One job at a
time; a kill in its middle costs one of the wish's attempts, and what was answered is told once."""

import logging
import queue
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from alerts.batch import Told, commit_explanation
from alerts.evidence import EvidenceKeeper
from alerts.explanation import one_line, sound_boxes
from contracts.board import Board
from contracts.broker import Client
from contracts.errors import EngineError, PlainwatchError, Unavailable
from contracts.explain import JOB, Explained, ExplainRequest
from contracts.jobs import ask
from contracts.service import Stop
from store.cameras import CameraRow, camera_by_id
from store.database import Database
from store.explanations import (
    Wish,
    any_wish_due,
    claim_wish,
    end_wish,
    give_up_wishes,
    put_off_wish,
    return_wishes,
)
from store.incidents import IncidentRow, IncidentState, incident_by_id
from store.times import from_text

log = logging.getLogger(__name__)

ROOM = "analyzer"
LOOK_EVERY_S = 0.5
AWAY_WAIT_S = 1.0
STOP_LOOK_S = 0.2
TIMEOUT_S = 30.0
#: pins live for 300 s; an explanation that comes later than this helps nobody
EXPLAIN_WITHIN = timedelta(minutes=2)
RETRY_AFTER = timedelta(seconds=5)
ATTEMPTS = 3
MOST_WAITING = 20
#: for what follows the answer: drawing, and a database that may be busy
WRITE_WITHIN = timedelta(seconds=20)


class Enricher:
    """One per process; `run` in a thread of its own."""

    def __init__(
        self,
        database: Database,
        client: Client,
        keeper: EvidenceKeeper,
        *,
        base_url: str,
        worker: str,
        clock: Callable[[], datetime],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._database = database
        self._client = client
        self._board = Board(client)
        self._keeper = keeper
        self._base_url = base_url
        self._worker = worker
        self._clock = clock
        self._timeout_s = timeout_s
        self._returned = False
        self._away = ""
        self._heard = False

    def is_heard(self) -> bool:
        """Whether an analyzer that explains was there at the last look; without one no incident waits for it."""
        return self._heard

    def run(self, stop: Stop) -> None:
        """Until it is time to end; Redis or the database being away is no reason to."""
        while not stop.is_set():
            try:
                busy = self.turn(stop)
                self._away = ""
            except Unavailable as error:
                self._say_away(error)
                stop.wait(AWAY_WAIT_S)
                continue
            if not busy:
                stop.wait(LOOK_EVERY_S)

    def turn(self, stop: Stop) -> bool:
        """At most one explanation; False: nothing was due. Raises Unavailable."""
        if not self._returned:
            with self._database.write() as connection:
                return_wishes(connection, worker=self._worker)
            self._returned = True
        self._heard = any(one.explains for one in self._board.capabilities(now=self._clock()))
        wish = self._claim()
        if wish is None:
            return False
        self._grant(wish, stop)
        return True

    def _claim(self) -> Wish | None:
        now = self._clock()
        since = now - EXPLAIN_WITHIN
        with self._database.read() as connection:
            if not any_wish_due(connection, now=now, since=since, can_ask=self._heard):
                return None
        until = now + timedelta(seconds=self._timeout_s) + WRITE_WITHIN
        with self._database.write() as connection:
            dropped = give_up_wishes(connection, now=now, since=since, attempts=ATTEMPTS, most=MOST_WAITING)
            wish = claim_wish(connection, worker=self._worker, now=now, until=until) if self._heard else None
        for incident_id in dropped:
            _say_given_up(incident_id, "too late, tried too often, or too many others waited")
        return wish

    def _grant(self, wish: Wish, stop: Stop) -> None:
        with self._database.read() as connection:
            incident = incident_by_id(connection, wish.incident_id)
            camera = camera_by_id(connection, incident.camera_id) if incident else None
        if incident is None or camera is None or not _is_worth_it(incident):
            return self._end(wish, "nothing is left to explain")
        remaining_s = (from_text(wish.wanted_at) + EXPLAIN_WITHIN - self._clock()).total_seconds()
        try:
            explained = self._ask(_request(wish, incident, camera), min(self._timeout_s, remaining_s), stop)
        except PlainwatchError as error:
            return self._put_off(wish, str(error))
        if explained is not None:
            self._tell(wish, incident, explained)

    def _ask(self, request: ExplainRequest, timeout_s: float, stop: Stop) -> Explained | None:
        """None: it is time to end, and the next one asks again. In a thread that ends with the process, since a model
        may take half a minute and the end of the service does not wait for it."""
        heard: queue.SimpleQueue[Explained | PlainwatchError] = queue.SimpleQueue()
        threading.Thread(target=self._hear, args=(request, timeout_s, heard), name="explain", daemon=True).start()
        while not stop.is_set():
            try:
                answer = heard.get(timeout=STOP_LOOK_S)
            except queue.Empty:
                continue
            if isinstance(answer, PlainwatchError):
                raise answer
            return answer
        return None

    def _hear(
        self, request: ExplainRequest, timeout_s: float, heard: "queue.SimpleQueue[Explained | PlainwatchError]"
    ) -> None:
        asked = msgspec.msgpack.encode(request)
        try:
            answer = ask(self._client, ROOM, JOB, asked, now=self._clock(), timeout_s=timeout_s)
            heard.put(msgspec.msgpack.decode(answer, type=Explained))
        except msgspec.MsgspecError as error:
            heard.put(EngineError(f"job '{JOB}': the answer was not understood: {error}", "run one version everywhere"))
        except PlainwatchError as error:
            heard.put(error)

    def _tell(self, wish: Wish, incident: IncidentRow, explained: Explained) -> None:
        sentence, boxes = one_line(explained.text), sound_boxes(explained.detections)
        if not sentence:
            return self._put_off(wish, "the model said nothing")
        frame = incident.evidence.frames[0]
        if boxes and not any(each.boxes for each in incident.evidence.frames):
            frame = self._keeper.put_boxes(incident.id, frame, boxes)
        told = Told(incident.id, sentence, explained.grounded, frame)
        with self._database.write() as connection:
            ours = end_wish(connection, wish)
            row = commit_explanation(connection, told, base_url=self._base_url, now=self._clock()) if ours else None
        if row is not None:
            said = {"incident_id": row.id, "sequence": row.sequence, "grounded": row.grounded, "attempt": wish.attempts}
            log.info("incident explained", extra=said)

    def _put_off(self, wish: Wish, problem: str) -> None:
        if wish.attempts >= ATTEMPTS:
            return self._end(wish, problem)
        log.info(
            "explanation put off",
            extra={"incident_id": wish.incident_id, "attempt": wish.attempts, "problem": problem},
        )
        with self._database.write() as connection:
            put_off_wish(connection, wish, next_at=self._clock() + RETRY_AFTER)

    def _end(self, wish: Wish, problem: str) -> None:
        with self._database.write() as connection:
            ours = end_wish(connection, wish)
        if ours:
            _say_given_up(wish.incident_id, problem)

    def _say_away(self, error: Unavailable) -> None:
        if self._away != error.code:
            log.warning("explanations wait", extra={"problem": str(error)})
        self._away = error.code


def _is_worth_it(incident: IncidentRow) -> bool:
    return incident.state is not IncidentState.RETRACTED and bool(incident.evidence.frames)


def _request(wish: Wish, incident: IncidentRow, camera: CameraRow) -> ExplainRequest:
    """About the first picture, the one that was pinned when the rule fired, and those that it was judged with."""
    lang: Literal["en", "zh"] = "zh" if incident.rule_lang == "zh" else "en"
    judged = incident.evidence.frames[0]
    return ExplainRequest(
        camera.id, (judged.sha256,), wish.questions, lang, camera.keep_local, earlier=judged.before
    )


def _say_given_up(incident_id: str, problem: str) -> None:
    log.warning("explanation given up", extra={"incident_id": incident_id, "problem": problem})
