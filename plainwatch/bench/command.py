"""`bench rules`: from arguments to a report. Both doors, `plainwatch bench` and `python -m plainwatch.bench`, are here.

Takes: the arguments, the current time.
Gives: a table or one JSON object on standard output, progress on standard error, the exit code.
Knows nothing about: models."""

import json
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime

from contracts.errors import PlainwatchError, Refused
from plainwatch.bench.options import Options, parse
from plainwatch.bench.report import Report, as_json, in_words


def main(arguments: Sequence[str], *, prog: str, now: datetime) -> int:
    """The exit code; usage errors leave by SystemExit(2), as argparse does it."""
    options = parse(arguments, prog=prog)
    try:
        report = _measured(options, command=shlex.join([*prog.split(), *arguments]), now=now)
    except PlainwatchError as error:
        sys.stderr.write(f"plainwatch: {error}\n")
        return error.exit_code
    text = json.dumps(as_json(report), ensure_ascii=False) if options.json else in_words(report)
    sys.stdout.write(text + "\n")
    return 0


def _measured(options: Options, *, command: str, now: datetime) -> Report:
    try:
        from plainwatch.bench.rules import measure  # brings torch: only when something is measured
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    try:
        return measure(options, command=command, now=now, say=_say)
    except ModuleNotFoundError as error:
        if not options.engine:
            raise
        raise _not_installed(error) from error


def _not_installed(error: ModuleNotFoundError) -> Exception:
    """What is ours is never missing; a defect stays one."""
    known = ("torch", "transformers", "numpy", "simplejpeg", "msgspec")
    if error.name not in known:
        return error
    return Refused(f"the bench cannot run: '{error.name}' is not installed", "install plainwatch with its extra 'vlm'")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
