"""Every error as RFC 9457 application/problem+json: what is wrong, and what to do about it.

Takes: our errors, the framework's, and bugs.
Gives: responses without stack traces or secrets; the same shapes for the OpenAPI document.
Knows nothing about: routes."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from contracts.errors import PlainwatchError
from contracts.redact import scrub

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class ProblemWith(PlainwatchError):
    """One of our errors with more members for the problem's body, such as a rule's plan."""

    def __init__(self, error: PlainwatchError, members: Mapping[str, object]) -> None:
        super().__init__(error.problem, error.remedy)
        self.error = error
        self.members = members


def problem(
    status: int, code: str, detail: str, remedy: str = "", members: Mapping[str, object] | None = None
) -> JSONResponse:
    """`detail` and `remedy` are scrubbed of credentials here, whatever they were made from."""
    content: dict[str, object] = {
        "type": f"urn:plainwatch:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": scrub(detail),
        "code": code,
    }
    if remedy:
        content["remedy"] = scrub(remedy)
    headers = {"WWW-Authenticate": 'Bearer realm="plainwatch"'} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(content | dict(members or {}), status, headers, MEDIA_TYPE)


def problem_of(error: PlainwatchError) -> JSONResponse:
    """The response that one of our errors means."""
    if isinstance(error, ProblemWith):
        inner = error.error
        return problem(inner.status, inner.code, inner.problem, inner.remedy, error.members)
    return problem(error.status, error.code, error.problem, error.remedy)


def install_problems(app: FastAPI) -> None:
    """From here on no error leaves the app in another shape."""
    app.add_exception_handler(PlainwatchError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _bug)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PlainwatchError)
    answer = problem_of(error)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request failed", extra={"problem": str(error)})
    return answer


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # Only where and why: the input itself may be a camera's URL with its password.
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(found["loc"]), "problem": scrub(str(found["msg"]))} for found in error.errors()]
    first = errors[0]
    detail = f"{first['field'] or 'body'}: {first['problem'].removeprefix('Value error, ')}"
    return problem(422, "invalid", detail, "see the operation in /openapi.json", {"errors": errors})


def _field(location: Sequence[Any]) -> str:
    """`body.zones.0.polygon`, as the sender wrote it: zones.0.polygon."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _framework(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed", 422: "invalid"}
    status = 422 if error.status_code == 400 else error.status_code  # bytes that are no text: a body not understood
    answer = problem(status, codes.get(status, "http"), error.detail, "see /openapi.json")
    answer.headers.update(error.headers or {})
    return answer


def _bug(_request: Request, error: Exception) -> JSONResponse:
    return problem(500, "bug", f"an error of ours ({type(error).__name__})", "the API's log has it; please report it")


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: the problems that it may answer with, besides those of every route."""
    return {status: _declared(status) for status in sorted({*statuses, 401, 403, 413, 422, 503})}


def _declared(status: int) -> dict[str, Any]:
    example = {
        "type": "urn:plainwatch:problem:not_found",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "camera 'cam_1' does not exist",
        "code": "not_found",
        "remedy": "GET /api/v1/cameras lists those that do",
    }
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "example": example}},
    }


_SCHEMA = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "remedy": {"type": "string"},
    },
}
