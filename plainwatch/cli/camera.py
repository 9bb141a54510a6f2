"""`plainwatch camera add | list | check | remove`.

Takes: names and URLs.
Gives: what the API says about them.
Knows nothing about: video."""

from pathlib import Path
from typing import Annotated

import typer

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

app = typer.Typer(help="Cameras: register, list, check, remove.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What you call it.")]
Url = Annotated[str, typer.Argument(help="rtsp://, rtsps://, http:// or https:// (MJPEG), or file:NAME.")]
EveryS = Annotated[float | None, typer.Option("--every-s", min=0.1, help="Decode fully and take a picture this often.")]
Force = Annotated[bool, typer.Option("--force", help="Register it even where it does not answer now.")]
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
