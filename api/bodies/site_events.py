"""What was told about the site itself, over HTTP.

Takes: a row of the list.
Gives: the same as in the webhook, documented.
Knows nothing about: what an event means."""

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

_OUT: JsonDict = {
    "id": "sev_01kap3v5c7e8k2m9qu",
    "type": "camera.offline",
    "timestamp": "2026-11-22T09:00:20.000Z",
    "data": {
        "id": "sev_01kap3v5c7e8k2m9qu",
        "camera": {"id": "cam_01kap3v5c7e8k2m9qs", "name": "front gate"},
        "since": "2026-11-22T09:00:00.000Z",
        "reason": "the camera ended the stream",
        "remedy": "check its power, network and number of clients",
    },
}


class SiteEventOut(BaseModel):
    """Of a camera, the analyzers or a rule: wrong, or right again."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    type: str
    timestamp: str
    data: dict[str, object]
