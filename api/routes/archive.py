"""/api/v1/cameras/{id}/archive and /api/v1/archive: recent pictures, to try rules on.

Takes: a camera, a stretch of time; a path under the archive's folder.
Gives: ArchivedOut, oldest first; the file's bytes.
Knows nothing about: rules, how pictures are archived."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from api.auth import Viewer
from api.bodies.archive import ArchivedOut, archived_out
from api.deps import Deps, DepsHere
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from api.signed import Expires, Signature, check_may_fetch
from contracts.errors import NotFound
from store.cameras import camera_by_id

router = APIRouter(prefix="/api/v1", tags=["archive"])

From = Annotated[AwareDatetime | None, Query(alias="from", description="Only those taken then or later.")]
To = Annotated[AwareDatetime | None, Query(description="Only those taken before.")]
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/cameras/{camera_id}/archive",
    response_model_exclude_none=True,
    responses=declared(404),
    summary="List a camera's recent pictures",
)
def list_archive(
    camera_id: str,
    deps: DepsHere,
    _caller: Viewer,
    since: From = None,
    to: To = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[ArchivedOut]:
    """Oldest first: one every few seconds, and the frames of incidents between them."""
    _check_registered(deps, camera_id)
    after = position(cursor)
    found = deps.pictures.archive.pictures(camera_id, since=since, until=to, after=after, limit=limit + 1)
    links = deps.pictures.archive_linker(deps.clock())
    return page_of(found, limit, lambda picture: picture.name, lambda picture: archived_out(picture, links))


@router.get(
    "/archive/{path:path}",
    response_class=FileResponse,
    responses=declared(404) | _PICTURE,
    openapi_extra={"security": [{"key": []}, {}]},
    summary="Fetch an archived picture",
)
def picture(path: str, request: Request, deps: DepsHere, exp: Expires = "", sig: Signature = "") -> FileResponse:
    """The link of the list opens without a key until it expires. Of a camera that was removed nothing is shown."""
    check_may_fetch(request, deps, expires_s=exp, signature=sig, remedy="list the camera's archive again")
    _check_registered(deps, path.partition("/")[0])
    file = deps.pictures.archived_file(path)
    return FileResponse(file, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def _check_registered(deps: Deps, camera_id: str) -> None:
    with deps.database.read() as connection:
        camera = camera_by_id(connection, camera_id)
    if camera is None:
        raise NotFound(f"camera '{camera_id}' does not exist", "GET /api/v1/cameras lists those that do")
