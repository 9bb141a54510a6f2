"""Where webhooks go.

Takes: a connection inside the caller's transaction, EndpointRow.
Gives: the same back; Conflict where a name is taken.
Knows nothing about: how a webhook is sent, what the sealed parts hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contracts.errors import Conflict
from store.schema import endpoints


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """`url` is for reading, its secrets masked; `sealed_url` is the whole one. Empty `event_types` means all.

    `failures` in a row and `open_until` are the circuit breaker's; `sealed_old_secret` signs beside the new one."""

    id: str
    name: str
    url: str
    sealed_url: bytes
    sealed_secret: bytes
    created_at: str
    format: str = "standard"
    event_types: tuple[str, ...] = ()
    enabled: bool = True
    status: str = "untried"
    status_reason: str = ""
    failing_since: str | None = None
    min_severity: str = ""
    signature: str = "v1"
    public_key: str = ""
    sealed_old_secret: bytes | None = None
    old_secret_until: str | None = None
    failures: int = 0
    open_until: str | None = None


def add_endpoint(connection: sa.Connection, endpoint: EndpointRow) -> None:
    """Raises Conflict where the name is taken."""
    try:
        connection.execute(sa.insert(endpoints).values(_values(endpoint)))
    except IntegrityError as error:
        raise _taken(endpoint.name) from error


def change_endpoint(connection: sa.Connection, endpoint: EndpointRow) -> None:
    """Writes the whole row anew. Raises Conflict where the name is another endpoint's."""
    try:
        connection.execute(sa.update(endpoints).where(endpoints.c.id == endpoint.id).values(_values(endpoint)))
    except IntegrityError as error:
        raise _taken(endpoint.name) from error


def remove_endpoint(connection: sa.Connection, endpoint_id: str) -> bool:
    """False where there was none. Its deliveries go with it."""
    return connection.execute(sa.delete(endpoints).where(endpoints.c.id == endpoint_id)).rowcount > 0


def endpoint_by_id(connection: sa.Connection, endpoint_id: str) -> EndpointRow | None:
    """None where there is none."""
    found = connection.execute(sa.select(endpoints).where(endpoints.c.id == endpoint_id)).mappings().first()
    return _row(found) if found else None


def endpoints_by_ids(connection: sa.Connection, ids: Iterable[str]) -> dict[str, EndpointRow]:
    """Those that are still there, by id."""
    found = connection.execute(sa.select(endpoints).where(endpoints.c.id.in_(list(ids)))).mappings()
    return {row["id"]: _row(row) for row in found}


def endpoints_of_format(connection: sa.Connection, format: str) -> tuple[EndpointRow, ...]:
    """Those that are in use."""
    wanted = sa.select(endpoints).where(
        endpoints.c.format == format, endpoints.c.enabled.is_(True), endpoints.c.status != "disabled"
    )
    return tuple(_row(found) for found in connection.execute(wanted.order_by(endpoints.c.id)).mappings())


def page_of_endpoints(connection: sa.Connection, *, after: str, limit: int) -> tuple[EndpointRow, ...]:
    """Those made after the id `after`; all ids sort by time."""
    wanted = sa.select(endpoints).where(endpoints.c.id > after).order_by(endpoints.c.id).limit(limit)
    return tuple(_row(found) for found in connection.execute(wanted).mappings())


def _taken(name: str) -> Conflict:
    return Conflict(f"endpoint name '{name}' is taken", "choose another name, or change the endpoint that bears it")


_PLAIN = (
    "id",
    "name",
    "url",
    "sealed_url",
    "sealed_secret",
    "created_at",
    "format",
    "enabled",
    "status",
    "status_reason",
    "failing_since",
    "min_severity",
    "signature",
    "public_key",
    "sealed_old_secret",
    "old_secret_until",
    "failures",
    "open_until",
)


def _values(endpoint: EndpointRow) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(endpoint, name) for name in _PLAIN}
    return values | {"event_types": msgspec.json.encode(endpoint.event_types).decode()}


def _row(found: Mapping[Any, Any]) -> EndpointRow:
    return EndpointRow(
        **{name: found[name] for name in _PLAIN},
        event_types=msgspec.json.decode(found["event_types"], type=tuple[str, ...]),
    )
