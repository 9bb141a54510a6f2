"""`plainwatch bench`: what this machine can do.

Takes: a shape of a model, numbers of rules.
Gives: figures with the hardware and the command that they belong to.
Knows nothing about: how they are measured; the arguments are read there, where no command line library is needed."""

from datetime import UTC, datetime

import typer

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.command(
    "rules",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def rules(context: typer.Context) -> None:
    """What a frame costs against the number of its rules. `bench rules --help` lists the options."""
    from plainwatch.bench.command import main

    raise typer.Exit(main(["rules", *context.args], prog="plainwatch bench", now=datetime.now(UTC)))
