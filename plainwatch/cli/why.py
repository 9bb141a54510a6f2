"""`plainwatch why CAMERA TIME`: why there was an alert, or none.

Takes: a camera's name or id, a moment.
Gives: what became of the picture of that moment, and each rule's reason, in words.
Knows nothing about: how it was decided."""

from contextlib import closing
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from contracts.errors import Invalid, NotFound
from plainwatch.cli.camera import find
from plainwatch.cli.terminal import (
    DEFAULT_API,
    Api,
    AsJson,
    DataDir,
    connect,
    errors_as_exit_codes,
    print_json,
    results,
)
from plainwatch.client import Json
from plainwatch.why import nearest, words

#: cameras with rare keyframes have none for so long
_AROUND = timedelta(seconds=30)
_MOST = "200"


def why(
    camera: Annotated[str, typer.Argument(help="The camera's name or id.")],
    time: Annotated[str, typer.Argument(help="22:14:03, or 2026-11-22T22:14:03, or the same with a time zone.")],
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Why there was an alert at a moment, or none. A time without a zone is the camera's, else this machine's."""
    with errors_as_exit_codes(), closing(connect(api, data_dir)) as client:
        found = find(client, camera)
        zone = _zone(found)
        at = _moment(time, zone, datetime.now(UTC))
        window = {"from": (at - _AROUND).isoformat(), "to": (at + _AROUND).isoformat(), "limit": _MOST}
        item = nearest(list(client.items(f"/cameras/{found['id']}/ledger", **window)), at)
        if item is None:
            raise NotFound(
                f"camera '{found['name']}': nothing is noted of {at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                "the camera gave no picture then, or it is longer ago than PLAINWATCH_LEDGER_HOURS",
            )
    if json:
        print_json({"camera": found["id"], "at": at.isoformat(), "item": item, "words": words(item, zone)})
        return
    for sentence in words(item, zone):
        results.print(sentence, markup=False)


def _zone(camera: Json) -> tzinfo:
    named = camera.get("timezone", "")
    return ZoneInfo(named) if named else datetime.now(UTC).astimezone().tzinfo or UTC


def _moment(text: str, zone: tzinfo, now: datetime) -> datetime:
    """A time of day is the latest one that is over. Raises Invalid."""
    try:
        if "-" not in text:
            today = now.astimezone(zone)
            clock = datetime.fromisoformat(f"{today:%Y-%m-%d}T{text}").replace(tzinfo=zone)
            return clock if clock <= now else clock - timedelta(days=1)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"time '{text}': not understood", "write 22:14:03 or 2026-11-22T22:14:03Z") from error
    return at if at.tzinfo else at.replace(tzinfo=zone)
