"""`plainwatch endpoint add | list | test | rotate | log | replay`.

Takes: names and webhook URLs.
Gives: a secret, once; what deliveries came to.
Knows nothing about: signing."""

from datetime import UTC, datetime
from itertools import islice
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

app = typer.Typer(help="Endpoints: where webhooks go.", no_args_is_help=True)

DID_NOT_ARRIVE = 1
Which = Annotated[str, typer.Argument(help="An endpoint's name or id.")]
TEST_WAIT_S = 20


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What you call it.")],
    url: Annotated[str, typer.Argument(help="https://… that takes POST requests; mqtt://… of a broker; apprise's.")],
    format: Annotated[
        str,
        typer.Option(help="standard, slack, discord, teams, telegram, ntfy, alertmanager, mqtt or apprise."),
    ] = "standard",
    event: Annotated[list[str] | None, typer.Option(help="Only these types of event; again for each.")] = None,
    min_severity: Annotated[str, typer.Option(help="Of incidents: info, low, medium, high, critical.")] = "",
    signature: Annotated[str, typer.Option(help="v1: a shared secret; v1a: ed25519, a public key.")] = "v1",
    confirm_private: Annotated[
        bool, typer.Option("--confirm-private", help="Allow exactly this private address and port.")
    ] = False,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Register an endpoint; its secret is shown once."""
    with errors_as_exit_codes():
        body: Json = {"name": name, "url": url, "format": format, "confirm_private": confirm_private}
        body |= {"event_types": event or [], "signature": signature}
        body |= {"min_severity": min_severity} if min_severity else {}
        endpoint = connect(api, data_dir).post("/endpoints", body)
    if json:
        print_json(endpoint)
        return
    results.print(f"{endpoint['id']}  {endpoint['name']}  {endpoint['url']}", markup=False)
    _show_key(endpoint)


@app.command("list")
def list_endpoints(json: AsJson = False, data_dir: DataDir = Path("data"), api: Api = DEFAULT_API) -> None:
    """All endpoints and whether they accept."""
    with errors_as_exit_codes():
        endpoints = list(connect(api, data_dir).items("/endpoints"))
    if json:
        print_json({"items": endpoints})
        return
    rows = [(one["id"], one["name"], str(one["status"]), one["url"]) for one in endpoints]
    print_table(("id", "name", "status", "url"), rows, empty="no endpoints yet: plainwatch endpoint add NAME URL")


@app.command()
def test(
    endpoint: Which,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Send a test.ping and wait for what comes of it."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        delivery = client.post(f"/endpoints/{_id_of(client, endpoint)}/test?wait_s={TEST_WAIT_S}")
    if json:
        print_json(delivery)
    elif delivery["state"] == "delivered":
        results.print(f"arrived: {endpoint} answered {delivery.get('last_status', 'that it has it')}", markup=False)
    else:
        words.print(f"did not arrive: {delivery.get('last_error', delivery['state'])}", markup=False)
    if delivery["state"] != "delivered":
        raise typer.Exit(DID_NOT_ARRIVE)


@app.command()
def rotate(
    endpoint: Which,
    overlap_h: Annotated[float, typer.Option(min=0, max=720, help="For so long the old secret signs too.")] = 24,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Give it a new secret; it is shown once."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        body = {"overlap_s": round(overlap_h * 3600)}
        rotated = client.post(f"/endpoints/{_id_of(client, endpoint)}/rotate", body)
    if json:
        print_json(rotated)
        return
    _show_key(rotated)
    words.print(f"the one before signs too until {rotated.get('old_secret_until', 'now')}", markup=False)


@app.command("log")
def show_log(
    endpoint: Which,
    state: Annotated[str, typer.Option(help="pending, delivered, dead or cancelled.")] = "",
    most: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """What was sent there and what came of it, newest first."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        only = {"endpoint": _id_of(client, endpoint)} | ({"state": state} if state else {})
        found = list(islice(client.items("/deliveries", **only), most))
    if json:
        print_json({"items": found})
        return
    names = ("created_at", "id", "type", "state", "attempts", "last_status", "last_error")
    print_table(names, [tuple(str(one.get(name, "")) for name in names) for one in found], empty="nothing was sent yet")


@app.command()
def replay(
    endpoint: Which,
    since: Annotated[str, typer.Option("--from", help="2026-11-22T08:00:00Z, or without a zone: this machine's.")],
    until: Annotated[str, typer.Option("--to", help="The same; without it now.")] = "",
    state: Annotated[str, typer.Option(help="dead, delivered or cancelled.")] = "dead",
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Send what was made in a stretch of time again, each under its own id."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        stretch = {"from": _moment(since), "to": _moment(until)}
        body = stretch | {"endpoint": _id_of(client, endpoint), "state": state}
        answer = client.post("/deliveries/replay", body)
    if json:
        print_json(answer)
    else:
        results.print(f"{answer['replayed']} are due again", markup=False)


def _id_of(client: ApiClient, endpoint: str) -> str:
    found = [one for one in client.items("/endpoints") if endpoint in (one["id"], one["name"])]
    return str(found[0]["id"]) if found else endpoint


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError as error:
        raise Invalid(f"time '{text}' is none", "write 2026-11-22T08:00:00Z") from error
    return at.astimezone(UTC).isoformat()


def _show_key(endpoint: Json) -> None:
    if "public_key" in endpoint:
        results.print(f"public key: {endpoint['public_key']}", markup=False)
    if "secret" in endpoint:
        results.print(f"secret: {endpoint['secret']}", markup=False)
        words.print("keep the secret: it verifies the signatures and is not shown again")
