"""/api/v1/feedback: whoever was told of an incident says whether it was right, by a signed link and without a key.

Takes: the token of a link in a webhook.
Gives: a page that asks, and a page that thanks.
Knows nothing about: how the word is used.

Programs that look into messages fetch every link in them: a GET changes nothing, the button's POST does."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from api.deps import DepsHere
from api.feedback import keep_word
from api.feedback_page import GONE, TOO_OFTEN, kept_page, plain_page, question_page
from api.problems import declared
from contracts.errors import NotAllowed, NotFound, PlainwatchError
from store.incidents import incident_by_id

router = APIRouter(prefix="/api/v1/feedback", tags=["incidents"])

Token = Annotated[str, Path(max_length=200, description="From the link: incident, word, expiry, signature.")]
_ACTOR = "feedback link"
_OPEN: dict[str, Any] = {"security": [{"key": []}, {}]}
_EXAMPLE = {"text/html": {"example": "<!doctype html><html><body><h1>Was this alarm right?</h1></body></html>"}}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page.", "content": _EXAMPLE},
}
_TOO_OFTEN: dict[int | str, dict[str, Any]] = {429: {"description": "Too many at once.", "content": _EXAMPLE}}


@router.get(
    "/{token}",
    response_class=HTMLResponse,
    responses=declared(404) | _PAGES,
    openapi_extra=_OPEN,
    summary="Ask whether an alarm was right",
)
def ask(token: Token, request: Request, deps: DepsHere) -> HTMLResponse:
    """Changes nothing. A browser is told on a page what is wrong with a link, others by a problem."""
    opened = deps.pictures.feedback_of(token, deps.clock())
    if opened is None:
        return _closed(request, _not_ours())
    incident_id, word = opened
    with deps.database.read() as connection:
        row = incident_by_id(connection, incident_id)
    return HTMLResponse(question_page(row, word)) if row else _closed(request, _gone())


@router.post(
    "/{token}",
    response_class=HTMLResponse,
    responses=declared(404) | _PAGES | _TOO_OFTEN,
    openapi_extra=_OPEN,
    summary="Say whether an alarm was right",
)
def say(token: Token, request: Request, deps: DepsHere) -> HTMLResponse:
    """What the link says, as if it came by `POST /incidents/{id}/feedback`; said twice, it is kept once."""
    now = deps.clock()
    opened = deps.pictures.feedback_of(token, now)
    if opened is None:
        return _closed(request, _not_ours())
    incident_id, word = opened
    with deps.database.read() as connection:
        row = incident_by_id(connection, incident_id)
    if row is not None and row.feedback != word:
        if not deps.words.passes(now):
            return HTMLResponse(plain_page(TOO_OFTEN), 429)
        with deps.database.write() as connection:
            row = keep_word(connection, incident_id, word, actor=_ACTOR, now=now)
    return HTMLResponse(kept_page(row, word)) if row else _closed(request, _gone())


def _closed(request: Request, error: PlainwatchError) -> HTMLResponse:
    """Raises `error` for whoever reads no pages."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(plain_page(GONE), error.status)
    raise error


def _not_ours() -> NotAllowed:
    return NotAllowed("the link is not one of ours, or has expired", "say it by POST /api/v1/incidents/{id}/feedback")


def _gone() -> NotFound:
    return NotFound("the incident of this link is gone", "GET /api/v1/incidents lists those that are there")
