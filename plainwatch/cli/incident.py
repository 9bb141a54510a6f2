"""`plainwatch incident list | show`.

Takes: an incident's id.
Gives: what happened, when, with how much confidence, and the evidence.
Knows nothing about: how it was decided."""

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
)
from plainwatch.evidence_file import evidence_file

app = typer.Typer(help="Incidents: what was seen.", no_args_is_help=True)


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
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
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
    picture = evidence_file(data_dir, found["id"])
    if picture:
        results.print(f"evidence: {picture}", markup=False)
