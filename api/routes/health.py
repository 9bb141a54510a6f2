"""/health and /metrics and the front page: is it working, in words and in figures.

Takes: nothing.
Gives: a verdict without a key (no names, no addresses); Prometheus text with one.
Knows nothing about: resources."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from api.auth import Viewer
from api.deps import Deps, DepsHere
from api.live import LiveView
from api.metrics import metrics_text
from api.problems import declared
from contracts.errors import StoreUnreachable
from store.site import site_version

router = APIRouter(tags=["health"])

_OUT: JsonDict = {
    "status": "ok",
    "checks": {"database": "ok", "bus": "ok", "ingest": "ok", "analyzer": "ok", "alerts": "ok"},
}


class HealthOut(BaseModel):
    """Each check is "ok", or a sentence on what is wrong."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    status: Literal["ok", "degraded"]
    checks: dict[str, str]


class FrontPage(BaseModel):
    """What this is, for whoever opens it in a browser."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "plainwatch", "api": "/api/v1", "openapi": "/openapi.json"}]}
    )

    name: str
    about: str
    api: str
    openapi: str
    health: str


@router.get("/", summary="Say what this is")
def front_page() -> FrontPage:
    """No key needed; tells nothing about this site."""
    return FrontPage(
        name="plainwatch",
        about="Cameras watched by rules in plain language; alerts as signed webhooks.",
        api="/api/v1",
        openapi="/openapi.json",
        health="/health",
    )


@router.get("/health", responses={503: {"model": HealthOut, "description": "The database is away"}}, summary="Health")
def health(deps: DepsHere, response: Response) -> HealthOut:
    """No key needed. 200 as long as the API itself works, also while `degraded`; 503 without the database."""
    view = deps.live.view(deps.clock())
    checks = {"database": _database(deps), "bus": "ok" if not view.away else "redis or valkey does not answer"}
    checks |= {room: _room(room, view) for room in ("ingest", "analyzer", "alerts")}
    if checks["database"] != "ok":
        response.status_code = 503
    return HealthOut(status="ok" if set(checks.values()) == {"ok"} else "degraded", checks=checks)


def _database(deps: Deps) -> str:
    try:
        with deps.database.read() as connection:
            site_version(connection)
    except StoreUnreachable:
        return "the database does not answer"
    return "ok"


def _room(room: str, view: LiveView) -> str:
    if view.away:
        return "not known while the bus is away"
    return "ok" if view.alive(room) else "no worker is online"


@router.get(
    "/metrics",
    response_class=Response,
    responses=declared() | {200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": "pw_up 1\n"}}}},
    summary="Metrics",
)
def metrics(deps: DepsHere, _caller: Viewer) -> Response:
    """Prometheus text. Cameras are labelled by id."""
    return Response(metrics_text(deps), media_type=CONTENT_TYPE_LATEST)
