"""`plainwatch demo`: the main job, shown.

Takes: a source and rules of the user's, or nothing.
Gives: progress on standard error, a summary or JSON, the demo's exit code.
Knows nothing about: how it is played."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import ConfigError
from contracts.settings import load_settings
from plainwatch.cli.terminal import AsJson, DataDir, errors_as_exit_codes, print_json, teller, words

Source = Annotated[str, typer.Option("--source", help="A camera's URL or a video file; without it, built-in footage.")]
Rules = Annotated[
    list[str] | None, typer.Option("--rule", help="A rule in plain language; may be given several times.")
]
Seconds = Annotated[float | None, typer.Option("--seconds", min=1, help="How long to wait for the rules to fire.")]
Engine = Annotated[
    str, typer.Option("--engine", help="edge, vlm (a model in this process) or openai (a server of yours).")
]


def demo(
    source: Source = "",
    rule: Rules = None,
    seconds: Seconds = None,
    engine: Engine = "",
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
) -> None:
    """Serve a camera, watch it with rules, receive signed webhooks. Exit code 0 if that worked."""
    from plainwatch.demo.play import Demo  # takes a second: only where it is needed
    from plainwatch.demo.report import as_json, exit_code, in_words
    from plainwatch.demo.script import write_script
    from plainwatch.model_here import ensure_engine

    with errors_as_exit_codes():
        say, settings = teller(), load_settings(**({"engine": engine} if engine else {}))
        ensure_engine(settings, say)
        assets = os.environ.get("PLAINWATCH_ASSETS", "")
        script = write_script(
            source,
            tuple(rule or ()),
            seconds,
            assets=Path(assets) if assets else None,
            detector=settings.detector,
            engine=settings.engine,
        )
        folder = _fresh_folder(data_dir / "demo")
        outcome = Demo(script, folder, say).run()
        code = exit_code(script, outcome)
        if json:
            print_json(as_json(script, outcome, folder))
        else:
            words.print()
            for line in in_words(script, outcome):
                words.print(line, markup=False)
    raise typer.Exit(code)


def _fresh_folder(folder: Path) -> Path:
    """The run before leaves its evidence until the next one; a running demo keeps its folder."""
    lock = folder / "lock"
    if lock.exists():
        with lock.open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConfigError(
                    f"a demo is running in '{folder}'", "wait for it, or name another place with --data-dir"
                ) from error
    shutil.rmtree(folder, ignore_errors=True)
    return folder
