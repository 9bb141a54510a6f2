"""`plainwatch backtest`: when would this rule have fired?

Takes: sentences, a video file or a camera of a running site.
Gives: would-be incidents as words or JSON, on request as a contact sheet; exit code 3 where a rule cannot be tried.
Knows nothing about: how footage is replayed."""

import os
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Unavailable
from plainwatch.cli.terminal import (
    DEFAULT_API,
    Api,
    AsJson,
    DataDir,
    connect,
    errors_as_exit_codes,
    print_json,
    results,
    teller,
)

Rules = Annotated[list[str], typer.Option("--rule", help="A rule in plain language; may be given several times.")]
Source = Annotated[str, typer.Option("--source", help="A video file, or the name or id of a camera of a running site.")]
Engine = Annotated[str, typer.Option("--engine", help="edge, vlm or openai; without it, the one of the settings.")]
From = Annotated[str, typer.Option("--from", help="Of a file 1:30 or 90; of a camera 2026-11-22T18:00:00Z.")]
To = Annotated[str, typer.Option("--to", help="As --from.")]
StartsAt = Annotated[
    str, typer.Option("--starts-at", help="When the file's first picture was taken, for rules that have hours.")
]
EveryS = Annotated[float, typer.Option("--every-s", min=0.04, max=3600, help="Seconds between two pictures.")]
Camera = Annotated[
    str, typer.Option("--camera", help="A camera of a running site: its zones, masks and time zone hold for the file.")
]
Zones = Annotated[
    Path | None,
    typer.Option("--zones", help='JSON: [{"name": …, "polygon": [[x, y], …]}], each 0-1; or a label file of evaluate.'),
]
Threshold = Annotated[
    float | None,
    typer.Option("--threshold", min=0.01, max=0.99, help="As a tuned rule has it; without it, the usual one."),
]
Html = Annotated[Path | None, typer.Option("--html", help="Where to write the contact sheet.")]


def backtest(
    rule: Rules,
    source: Source,
    engine: Engine = "",
    from_: From = "",
    to: To = "",
    starts_at: StartsAt = "",
    every_s: EveryS = 0.5,
    camera: Camera = "",
    zones: Zones = None,
    threshold: Threshold = None,
    html: Html = None,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Try rules on recorded footage before they page anybody: nothing is stored, nobody is told."""
    from plainwatch.backtest.choose import Wanted, chosen  # takes a second: only where it is needed
    from plainwatch.backtest.play import Meters, backtested
    from plainwatch.backtest.report import as_json, exit_code, in_words
    from plainwatch.backtest.sheet import as_html
    from plainwatch.replay.opening import opened_engine, settings_for

    with errors_as_exit_codes(), ExitStack() as held:
        settings = settings_for(engine, os.environ.get("PLAINWATCH_ASSETS", ""))
        asked = Wanted(source, every_s, from_, to, starts_at, camera, zones)
        footage, row, is_dated = chosen(asked, lambda: held.enter_context(closing(connect(api, data_dir))))
        result = backtested(
            rule,
            footage,
            row,
            held.enter_context(closing(opened_engine(settings, teller()))),
            is_dated=is_dated,
            timezone=settings.timezone,
            batch_frames=settings.batch_frames,
            meters=Meters(time.monotonic, time.process_time),
            threshold=threshold,
        )
        if html:
            _write(html, as_html(result))
    if json:
        print_json(as_json(result, html))
    else:
        results.print("\n".join(in_words(result, html)), markup=False)
    raise typer.Exit(exit_code(result))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unavailable(
            f"contact sheet '{path}' cannot be written: {error.strerror}", "name another place"
        ) from error
