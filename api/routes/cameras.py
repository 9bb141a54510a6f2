"""/api/v1/cameras: what is read, and whether it gives pictures.

Takes: CameraIn, CameraChange, ProbeIn.
Gives: CameraOut with its live status; the probe's report.
Knows nothing about: how a camera is read."""

import logging
from datetime import timedelta

from fastapi import APIRouter

from alerts.arming import set_by_hand
from api.auth import Caller, CameraWriter, Viewer
from api.bodies.cameras import ArmIn, CameraChange, CameraIn, CameraOut, ProbeIn, ProbeOut
from api.camera_view import camera_out
from api.cameras import (
    Checked,
    allow_with,
    changed_camera,
    check_url,
    failed_probe,
    new_camera,
    refuse_taken_name,
    sampling_of,
)
from api.confirm import confirmed_targets, keep_targets
from api.deps import Deps, DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.probing import Looked, look_at, probe_out, warnings_of
from api.problems import declared
from api.rereading import Reader, reread_rules
from api.targets import camera_target
from contracts.errors import NotFound, Unavailable
from contracts.site import Sampling
from store.audit import note
from store.cameras import CameraRow, add_camera, camera_by_id, change_camera, page_of_cameras, remove_camera
from store.decisions import forget_decisions
from store.progress import forget_progress, totals
from store.site import next_site_version

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])


@router.post("", status_code=201, response_model_exclude_none=True, responses=declared(409), summary="Add a camera")
def register(body: CameraIn, deps: DepsHere, caller: CameraWriter) -> CameraOut:
    """Reads it for a few seconds first: a camera that gives no pictures is refused with the reason."""
    refuse_taken_name(deps, body.name)
    checked = check_url(
        deps,
        body.url,
        caller,
        probe=body.probe,
        force=body.force,
        confirm=body.confirm_private,
        sampling=sampling_of(body.sampling),
    )
    now = deps.clock()
    camera = new_camera(body, checked, deps, now)
    reader = Reader(caller.key_id, now, deps.live.view(now).capabilities)
    with deps.database.write() as connection:
        add_camera(connection, camera)
        keep_targets(connection, checked.confirmed, "camera", caller, camera.id, now)
        note(connection, actor=caller.key_id, action="camera added", subject=camera.id, detail=camera.name, now=now)
        reread_rules(connection, None, camera, reader)
        next_site_version(connection)
    deps.changed()
    return _shown_after(deps, camera, checked)


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List cameras")
def list_cameras(deps: DepsHere, _caller: Viewer, cursor: Cursor = "", limit: Limit = 50) -> Page[CameraOut]:
    """In the order in which they were registered."""
    now = deps.clock()
    with deps.database.read() as connection:
        rows = page_of_cameras(connection, after=position(cursor), limit=limit + 1)
        counted = totals(connection)
    view, zone = deps.live.view(now), deps.settings.timezone
    return page_of(rows, limit, lambda row: row.id, lambda row: camera_out(row, view, counted, now, timezone=zone))


@router.post("/probe", response_model_exclude_none=True, responses=declared(), summary="Look at a camera")
def probe(body: ProbeIn, deps: DepsHere, caller: CameraWriter) -> ProbeOut:
    """Stores nothing. 503 where no ingest worker is there to look."""
    target = camera_target(body.url, deps.settings.media_root)
    confirmed = confirmed_targets(deps, target, "camera", caller, confirm=body.confirm_private)
    sealed = deps.sealer.seal(target.credentials)
    return _report(look_at(deps, target.url, sealed, allow_with(deps, confirmed)), Sampling())


@router.post(
    "/{camera_id}/probe",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="Look at a registered camera",
)
def probe_stored(camera_id: str, deps: DepsHere, _caller: CameraWriter) -> ProbeOut:
    """With its stored credentials; changes nothing."""
    with deps.database.read() as connection:
        camera = camera_by_id(connection, camera_id)
    if camera is None:
        raise _unknown(camera_id)
    return _report(look_at(deps, camera.url, camera.sealed, allow_with(deps, ())), camera.sampling)


@router.get("/{camera_id}", response_model_exclude_none=True, responses=declared(404), summary="Show a camera")
def show(camera_id: str, deps: DepsHere, _caller: Viewer) -> CameraOut:
    """With its live status."""
    now = deps.clock()
    with deps.database.read() as connection:
        camera = camera_by_id(connection, camera_id)
        counted = totals(connection)
    if camera is None:
        raise _unknown(camera_id)
    return camera_out(camera, deps.live.view(now), counted, now, timezone=deps.settings.timezone)


