"""Looking at a camera before it is trusted: a question to ingest, and what its answer means for rules.

Takes: a camera's address, the allow-list.
Gives: ProbeReport from an ingest worker, or a sentence why nobody looked; warnings with the figure and the remedy.
Knows nothing about: how a camera is read."""

import base64
from dataclasses import dataclass

import msgspec

from api.bodies.cameras import ProbeOut
from api.deps import Deps
from contracts.errors import JobTimedOut, PlainwatchError, Unavailable
from contracts.jobs import ask
from contracts.site import Probe, ProbeReport, Sampling

#: an event shorter than the keyframe interval is never seen; rules are written for events of a second
RULES_NEED_S = 1.0
PROBE_S = 6.0
#: beyond the camera's own timeouts, for the queue and the way
_GRACE_S = 4.0


@dataclass(frozen=True, slots=True)
class Looked:
    """`report` None: nobody looked, and `why_not` says why."""

    report: ProbeReport | None
    why_not: str = ""


def look_at(deps: Deps, url: str, sealed: bytes, allow: tuple[str, ...]) -> Looked:
    """Blocks for some seconds. `url` holds no credentials. Only what is the camera's own fault is in the report."""
    now = deps.clock()
    view = deps.live.view(now)
    if view.away:
        return Looked(None, f"the camera was not probed: {view.away}")
    if not view.alive("ingest"):
        return Looked(None, "the camera was not probed: no ingest worker is online; it is read as soon as one is")
    probe = Probe(url, sealed, allow, PROBE_S)
    timeout_s = PROBE_S + deps.settings.open_timeout_s + deps.settings.read_timeout_s + _GRACE_S
    try:
        with deps.slow_request():
            raw = ask(deps.client, "ingest", "probe", msgspec.msgpack.encode(probe), now=now, timeout_s=timeout_s)
    except (JobTimedOut, Unavailable) as error:
        return Looked(None, f"the camera was not probed: {error}")
    except PlainwatchError as error:  # the worker's own words on what it could not do
        return Looked(ProbeReport(ok=False, reason=str(error), code="source"))
    return Looked(msgspec.msgpack.decode(raw, type=ProbeReport))


def warnings_of(looked: Looked, sampling: Sampling) -> list[str]:
    """Sentences for the person who registers the camera."""
    if looked.report is None:
        return [looked.why_not]
    report = looked.report
    if not report.ok:
        return [f"the camera gives no pictures: {report.reason}" + (f"; {report.remedy}" if report.remedy else "")]
    interval_s = report.keyframe_interval_s
    if interval_s is None or interval_s <= RULES_NEED_S or sampling.mode == "every_s":
        return []
    return [
        f"the camera sends a keyframe every {interval_s:.1f} s, and events shorter than that are missed; "
        f"rules need one at least every {RULES_NEED_S:.0f} s: shorten the interval in the camera's settings, "
        'or set sampling to {"mode": "every_s", "every_s": 0.5}, which costs more CPU'
    ]


def probe_out(report: ProbeReport, *, with_picture: bool, warnings: list[str] | None = None) -> ProbeOut:
    """For the answer; the picture only where it was just taken."""
    picture = None
    if with_picture and report.picture:
        picture = "data:image/jpeg;base64," + base64.b64encode(report.picture).decode()
    return ProbeOut(
        ok=report.ok,
        reason=report.reason or None,
        remedy=report.remedy or None,
        code=report.code or None,
        codec=report.codec,
        width=report.width,
        height=report.height,
        fps=report.fps,
        keyframe_interval_s=report.keyframe_interval_s,
        picture=picture,
        warnings=warnings or None,
    )
