"""The `write` job: text for text, from an engine whose model reads and writes.

Takes: nothing.
Gives: WriteRequest (api asks) and Written (an analyzer answers).
Knows nothing about: rules, models."""

import msgspec

from contracts.messages import ModelRef

JOB = "write"
#: a queue of its own: only engines that write take from it
ROOM = "analyzer/write"
LONGEST_PROMPT = 20_000


class WriteRequest(msgspec.Struct, frozen=True):
    """No picture goes with it."""

    prompt: str


class Written(msgspec.Struct, frozen=True):
    """Whatever the model wrote: nobody has checked it."""

    text: str
    model: ModelRef