@router.patch("/{camera_id}", response_model_exclude_none=True, responses=declared(404, 409), summary="Change a camera")
def change(camera_id: str, body: CameraChange, deps: DepsHere, caller: CameraWriter) -> CameraOut:
    """A new URL is probed as at registration. A rule that names a zone or camera new here gets a new version."""
    with deps.database.read() as connection:
        stored = camera_by_id(connection, camera_id)
    if stored is None:
        raise _unknown(camera_id)
    checked = None
    if body.url is not None:
        checked = check_url(
            deps,
            body.url,
            caller,
            probe=body.probe,
            force=body.force,
            confirm=body.confirm_private,
            sampling=sampling_of(body.sampling) if body.sampling else stored.sampling,
        )
    now = deps.clock()
    reader = Reader(caller.key_id, now, deps.live.view(now).capabilities)
    with deps.database.write() as connection:
        current = camera_by_id(connection, camera_id)
        if current is None:
            raise _unknown(camera_id)
        camera = changed_camera(current, body, checked, deps)
        change_camera(connection, camera)
        keep_targets(connection, checked.confirmed if checked else (), "camera", caller, camera.id, now)
        changed = ", ".join(sorted(body.model_fields_set))
        note(connection, actor=caller.key_id, action="camera changed", subject=camera.id, detail=changed, now=now)
        reread_rules(connection, current, camera, reader)
        next_site_version(connection)
    deps.changed()
    return _shown_after(deps, camera, checked)


@router.post("/{camera_id}/arm", response_model_exclude_none=True, responses=declared(404), summary="Arm a camera")
def arm(camera_id: str, deps: DepsHere, caller: CameraWriter, body: ArmIn = ArmIn()) -> CameraOut:
    """Its rules may open incidents, whatever its hours say."""
    return _set_by_hand(deps, caller, camera_id, body, armed=True)


@router.post(
    "/{camera_id}/disarm", response_model_exclude_none=True, responses=declared(404), summary="Disarm a camera"
)
def disarm(camera_id: str, deps: DepsHere, caller: CameraWriter, body: ArmIn = ArmIn()) -> CameraOut:
    """Its incidents end, and none opens; it goes on being read, and nothing is asked of its pictures."""
    return _set_by_hand(deps, caller, camera_id, body, armed=False)


@router.delete("/{camera_id}", status_code=204, responses=declared(404), summary="Remove a camera")
def remove(camera_id: str, deps: DepsHere, caller: CameraWriter) -> None:
    """Its incidents stay. A rule that was for this camera alone is left without one, and says so."""
    now = deps.clock()
    with deps.database.write() as connection:
        if not remove_camera(connection, camera_id):
            raise _unknown(camera_id)
        forget_progress(connection, camera_id)
        forget_decisions(connection, camera_id)
        note(connection, actor=caller.key_id, action="camera removed", subject=camera_id, now=now)
        next_site_version(connection)
    deps.changed()
    try:
        deps.bus.forget(camera_id)
        deps.live.board.forget_camera(camera_id)
    except Unavailable as error:  # what Redis still holds of it is bounded, and nobody reads it
        log.warning("camera not forgotten on the bus", extra={"camera_id": camera_id, "problem": str(error)})


def _set_by_hand(deps: Deps, caller: Caller, camera_id: str, body: ArmIn, *, armed: bool) -> CameraOut:
    now = deps.clock()
    lasts = None if body.minutes is None else timedelta(minutes=body.minutes)
    action = "camera armed" if armed else "camera disarmed"
    with deps.database.write() as connection:
        current = camera_by_id(connection, camera_id)
        if current is None:
            raise _unknown(camera_id)
        camera = set_by_hand(current, armed, deps.settings.timezone, now, lasts=lasts)
        change_camera(connection, camera)
        note(connection, actor=caller.key_id, action=action, subject=camera.id, detail=camera.by_hand.until, now=now)
        next_site_version(connection)
    deps.changed()
    return _shown_after(deps, camera, None)


def _shown_after(deps: Deps, camera: CameraRow, checked: Checked | None) -> CameraOut:
    now = deps.clock()
    with deps.database.read() as connection:
        counted = totals(connection)
    report = checked.looked.report if checked and checked.looked else None
    picture = probe_out(report, with_picture=True) if report else None
    warnings = list(checked.warnings) if checked else None
    zone = deps.settings.timezone
    return camera_out(camera, deps.live.view(now), counted, now, timezone=zone, probe=picture, warnings=warnings)


def _report(looked: Looked, sampling: Sampling) -> ProbeOut:
    if looked.report is None:
        raise Unavailable(looked.why_not, "see that ingest runs: GET /health")
    if not looked.report.ok:
        raise failed_probe(looked.report)
    return probe_out(looked.report, with_picture=True, warnings=warnings_of(looked, sampling))


def _unknown(camera_id: str) -> NotFound:
    return NotFound(f"camera '{camera_id}' does not exist", "GET /api/v1/cameras lists those that do")
