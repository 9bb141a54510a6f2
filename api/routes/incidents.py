"""/api/v1/incidents: what happened, and what people say of it.

Takes: filters, acknowledgements, retractions, snoozes, feedback.
Gives: IncidentOut, as in webhooks; what people say of an incident's life is told to the endpoints in one transaction.
Knows nothing about: how an incident is found."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Annotated, Protocol

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerts.incident_json import incident_json
from alerts.lifecycle import Word, acknowledge, group_cameras, retract, snooze, wake
from api.auth import Caller, RuleWriter, Viewer
from api.bodies.incidents import Feedback, IncidentOut, Retraction, Snooze, SnoozeOut, SnoozesOut
from api.deps import Deps, DepsHere
from api.feedback import keep_word
from api.labelling import label_incident
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import NotFound
from store.audit import note
from store.incidents import (
    IncidentFilter,
    IncidentRow,
    IncidentState,
    give_feedback,
    incident_by_id,
    page_of_incidents,
)
from store.site import next_site_version
from store.snoozes import all_snoozes
from store.times import to_text

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])

Id = Annotated[str, Query(max_length=64)]
Since = Annotated[AwareDatetime | None, Query(description="Only those that opened then or later.")]


class Say(Protocol):
    """What a person does to an incident, as alerts.lifecycle has it."""

    def __call__(self, connection: sa.Connection, incident_id: str, word: Word, /) -> IncidentRow: ...


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List incidents")
def list_incidents(
    deps: DepsHere,
    _caller: Viewer,
    camera: Id = "",
    rule: Id = "",
    state: IncidentState | None = None,
    since: Since = None,
    group: Id = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[IncidentOut]:
    """Newest first."""
    only = IncidentFilter(state=state.value if state else "", rule_id=rule, camera_id=camera, group_id=group)
    with deps.database.read() as connection:
        rows = page_of_incidents(connection, before=position(cursor), limit=limit + 1, only=only)
    if since is not None:  # newest first, so what is too old is at the end, and then there is no next page
        rows = tuple(row for row in rows if row.opened_at >= to_text(since))
    return page_of(rows, limit, lambda row: row.id, lambda row: _shown(deps, row))


@router.get("/snoozes", responses=declared(), summary="List snoozes")
def list_snoozes(deps: DepsHere, _caller: Viewer) -> SnoozesOut:
    """Which rules are quiet on which cameras now, newest first."""
    now = to_text(deps.clock())
    with deps.database.read() as connection:
        rows = all_snoozes(connection)
    return SnoozesOut(
        items=[
            SnoozeOut(
                rule_id=row.rule_id, camera_id=row.camera_id, incident_id=row.incident_id, at=row.at, until=row.until
            )
            for row in rows
            if row.until > now
        ]
    )


@router.get("/{incident_id}", response_model_exclude_none=True, responses=declared(404), summary="Show an incident")
def show(incident_id: str, deps: DepsHere, _caller: Viewer) -> IncidentOut:
    """With links to its pictures that expire."""
    with deps.database.read() as connection:
        row = incident_by_id(connection, incident_id)
        if row is None:
            raise _unknown(incident_id)
        cameras = group_cameras(connection, row)
    return _shown(deps, row, cameras)


@router.post(
    "/{incident_id}/acknowledge",
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Acknowledge an incident",
)
def acknowledge_one(incident_id: str, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """Somebody has seen it. The endpoints are told."""
    return _said(deps, caller, incident_id, "incident acknowledged", acknowledge)


@router.post(
    "/{incident_id}/retract",
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Take an incident back",
)
def retract_one(incident_id: str, deps: DepsHere, caller: RuleWriter, body: Retraction = Retraction()) -> IncidentOut:
    """It was none, and it is over. The endpoints are told; nothing else can be said of it afterwards."""
    return _said(deps, caller, incident_id, "incident retracted", partial(retract, reason=body.reason))


@router.post(
    "/{incident_id}/snooze",
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Keep a rule quiet on a camera",
)
def snooze_one(incident_id: str, body: Snooze, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """The incident's rule opens no incident on its camera until then, as in a cooldown. Again: the new time counts."""
    lasts = timedelta(minutes=body.minutes)
    return _said(deps, caller, incident_id, "rule snoozed", partial(snooze, lasts=lasts), changes_site=True)


@router.delete(
    "/{incident_id}/snooze",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="End a snooze",
)
def wake_one(incident_id: str, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """Of the incident's rule on its camera. Safe to call where there is none."""
    return _said(deps, caller, incident_id, "snooze ended", wake, changes_site=True)


@router.post(
    "/{incident_id}/feedback",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="Say whether an incident was right",
)
def feedback(incident_id: str, body: Feedback, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """The last word counts. The margins behind the incident learn from it."""
    with deps.database.write() as connection:
        row = keep_word(connection, incident_id, body.value, actor=caller.key_id, now=deps.clock())
    if row is None:
        raise _unknown(incident_id)
    return _shown(deps, row)


@router.delete(
    "/{incident_id}/feedback",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="Take back what was said of an incident",
)
def take_back_feedback(incident_id: str, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """Safe to call where nothing was said."""
    now = deps.clock()
    with deps.database.write() as connection:
        row = incident_by_id(connection, incident_id, lock=True)
        if row is None:
            raise _unknown(incident_id)
        row = give_feedback(connection, row, None)
        label_incident(connection, row, None, now)
        note(connection, actor=caller.key_id, action="feedback taken back", subject=incident_id, now=now)
    return _shown(deps, row)


def _said(
    deps: Deps, caller: Caller, incident_id: str, action: str, say: Say, *, changes_site: bool = False
) -> IncidentOut:
    now = deps.clock()
    word = Word(caller.key_id, deps.pictures.links(now), now)
    with deps.database.write() as connection:
        row = say(connection, incident_id, word)
        note(connection, actor=caller.key_id, action=action, subject=incident_id, now=now)
        if changes_site:  # alerts looks for snoozes where the site has changed
            next_site_version(connection)
    if changes_site:
        deps.changed()
    return _shown(deps, row)


def _shown(deps: Deps, row: IncidentRow, cameras: Sequence[tuple[str, str]] = ()) -> IncidentOut:
    shown = incident_json(row, picture_url=deps.pictures.linker(deps.clock()), cameras=cameras)
    return IncidentOut.model_validate(shown)


def _unknown(incident_id: str) -> NotFound:
    return NotFound(f"incident '{incident_id}' does not exist", "GET /api/v1/incidents lists those that do")
