"""The command line.

Takes: what a person types.
Gives: words on the terminal, or one JSON object on standard output; exit codes 0-4 as documented in the README.
Knows nothing about: how things are done; each command calls the room that does it."""

from plainwatch.cli.app import main

__all__ = ["main"]
