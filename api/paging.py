"""Lists in pages: a cursor is where the last page ended, written so that nobody builds on its form.

Takes: `?cursor=&limit=`.
Gives: the id to go on after, and the next cursor.
Knows nothing about: what is listed."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from contracts.errors import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row")

Cursor = Annotated[str, Query(max_length=200, description="`next_cursor` of the page before; none for the first.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many items.")]


class Page(BaseModel, Generic[Item]):
    """One page; without `next_cursor` it is the last."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, description="Absent at the end.")


def position(cursor: str) -> str:
    """The id after which the page begins. Raises Invalid on a cursor that we did not make."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise Invalid("cursor: not one of ours", "leave it out, or send next_cursor as it came") from error


def page_of(rows: Sequence[Row], limit: int, id_of: Callable[[Row], str], show: Callable[[Row], Item]) -> Page[Item]:
    """`rows` were read with limit + 1: one too many says that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    cursor = base64.urlsafe_b64encode(id_of(shown[-1]).encode()).rstrip(b"=").decode() if more else None
    return Page(items=[show(row) for row in shown], next_cursor=cursor)
