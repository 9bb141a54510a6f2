"""/api/v1/evidence: pictures and clips, behind signed links that expire, or with a key.

Takes: a path under the evidence folder.
Gives: the file's bytes.
Knows nothing about: incidents."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from api.deps import DepsHere
from api.pictures import MEDIA_TYPES
from api.problems import declared
from api.signed import Expires, Signature, check_may_fetch

router = APIRouter(prefix="/api/v1/evidence", tags=["incidents"])

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "video/mp4")}
    }
}


@router.get(
    "/{path:path}",
    response_class=FileResponse,
    responses=declared(404) | _PICTURE,
    openapi_extra={"security": [{"key": []}, {}]},
    summary="Fetch a picture or a clip",
)
def picture(
    path: str,
    request: Request,
    deps: DepsHere,
    exp: Expires = "",
    sig: Signature = "",
) -> FileResponse:
    """The link of an incident opens without a key until it expires."""
    remedy = "fetch the incident again for a new link"
    check_may_fetch(request, deps, expires_s=exp, signature=sig, remedy=remedy)
    file = deps.pictures.file(path)
    return FileResponse(
        file, media_type=MEDIA_TYPES[file.suffix.lower()], headers={"Cache-Control": "private, max-age=3600"}
    )
