"""What changed since the last look: incidents, cameras, the site, as events for whoever watches.

Takes: two looks at the database and the board.
Gives: LiveEvent, in the form of server-sent events.
Knows nothing about: HTTP connections.

Events may come twice after a reconnection: an incident's `id` and `sequence` tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from alerts.incident_json import event_body, incident_json
from api.camera_view import status_of
from api.deps import Deps
from store.cameras import CameraRow, all_cameras
from store.incidents import IncidentRow, IncidentState, open_incidents, page_of_incidents
from store.system_events import SystemEvent, page_of_system_events
from store.times import from_text, to_text

#: more than can change between two looks
_NEWEST = 200
#: what was decided just before the connection broke may have been committed after
_OVERLAP = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """`id` is the time of the look: a client that reconnects sends it as Last-Event-ID."""

    id: str
    type: str
    body: str

    def encoded(self) -> bytes:
        """As text/event-stream has it; the body is JSON on one line."""
        return f"id: {self.id}\nevent: {self.type}\ndata: {self.body}\n\n".encode()


def resume_point(last_event_id: str) -> datetime | None:
    """None where it is not an id of ours."""
    try:
        at = from_text(last_event_id)
    except ValueError:
        return None
    return at - _OVERLAP if at.tzinfo else None


class Watch:
    """One client's memory of what it was told."""

    def __init__(self, resume_from: datetime | None) -> None:
        self._resume_from = to_text(resume_from) if resume_from else None
        self._incidents: dict[str, tuple[int, IncidentState, str | None, str | None]] | None = None
        self._site: frozenset[str] | None = None
        self._cameras: dict[str, tuple[str, frozenset[str]]] | None = None

    def look(self, deps: Deps, now: datetime) -> list[LiveEvent]:
        """The first look tells only what happened since the resume point, if there is one."""
        with deps.database.read() as connection:
            rows = {row.id: row for row in open_incidents(connection)}
            rows |= {row.id: row for row in page_of_incidents(connection, before="", limit=_NEWEST)}
            cameras = all_cameras(connection)
            site = page_of_system_events(connection, before="", limit=_NEWEST)
        return [
            *self._incident_events(deps, rows.values(), now),
            *self._camera_events(deps, cameras, now),
            *self._site_events(site, now),
        ]

    def _incident_events(self, deps: Deps, rows: Iterable[IncidentRow], now: datetime) -> list[LiveEvent]:
        known = self._incidents
        self._incidents = {row.id: (row.sequence, row.state, row.feedback, row.snoozed_until) for row in rows}
        events = []
        links = deps.pictures.linker(now)
        for row in sorted(rows, key=lambda row: row.id):
            if known is None and not self._missed(row):
                continue
            before = known.get(row.id) if known is not None else None
            if before == self._incidents[row.id]:
                continue
            kind = "incident.updated" if before and before[1] is row.state else f"incident.{row.state.value}"
            if before and row.snoozed_until not in (None, before[3]):
                kind = "incident.snoozed"
            data = incident_json(row, picture_url=links)
            events.append(LiveEvent(to_text(now), kind, event_body(kind, data, now=now)))
        return events

    def _missed(self, row: IncidentRow) -> bool:
        if self._resume_from is None:
            return False
        return max(row.opened_at, row.decided_at, row.ended_at or "") > self._resume_from

    def _site_events(self, newest: tuple[SystemEvent, ...], now: datetime) -> list[LiveEvent]:
        """Those of cameras are told as they are now, by _camera_events."""
        known = self._site
        self._site = frozenset(event.id for event in newest)
        missed_from = self._resume_from or to_text(now)
        events = []
        for event in reversed(newest):
            is_news = event.id not in known if known is not None else event.at > missed_from
            if is_news and not event.type.startswith("camera."):
                body = event_body(event.type, msgspec.json.decode(event.data), now=from_text(event.at))
                events.append(LiveEvent(to_text(now), event.type, body))
        return events

    def _camera_events(self, deps: Deps, cameras: tuple[CameraRow, ...], now: datetime) -> list[LiveEvent]:
        view = deps.live.view(now)
        statuses = {camera.id: status_of(camera, view, now) for camera in cameras}
        known = self._cameras
        self._cameras = {id: (one.state, frozenset(one.conditions or ())) for id, one in statuses.items()}
        events: list[LiveEvent] = []
        for camera in cameras if known is not None else ():
            state, conditions = (known or {}).get(camera.id, ("", frozenset()))
            status = statuses[camera.id]
            kinds = [f"camera.{status.state}"] if status.state != state else []
            kinds += [f"camera.{one}" for one in sorted(set(status.conditions or ()) - conditions)]
            shown = {"camera": {"id": camera.id, "name": camera.name}, "status": status.model_dump(exclude_none=True)}
            events += [LiveEvent(to_text(now), kind, event_body(kind, shown, now=now)) for kind in kinds]
        return events


def problem_event(detail: str, now: datetime) -> LiveEvent:
    """Where the stream must end: the client is told why."""
    return LiveEvent(to_text(now), "problem", msgspec.json.encode({"detail": detail}).decode())
