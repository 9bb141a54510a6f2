"""Words to people on standard error, results on standard output, errors in one shape.

Takes: texts, tables, PlainwatchError.
Gives: output that is readable at 80 columns and, with --json, one JSON object and nothing else.
Knows nothing about: commands."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.errors import PlainwatchError
from plainwatch.client import ApiClient, key_from

#: progress and errors
words = Console(stderr=True, highlight=False, soft_wrap=True)
#: results
results = Console(highlight=False, soft_wrap=True)

DEFAULT_API = "http://127.0.0.1:8600"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else.")]
DataDir = Annotated[
    Path, typer.Option("--data-dir", envvar="PLAINWATCH_DATA_DIR", help="Where the database and evidence live.")
]
Api = Annotated[str, typer.Option("--api", envvar="PLAINWATCH_API", help="The API's address.")]


def print_json(value: object) -> None:
    """One object, one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """`empty` says what to do where there are no rows."""
    if not rows:
        words.print(empty)
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    results.print(table, soft_wrap=False)


def teller() -> Callable[[str], None]:
    """Tells progress, each line with the seconds since now."""
    began_s = time.monotonic()

    def say(text: str) -> None:
        words.print(f"[dim]{time.monotonic() - began_s:6.1f} s[/]  ", end="")
        words.print(text, markup=False)

    return say


@contextmanager
def errors_as_exit_codes() -> Iterator[None]:
    """One line that names subject, problem and remedy; the class decides the code."""
    try:
        yield
    except PlainwatchError as error:
        words.print("plainwatch: ", end="", style="bold red")
        words.print(_in_flags(str(error)), markup=False)
        raise typer.Exit(error.exit_code) from error


#: the API speaks of its own fields; here they are flags
_FLAGS = (
    ("send force: true to", "use --force to"),
    ("send the same again with confirm_private: true", "use --confirm-private"),
)


def _in_flags(text: str) -> str:
    for field, flag in _FLAGS:
        text = text.replace(field, flag)
    return text


def connect(api: str, data_dir: Path) -> ApiClient:
    """With PLAINWATCH_KEY, else with the key that `up` left in the data directory."""
    return ApiClient(api, os.environ.get("PLAINWATCH_KEY") or key_from(data_dir))
