"""Private targets: refused, until an admin confirms exactly one address and port.

Takes: a Target, who asks, and whether they confirm.
Gives: the entries to keep with the change, or OutboundRefused with the way to confirm.
Knows nothing about: what is dialled there."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from api.auth import Caller, ScopeMissing
from api.deps import Deps
from api.targets import Target, private_targets
from contracts.errors import OutboundRefused
from contracts.settings import comma_list
from store.audit import note
from store.outbound import Kind, allow_target, allowed_targets


def confirmed_targets(deps: Deps, target: Target, kind: Kind, caller: Caller, *, confirm: bool) -> tuple[str, ...]:
    """The entries to keep, none where the target is open already. Raises SourceUnreachable for an unknown host."""
    if not target.host:
        return ()
    with deps.database.read() as connection:
        known = allowed_targets(connection, kind)
    settings = deps.settings
    general = comma_list(settings.camera_allow if kind == "camera" else settings.webhook_allow)
    entries = private_targets(target.host, target.port, [*general, *known])
    if entries and not confirm:
        raise OutboundRefused(
            f"target '{target.host}' port {target.port} is in a private network or this machine itself",
            f"an admin can allow exactly {', '.join(entries)}: send the same again with confirm_private: true",
        )
    if entries and not caller.may("admin"):
        raise ScopeMissing("confirm_private needs a key with the scope 'admin'", "ask an admin to do it, once")
    return entries


def keep_targets(
    connection: sa.Connection, entries: Sequence[str], kind: Kind, caller: Caller, subject: str, now: datetime
) -> None:
    """In the transaction of the change that they were confirmed for."""
    for entry in entries:
        allow_target(connection, entry, kind, by=caller.key_id, now=now)
        note(
            connection,
            actor=caller.key_id,
            action=f"private {kind} target allowed",
            subject=subject,
            detail=entry,
            now=now,
        )
