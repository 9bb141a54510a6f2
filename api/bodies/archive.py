"""Archived pictures over HTTP.

Takes: an archived picture, what makes a link of its path.
Gives: ArchivedOut.
Knows nothing about: how pictures are archived."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from alerts.archive import ArchivedPicture
from store.times import to_text

_OUT: JsonDict = {
    "at": "2026-11-22T09:00:00.000Z",
    "epoch": 3,
    "seq": 1842,
    "size_bytes": 61240,
    "url": "http://127.0.0.1:8600/api/v1/archive/cam_01/20261122T09/20261122T090000000Z-3-1842.jpg?exp=…&sig=…",
}


class ArchivedOut(BaseModel):
    """One picture of a camera, as the analyzer saw it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    at: str
    epoch: int = Field(description="With `seq` it names the frame; both 0 where it is not known.")
    seq: int
    size_bytes: int
    url: str = Field(description="A signed link that expires within the hour.")


def archived_out(picture: ArchivedPicture, picture_url: Callable[[str], str]) -> ArchivedOut:
    """`picture_url` makes a link of a path under the archive's folder."""
    return ArchivedOut(
        at=to_text(picture.at),
        epoch=picture.epoch,
        seq=picture.seq,
        size_bytes=picture.size_bytes,
        url=picture_url(picture.path),
    )
