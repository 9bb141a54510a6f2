"""`plainwatch bench`: what this machine can do.

Takes: a shape of a model, numbers of rules; a number of dead endpoints.
Gives: figures with the hardware and the command that they belong to.
Knows nothing about: how they are measured; the arguments are read there, where no command line library is needed."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from plainwatch.cli.terminal import AsJson, errors_as_exit_codes, print_json, print_table, teller

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)

GOAL_MISSED = 1


@app.command(
    "rules",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def rules(context: typer.Context) -> None:
    """What a frame costs against the number of its rules. `bench rules --help` lists the options."""
    from plainwatch.bench.command import main

    raise typer.Exit(main(["rules", *context.args], prog="plainwatch bench", now=datetime.now(UTC)))


@app.command("deliver")
def deliver(
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long 300 a second are offered.")] = 20,
    dead: Annotated[int, typer.Option(min=0, max=5_000, help="Endpoints that accept and never answer.")] = 1000,
    json: AsJson = False,
) -> None:
    """How many webhooks a second leave, how late they are beside dead endpoints, how fast answers become incidents."""
    from plainwatch.bench.deliver import measure  # brings the services: only when something is measured

    with errors_as_exit_codes():
        report = measure(seconds, dead, teller())
    found = report.as_json()
    if json:
        print_json(found)
    else:
        print_table(("what", "how much"), [(name, str(value)) for name, value in found.items()], empty="")
    raise typer.Exit(0 if report.goals_met else GOAL_MISSED)
