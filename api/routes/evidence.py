"""/api/v1/evidence: pictures, behind signed links that expire, or with a key.

Takes: a path under the evidence folder.
Gives: the file's bytes.
Knows nothing about: incidents."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from api.auth import Caller, ScopeMissing
from api.deps import DepsHere
from api.pictures import MEDIA_TYPES
from api.problems import declared
from contracts.errors import NotAllowed

router = APIRouter(prefix="/api/v1/evidence", tags=["incidents"])

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/{path:path}",
    response_class=FileResponse,
    responses=declared(404) | _PICTURE,
    openapi_extra={"security": [{"key": []}, {}]},
    summary="Fetch a picture",
)
def picture(
    path: str,
    request: Request,
    deps: DepsHere,
    exp: Annotated[str, Query(max_length=20, description="From the link.")] = "",
    sig: Annotated[str, Query(max_length=100, description="From the link.")] = "",
) -> FileResponse:
    """The link of an incident opens without a key until it expires."""
    caller: Caller | None = request.state.caller
    if caller is not None and not caller.may("view"):
        raise ScopeMissing("this needs a key with the scope 'view'", "ask an admin for one")
    if caller is None:
        url_path = request.scope["path"]
        if not deps.pictures.genuine(url_path, expires_s=exp, signature=sig, now=deps.clock()):
            raise NotAllowed("the link is not one of ours, or has expired", "fetch the incident again for a new link")
    file = deps.pictures.file(path)
    return FileResponse(
        file, media_type=MEDIA_TYPES[file.suffix.lower()], headers={"Cache-Control": "private, max-age=3600"}
    )
