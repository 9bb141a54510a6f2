"""What is told about the site itself: into the outbox, and into the list that the API shows.

Takes: a connection inside the caller's transaction, an event's type and data.
Gives: its webhooks, and its place in the list.
Knows nothing about: why it is told."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from alerts.incident_json import event_body
from contracts.ids import new_id
from store.deliveries import add_deliveries
from store.system_events import SystemEvent, add_system_event
from store.times import to_text


def tell_site(
    connection: sa.Connection, kind: str, data: Mapping[str, object], *, now: datetime, besides: str = ""
) -> int:
    """Gives how many endpoints want it; `besides` one, that is not told."""
    event_id = new_id("sev", now)
    whole = {"id": event_id, **data}
    add_system_event(connection, SystemEvent(event_id, kind, to_text(now), msgspec.json.encode(whole).decode()))
    body = event_body(kind, whole, now=now)
    return len(add_deliveries(connection, type=kind, body=body, incident_id=None, now=now, besides=besides))
