"""`python -m plainwatch.bench`, for machines that have torch and transformers and nothing else.

Takes: the arguments.
Gives: the exit code.
Knows nothing about: what is measured."""

import sys
from datetime import UTC, datetime

from plainwatch.bench.command import main

sys.exit(main(sys.argv[1:], prog="python -m plainwatch.bench", now=datetime.now(UTC)))
