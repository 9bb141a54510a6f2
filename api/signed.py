"""Who may fetch a picture: a key that may look, or a link of ours that still holds.

Takes: the request, what its link says.
Gives: nothing; raises where neither is there.
Knows nothing about: what the link leads to."""

from typing import Annotated

from fastapi import Query, Request

from api.auth import Caller, ScopeMissing
from api.deps import Deps
from contracts.errors import NotAllowed

Expires = Annotated[str, Query(max_length=20, description="From the link.")]
Signature = Annotated[str, Query(max_length=100, description="From the link.")]


def check_may_fetch(request: Request, deps: Deps, *, expires_s: str, signature: str, remedy: str) -> None:
    """Raises ScopeMissing or NotAllowed, which says `remedy`."""
    caller: Caller | None = request.state.caller
    if caller is not None:
        if not caller.may("view"):
            raise ScopeMissing("this needs a key with the scope 'view'", "ask an admin for one")
        return
    url_path = request.scope["path"]
    if not deps.pictures.genuine(url_path, expires_s=expires_s, signature=signature, now=deps.clock()):
        raise NotAllowed("the link is not one of ours, or has expired", remedy)
