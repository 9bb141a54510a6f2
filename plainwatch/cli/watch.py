"""`plainwatch watch URL --rule … --webhook URL`: one camera, some rules, one endpoint, until Ctrl-C.

Takes: a camera's URL, rules, a webhook.
Gives: running services and a line for each incident.
Knows nothing about: demos; this is real use with a data directory."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Conflict, Unavailable
from contracts.settings import load_settings
from plainwatch.cli.terminal import DataDir, errors_as_exit_codes, teller, words
from plainwatch.client import ApiClient, Json
from plainwatch.ports import free_port

Url = Annotated[str, typer.Argument(help="The camera's URL.")]
Rules = Annotated[list[str], typer.Option("--rule", help="A rule in plain language; may be given several times.")]
Webhook = Annotated[str, typer.Option("--webhook", help="Where signed webhooks go; without it, only the terminal.")]


def watch(url: Url, rule: Rules, webhook: Webhook = "", data_dir: DataDir = Path("data/watch")) -> None:
    """Watch one camera with rules, until Ctrl-C."""
    from plainwatch.house import LOOK_EVERY_S, House, signals_to_end  # takes a second: only where it is needed

    with errors_as_exit_codes():
        say = teller()
        house = House(data_dir, host=load_settings().host, port=free_port(), environment={}, notify=say)
        ended = signals_to_end()
        try:
            client = house.start()
            _register(client, url, rule, webhook)
            say("watching; Ctrl-C ends it")
            told: set[str] = {incident["id"] for incident in client.items("/incidents")}
            while not ended:
                house.watch()
                _tell_new(client, told, say_incident=lambda one: say(f"{one['rule']['text']}  {one['started_at']}"))
                time.sleep(LOOK_EVERY_S * 5)
        finally:
            house.stop()


def _register(client: ApiClient, url: str, rules: list[str], webhook: str) -> None:
    """A second start with the same camera and endpoint finds them there."""
    confirmed = {"confirm_private": True}  # the person who types the address is the admin of this machine
    try:
        client.post("/cameras", {"name": "camera", "url": url, **confirmed})
    except Conflict:
        camera = next(one for one in client.items("/cameras") if one["name"] == "camera")
        client.patch(f"/cameras/{camera['id']}", {"url": url, **confirmed})
    if webhook:
        try:
            endpoint = client.post("/endpoints", {"name": "webhook", "url": webhook, **confirmed})
            words.print(f"webhook secret, shown once: {endpoint['secret']}", markup=False)
        except Conflict:
            endpoint = next(one for one in client.items("/endpoints") if one["name"] == "webhook")
            client.patch(f"/endpoints/{endpoint['id']}", {"url": webhook, **confirmed})
    wanted = set(rules)
    for known in client.items("/rules"):
        if known["text"] in wanted:
            wanted.discard(known["text"])
        else:
            client.delete(f"/rules/{known['id']}")
    for text in rules:
        if text in wanted:
            words.print(client.post("/rules", {"text": text})["plan"]["summary"], markup=False)


def _tell_new(client: ApiClient, told: set[str], *, say_incident: Callable[[Json], None]) -> None:
    try:
        newest = client.get("/incidents", limit="50")["items"]
    except Unavailable:
        return  # the API is being restarted; the next look finds what is new
    for incident in newest[::-1]:
        if incident["id"] not in told:
            told.add(incident["id"])
            say_incident(incident)
