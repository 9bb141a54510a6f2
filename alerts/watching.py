"""Silence is an event: cameras that give no pictures, analyzers that are away, rules that nobody evaluates.

Takes: the board, the bus, the database.
Gives: one webhook when something has been wrong for long enough, and one when it is over.
Knows nothing about: what is wrong (alerts.signs), how long is long (alerts.episodes).

An episode is a row in the database, begun and ended in the transaction that holds its webhooks: a restart repeats none
and misses none, and of two workers that both believe a camera theirs for a moment one tells."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.episodes import Begins, Ends, Episodes, Patience
from alerts.signs import Key, Kind, Sightings, Sign, analyzer_signs, bus_away_signs, rule_sign
from alerts.site_events import tell_site
from alerts.unanswered import Unanswered
from contracts.board import Board
from contracts.bus import FrameBus
from contracts.errors import BusUnreachable, Unavailable
from contracts.messages import UnansweredRules
from contracts.service import Stop
from contracts.settings import Settings
from store.cameras import CameraRow
from store.conditions import active_conditions, begin_condition, end_condition, forget_condition
from store.database import Database
from store.rulebook import Rulebook, newest_rulebook
from store.times import from_text, to_text

log = logging.getLogger(__name__)

WATCH_EVERY_S = 1.0
#: who did not look for so long was asleep or stopped, and so perhaps was everybody
_SLEPT = timedelta(seconds=10)
BEGUN: Mapping[Kind, str] = {
    Kind.OFFLINE: "camera.offline",
    Kind.FROZEN: "camera.frozen",
    Kind.COVERED: "camera.covered",
    Kind.DOWN: "analyzer.down",
    Kind.BEHIND: "analyzer.behind",
    Kind.DEGRADED: "rule.degraded",
}
OVER: Mapping[Kind, str] = {
    Kind.OFFLINE: "camera.online",
    Kind.FROZEN: "camera.online",
    Kind.COVERED: "camera.online",
    Kind.DOWN: "analyzer.up",
    Kind.BEHIND: "analyzer.up",
    Kind.DEGRADED: "rule.live",
}


@dataclass(frozen=True, slots=True)
class WatchBounds:
    """How long something must be wrong before it is told; `behind_s`: how long a frame may wait."""

    shards: int = 1
    offline_after_s: float = 20.0
    condition_after_s: float = 10.0
    analyzer_after_s: float = 60.0
    behind_s: float = 5.0

    @classmethod
    def of(cls, settings: Settings) -> "WatchBounds":
        """As the deployment decides."""
        return cls(
            settings.shards,
            settings.camera_offline_after_s,
            settings.condition_after_s,
            settings.analyzer_down_after_s,
            settings.max_age_s / 2,
        )

    @property
    def patience(self) -> Patience:
        """The sign of a camera that is offline has waited itself."""
        condition, analyzer = timedelta(seconds=self.condition_after_s), timedelta(seconds=self.analyzer_after_s)
        slow = dict.fromkeys((Kind.DOWN, Kind.BEHIND, Kind.DEGRADED), analyzer)
        return Patience({Kind.FROZEN: condition, Kind.COVERED: condition, **slow})


class Watcher:
    """One per process; `run` in a thread of its own.

    `owns`: whose cameras are ours. `leads`: whether we speak for the site. `unanswered`: why rules get no answers.
    `worker`: our name among the alerts workers."""

    def __init__(
        self,
        board: Board,
        bus: FrameBus,
        database: Database,
        bounds: WatchBounds,
        *,
        owns: Callable[[str], bool],
        leads: Callable[[], bool],
        clock: Callable[[], datetime],
        unanswered: Unanswered | None = None,
        worker: str = "alerts",
    ) -> None:
        self._board = board
        self._bus = bus
        self._database = database
        self._bounds = bounds
        self._owns = owns
        self._leads = leads
        self._clock = clock
        self._unanswered = unanswered or Unanswered()
        self._worker = worker
        self._has_said = False
        self._rulebook = Rulebook()
        self._sightings = Sightings(offline_after_s=bounds.offline_after_s)
        self._episodes = Episodes(bounds.patience)
        self._is_deaf = False
        self._looked_at = clock()
        self._away = False

    def run(self, stop: Stop) -> None:
        """Once a second, until it is time to end; the database being away is no reason to end."""
        while not stop.wait(WATCH_EVERY_S):
            try:
                self.turn()
                self._away = False
            except Unavailable as error:
                if not self._away:
                    log.warning("site not watched", extra={"problem": str(error)})
                self._away = True

    def turn(self) -> None:
        """One look at everything."""
        now = self._clock()
        with self._database.read() as connection:
            self._rulebook = newest_rulebook(connection, self._rulebook)
            active = {(row.subject, row.kind): row for row in active_conditions(connection)}
        signs = self._signs(now)
        begins, ends = self._episodes.weigh(signs, active, now)
        gone = [key for key in active if self._is_gone(key)]
        if begins or ends or gone:
            with self._database.write() as connection:
                told = [*(self._begin(connection, one, now) for one in begins)]
                told += [self._end(connection, one, now) for one in ends]
                for subject, kind in gone:
                    forget_condition(connection, subject, kind)
            for kind, subject, reason in filter(None, told):
                log.info("site event told", extra={"type": kind, "subject": subject, "reason": reason})

    def _signs(self, now: datetime) -> list[Sign]:
        try:
            words, offered = self._board.health(), self._board.capabilities(now=now)
            alive = sum(beat.room == "analyzer" for beat in self._board.beats(now=now))
            wait_s = self._wait_s(now) if self._leads() else 0.0
            unanswered = self._unanswered_anywhere(now)
        except BusUnreachable as error:
            self._is_deaf = True
            return list(bus_away_signs(str(error))) if self._leads() else []
        if self._is_deaf or not timedelta(0) <= now - self._looked_at < _SLEPT:
            self._sightings.forgive(now)
        self._is_deaf, self._looked_at = False, now
        signs: list[Sign] = []
        ours = [camera for camera in self._cameras().values() if self._owns(camera.id)]
        self._sightings.keep_only(camera.id for camera in ours)
        for camera in ours:
            signs += self._sightings.signs(camera, words.get(camera.id), now)
        if self._leads():
            needed = bool(self._rulebook.cameras and self._rulebook.rules)
            signs += analyzer_signs(is_needed=needed, alive=alive, wait_s=wait_s, behind_s=self._bounds.behind_s)
            signs += [rule_sign(rule, offered, unanswered.get(rule.id, "")) for rule in self._rulebook.rules]
        return signs

    def _unanswered_anywhere(self, now: datetime) -> dict[str, str]:
        """Each worker knows of its own cameras; who leads tells of all."""
        ours = self._unanswered.reasons(now)
        if ours or self._has_said:
            self._board.report_unanswered(UnansweredRules(self._worker, now, ours))
        self._has_said = bool(ours)
        return self._board.unanswered(now=now) if self._leads() else {}

    def _wait_s(self, now: datetime) -> float:
        return max(self._bus.oldest_wait_s(shard=shard, now=now) for shard in range(self._bounds.shards))

    def _cameras(self) -> Mapping[str, CameraRow]:
        """Also those that are disarmed: who cuts a cable does not wait for the alarm."""
        return {**self._rulebook.cameras, **self._rulebook.disarmed}

    def _is_gone(self, key: Key) -> bool:
        """Removed or switched off: there is nothing to tell any more."""
        room, _, name = key[0].partition("/")
        if room == "camera":
            return self._owns(name) and name not in self._cameras()
        return room == "rule" and self._leads() and all(rule.id != name for rule in self._rulebook.rules)

    def _begin(self, connection: sa.Connection, one: Begins, now: datetime) -> tuple[str, str, str] | None:
        sign, since = one.sign, one.since
        subject, kind = sign.key
        if not begin_condition(connection, subject, kind, since=since, reason=sign.reason, now=now):
            return None
        said = {"since": to_text(since), "reason": sign.reason} | ({"remedy": sign.remedy} if sign.remedy else {})
        tell_site(connection, BEGUN[sign.kind], {**self._named(subject), **said}, now=now)
        return BEGUN[sign.kind], subject, sign.reason

    def _end(self, connection: sa.Connection, one: Ends, now: datetime) -> tuple[str, str, str] | None:
        row = end_condition(connection, one.row.subject, one.row.kind, now=now)
        if row is None:
            return None
        kind, lasted_s = Kind(row.kind), (now - from_text(row.since)).total_seconds()
        said = {"since": to_text(now), "recovered_from": row.kind, "lasted_s": round(max(0.0, lasted_s), 1)}
        tell_site(connection, OVER[kind], {**self._named(row.subject), **said}, now=now)
        return OVER[kind], row.subject, row.reason

    def _named(self, subject: str) -> dict[str, object]:
        room, _, name = subject.partition("/")
        camera = self._cameras().get(name) if room == "camera" else None
        if camera is not None:
            return {"camera": {"id": camera.id, "name": camera.name}}
        rule = next((rule for rule in self._rulebook.rules if rule.id == name), None) if room == "rule" else None
        return {"rule": {"id": rule.id, "version": rule.version, "text": rule.text}} if rule is not None else {}
