"""`python -m plainwatch.cli`.

Takes: the arguments.
Gives: the exit code.
Knows nothing about: commands."""

from plainwatch.cli.app import main

main()
