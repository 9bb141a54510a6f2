"""`plainwatch evaluate`: how well rules do on labelled footage.

Takes: clips, a label file.
Gives: a Markdown table or one JSON object; exit code 3 where the engine can answer none of the statements.
Knows nothing about: how it is measured."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from plainwatch.cli.terminal import AsJson, errors_as_exit_codes, print_json, teller

NOTHING_TO_ANSWER = 3
Clips = Annotated[Path, typer.Argument(help="The folder that holds the labelled clips, or one of them.")]
Labels = Annotated[
    Path, typer.Option("--labels", help="JSON as events.json, or the annotation file of UCF-Crime or XD-Violence.")
]
Engine = Annotated[str, typer.Option("--engine", help="edge, vlm or openai; without it, the one of the settings.")]
EveryS = Annotated[float, typer.Option("--every-s", min=0.04, max=3600, help="Seconds between two pictures.")]
Statement = Annotated[
    str, typer.Option("--statement", help="Only this one; for labels that name classes only, what to look for.")
]


def evaluate(
    clips: Clips,
    labels: Labels,
    engine: Engine = "",
    every_s: EveryS = 0.5,
    statement: Statement = "",
    json: AsJson = False,
) -> None:
    """Try labelled statements as rules on their clips: what was found, what was told without cause."""
    from plainwatch.evaluate.play import evaluated  # takes a second: only where it is needed
    from plainwatch.evaluate.report import as_json, as_markdown
    from plainwatch.replay.opening import settings_for

    with errors_as_exit_codes():
        settings = settings_for(engine, os.environ.get("PLAINWATCH_ASSETS", ""))
        rows, run = evaluated(
            clips, labels, settings, every_s=every_s, statement=statement, monotonic_s=time.monotonic, say=teller()
        )
        if json:
            print_json(as_json(rows, run))
        else:
            typer.echo("\n".join(as_markdown(rows, run)))
    if all(row.reason for row in rows):
        raise typer.Exit(NOTHING_TO_ANSWER)
