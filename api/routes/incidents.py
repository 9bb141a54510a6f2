"""/api/v1/incidents: what happened, and what people say of it.

Takes: filters, acknowledgements, feedback.
Gives: IncidentOut, as in webhooks; an acknowledgement is told to the endpoints in the same transaction.
Knows nothing about: how an incident is found."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerts.incident_json import incident_body, incident_json
from api.auth import RuleWriter, Viewer
from api.bodies.incidents import Feedback, IncidentOut
from api.deps import Deps, DepsHere
from api.feedback import keep_word
from api.labelling import label_incident
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import NotFound
from store.audit import note
from store.deliveries import add_deliveries
from store.incidents import (
    IncidentFilter,
    IncidentRow,
    IncidentState,
    give_feedback,
    incident_by_id,
    move_incident,
    page_of_incidents,
)
from store.times import to_text

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])

Id = Annotated[str, Query(max_length=64)]
Since = Annotated[AwareDatetime | None, Query(description="Only those that opened then or later.")]


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List incidents")
def list_incidents(
    deps: DepsHere,
    _caller: Viewer,
    camera: Id = "",
    rule: Id = "",
    state: IncidentState | None = None,
    since: Since = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[IncidentOut]:
    """Newest first."""
    only = IncidentFilter(state=state.value if state else "", rule_id=rule, camera_id=camera)
    with deps.database.read() as connection:
        rows = page_of_incidents(connection, before=position(cursor), limit=limit + 1, only=only)
    if since is not None:  # newest first, so what is too old is at the end, and then there is no next page
        rows = tuple(row for row in rows if row.opened_at >= to_text(since))
    return page_of(rows, limit, lambda row: row.id, lambda row: _shown(deps, row))


@router.get("/{incident_id}", response_model_exclude_none=True, responses=declared(404), summary="Show an incident")
def show(incident_id: str, deps: DepsHere, _caller: Viewer) -> IncidentOut:
    """With links to its pictures that expire."""
    with deps.database.read() as connection:
        row = incident_by_id(connection, incident_id)
    if row is None:
        raise _unknown(incident_id)
    return _shown(deps, row)


@router.post(
    "/{incident_id}/acknowledge",
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Acknowledge an incident",
)
def acknowledge(incident_id: str, deps: DepsHere, caller: RuleWriter) -> IncidentOut:
    """Somebody has seen it. The endpoints are told."""
    now = deps.clock()
    links = deps.pictures.links(now)
    with deps.database.write() as connection:
        row = incident_by_id(connection, incident_id, lock=True)
        if row is None:
            raise _unknown(incident_id)
        row = move_incident(connection, row, IncidentState.ACKNOWLEDGED)
        kind = "incident.acknowledged"
        body = incident_body(kind, row, picture_url=links.picture, feedback_url=links.feedback, now=now)
        add_deliveries(connection, type=kind, body=body, incident_id=row.id, now=now)
        note(connection, actor=caller.key_id, action="incident acknowledged", subject=incident_id, now=now)
    return _shown(deps, row)


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


def _shown(deps: Deps, row: IncidentRow) -> IncidentOut:
    return IncidentOut.model_validate(incident_json(row, picture_url=deps.pictures.linker(deps.clock())))


def _unknown(incident_id: str) -> NotFound:
    return NotFound(f"incident '{incident_id}' does not exist", "GET /api/v1/incidents lists those that do")
