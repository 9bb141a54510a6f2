"""The books of incidents: everything that the store acknowledged against everything that arrived.

Takes: a Yard at its end.
Gives: Settled.
Knows nothing about: frames, and what was broken."""

from dataclasses import dataclass
from functools import partial

from plainwatch.chaos.yard import Told, Yard
from plainwatch.client import Json
from plainwatch.simulator import Fault

SETTLES_WITHIN_S = 120.0
LOOK_EVERY_S = 0.5
_OPEN = ("pending", "dead")


@dataclass(frozen=True, slots=True)
class Settled:
    """`acknowledged`: incidents that the API showed at any time. `vanished`: of these, no longer there at the end.

    `unsent`: deliveries that did not end delivered. `unseen`: called delivered, and nobody got them."""

    acknowledged: int = 0
    delivered: int = 0
    duplicated: int = 0
    vanished: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    forged: int = 0
    open_twice: int = 0

    @property
    def lost(self) -> int:
        """Promises that were not kept."""
        return len(self.vanished) + len(self.untold) + len(self.unsent) + len(self.unseen)


def settle(yard: Yard) -> Settled:
    """Nothing new happens; what is owed is waited for, and what was given up is sent again, as an admin would."""
    for mount in yard.mounts():
        mount.misbehave(Fault.SILENT)
    told = yard.told()
    for each in told:
        yard.insist(partial(yard.client.patch, f"/endpoints/{each.id}", {"enabled": True}))
    acknowledged = {one["id"] for one in _all(yard, "/incidents")} | yard.seen
    owed = {one["id"] for each in told for one in _all(yard, "/deliveries", endpoint=each.id)}
    yard.until(lambda: _is_paid(yard, told, owed), within_s=SETTLES_WITHIN_S)
    return _books(yard, told, acknowledged, owed)


def _is_paid(yard: Yard, told: tuple[Told, ...], owed: set[str]) -> bool:
    yard.wait(LOOK_EVERY_S)
    for each in told:
        for dead in _all(yard, "/deliveries", endpoint=each.id, state="dead"):
            yard.ask(partial(yard.client.post, f"/deliveries/{dead['id']}/replay"))
    waiting = (_all(yard, "/deliveries", endpoint=each.id, state=state) for each in told for state in _OPEN)
    return not any(one["id"] in owed for some in waiting for one in some)


def _books(yard: Yard, told: tuple[Told, ...], acknowledged: set[str], owed: set[str]) -> Settled:
    """What happened after the books were closed, such as a clip that became ready, is not in them."""
    incidents = _all(yard, "/incidents")
    listed = {one["id"] for one in incidents}
    heard = told[0].receiver.told_of()
    unsent, unseen = [], []
    for each in told:
        for one in _all(yard, "/deliveries", endpoint=each.id):
            if one["id"] not in owed:
                continue
            if one["state"] != "delivered":
                unsent.append(one["id"])
            elif one["message_id"] not in each.receiver.accepted:
                unseen.append(one["id"])
    still_open = [(one["rule"]["id"], one["camera"]["id"]) for one in incidents if "ended_at" not in one]
    return Settled(
        acknowledged=len(acknowledged),
        delivered=len(acknowledged & heard),
        duplicated=sum(each.receiver.duplicated for each in told),
        vanished=tuple(sorted(acknowledged - listed)),
        untold=tuple(sorted(acknowledged - heard)),
        unsent=tuple(unsent),
        unseen=tuple(unseen),
        forged=sum(each.receiver.forged for each in told),
        open_twice=len(still_open) - len(set(still_open)),
    )


def _all(yard: Yard, path: str, **query: str) -> list[Json]:
    def ask() -> Json:
        return {"items": list(yard.client.items(path, limit="200", **query))}

    return list(yard.insist(ask)["items"])
