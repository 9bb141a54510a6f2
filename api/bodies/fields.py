"""Types of single fields that several resources share.

Takes: JSON values.
Gives: pydantic types with their bounds, and the base of every body that comes in.
Knows nothing about: resources."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def printable(text: str) -> str:
    """Raises ValueError on control characters: no name needs one, and a log line must not break."""
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("control characters are not allowed here")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(printable),
]
#: an empty one is refused by the compiler, which says what to write
Sentence = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(printable),
]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2048),
    AfterValidator(printable),
]


class BodyIn(BaseModel):
    """A field that we do not know is refused: a misspelt name must not pass for a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)
