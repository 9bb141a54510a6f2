"""Runs a program that is not ours so that it ends with the process that started it.

Takes: a command line.
Gives: the same process, executing it, with the kernel told to kill it when our parent dies.
Knows nothing about: the program.

PR_SET_PDEATHSIG survives exec, and fires when the parent's *thread* ends: start children from its main thread."""

import os
import sys

from contracts.service import end_with_parent


def main() -> None:
    """`python -m plainwatch.tether PROGRAM ARGUMENTS…`"""
    end_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
