"""The application: every route behind the gate, every error a problem.

Takes: Deps.
Gives: a FastAPI app; several may live in one process.
Knows nothing about: sockets, signals."""

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from api.deps import Deps
from api.gate import Gate
from api.problems import install_problems
from api.routes import (
    archive,
    audits,
    backtests,
    cameras,
    deliveries,
    endpoints,
    events,
    evidence,
    feedback,
    health,
    incidents,
    keys,
    ledger,
    rules,
    tuning,
)

_ABOUT = """Cameras watched by rules in plain language; alerts as signed webhooks.

Send `Authorization: Bearer <key>`; the first key is made with the one-time set-up key: `POST /api/v1/keys`.
Errors are RFC 9457 problems. Lists page by `?cursor=&limit=`. Optional fields are absent, never null."""
_PICTURES = (archive, evidence)
_RULES = (rules, tuning, backtests)
_ROUTES = (
    health,
    keys,
    cameras,
    ledger,
    *_RULES,
    endpoints,
    incidents,
    audits,
    feedback,
    deliveries,
    events,
    *_PICTURES,
)


def create_app(deps: Deps) -> FastAPI:
    """No docs page: it would load its scripts from elsewhere. /openapi.json has everything."""
    app = FastAPI(
        title="Plainwatch",
        version=_version(),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.deps = deps
    install_problems(app)
    for module in _ROUTES:
        app.include_router(module.router)
    app.add_middleware(Gate)
    return app


def _version() -> str:
    try:
        return version("plainwatch")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
