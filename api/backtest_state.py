"""A backtest as a resource: kept in Redis for an hour, since a lost one is only asked for again.

Takes: Backtest.
Gives: the same back by its id; one whose api died says so.
Knows nothing about: how it is run."""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from contracts import keys
from contracts.broker import Client, bus_errors
from contracts.messages import Detection

KEPT_S = 3600
#: whoever runs one writes more often than this
SILENT_FOR = timedelta(minutes=3)


class WouldBe(msgspec.Struct, frozen=True, omit_defaults=True):
    """An incident that there would have been. `picture`: its path under the archive's folder."""

    started_at: str
    opened_at: str
    confidence: float
    ended_at: str | None = None
    end_reason: str | None = None
    zone: str | None = None
    picture: str | None = None
    boxes: tuple[Detection, ...] = ()


class Cost(msgspec.Struct, frozen=True):
    """Of a day of this camera, as it is sampled live; at most, since quiet frames are not looked at."""

    frames: int
    engine_ms_per_frame: float
    engine_s: float


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """`incidents`: the first of them; `incidents_total` counts all."""

    engine: str
    model: str
    incidents: tuple[WouldBe, ...]
    incidents_total: int
    watched_s: float
    unknown_s: float
    notes: tuple[str, ...]
    alerts_per_day: float | None = None
    alerts_per_day_interval: tuple[float, float] | None = None
    cost_per_day: Cost | None = None


class Backtest(msgspec.Struct, frozen=True, omit_defaults=True):
    """`plan`: as JSON. `pictures`: so many will be looked at; `looked_at`: so many were."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    text: str
    plan: msgspec.Raw
    camera_id: str
    camera_name: str
    created_at: str
    touched_at: datetime
    first_at: str
    last_at: str
    pictures: int
    looked_at: int = 0
    problem: str = ""
    found: Found | None = None


class BacktestShelf:
    """Shared by all requests and runs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def keep(self, backtest: Backtest) -> None:
        """In place of what it said before, for an hour from now."""
        with bus_errors("keep a backtest"):
            self._client.set(keys.backtest(backtest.id), msgspec.json.encode(backtest), ex=KEPT_S)

    def find(self, backtest_id: str, now: datetime) -> Backtest | None:
        """None: there never was one, or its hour is over."""
        with bus_errors("look for a backtest"):
            raw: Any = self._client.get(keys.backtest(backtest_id))
        if raw is None:
            return None
        found = msgspec.json.decode(raw, type=Backtest)
        if found.state in ("queued", "running") and now - found.touched_at > SILENT_FOR:
            gone = "the api that ran it was ended; start it again"
            return msgspec.structs.replace(found, state="failed", problem=gone)
        return found
