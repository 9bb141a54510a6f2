"""`plainwatch doctor`: every check with its one-line remedy.

Takes: nothing.
Gives: a line for each check; exit code 4 where something needed is missing.
Knows nothing about: how checks are made."""

import os
from dataclasses import asdict

import typer

from contracts.settings import load_settings
from plainwatch.cli.terminal import AsJson, errors_as_exit_codes, print_json, results
from plainwatch.doctor import examine

SOMETHING_MISSING = 4


def doctor(json: AsJson = False) -> None:
    """Check this machine: Python, disk, Redis, libraries, GPU, port."""
    with errors_as_exit_codes():
        given = bool(os.environ.get("PLAINWATCH_REDIS_URL") or os.environ.get("REDIS_URL"))
        findings = examine(load_settings(), redis_given=given)
    healthy = all(finding.ok for finding in findings if finding.needed)
    if json:
        print_json({"ok": healthy, "checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = "ok     " if finding.ok else "missing" if finding.needed else "without"
            results.print(f"{mark}  {finding.name}: {finding.said}", markup=False)
            if not finding.ok and finding.remedy:
                results.print(f"         remedy: {finding.remedy}", markup=False)
    if not healthy:
        raise typer.Exit(SOMETHING_MISSING)
