"""`plainwatch incident list | show | acknowledge | retract | snooze | wake`.

Takes: an incident's id, a person's word on it.
Gives: what happened, when, with how much confidence, and the evidence.
Knows nothing about: how it was decided."""

from pathlib import Path
from typing import Annotated

import typer

from alerts.formats.wording import off_by
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
)
from plainwatch.client import Json
from plainwatch.evidence_file import evidence_file

app = typer.Typer(help="Incidents: what was seen, and what you say of it.", no_args_is_help=True)

Incident = Annotated[str, typer.Argument(help="The incident's id.")]


@app.command("list")
def list_incidents(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many, newest first.")] = 20,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """The newest incidents."""
    with errors_as_exit_codes():
        page = connect(api, data_dir).get("/incidents", limit=str(limit))
    if json:
        print_json(page)
        return
    rows = [
        (one["id"], one["state"], one["started_at"], one["camera"]["name"], one["rule"]["text"])
        for one in page["items"]
    ]
    print_table(("id", "state", "started", "camera", "rule"), rows, empty="no incidents yet")


@app.command()
def show(
    incident: Incident,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """One incident, whole."""
    with errors_as_exit_codes():
        found = connect(api, data_dir).get(f"/incidents/{incident}")
    if json:
        print_json(found)
        return
    results.print(f"{found['id']}  {found['state']}  {found['severity']}", markup=False)
    results.print(f"rule: {found['rule']['text']} (version {found['rule']['version']})", markup=False)
    results.print(f"camera: {found['camera']['name']}", markup=False)
    results.print(f"from {found['started_at']} to {found.get('ended_at', 'now')}", markup=False)
    results.print(f"confidence {found['confidence']:.2f}, threshold {found['threshold']:.2f}", markup=False)
    for camera in found.get("group", {}).get("cameras", []):
        results.print(f"seen also by: {camera['name']}", markup=False)
    if found.get("snoozed_until"):
        results.print(f"quiet until {found['snoozed_until']}", markup=False)
    picture = evidence_file(data_dir, found["id"])
    if picture:
        taken = next((off_by(frame.get("off_by_s", 0.0)) for frame in found["evidence"]["frames"]), "")
        results.print(f"evidence: {picture}{f' (taken {taken})' if taken else ''}", markup=False)


@app.command()
def acknowledge(
    incident: Incident, json: AsJson = False, data_dir: DataDir = Path("data"), api: Api = DEFAULT_API
) -> None:
    """Say that somebody has seen it."""
    with errors_as_exit_codes():
        said = connect(api, data_dir).post(f"/incidents/{incident}/acknowledge")
    _print_said(said, json=json)


@app.command()
def retract(
    incident: Incident,
    reason: Annotated[str, typer.Option("--reason", help="Why it was none.")] = "",
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Take it back: it was none. Whoever was told is told so."""
    with errors_as_exit_codes():
        said = connect(api, data_dir).post(f"/incidents/{incident}/retract", {"reason": reason})
    _print_said(said, json=json)


@app.command()
def snooze(
    incident: Incident,
    minutes: Annotated[float, typer.Option("--minutes", min=1, max=10080, help="For so long.")] = 30,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Keep its rule quiet on its camera for a while."""
    with errors_as_exit_codes():
        said = connect(api, data_dir).post(f"/incidents/{incident}/snooze", {"minutes": minutes})
    _print_said(said, json=json)


@app.command()
def wake(incident: Incident, json: AsJson = False, data_dir: DataDir = Path("data"), api: Api = DEFAULT_API) -> None:
    """End the snooze of its rule on its camera."""
    with errors_as_exit_codes():
        said = connect(api, data_dir).delete(f"/incidents/{incident}/snooze")
    _print_said(said, json=json)


def _print_said(incident: Json, *, json: bool) -> None:
    if json:
        print_json(incident)
        return
    until = f"  quiet until {incident['snoozed_until']}" if incident.get("snoozed_until") else ""
    results.print(f"{incident['id']}  {incident['state']}{until}", markup=False)
