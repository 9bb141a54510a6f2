"""/api/v1/endpoints: where webhooks go.

Takes: EndpointIn, EndpointChange.
Gives: EndpointOut; a secret that was made here once; test.ping.
Knows nothing about: how a webhook is sent."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query

from alerts.formats.choose import check_url
from alerts.sign import Scheme, new_secret, public_key, scheme_of
from api.auth import Admin, Caller, Viewer
from api.bodies.deliveries import DeliveryOut, delivery_out
from api.bodies.endpoints import (
    EndpointChange,
    EndpointIn,
    EndpointOut,
    NewEndpointOut,
    Rotation,
)
from api.confirm import confirmed_targets, keep_targets
from api.deps import Deps, DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from api.targets import shown_webhook, webhook_target
from contracts.errors import Conflict, Invalid, NotFound
from contracts.ids import new_id
from store.audit import note
from store.deliveries import DeliveryRow, DeliveryState, add_delivery, delivery_by_id
from store.endpoint_health import open_breakers
from store.endpoints import (
    EndpointRow,
    add_endpoint,
    change_endpoint,
    endpoint_by_id,
    page_of_endpoints,
    remove_endpoint,
)
from store.times import to_text

router = APIRouter(prefix="/api/v1/endpoints", tags=["endpoints"])

_LOOK_EVERY_S = 0.2


@router.post("", status_code=201, response_model_exclude_none=True, responses=declared(409), summary="Add an endpoint")
def add(body: EndpointIn, deps: DepsHere, caller: Admin) -> NewEndpointOut:
    """The secret that verifies its webhooks is in this answer and never again."""
    check_url(body.format, body.url)
    confirmed = _confirmed(deps, body.url, caller, confirm=body.confirm_private)
    now = deps.clock()
    secret = _secret(body.secret, body.signature if "signature" in body.model_fields_set else None)
    endpoint = EndpointRow(
        id=new_id("end", now),
        name=body.name,
        url=shown_webhook(body.url),
        sealed_url=deps.sealer.seal(body.url),
        sealed_secret=deps.sealer.seal(secret),
        created_at=to_text(now),
        format=body.format,
        event_types=tuple(dict.fromkeys(body.event_types)),
        enabled=body.enabled,
        min_severity=body.min_severity or "",
        signature=scheme_of(secret),
        public_key=public_key(secret),
    )
    with deps.database.write() as connection:
        add_endpoint(connection, endpoint)
        keep_targets(connection, confirmed, "webhook", caller, endpoint.id, now)
        note(connection, actor=caller.key_id, action="endpoint added", subject=endpoint.id, detail=body.name, now=now)
    return _with_secret(endpoint, secret, is_ours=body.secret is None)


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List endpoints")
def list_endpoints(deps: DepsHere, _caller: Viewer, cursor: Cursor = "", limit: Limit = 50) -> Page[EndpointOut]:
    """In the order in which they were added."""
    with deps.database.read() as connection:
        rows = page_of_endpoints(connection, after=position(cursor), limit=limit + 1)
    return page_of(rows, limit, lambda row: row.id, endpoint_out)


@router.get("/{endpoint_id}", response_model_exclude_none=True, responses=declared(404), summary="Show an endpoint")
def show(endpoint_id: str, deps: DepsHere, _caller: Viewer) -> EndpointOut:
    """Without its secret."""
    with deps.database.read() as connection:
        endpoint = endpoint_by_id(connection, endpoint_id)
    if endpoint is None:
        raise _unknown(endpoint_id)
    return endpoint_out(endpoint)


@router.patch(
    "/{endpoint_id}", response_model_exclude_none=True, responses=declared(404, 409), summary="Change an endpoint"
)
def change(endpoint_id: str, body: EndpointChange, deps: DepsHere, caller: Admin) -> EndpointOut:
    """Switching it on, or another URL, also ends a suspension after failures."""
    confirmed = () if body.url is None else _confirmed(deps, body.url, caller, confirm=body.confirm_private)
    now = deps.clock()
    with deps.database.write() as connection:
        stored = endpoint_by_id(connection, endpoint_id)
        if stored is None:
            raise _unknown(endpoint_id)
        endpoint = _changed(stored, body, deps)
        change_endpoint(connection, endpoint)
        keep_targets(connection, confirmed, "webhook", caller, endpoint_id, now)
        changed = ", ".join(sorted(body.model_fields_set))
        note(connection, actor=caller.key_id, action="endpoint changed", subject=endpoint_id, detail=changed, now=now)
    return endpoint_out(endpoint)


@router.post(
    "/{endpoint_id}/rotate", response_model_exclude_none=True, responses=declared(404), summary="Change the secret"
)
def rotate(endpoint_id: str, body: Rotation, deps: DepsHere, caller: Admin) -> NewEndpointOut:
    """The new secret is in this answer and never again. For a while both sign, so that no webhook is refused."""
    now = deps.clock()
    with deps.database.write() as connection:
        stored = endpoint_by_id(connection, endpoint_id)
        if stored is None:
            raise _unknown(endpoint_id)
        kept: Scheme = "v1a" if stored.signature == "v1a" else "v1"
        secret = _secret(body.secret, body.signature or (None if body.secret else kept))
        endpoint = replace(
            _keyed(stored, secret, deps),
            sealed_old_secret=stored.sealed_secret if body.overlap_s else None,
            old_secret_until=to_text(now + timedelta(seconds=body.overlap_s)) if body.overlap_s else None,
        )
        change_endpoint(connection, endpoint)
        note(connection, actor=caller.key_id, action="endpoint secret rotated", subject=endpoint_id, now=now)
    return _with_secret(endpoint, secret, is_ours=body.secret is None)


@router.delete("/{endpoint_id}", status_code=204, responses=declared(404), summary="Remove an endpoint")
def remove(endpoint_id: str, deps: DepsHere, caller: Admin) -> None:
    """Its deliveries go with it."""
    now = deps.clock()
    with deps.database.write() as connection:
        if not remove_endpoint(connection, endpoint_id):
            raise _unknown(endpoint_id)
        note(connection, actor=caller.key_id, action="endpoint removed", subject=endpoint_id, now=now)


@router.post(
    "/{endpoint_id}/test",
    status_code=202,
    response_model_exclude_none=True,
    responses=declared(404, 409),
    summary="Ping an endpoint",
)
def ping(
    endpoint_id: str,
    deps: DepsHere,
    caller: Admin,
    wait_s: Annotated[float, Query(ge=0, le=30, allow_inf_nan=False, description="Wait so long for the outcome.")] = 0,
) -> DeliveryOut:
    """A test.ping goes out like any webhook. After `wait_s` the answer is the delivery as it stands then."""
    now = deps.clock()
    with deps.database.write() as connection:
        endpoint = endpoint_by_id(connection, endpoint_id)
        if endpoint is None:
            raise _unknown(endpoint_id)
        if not endpoint.enabled or endpoint.status == "disabled":
            raise Conflict(f"endpoint '{endpoint_id}' is switched off", "switch it on: PATCH with enabled: true")
        data = {"endpoint": {"id": endpoint.id, "name": endpoint.name}}
        content = {"type": "test.ping", "timestamp": to_text(now), "data": data}
        body = msgspec.json.encode(content).decode()
        delivery_id = add_delivery(
            connection, endpoint_id=endpoint_id, type="test.ping", body=body, now=now, ahead=True
        )
        open_breakers(connection, [endpoint_id])
        note(connection, actor=caller.key_id, action="endpoint tested", subject=endpoint_id, now=now)
    if wait_s == 0:
        return delivery_out(_delivery(deps, delivery_id))
    with deps.slow_request():
        return delivery_out(_finished(deps, delivery_id, wait_s))


def _finished(deps: Deps, delivery_id: str, wait_s: float) -> DeliveryRow:
    """As it stands when it is finished, or its first attempt failed, or the wait is over."""
    for _ in range(int(wait_s / _LOOK_EVERY_S) + 1):
        row = _delivery(deps, delivery_id)
        if row.state is not DeliveryState.PENDING or row.attempts > 0:
            return row
        time.sleep(_LOOK_EVERY_S)
    return _delivery(deps, delivery_id)


def _delivery(deps: Deps, delivery_id: str) -> DeliveryRow:
    with deps.database.read() as connection:
        row = delivery_by_id(connection, delivery_id)
    if row is None:
        raise NotFound(f"delivery '{delivery_id}' is gone", "its endpoint was removed meanwhile")
    return row


def _confirmed(deps: Deps, url: str, caller: Caller, *, confirm: bool) -> tuple[str, ...]:
    return confirmed_targets(deps, webhook_target(url), "webhook", caller, confirm=confirm)


def _changed(stored: EndpointRow, body: EndpointChange, deps: Deps) -> EndpointRow:
    row = stored
    if body.url is not None:
        check_url(stored.format, body.url)
        row = replace(row, url=shown_webhook(body.url), sealed_url=deps.sealer.seal(body.url))
    if body.secret is not None:
        row = _keyed(row, body.secret, deps)
    if body.url is not None or body.enabled:
        row = replace(row, status="untried", status_reason="", failing_since=None, failures=0, open_until=None)
    return replace(
        row,
        name=row.name if body.name is None else body.name,
        event_types=row.event_types if body.event_types is None else tuple(dict.fromkeys(body.event_types)),
        min_severity=row.min_severity if body.min_severity is None else body.min_severity,
        enabled=row.enabled if body.enabled is None else body.enabled,
    )


def _secret(given: str | None, scheme: Scheme | None) -> str:
    """The one given, or a new one. Raises Invalid where the two do not go together."""
    if given and scheme and scheme_of(given) != scheme:
        raise Invalid(f"the secret is none for signature '{scheme}'", "v1 takes whsec_…, v1a takes whsk_…")
    return given or new_secret(scheme or "v1")


def _keyed(row: EndpointRow, secret: str, deps: Deps) -> EndpointRow:
    """With this secret alone."""
    return replace(
        row,
        sealed_secret=deps.sealer.seal(secret),
        signature=scheme_of(secret),
        public_key=public_key(secret),
        sealed_old_secret=None,
        old_secret_until=None,
    )


def _with_secret(endpoint: EndpointRow, secret: str, *, is_ours: bool) -> NewEndpointOut:
    # Only what is signed has a secret to verify, and a public key verifies without one.
    shown = is_ours and endpoint.format == "standard" and scheme_of(secret) == "v1"
    made = {"secret": secret} if shown else {}
    return NewEndpointOut.model_validate(endpoint_out(endpoint).model_dump() | made)


def endpoint_out(endpoint: EndpointRow) -> EndpointOut:
    """An endpoint as it is shown."""
    return EndpointOut(
        id=endpoint.id,
        name=endpoint.name,
        url=endpoint.url,
        format=endpoint.format,
        event_types=list(endpoint.event_types),
        min_severity=endpoint.min_severity or None,
        signature=endpoint.signature,
        public_key=endpoint.public_key or None,
        old_secret_until=endpoint.old_secret_until,
        enabled=endpoint.enabled,
        status=endpoint.status,
        status_reason=endpoint.status_reason or None,
        failing_since=endpoint.failing_since,
        next_probe_at=endpoint.open_until,
        created_at=endpoint.created_at,
    )


def _unknown(endpoint_id: str) -> NotFound:
    return NotFound(f"endpoint '{endpoint_id}' does not exist", "GET /api/v1/endpoints lists those that do")
