"""/api/v1/rules/backtest: when would this rule have fired, on the pictures that were kept of a camera?

Takes: BacktestIn.
Gives: BacktestOut, at once queued; what became of it for an hour.
Knows nothing about: how it is run."""

from dataclasses import replace

import msgspec
from fastapi import APIRouter, Response

from alerts.trial.candidates import Candidate, candidates
from api.auth import RuleWriter, Viewer
from api.backtest_state import Backtest, BacktestShelf
from api.backtesting import Bench, Order, start, thinned
from api.bodies.backtests import BacktestIn, BacktestOut, backtest_out
from api.compiling import not_understood
from api.deps import Deps, DepsHere
from api.problems import declared
from contracts.errors import Invalid, NotFound, Refused, Unavailable
from contracts.ids import new_id
from contracts.plan import plan_to_json
from rules.asking.history import needs_history
from store.cameras import CameraRow, all_cameras
from store.times import to_text

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])


@router.post(
    "/backtest",
    status_code=202,
    response_model_exclude_none=True,
    responses=declared(404),
    summary="Try a rule on a camera's recent pictures",
)
def begin(body: BacktestIn, deps: DepsHere, _caller: RuleWriter, response: Response) -> BacktestOut:
    """Ask for it again by its id until it is done: live cameras come first. Nothing is stored, nobody is told."""
    now = deps.clock()
    if body.since and body.to and body.since >= body.to:
        raise Invalid("from: it does not lie before 'to'", "turn them round")
    camera = _camera(deps, body.camera)
    candidate = _candidate(deps, body, camera)
    pictures = thinned(deps.pictures.archive.pictures(camera.id, since=body.since, until=body.to))
    if not pictures:
        raise NotFound(
            f"camera '{camera.name}': no picture was kept of this time",
            "wait until some are, widen from and to, or see that PLAINWATCH_ARCHIVE_HOURS is not 0",
        )
    backtest = Backtest(
        id=new_id("bkt", now),
        state="queued",
        text=body.text,
        plan=msgspec.Raw(msgspec.json.encode(plan_to_json(candidate.plan))),
        camera_id=camera.id,
        camera_name=camera.name,
        created_at=to_text(now),
        touched_at=now,
        first_at=to_text(pictures[0].at),
        last_at=to_text(pictures[-1].at),
        pictures=len(pictures),
    )
    bench = Bench(
        BacktestShelf(deps.client), deps.asker, deps.settings.archive_dir, deps.settings.timezone, deps.clock
    )
    start(deps.backtests, bench, Order(candidate, camera, pictures), backtest)
    response.headers["Location"] = f"/api/v1/rules/backtests/{backtest.id}"
    return backtest_out(backtest, deps.pictures.archive_linker(now))


@router.get(
    "/backtests/{backtest_id}",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="See how a backtest went",
)
def show(backtest_id: str, deps: DepsHere, _caller: Viewer) -> BacktestOut:
    """Until an hour after it was done."""
    now = deps.clock()
    backtest = BacktestShelf(deps.client).find(backtest_id, now)
    if backtest is None:
        raise NotFound(f"backtest '{backtest_id}' does not exist", "they are kept for an hour: start it again")
    return backtest_out(backtest, deps.pictures.archive_linker(now))


def _camera(deps: Deps, named: str) -> CameraRow:
    """Also of one that is switched off: what was seen before may be looked at."""
    with deps.database.read() as connection:
        cameras = all_cameras(connection)
    wanted = named.casefold()
    found = next((one for one in cameras if wanted in (one.id, one.name.casefold())), None)
    if found is None:
        raise Invalid(f"camera: there is no camera '{named}'", "GET /api/v1/cameras lists ids and names")
    return replace(found, enabled=True, armed=True)


def _candidate(deps: Deps, body: BacktestIn, camera: CameraRow) -> Candidate:
    """Raises RuleRefused with the plan, Refused where no engine here can say it of single pictures, Unavailable."""
    view = deps.live.view(deps.clock())
    if view.away or not view.capabilities:
        raise Unavailable(view.away or "no analyzer is online", "see that one runs: GET /health")
    tried = [
        candidates([body.text], camera, can, keep_windows=True, threshold=body.threshold)[0]
        for can in view.capabilities
    ]
    candidate = next((one for one in tried if not one.reason), tried[0])
    if candidate.plan.status != "ok":
        raise not_understood(candidate.plan)
    if candidate.reason:
        raise Refused(f"the rule cannot be tried: {candidate.reason}", "run an engine that can answer it")
    if needs_history(candidate.plan):
        raise Refused(
            "the rule cannot be tried on kept pictures: it is about how the live picture changes",
            "try it on a video file: plainwatch backtest --rule … --source FILE",
        )
    return candidate
