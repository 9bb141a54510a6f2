"""/api/v1/cameras/{id}/ledger: which frames came, what was answered, and why there was an alert or none.

Takes: a camera, a stretch of time.
Gives: LedgerOut, oldest first.
Knows nothing about: how a rule decides, how entries are kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerts.noting import UNHEARD, to_ms
from api.auth import Viewer
from api.bodies.ledger import LedgerOut, Versions, ledger_out
from api.deps import DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import Invalid, NotFound
from store.cameras import camera_by_id
from store.decision_block import Entry
from store.decisions import MINUTE_MS, entries_between, ingest_drops_between
from store.rules import rule_version

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])

From = Annotated[AwareDatetime | None, Query(alias="from", description="Only what goes on then or later.")]
To = Annotated[AwareDatetime | None, Query(description="Only what began before.")]
_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@router.get(
    "/{camera_id}/ledger",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="Say what was decided, and why",
)
def ledger(
    camera_id: str,
    deps: DepsHere,
    _caller: Viewer,
    since: From = None,
    to: To = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[LedgerOut]:
    """Oldest first. Frames in a row of which the same is to be said are one item. Kept for `PLAINWATCH_LEDGER_HOURS`.

    A frame stands here once its answers were judged; one that waits for its model does not yet."""
    after = _place(cursor)
    from_ms, to_ms_ = to_ms(since or _ALWAYS[0]), to_ms(to or _ALWAYS[1])
    with deps.database.read() as connection:
        if camera_by_id(connection, camera_id) is None:
            raise NotFound(f"camera '{camera_id}' does not exist", "GET /api/v1/cameras lists those that do")
        begin = max(from_ms, after[0])
        found = entries_between(connection, camera_id, from_ms=begin, to_ms=to_ms_, after=after, limit=limit + 1)
        versions = _versions(connection, found)
        drops = _ingest_drops(connection, camera_id, found)
    return page_of(found, limit, _cursor, lambda entry: ledger_out(entry, versions, _dropped_in(entry, drops)))


def _cursor(entry: Entry) -> str:
    return ".".join(str(part) for part in entry.order)


def _place(cursor: str) -> tuple[int, int, int]:
    """Before everything without a cursor."""
    if not cursor:
        return (to_ms(_ALWAYS[0]), 0, 0)
    try:
        at_ms, epoch, seq = (int(part) for part in position(cursor).split("."))
    except ValueError as error:
        raise Invalid("cursor: not one of ours", "leave it out, or send next_cursor as it came") from error
    return at_ms, epoch, seq


def _versions(connection: sa.Connection, entries: Iterable[Entry]) -> Versions:
    named = {(each.rule_id, each.version) for entry in entries for each in entry.decided}
    found = {key: rule_version(connection, *key) for key in named}
    return {key: (version.text, version.plan) for key, version in found.items() if version}


def _ingest_drops(connection: sa.Connection, camera_id: str, entries: Iterable[Entry]) -> Mapping[int, Counter[str]]:
    """By minute, where frames are missing."""
    missing = [entry for entry in entries if entry.reason == UNHEARD]
    if not missing:
        return {}
    first, last = min(entry.since_ms for entry in missing), max(entry.at_ms for entry in missing)
    by_minute: dict[int, Counter[str]] = {}
    # Ingest speaks once a second: what it gave up just before a minute's end counts for the next.
    for minute_ms, reason, count in ingest_drops_between(connection, camera_id, from_ms=first, to_ms=last + MINUTE_MS):
        by_minute.setdefault(minute_ms, Counter())[reason] += count
    return by_minute


def _dropped_in(entry: Entry, drops: Mapping[int, Counter[str]]) -> Counter[str]:
    near: Counter[str] = Counter()
    if entry.reason == UNHEARD:
        for minute_ms, counted in drops.items():
            if minute_ms + MINUTE_MS > entry.since_ms and minute_ms <= entry.at_ms + MINUTE_MS / 30:
                near += counted
    return near
