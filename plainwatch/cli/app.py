"""The commands, listed.

Takes: the arguments.
Gives: `main`; an unknown command or option ends with exit code 2.
Knows nothing about: what the commands do."""

import typer

from plainwatch.cli import (
    backtest,
    bench,
    camera,
    chaos,
    demo,
    doctor,
    endpoint,
    evaluate,
    incident,
    models,
    rule,
    up,
    watch,
    why,
)

app = typer.Typer(
    name="plainwatch",
    help="Rules in plain language, checked against camera keyframes, answered with signed webhooks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("watch")(watch.watch)
app.command("doctor")(doctor.doctor)
app.command("why")(why.why)
app.command("backtest")(backtest.backtest)
app.command("evaluate")(evaluate.evaluate)
app.command("chaos")(chaos.chaos)
app.add_typer(bench.app, name="bench")
app.add_typer(camera.app, name="camera")
app.add_typer(models.app, name="models")
app.add_typer(rule.app, name="rule")
app.add_typer(endpoint.app, name="endpoint")
app.add_typer(incident.app, name="incident")


def main() -> None:
    """The entry point of `plainwatch`."""
    app(prog_name="plainwatch")
