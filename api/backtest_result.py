"""What is told of a backtest: the would-be incidents, a day of them, and what one has to know to believe it.

Takes: Tried, the pictures that were there, what the engine cost.
Gives: Found.
Knows nothing about: how it was run."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from alerts.archive import ArchivedPicture
from alerts.trial.day import DAY_S, Tried, spacing_of
from alerts.trial.incidents import Incident
from api.backtest_state import Cost, Found, WouldBe
from store.cameras import CameraRow
from store.times import to_text

INCIDENTS_MOST = 200
#: of what was watched; below it nobody needs to be told
_UNKNOWN_PART = 0.05


def found_of(
    tried: Tried,
    pictures: Sequence[ArchivedPicture],
    camera: CameraRow,
    *,
    looked_at: int,
    each_ms: float,
    models: Mapping[str, str],
) -> Found:
    """`each_ms`: the engine's, for one picture. `models`: engines by the names of those that answered."""
    shown = tuple(_would_be(incident, pictures) for incident in tried.incidents[:INCIDENTS_MOST])
    frames = DAY_S / max(camera.sampling.every_s, 0.04)
    cost = Cost(round(frames), round(each_ms, 2), round(frames * each_ms / 1000, 1)) if looked_at else None
    return Found(
        engine=", ".join(dict.fromkeys(models.values())),
        model=", ".join(models),
        incidents=shown,
        incidents_total=len(tried.incidents),
        watched_s=round(tried.watched_s, 3),
        unknown_s=round(tried.unknown_s, 3),
        notes=tuple(_notes(tried, pictures, looked_at, models)),
        alerts_per_day=None if tried.per_day is None else round(tried.per_day, 1),
        alerts_per_day_interval=tried.per_day_between,
        cost_per_day=cost,
    )


def _would_be(incident: Incident, pictures: Sequence[ArchivedPicture]) -> WouldBe:
    """With the picture that was the last one when it was told."""
    look = incident.looks[0]
    before = bisect_right(pictures, look.at, key=lambda picture: picture.at)
    return WouldBe(
        started_at=to_text(incident.started_at),
        opened_at=to_text(incident.opened_at),
        confidence=round(incident.confidence, 3),
        ended_at=to_text(incident.ended_at) if incident.ended_at else None,
        end_reason=incident.end_reason or None,
        zone=incident.zone,
        picture=pictures[before - 1].path if before else None,
        boxes=look.boxes,
    )


def _notes(
    tried: Tried, pictures: Sequence[ArchivedPicture], looked_at: int, models: Iterable[str]
) -> Iterable[str]:
    yield f"A day is extrapolated from {_span(tried.watched_s)} of kept pictures, as if all of it were like this."
    if not tried.tells_of_a_day:
        yield f"{_span(tried.watched_s)} are too short to tell how many alerts a day would have: see the interval."
    apart_s = spacing_of([(later.at - one.at).total_seconds() for one, later in pairwise(pictures)])
    if apart_s >= 2.0:
        yield f"The pictures are {apart_s:.0f} s apart: what lasts less may not be among them."
    if looked_at < len(pictures):
        yield f"Of {len(pictures)} pictures {looked_at} were looked at: the others were gone, broken, or out of time."
    if tried.unknown_s > _UNKNOWN_PART * tried.watched_s:
        yield f"For {_span(tried.unknown_s)} of {_span(tried.watched_s)} nothing could be said."
    if len(tuple(models)) > 1:
        yield "The model changed in its midst."


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
