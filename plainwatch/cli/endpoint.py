"""`plainwatch endpoint add | list | test`.

Takes: names and webhook URLs.
Gives: the secret, once; what a test delivery came to.
Knows nothing about: signing."""

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

app = typer.Typer(help="Endpoints: where webhooks go.", no_args_is_help=True)

DID_NOT_ARRIVE = 1
TEST_WAIT_S = 20


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What you call it.")],
    url: Annotated[str, typer.Argument(help="https://… that takes POST requests.")],
    confirm_private: Annotated[
        bool, typer.Option("--confirm-private", help="Allow exactly this private address and port.")
    ] = False,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Register an endpoint; its secret is shown once."""
    with errors_as_exit_codes():
        body = {"name": name, "url": url, "confirm_private": confirm_private}
        endpoint = connect(api, data_dir).post("/endpoints", body)
    if json:
        print_json(endpoint)
        return
    results.print(f"{endpoint['id']}  {endpoint['name']}  {endpoint['url']}", markup=False)
    results.print(f"secret: {endpoint['secret']}", markup=False)
    words.print("keep the secret: it verifies the signatures and is not shown again")


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
    endpoint: Annotated[str, typer.Argument(help="An endpoint's name or id.")],
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Send a test.ping and wait for what comes of it."""
    with errors_as_exit_codes():
        client = connect(api, data_dir)
        found = [one for one in client.items("/endpoints") if endpoint in (one["id"], one["name"])]
        target = found[0]["id"] if found else endpoint
        delivery = client.post(f"/endpoints/{target}/test?wait_s={TEST_WAIT_S}")
    if json:
        print_json(delivery)
    elif delivery["state"] == "delivered":
        results.print(f"arrived: {endpoint} answered {delivery.get('last_status')}", markup=False)
    else:
        words.print(f"did not arrive: {delivery.get('last_error', delivery['state'])}", markup=False)
    if delivery["state"] != "delivered":
        raise typer.Exit(DID_NOT_ARRIVE)
