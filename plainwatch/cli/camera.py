"""`plainwatch camera add | list | check | remove | arm | disarm | hours`.

Takes: names and URLs, hours.
Gives: what the API says about them.
Knows nothing about: video."""

import re
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Invalid
from plainwatch.cli.terminal import (
    DEFAULT_API,
    Api,
    AsJson,
    DataDir,
    connect,
    errors_as_exit_codes,
    print_json,
    print_table,
    results,
    words,
)
from plainwatch.client import ApiClient, Json

app = typer.Typer(help="Cameras: register, list, check, remove, arm, disarm.", no_args_is_help=True)

_WINDOW = re.compile(r"(?:(?P<days>[a-z]{3}(?:,[a-z]{3})*):)?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")

Name = Annotated[str, typer.Argument(help="What you call it.")]
Url = Annotated[str, typer.Argument(help="rtsp://, rtsps://, http:// or https:// (MJPEG), or file:NAME.")]
EveryS = Annotated[float | None, typer.Option("--every-s", min=0.1, help="Decode fully and take a picture this often.")]
Force = Annotated[bool, typer.Option("--force", help="Register it even where it does not answer now.")]
Camera = Annotated[str, typer.Argument(help="A camera's name or id.")]
Minutes = Annotated[
    float | None, typer.Option("--minutes", min=1, help="For so long; else until its hours change, or for good.")
]
Private = Annotated[bool, typer.Option("--confirm-private", help="Allow exactly this private address and port.")]


@app.command()
def add(
    name: Name,
    url: Url,
    every_s: EveryS = None,
    force: Force = False,
    confirm_private: Private = False,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Probe a camera and register it."""
    body: Json = {"name": name, "url": url, "force": force, "confirm_private": confirm_private}
    if every_s is not None:
        body["sampling"] = {"mode": "every_s", "every_s": every_s}
    with errors_as_exit_codes():
        camera = connect(api, data_dir).post("/cameras", body)
    if json:
        print_json(camera)
        return
    results.print(f"{camera['id']}  {camera['name']}  {camera['url']}", markup=False)
    _print_probe(camera.get("probe", {}))
    for warning in camera.get("warnings", []):
        words.print(f"note: {warning}", markup=False)


@app.command("list")
def list_cameras(json: AsJson = False, data_dir: DataDir = Path("data"), api: Api = DEFAULT_API) -> None:
    """All cameras and what they are doing."""
    with errors_as_exit_codes():
        cameras = list(connect(api, data_dir).items("/cameras"))
    if json:
        print_json({"items": cameras})
        return
    rows = [
        (
            camera["id"],
            camera["name"],
            camera["status"]["state"],
            str(camera.get("frames", {}).get("sampled", 0)),
            camera["status"].get("reason", ""),
        )
        for camera in cameras
    ]
    print_table(
        ("id", "name", "state", "keyframes", "reason"), rows, empty="no cameras yet: plainwatch camera add NAME URL"
    )


@app.command()
def check(
    camera: Annotated[str, typer.Argument(help="A camera's name or id, or a URL that is not registered.")],
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Read a camera for a few seconds and say what it gives."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        if "://" in camera or camera.startswith("file:"):
            report = client.post("/cameras/probe", {"url": camera})
        else:
            report = client.post(f"/cameras/{find(client, camera)['id']}/probe")
    if json:
        print_json(report)
    else:
        _print_probe(report)
    if not report.get("ok", True):
        raise typer.Exit(4)


@app.command()
def remove(
    camera: Annotated[str, typer.Argument(help="A camera's name or id.")],
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Remove a camera; its incidents stay."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        client.delete(f"/cameras/{find(client, camera)['id']}")


@app.command()
def arm(
    camera: Camera,
    minutes: Minutes = None,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Let its rules open incidents, whatever its hours say."""
    _set_by_hand(camera, "arm", minutes, json=json, data_dir=data_dir, api=api)


@app.command()
def disarm(
    camera: Camera,
    minutes: Minutes = None,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """End its incidents and open none; the camera goes on being read."""
    _set_by_hand(camera, "disarm", minutes, json=json, data_dir=data_dir, api=api)


@app.command()
def hours(
    camera: Camera,
    windows: Annotated[list[str] | None, typer.Argument(help="Such as 22:00-06:00 or sat,sun:00:00-24:00.")] = None,
    always: Annotated[bool, typer.Option("--always", help="At all hours.")] = False,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Set when it is armed, by its own time zone; without hours say when that is."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        shown = find(client, camera)
        if windows or always:
            body = {"arming": [] if always else [read_window(one) for one in windows or []]}
            shown = client.patch(f"/cameras/{shown['id']}", body)
    _print_arming(shown, json=json)


def read_window(text: str) -> Json:
    """`[DAYS:]HH:MM-HH:MM`; the API checks what stands in it. Raises Invalid where it is none at all."""
    found = _WINDOW.fullmatch(text.strip().lower())
    if found is None:
        raise Invalid(f"hours '{text}' are not understood", "write 22:00-06:00 or sat,sun:00:00-24:00")
    days = {"days": found["days"].split(",")} if found["days"] else {}
    return {**days, "start": found["start"], "end": found["end"]}


def _set_by_hand(camera: str, word: str, minutes: float | None, *, json: bool, data_dir: Path, api: str) -> None:
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        body: Json = {} if minutes is None else {"minutes": minutes}
        shown = client.post(f"/cameras/{find(client, camera)['id']}/{word}", body)
    _print_arming(shown, json=json)


def _print_arming(camera: Json, *, json: bool) -> None:
    if json:
        print_json(camera)
        return
    state = "armed" if camera["armed_now"] else "disarmed"
    why = f" {camera['armed_reason']}" if camera.get("armed_reason") else ""
    until = f" until {camera['armed_until']}" if camera.get("armed_until") else ""
    results.print(f"{camera['id']}  {camera['name']}  {state}{why}{until}", markup=False)
    for window in camera["arming"]:
        results.print(f"  {','.join(window['days'])} {window['start']}-{window['end']}", markup=False)


def find(client: ApiClient, name_or_id: str) -> Json:
    """By id, else by name; raises NotFound with the server's words."""
    for camera in client.items("/cameras"):
        if name_or_id in (camera["id"], camera["name"]):
            return camera
    return client.get(f"/cameras/{name_or_id}")


def _print_probe(report: Json) -> None:
    if not report:
        return
    if not report.get("ok", True):
        words.print(f"not readable: {report.get('reason', '')}; {report.get('remedy', '')}", markup=False)
        return
    parts = [str(report.get("codec", "?")), f"{report.get('width')}x{report.get('height')}"]
    if report.get("fps"):
        parts.append(f"{report['fps']:.0f} fps")
    if report.get("keyframe_interval_s"):
        parts.append(f"a keyframe every {report['keyframe_interval_s']:.1f} s")
    results.print("  " + ", ".join(parts), markup=False)
