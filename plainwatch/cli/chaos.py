"""`plainwatch chaos`: break everything, and see whether the promises hold.

Takes: a number of rounds, a seed.
Gives: progress on standard error, a table or JSON; exit code 1 where a promise was broken.
Knows nothing about: how things are broken."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from plainwatch.cli.terminal import AsJson, DataDir, errors_as_exit_codes, print_json, print_table, teller, words

Rounds = Annotated[int, typer.Option("--rounds", min=1, max=10_000, help="Every process is killed in each of them.")]
Seed = Annotated[int, typer.Option("--seed", help="Decides the order of everything.")]


def chaos(rounds: Rounds = 50, seed: Seed = 1, json: AsJson = False, data_dir: DataDir = Path("data")) -> None:
    """Kill and break everything around a real site, then check that nothing was lost. Linux only."""
    from plainwatch.chaos.play import Chaos  # takes a second: only where it is needed
    from plainwatch.chaos.report import as_json, exit_code, rows

    folder = data_dir / "chaos"
    with errors_as_exit_codes():
        shutil.rmtree(folder, ignore_errors=True)
        outcome = Chaos(rounds, seed, folder.resolve(), teller()).run()
        report = as_json(outcome, seed)
        if json:
            print_json(report)
        else:
            print_table(("what", "how much"), rows(report), empty="")
        for problem in report["problems"]:
            words.print(problem, markup=False)
    raise typer.Exit(exit_code(outcome))
